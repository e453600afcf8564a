//! The database goes away and comes back.

use futures::future::join_all;
use rekey_kernel::{Caller, Failure, Kind, Method, TenantId};
use rekey_messaging::{Handler, Outcome};
use rekey_testing::{PostgresServer, TestDatabase};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use crate::{
    domain::job::{Finish, JobState, Postponement},
    events::Resets,
    ports::{DeadLetter, Jobs},
    testing::{START, World, event, order},
};

type Asked<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

fn asked<'a, T>(operation: impl Future<Output = Result<T, Failure>> + Send + 'a) -> Asked<'a> {
    Box::pin(async move { operation.await.map(drop) })
}

#[tokio::test]
async fn while_the_database_is_away_nothing_is_acknowledged_and_then_all_goes_on() {
    let Some(server) = PostgresServer::start() else { return };
    let world = World::at(TestDatabase::on_server(&server.url()).await).await;
    let ordered = order(&[Method::Link]);
    world.intake.accept(&ordered).await.unwrap();
    let (until, store) = (START.after(Duration::from_secs(15)), &world.store);
    let job = store.claim(START, until, 1).await.unwrap().remove(0);
    server.crash();
    let letter = DeadLetter { id: "x".into(), kind: "x".into(), tenant: TenantId::DEFAULT, reason: "x".into(), payload: Vec::new() };
    let (finish, postponement) =
        (Finish::without_mail(JobState::Dropped, "x"), Postponement { at: START, detail: String::new(), deferred: false, expires_at: START });
    let caller = Caller::system(TenantId::DEFAULT, "test");
    let answers = join_all([
        asked(world.intake.accept(&ordered)),
        asked(world.intake.discard(letter)),
        asked(store.accept_notice(&ordered, "m", START)),
        asked(store.claim(START, until, 1)),
        asked(store.renew(&job, until)),
        asked(store.finish(&job, &finish, START)),
        asked(store.postpone(&job, &postponement)),
        asked(world.deliveries.list(&caller, None)),
        asked(store.void_leases()),
    ]);
    for (n, answer) in answers.await.into_iter().enumerate() {
        let failure = answer.unwrap_err();
        assert!(failure.is(Kind::Unavailable), "{n}: {failure:?}");
    }
    let heard = Resets(Arc::clone(&world.intake)).handle(&event(&ordered)).await;
    assert!(matches!(heard, Outcome::Retry(_)), "{heard:?}");

    // A mail that is accepted meanwhile is recorded as soon as that can be, and does not go out again.
    let deliverer = Arc::clone(&world.dispatcher.deliverer);
    let delivery = tokio::spawn(async move { deliverer.deliver(job).await });
    while world.mailer.attempts() == 0 {
        tokio::task::yield_now().await;
    }
    server.go_on();
    delivery.await.unwrap();
    world.clock.advance(Duration::from_secs(16));
    world.send_due().await;
    assert_eq!((world.list().await[0].state, world.mailer.attempts(), world.published().await.len()), (JobState::Sent, 1, 1));
}
