//! Several scims on one database, at the same time.

use futures::future::{join, join_all};
use rekey_kernel::{IntentId, Kind, Method, TenantId, UserId};
use rekey_runtime::system::SystemRandom;
use rekey_testing::Backend;
use serde_json::json;
use std::sync::Arc;

use super::{House, account, admin, faults::intent, methods, now};
use crate::{
    app::{Users, View},
    domain::{Account, AccountChange, Applied, Live, Outcome, ResetOrder, User},
    ports::{CommitError, Store, Write},
    storage::SeaStore,
};

const DEFAULT: TenantId = TenantId::DEFAULT;

fn locking(locked: bool) -> AccountChange {
    AccountChange { locked: Some(locked), ..AccountChange::default() }
}

fn triggering() -> AccountChange {
    AccountChange { reset: Some(ResetOrder { methods: methods(&[Method::Link]), ..ResetOrder::default() }), ..AccountChange::default() }
}

/// Commits a prepared change whose request then dies. Its id.
async fn commit(house: &House, id: UserId, change: AccountChange) -> IntentId {
    let before = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    let after = before.changed(before.profile.clone(), &change, now(house));
    let made = intent(house, &after, &change);
    house.accounts.hold(made.id, id, change);
    house.store.commit(&Write::Update { user: after, before: Box::new(before) }, Some(&made)).await.unwrap();
    made.id
}

async fn two_that_apply_the_same_users_changes_keep_their_order(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (other, _) = house.another_scim().await;
    for round in 0..10 {
        let mut expected = house.accounts.applied_in_order();
        for n in 0..4 {
            expected.push(commit(&house, id, if n % 2 == round % 2 { triggering() } else { locking(n == 1) }).await);
        }
        let last = expected[expected.len() - 1];
        let (first, second) = join(house.users.announceable(last.into(), false), other.announceable(last.into(), false)).await;
        assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
        house.tick().await;
        assert_eq!(house.accounts.applied_in_order(), expected);
    }
}

async fn two_that_change_one_user_lose_no_change(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (other, _) = house.another_scim().await;
    let add = async |users: Arc<Users>, name: &str| {
        for n in 0..8 {
            let operations = json!([{"op": "add", "path": "emails", "value": [{"value": format!("{name}{n}@x.org")}]}, {"op": "add", "path": "urn:scim:wso2:schema:accountLocked", "value": n % 2 == 0}]);
            let body = json!({ "Operations": operations }).to_string();
            while let Err(failure) = users.patch(&admin(), &id.to_string(), body.as_bytes(), "", &View::default()).await {
                assert!(failure.is(Kind::Unavailable), "{failure:?}");
            }
        }
    };
    join(add(house.users.clone(), "a"), add(other, "b")).await;
    assert_eq!(house.get(id).await.json["emails"].as_array().unwrap().len(), 17);
    assert_eq!(house.accounts.held(), 0);
}

async fn of_an_abandonment_and_a_late_commit_exactly_one_wins(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (_, other) = house.another_scim().await;
    let mut committed = 0;
    for _ in 0..30 {
        let before = house.store.find(DEFAULT, id).await.unwrap().unwrap();
        let after = before.changed(before.profile.clone(), &locking(true), now(&house));
        let (write, late) = (Write::Update { user: after.clone(), before: Box::new(before) }, intent(&house, &after, &triggering()));
        let (commit, resolved) = join(house.store.commit(&write, Some(&late)), other.resolve(DEFAULT, late.id, now(&house))).await;
        match (commit, resolved.unwrap()) {
            (Ok(()), true) => committed += 1,
            (Err(CommitError::Abandoned), false) => {}
            contradiction => panic!("{contradiction:?}"),
        }
    }
    assert_eq!(house.version(id).await, 1 + committed);
}

async fn of_two_new_users_of_one_name_one_is_refused(on: Backend) {
    let house = House::new(on).await;
    let (_, other) = house.another_scim().await;
    for n in 0..10 {
        let user = |name: String| User {
            id: UserId::new(now(&house), &SystemRandom),
            tenant: DEFAULT,
            profile: json!({ "userName": name }).as_object().cloned().unwrap(),
            version: 1,
            created: now(&house),
            modified: now(&house),
            account: Account::new(true),
            groups: Vec::new(),
        };
        let (one, two) = (Write::Insert(user(format!("User{n}"))), Write::Insert(user(format!("uSER{n}"))));
        let (first, second) = join(house.store.commit(&one, None), other.commit(&two, None)).await;
        assert!(first.is_ok() != second.is_ok());
        assert!(matches!(first.and(second), Err(CommitError::UserNameTaken)));
    }
}

async fn whoever_finishes_late_does_not_turn_the_projection_back(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let first = house.store.intent(commit(&house, id, locking(true)).await).await.unwrap().unwrap();
    house.users.refresh(DEFAULT, &[id]).await.unwrap();
    let applied = Applied {
        outcome: Outcome::Applied,
        live: Some(Live { user: id, account: Account { revision: 2, ..Account::new(true).after(&locking(true)) }, reset: None }),
        reset_pending: false,
        epoch: 0,
        expires_at: now(&house),
    };
    assert!(house.store.finish(&first, None, &applied, now(&house)).await.unwrap().first, "the first to record it");
    commit(&house, id, triggering()).await;
    let (_, other) = house.another_scim().await;
    assert!(!other.finish(&first, None, &applied, now(&house)).await.unwrap().first, "late");
    assert_eq!(account(&house.get(id).await, "accountState"), json!("PENDING_FUPR"));
}

fn locked_at(house: &House, id: UserId, revision: u64) -> Applied {
    let account = Account { revision, ..Account::new(true).after(&locking(true)) };
    let live = Some(Live { user: id, account, reset: None });
    Applied { outcome: Outcome::Applied, live, reset_pending: false, epoch: 0, expires_at: now(house) }
}

async fn who_knows_the_user_as_it_was_committed_finishes_unless_it_has_moved_on(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let made = house.store.intent(commit(&house, id, locking(true)).await).await.unwrap().unwrap();
    let committed = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    let done = house.store.finish(&made, Some(&committed), &locked_at(&house, id, 7), now(&house)).await.unwrap();
    assert!(done.first && done.user == house.store.find(DEFAULT, id).await.unwrap(), "{done:?}");
    assert_eq!(done.user.map(|user| (user.version, user.account.revision)), Some((committed.version, 7)), "what nobody sees is no new version");
    let again = house.store.finish(&made, Some(&committed), &locked_at(&house, id, 7), now(&house)).await.unwrap();
    assert_eq!((again.first, again.user), (false, None));

    let made = house.store.intent(commit(&house, id, locking(false)).await).await.unwrap().unwrap();
    let committed = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    let (_, other) = house.another_scim().await;
    other.project(DEFAULT, id, &Account { revision: 40, ..Account::new(true) }, now(&house)).await.unwrap();
    let late = house.store.finish(&made, Some(&committed), &locked_at(&house, id, 30), now(&house)).await.unwrap();
    assert_eq!((late.first, late.user), (true, None));
    let user = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    assert_eq!((user.account.revision, user.account.locked), (40, false));
    assert!(house.store.unfinished(DEFAULT, id).await.unwrap().is_empty());
}

async fn of_many_who_finish_one_intent_one_is_the_first(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (_, other) = house.another_scim().await;
    for revision in 10..20 {
        let made = house.store.intent(commit(&house, id, locking(revision % 2 == 0)).await).await.unwrap().unwrap();
        let committed = house.store.find(DEFAULT, id).await.unwrap();
        let applied = locked_at(&house, id, revision);
        let finish =
            async |store: Arc<SeaStore>, known: bool| store.finish(&made, committed.as_ref().filter(|_| known), &applied, now(&house)).await.unwrap().first;
        let all = [(&house.store, true), (&other, true), (&house.store, false), (&other, false)];
        let firsts = join_all(all.map(|(store, known)| finish(Arc::clone(store), known))).await;
        assert_eq!(firsts.into_iter().filter(|first| *first).count(), 1);
        let user = house.store.find(DEFAULT, id).await.unwrap().unwrap();
        assert_eq!((user.account.revision, user.account.locked), (revision, true));
    }
}

async fn a_revision_once_heard_of_is_never_forgotten(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let read_before = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    let (_, other) = house.another_scim().await;
    let newer = Account { revision: 40, ..read_before.account.clone() };
    other.project(DEFAULT, id, &newer, now(&house)).await.unwrap();
    let after = read_before.changed(read_before.profile.clone(), &AccountChange::default(), now(&house));
    house.store.commit(&Write::Update { user: after, before: Box::new(read_before) }, None).await.unwrap();
    assert_eq!(house.store.find(DEFAULT, id).await.unwrap().unwrap().account.revision, 40);
}

async fn projections_and_changes_of_one_user_go_one_after_another(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (other, other_store) = house.another_scim().await;
    let projections = async {
        for revision in 100..120 {
            let state = Account { revision, ..Account::new(revision % 2 == 0) };
            other_store.project(DEFAULT, id, &state, now(&house)).await.unwrap();
        }
    };
    let titles = (0..6).map(|n| {
        let body = json!({"Operations": [{"op": "add", "path": "title", "value": format!("{n}")}]}).to_string();
        let other = other.clone();
        async move {
            while let Err(failure) = other.patch(&admin(), &id.to_string(), body.as_bytes(), "", &View::default()).await {
                assert!(failure.is(Kind::Unavailable), "{failure:?}");
            }
        }
    });
    join(projections, join_all(titles)).await;
    let user = house.store.find(DEFAULT, id).await.unwrap().unwrap();
    assert_eq!((user.account.revision, user.account.state.as_str()), (119, "DISABLED"));
}

rekey_testing::on_both_databases![
    two_that_apply_the_same_users_changes_keep_their_order,
    two_that_change_one_user_lose_no_change,
    of_an_abandonment_and_a_late_commit_exactly_one_wins,
    of_two_new_users_of_one_name_one_is_refused,
    whoever_finishes_late_does_not_turn_the_projection_back,
    who_knows_the_user_as_it_was_committed_finishes_unless_it_has_moved_on,
    of_many_who_finish_one_intent_one_is_the_first,
    a_revision_once_heard_of_is_never_forgotten,
    projections_and_changes_of_one_user_go_one_after_another,
];
