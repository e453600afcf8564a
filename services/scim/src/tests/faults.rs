//! What fails on the way from prepare to apply, and what becomes of it.

use futures::future::join_all;
use rekey_kernel::{IntentId, Kind, Method, TenantId, UserId};
use rekey_runtime::system::SystemRandom;
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::json;

use super::{House, account, admin, methods, now, trigger_operations};
use crate::{
    app::View,
    domain::{Account, AccountChange, Intent, IntentKind, IntentReset, Outcome, Progress, ResetOrder, User},
    ports::{CommitError, Store, Write},
};

async fn when_nothing_can_be_prepared_nothing_changes(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.goes_down(&["prepare", "apply", "release", "states"]);
    let failure = house.trigger(id).await.unwrap_err();
    assert!(failure.is(Kind::Unavailable) && failure.retry_after.is_some());
    house.tick().await;
    assert_eq!((house.version(id).await, account(&house.get(id).await, "accountState")), (1, json!("UNLOCKED")));
    assert!(house.bus.published().is_empty());
}

async fn a_lost_answer_to_prepare_holds_nothing(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.loses_an_answer("prepare");
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    assert_eq!((house.accounts.held(), house.version(id).await), (0, 1));
}

async fn a_committed_trigger_happens_without_its_request(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.goes_down(&["apply", "states"]);
    let failure = house.trigger(id).await.unwrap_err();
    assert!(failure.is(Kind::Unavailable) && failure.detail.contains("recorded"), "{failure}");
    assert_eq!(account(&house.get(id).await, "accountState"), json!("PENDING_FUPR"));
    house.tick().await;
    assert!(house.bus.published().is_empty(), "nothing is announced before it is true");
    house.accounts.goes_down(&[]);
    house.tick().await;
    assert_eq!(house.get(id).await.json[urn::RESET]["state"], json!("pending"));
    assert_eq!(house.bus.published().len(), 1);
}

async fn a_lost_answer_to_apply_is_found_again(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.loses_an_answer("apply");
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    house.tick().await;
    assert!(house.store.unfinished(TenantId::DEFAULT, id).await.unwrap().is_empty());
    assert_eq!((house.accounts.applied_in_order().len(), house.bus.published().len()), (2, 1));
}

async fn asking_again_joins_the_trigger_on_its_way(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.goes_down(&["apply"]);
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    let unfinished = house.store.unfinished(TenantId::DEFAULT, id).await.unwrap();
    assert_eq!(unfinished.len(), 1);
    house.accounts.goes_down(&[]);
    let joined = house.trigger(id).await.unwrap();
    assert_eq!(joined.json[urn::RESET]["resetId"], json!(unfinished[0].id.to_string()));
    assert_eq!(house.accounts.held(), 0);
    let denied = rekey_kernel::Caller { name: "nobody".into(), ..admin() };
    assert!(house.patch_as(&denied, id, trigger_operations()).await.unwrap_err().is(Kind::Forbidden));
}

async fn another_kind_of_trigger_does_not_join(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[Method::Link, Method::Otp]);
    let id = house.alice().await;
    house.accounts.goes_down(&["apply"]);
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    let narrowed = json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: {"methods": ["otp"]}}}]);
    assert!(house.patch(id, narrowed.clone()).await.unwrap_err().is(Kind::Unavailable));
    house.accounts.goes_down(&[]);
    let second = house.patch(id, narrowed).await.unwrap();
    assert_eq!((second.json[urn::RESET]["methods"].clone(), house.accounts.applied_in_order().len()), (json!(["otp"]), 3));
}

async fn changes_at_the_same_time_all_happen(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let titles = (0..4).map(|n| house.patch(id, json!([{"op": "add", "path": "emails", "value": [{"value": format!("{n}@x.org")}]}])));
    let triggers = (0..2).map(|_| house.trigger(id));
    let done = futures::future::join(join_all(titles), join_all(triggers)).await;
    assert!(done.0.iter().chain(&done.1).all(Result::is_ok), "{done:?}");
    let user = house.get(id).await;
    assert_eq!(user.json["emails"].as_array().unwrap().len(), 5);
    assert_eq!(account(&user, "accountState"), json!("PENDING_FUPR"));
    assert_eq!(house.accounts.held(), 0);
}

pub(super) fn intent(house: &House, user: &crate::domain::User, change: &AccountChange) -> Intent {
    let reset = change.reset.as_ref().map(|order| IntentReset { methods: order.methods.clone(), reason: String::new(), recipient: None, previous: None });
    Intent {
        id: IntentId::new(now(house), &SystemRandom),
        tenant: user.tenant,
        user: user.id,
        version: user.version,
        kind: IntentKind::Patch,
        initiator: "admin".into(),
        created: now(house),
        reset,
        progress: Progress::Unfinished,
    }
}

async fn an_abandoned_intent_cannot_be_committed_and_a_committed_one_not_abandoned(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let before = house.store.find(TenantId::DEFAULT, id).await.unwrap().unwrap();
    let change = AccountChange { reset: Some(ResetOrder { methods: methods(&[Method::Link]), ..ResetOrder::default() }), ..AccountChange::default() };
    let after = before.changed(before.profile.clone(), &change, now(&house));
    let write = Write::Update { user: after.clone(), before: Box::new(before) };
    let late = intent(&house, &after, &change);
    assert!(!house.users.resolve(TenantId::DEFAULT, late.id).await.unwrap());
    assert!(matches!(house.store.commit(&write, Some(&late)).await, Err(CommitError::Abandoned)));
    assert_eq!(house.version(id).await, 1);
    let other = intent(&house, &after, &change);
    house.store.commit(&write, Some(&other)).await.unwrap();
    assert!(house.users.resolve(TenantId::DEFAULT, other.id).await.unwrap());
}

async fn a_new_user_and_its_intent_are_committed_both_or_neither(on: Backend) {
    let house = House::new(on).await;
    house.alice().await;
    let new = |name: &str, emails: usize| {
        let emails: Vec<_> = (0..emails).map(|n| json!({ "value": format!("{n}@x.org") })).collect();
        let profile = json!({ "userName": name, "emails": emails }).as_object().cloned().unwrap();
        let (id, at) = (UserId::new(now(&house), &SystemRandom), now(&house));
        User { id, tenant: TenantId::DEFAULT, profile, version: 1, created: at, modified: at, account: Account::new(true), groups: Vec::new() }
    };
    let commit = async |user: &User, intent: &Intent| house.store.commit(&Write::Insert(user.clone()), Some(intent)).await;
    for emails in [0, 3, 2_500] {
        let user = new(&format!("bob{emails}"), emails);
        let made = intent(&house, &user, &AccountChange::default());
        commit(&user, &made).await.unwrap();
        assert_eq!(house.store.find(TenantId::DEFAULT, user.id).await.unwrap(), Some(user));
        assert_eq!(house.store.intent(made.id).await.unwrap(), Some(made));
    }
    let taken = new("ALICE", 1);
    let made = intent(&house, &taken, &AccountChange::default());
    assert!(matches!(commit(&taken, &made).await, Err(CommitError::UserNameTaken)));
    assert_eq!(house.store.intent(made.id).await.unwrap(), None);
    let late = new("late", 1);
    let made = intent(&house, &late, &AccountChange::default());
    assert!(!house.users.resolve(TenantId::DEFAULT, made.id).await.unwrap());
    assert!(matches!(commit(&late, &made).await, Err(CommitError::Abandoned)));
    assert_eq!(house.store.find(TenantId::DEFAULT, late.id).await.unwrap(), None);
}

async fn intents_of_one_user_are_applied_in_order_and_none_is_skipped(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let mut expected = house.accounts.applied_in_order();
    for locked in [true, false, true] {
        let before = house.store.find(TenantId::DEFAULT, id).await.unwrap().unwrap();
        let change = AccountChange { locked: Some(locked), ..AccountChange::default() };
        let after = before.changed(before.profile.clone(), &change, now(&house));
        let intent = intent(&house, &after, &change);
        house.accounts.hold(intent.id, id, change);
        house.store.commit(&Write::Update { user: after, before: Box::new(before) }, Some(&intent)).await.unwrap();
        expected.push(intent.id);
    }
    let answer = house.trigger(id).await.unwrap();
    let applied = house.accounts.applied_in_order();
    assert_eq!(applied[..4], expected[..]);
    assert_eq!((applied.len(), account(&answer, "accountState")), (5, json!("PENDING_FUPR")));
}

async fn a_change_that_authentication_has_lost_blocks_nothing_for_ever(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.goes_down(&["apply"]);
    assert!(house.trigger(id).await.unwrap_err().is(Kind::Unavailable));
    let lost = house.store.unfinished(TenantId::DEFAULT, id).await.unwrap().remove(0);
    house.accounts.goes_down(&[]);
    house.accounts.forgets();
    house.tick().await;
    let finished = house.store.intent(lost.id).await.unwrap().unwrap();
    assert!(matches!(finished.progress, Progress::Finished { outcome: Outcome::Lost, .. }), "{finished:?}");
    assert_eq!(account(&house.get(id).await, "accountState"), json!("UNLOCKED"), "as authentication says");
    house.tick().await;
    assert!(house.bus.published().is_empty(), "a reset that is not there is not announced");
    let again = house.trigger(id).await.unwrap();
    assert_eq!(account(&again, "accountState"), json!("PENDING_FUPR"));
    house.tick().await;
    assert_eq!(house.bus.published().len(), 1);
}

async fn a_request_whose_change_is_lost_is_told_to_make_it_again(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.loses_a_preparation();
    let failure = house.trigger(id).await.unwrap_err();
    assert!(failure.is(Kind::Unavailable) && failure.detail.contains("again"), "{failure}");
    assert!(house.store.unfinished(TenantId::DEFAULT, id).await.unwrap().is_empty());
    assert!(house.trigger(id).await.is_ok());
}

async fn a_user_whose_account_is_lost_before_it_was_made_can_be_made_again(on: Backend) {
    let house = House::new(on).await;
    house.accounts.goes_down(&["apply"]);
    let body = br#"{"userName":"bob","password":"correct horse battery"}"#;
    assert!(house.users.create(&admin(), body, &View::default()).await.unwrap_err().is(Kind::Unavailable));
    house.accounts.goes_down(&[]);
    house.accounts.forgets();
    house.tick().await;
    assert!(house.users.create(&admin(), body, &View::default()).await.is_ok());
}

async fn a_delete_that_was_cut_short_is_finished(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.accounts.goes_down(&["apply"]);
    assert!(house.users.delete(&admin(), &id.to_string(), "").await.unwrap_err().is(Kind::Unavailable));
    assert_eq!(house.users.get(&admin(), &id.to_string(), &View::default()).await.unwrap_err().kind, Kind::NotFound);
    house.accounts.goes_down(&[]);
    house.tick().await;
    assert!(house.store.waiting(now(&house), 10).await.unwrap().is_empty());
    house.alice().await;
}

async fn a_conflict_of_names_releases_what_was_prepared(on: Backend) {
    let house = House::new(on).await;
    house.alice().await;
    let failure = house.users.create(&admin(), br#"{"userName":"alice","password":"correct horse battery"}"#, &View::default()).await.unwrap_err();
    assert!(failure.is(Kind::Conflict));
    assert_eq!(house.accounts.held(), 0);
    assert_eq!(house.accounts.released(), 0, "authentication refused: there was nothing to release");
}

rekey_testing::on_both_databases![
    when_nothing_can_be_prepared_nothing_changes,
    a_lost_answer_to_prepare_holds_nothing,
    a_committed_trigger_happens_without_its_request,
    a_lost_answer_to_apply_is_found_again,
    asking_again_joins_the_trigger_on_its_way,
    another_kind_of_trigger_does_not_join,
    changes_at_the_same_time_all_happen,
    an_abandoned_intent_cannot_be_committed_and_a_committed_one_not_abandoned,
    a_new_user_and_its_intent_are_committed_both_or_neither,
    intents_of_one_user_are_applied_in_order_and_none_is_skipped,
    a_change_that_authentication_has_lost_blocks_nothing_for_ever,
    a_request_whose_change_is_lost_is_told_to_make_it_again,
    a_user_whose_account_is_lost_before_it_was_made_can_be_made_again,
    a_delete_that_was_cut_short_is_finished,
    a_conflict_of_names_releases_what_was_prepared,
];
