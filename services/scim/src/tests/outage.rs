//! The database goes away and comes back.

use futures::future::join_all;
use rekey_kernel::{Failure, IntentId, Kind, TenantId};
use rekey_runtime::system::SystemRandom;
use rekey_testing::{PostgresServer, TestDatabase};
use serde_json::json;
use std::{future::Future, pin::Pin};

use super::{House, account, admin, helpdesk, now, trigger_operations};
use crate::app::{Listing, View};

type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

fn asked<'a, T>(operation: impl Future<Output = Result<T, Failure>> + Send + 'a) -> Asked<'a> {
    Box::pin(async move { operation.await.map(drop) })
}

#[tokio::test]
async fn while_the_database_is_away_every_answer_is_503_and_then_all_goes_on() {
    let Some(server) = PostgresServer::start() else { return };
    let house = House::at(TestDatabase::on_server(&server.url()).await).await;
    let id = house.alice().await;
    let (text, admin, helpdesk, view, listing) = (id.to_string(), admin(), helpdesk(), View::default(), Listing::default());
    let intent = IntentId::new(now(&house), &SystemRandom);
    house.accounts.goes_down(&["apply"]);
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable), "committed, and left to the reconciler");
    house.accounts.goes_down(&[]);
    server.crash();
    let users = &house.users;
    let answers = join_all([
        asked(users.get(&admin, &text, &view)),
        asked(users.list(&admin, &listing, &view)),
        asked(users.create(&admin, br#"{"userName":"bob"}"#, &view)),
        asked(house.patch(id, trigger_operations())),
        asked(house.patch_as(&admin, id, json!([{"op": "add", "path": "title", "value": "x"}]))),
        asked(users.replace(&admin, &text, br#"{"userName":"alice"}"#, "", &view)),
        asked(users.delete(&admin, &text, "")),
        asked(users.resend(&helpdesk, &text)),
        asked(users.resolve(TenantId::DEFAULT, intent)),
        asked(users.recipient(TenantId::DEFAULT, intent.into())),
        asked(users.confirm(intent.into())),
        asked(users.refresh(TenantId::DEFAULT, std::slice::from_ref(&id))),
        asked(users.announceable(intent.into(), false)),
        asked(users.purge(TenantId::DEFAULT)),
    ]);
    for (n, answer) in answers.await.into_iter().enumerate() {
        let failure = answer.unwrap_err();
        // The fake knows of no such reset before it comes to the database.
        assert!(failure.is(Kind::Unavailable) || n == 7, "{n}: {failure:?}");
    }
    house.tick().await;
    server.go_on();
    house.tick().await;
    house.tick().await;
    assert_eq!(account(&house.get(id).await, "accountState"), json!("PENDING_FUPR"));
    assert_eq!(house.bus.published().len(), 1, "the trigger was committed before, and is carried out");
    assert_eq!(house.accounts.held(), 1, "bob's creation was in doubt: authentication asks about it later");
}
