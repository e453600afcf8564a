//! Events out and in: the announcement of a reset, its confirmation, and projections that follow.

use prost::Message;
use rekey_kernel::{Method, TenantId, Timestamp};
use rekey_messaging::{Event, EventKind, Handler, Outcome};
use rekey_proto::events::v1::{ForcePasswordReset, PasswordResetCompleted, PasswordResetNotified};
use rekey_testing::Backend;
use serde_json::json;
use std::time::Duration;

use super::{House, account};
use crate::{domain::Account, events::Listener, ports::Store};

async fn hear<M: Message>(house: &House, kind: EventKind, message: M) -> Outcome {
    let event = Event::new("e", kind, TenantId::DEFAULT, "", Timestamp::from_micros(0), message.encode_to_vec());
    Listener(house.users.clone()).handle(&event).await
}

async fn only_what_is_to_be_announced_wakes_the_relay(on: Backend) {
    let house = House::new(on).await;
    let is_woken = async || tokio::time::timeout(Duration::from_millis(1), house.users.wake_relay.notified()).await.is_ok();
    let id = house.alice().await;
    house.patch(id, json!([{"op": "replace", "path": "userName", "value": "alicia"}])).await.unwrap();
    assert!(!is_woken().await);
    house.trigger(id).await.unwrap();
    assert!(is_woken().await);
}

async fn the_announcement_says_all_and_stays_until_it_is_confirmed(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let answer = house.trigger(id).await.unwrap();
    house.relay.pass().await;
    let published = house.bus.published();
    let message = ForcePasswordReset::decode(published[0].payload.clone()).unwrap();
    let reset_id = answer.json[rekey_scim_protocol::urn::RESET]["resetId"].as_str().unwrap().to_owned();
    assert_eq!((&message.reset_id, &message.user_id, &message.methods), (&reset_id, &id.to_string(), &vec![Method::Link.number()]));
    assert!(message.epoch > 0 && message.expires_at > message.occurred_at && message.initiator == "admin");
    house.clock.advance(Duration::from_mins(1));
    house.relay.pass().await;
    let again = house.bus.published();
    assert_eq!((again.len(), &again[1].payload, &again[1].id), (2, &again[0].payload, &again[0].id));

    let told = PasswordResetNotified { reset_id, ..PasswordResetNotified::default() };
    assert_eq!(hear(&house, EventKind::PasswordResetNotified, told).await, Outcome::Done);
    house.clock.advance(Duration::from_mins(1));
    house.relay.pass().await;
    assert_eq!(house.bus.published().len(), 2);
}

async fn a_reset_that_has_ended_is_not_announced_again(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.relay.pass().await;
    house.accounts.complete(id);
    for _ in 0..3 {
        house.clock.advance(Duration::from_mins(1));
        house.relay.pass().await;
    }
    assert_eq!(house.bus.published().len(), 1);
}

async fn the_projection_follows_events_and_never_goes_back(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.accounts.complete(id);
    let completed = PasswordResetCompleted { user_id: id.to_string(), ..PasswordResetCompleted::default() };
    assert_eq!(hear(&house, EventKind::PasswordResetCompleted, completed).await, Outcome::Done);
    let user = house.store.find(TenantId::DEFAULT, id).await.unwrap().unwrap();
    assert_eq!((user.account.state.as_str(), user.version), ("UNLOCKED", 3));
    let old = Account { locked: true, locked_reason: "X".into(), state: "LOCKED".into(), revision: 0 };
    let kept = house.store.project(TenantId::DEFAULT, id, &old, house.users.clock.now()).await.unwrap().unwrap();
    assert_eq!(kept, user);
}

async fn without_the_event_the_reconciler_finds_out(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.accounts.complete(id);
    house.tick().await;
    assert_eq!(house.store.find(TenantId::DEFAULT, id).await.unwrap().unwrap().account.state, "UNLOCKED");
}

async fn while_authentication_is_away_the_projection_is_shown(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.accounts.goes_down(&["states"]);
    assert_eq!(account(&house.get(id).await, "accountState"), json!("PENDING_FUPR"));
}

async fn an_event_that_cannot_be_read_is_discarded(on: Backend) {
    let house = House::new(on).await;
    let nonsense = PasswordResetNotified { reset_id: "x".into(), ..PasswordResetNotified::default() };
    assert!(matches!(hear(&house, EventKind::PasswordResetNotified, nonsense).await, Outcome::Discard(_)));
}

async fn a_purged_tenant_leaves_nothing(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    house.users.purge(TenantId::DEFAULT).await.unwrap();
    assert_eq!(house.store.find(TenantId::DEFAULT, id).await.unwrap(), None);
    house.tick().await;
    assert!(house.bus.published().is_empty());
}

rekey_testing::on_both_databases![
    only_what_is_to_be_announced_wakes_the_relay,
    the_announcement_says_all_and_stays_until_it_is_confirmed,
    a_reset_that_has_ended_is_not_announced_again,
    the_projection_follows_events_and_never_goes_back,
    without_the_event_the_reconciler_finds_out,
    while_authentication_is_away_the_projection_is_shown,
    an_event_that_cannot_be_read_is_discarded,
    a_purged_tenant_leaves_nothing,
];
