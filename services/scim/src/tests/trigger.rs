//! The trigger: who may pull it, when it is ready, and what it does.

use rekey_kernel::{Kind, Method, ResetId, Scope, TenantId};
use rekey_scim_protocol::urn;
use rekey_testing::Backend;
use serde_json::{Value, json};

use super::{House, account, admin, asking_for_the_code, caller, helpdesk, methods, now, trigger_operations};
use crate::app::{Listing, View};

fn reset_id(resource: &crate::app::Resource) -> ResetId {
    resource.json[urn::RESET]["resetId"].as_str().unwrap().parse().unwrap()
}

/// Its tag is of this version, and changes with the reset that it shows.
fn is_version(resource: &crate::app::Resource, version: u64) -> bool {
    resource.version.starts_with(&format!("W/\"{version}.")) && resource.json["meta"]["version"] == json!(resource.version)
}

async fn the_trigger_locks_and_says_so(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let answer = house.trigger(id).await.unwrap();
    assert_eq!(account(&answer, "accountState"), json!("PENDING_FUPR"));
    assert_eq!((account(&answer, "accountLocked"), account(&answer, "lockedReason")), (json!(true), json!("PENDING_ADMIN_FORCED_USER_PASSWORD_RESET")));
    assert_eq!((is_version(&answer, 2), &answer.json[urn::RESET]["state"]), (true, &json!("pending")));
    assert!(!Value::Object(answer.json.clone()).to_string().contains("forcePasswordReset"));
    let recipient = house.users.recipient(TenantId::DEFAULT, reset_id(&answer)).await.unwrap();
    assert_eq!((recipient.address.unwrap().as_str(), recipient.previous, recipient.user_name.as_str()), ("alice@example.com", None, "alice"));
    assert_eq!(house.get(id).await, answer);
}

async fn the_trigger_alone_needs_no_right_to_change_users(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    assert!(house.patch_as(&caller(&[Scope::UserView]), id, trigger_operations()).await.unwrap_err().is(Kind::Forbidden));
    let more = json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, "title": "x"}}]);
    assert!(house.patch_as(&helpdesk(), id, more.clone()).await.unwrap_err().is(Kind::Forbidden));
    assert!(house.patch_as(&caller(&[Scope::UserUpdate]), id, more.clone()).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!((house.version(id).await, account(&house.get(id).await, "accountState")), (1, json!("UNLOCKED")));
    assert!(house.patch_as(&helpdesk(), id, trigger_operations()).await.is_ok());
    assert!(house.patch_as(&caller(&[Scope::UserUpdate, Scope::ResetForce]), id, more).await.is_ok());
}

async fn a_more_privileged_user_is_out_of_reach(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let nobody = rekey_kernel::Caller { name: "nobody".into(), ..admin() };
    assert!(house.patch_as(&nobody, id, trigger_operations()).await.unwrap_err().is(Kind::Forbidden));
    assert_eq!(house.version(id).await, 1);
}

async fn what_cannot_be_carried_out_is_refused_and_changes_nothing(on: Backend) {
    let house = House::new(on).await;
    let (alice, bob) = (house.alice().await, house.create(&json!({"userName": "bob"})).await);
    let prepared = house.accounts.prepared();
    let refused = async |id, operations: Value, word: &str| {
        let failure = house.patch(id, operations).await.unwrap_err();
        assert_eq!((failure.kind, failure.reason.as_ref()), (Kind::Invalid, "invalidValue"));
        assert!(failure.detail.contains(word), "{failure}");
        assert_eq!((house.version(id).await, house.accounts.prepared()), (1, prepared));
    };
    let with = |options: Value| json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: options}}]);
    refused(bob, trigger_operations(), "address").await;
    refused(alice, with(json!({"methods": ["link", "otp"]})), "otp").await;
    refused(alice, with(json!({"methods": ["pigeon"]})), "pigeon").await;
    refused(alice, with(json!({"expiresAt": "2020-01-01T00:00:00Z"})), "past").await;
    refused(alice, json!([{"op": "add", "path": format!("{}:reason", urn::RESET), "value": "x"}]), "forcePasswordReset").await;
    house.settings.enable(&[]);
    refused(alice, trigger_operations(), "link").await;
}

async fn offline_works_without_an_address_and_the_code_is_read_on_request(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[Method::Link, Method::Offline]);
    let bob = house.create(&json!({"userName": "bob"})).await;
    let answer = house.trigger(bob).await.unwrap();
    assert_eq!(answer.json[urn::RESET]["methods"], json!(["offline"]));
    assert_eq!(house.users.recipient(TenantId::DEFAULT, reset_id(&answer)).await.unwrap().address, None);

    let read = async |caller: rekey_kernel::Caller, view: View| house.users.get(&caller, &bob.to_string(), &view).await;
    let asking = asking_for_the_code;
    assert_eq!(account(&read(admin(), asking()).await.unwrap(), "oneTimePassword"), json!("ABCD-EFGH-JKMNP"));
    assert_eq!(account(&read(helpdesk(), asking()).await.unwrap(), "oneTimePassword"), json!("ABCD-EFGH-JKMNP"));
    assert_eq!(account(&read(admin(), View::default()).await.unwrap(), "oneTimePassword"), Value::Null);
    assert_eq!(account(&read(caller(&[Scope::UserView]), asking()).await.unwrap(), "oneTimePassword"), Value::Null);
    let nobody = rekey_kernel::Caller { name: "nobody".into(), ..admin() };
    assert!(read(nobody, asking()).await.unwrap_err().is(Kind::Forbidden));
    let me = rekey_kernel::Caller { user: Some(bob), ..admin() };
    assert_eq!(account(&house.users.me(&me, &asking()).await.unwrap(), "oneTimePassword"), Value::Null);
    let list = house.users.list(&admin(), &Listing::default(), &asking()).await.unwrap();
    assert!(list.total == 1 && !list.resources[0].contains("ABCD"));

    house.accounts.complete(bob);
    let after = read(admin(), asking()).await.unwrap();
    assert_eq!(account(&after, "oneTimePassword"), Value::Null);
    assert_eq!(account(&house.get(bob).await, "accountState"), json!("UNLOCKED"));
}

async fn who_asks_for_the_whole_schema_is_not_asking_for_the_code(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[Method::Offline]);
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    // Whoever may not read this user's code may read the user.
    let less_privileged = rekey_kernel::Caller { name: "nobody".into(), ..helpdesk() };
    for caller in [admin(), less_privileged] {
        let view = View { attributes: vec![urn::WSO2.to_owned()], ..View::default() };
        let read = house.users.get(&caller, &id.to_string(), &view).await.unwrap();
        assert_eq!((account(&read, "accountState"), account(&read, "oneTimePassword")), (json!("PENDING_FUPR"), Value::Null));
    }
}

async fn an_address_given_in_the_same_request_counts_and_the_old_one_is_told(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let operations = json!([
        {"op": "replace", "path": "emails", "value": [{"value": "new@example.com"}]},
        {"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": "True"}
    ]);
    let answer = house.patch(id, operations).await.unwrap();
    let recipient = house.users.recipient(TenantId::DEFAULT, reset_id(&answer)).await.unwrap();
    assert_eq!(recipient.address.unwrap().as_str(), "new@example.com");
    assert_eq!(recipient.previous.unwrap().as_str(), "alice@example.com");
}

async fn a_second_trigger_is_a_new_reset(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    let (first, second) = (house.trigger(id).await.unwrap(), house.trigger(id).await.unwrap());
    assert_ne!(reset_id(&first), reset_id(&second));
    assert!(is_version(&second, 3) && first.version != second.version);
}

async fn post_and_put_pull_it_too(on: Backend) {
    let house = House::new(on).await;
    let body = json!({"userName": "carol", "emails": [{"value": "c@example.com"}], urn::ENTERPRISE_USER: {"forcePasswordReset": true}}).to_string();
    let creator = caller(&[Scope::UserCreate]);
    assert!(house.users.create(&creator, body.as_bytes(), &View::default()).await.unwrap_err().is(Kind::Forbidden));
    let carol = house.users.create(&admin(), body.as_bytes(), &View::default()).await.unwrap();
    assert_eq!((is_version(&carol, 1), account(&carol, "accountState")), (true, json!("PENDING_FUPR")));
    assert!(!carol.json.contains_key(urn::ENTERPRISE_USER));
    let put = house.users.replace(&admin(), &carol.id.to_string(), body.as_bytes(), "", &View::default()).await.unwrap();
    assert_ne!(reset_id(&carol), reset_id(&put));
}

async fn only_a_patch_with_false_cancels_a_reset(on: Backend) {
    let house = House::new(on).await;
    let id = house.alice().await;
    house.trigger(id).await.unwrap();
    let body = json!({"userName": "alice", urn::WSO2: {"accountLocked": false}}).to_string();
    let put = house.users.replace(&admin(), &id.to_string(), body.as_bytes(), "", &View::default()).await.unwrap();
    assert_eq!(account(&put, "accountState"), json!("PENDING_FUPR"));
    let patched = house.patch(id, json!([{"op": "replace", "path": "urn:scim:wso2:schema:accountLocked", "value": false}])).await.unwrap();
    assert_eq!((account(&patched, "accountState"), patched.json.get(urn::RESET)), (json!("UNLOCKED"), None));
    let both = json!([{"op": "replace", "value": {urn::WSO2: {"accountLocked": false, "forcePasswordReset": true}, "emails": [{"value": "a@b.c"}]}}]);
    assert_eq!(account(&house.patch(id, both).await.unwrap(), "accountState"), json!("PENDING_FUPR"));
}

async fn a_resend_repeats_methods_and_reason_under_a_new_id(on: Backend) {
    let house = House::new(on).await;
    house.settings.enable(&[Method::Link, Method::Otp]);
    let id = house.alice().await;
    let options = json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: {"methods": ["otp"], "reason": "leak"}}}]);
    let first = reset_id(&house.patch(id, options).await.unwrap());
    house.patch(id, json!([{"op": "replace", "path": "emails", "value": [{"value": "new@example.com"}]}])).await.unwrap();
    let second = house.users.resend(&helpdesk(), &first.to_string()).await.unwrap();
    assert_ne!(first, second);
    let recipient = house.users.recipient(TenantId::DEFAULT, second).await.unwrap();
    assert_eq!((recipient.address.unwrap().as_str(), recipient.methods), ("new@example.com", methods(&[Method::Otp])));
    assert_eq!(house.get(id).await.json[urn::RESET]["reason"], json!("leak"));
    let ended = house.users.resend(&helpdesk(), &first.to_string()).await.unwrap_err();
    assert_eq!((ended.kind, ended.reason.as_ref()), (Kind::Conflict, "reset_ended"));
    assert!(now(&house) > rekey_kernel::Timestamp::from_micros(0));
}

rekey_testing::on_both_databases![
    the_trigger_locks_and_says_so,
    the_trigger_alone_needs_no_right_to_change_users,
    a_more_privileged_user_is_out_of_reach,
    what_cannot_be_carried_out_is_refused_and_changes_nothing,
    offline_works_without_an_address_and_the_code_is_read_on_request,
    who_asks_for_the_whole_schema_is_not_asking_for_the_code,
    an_address_given_in_the_same_request_counts_and_the_old_one_is_told,
    a_second_trigger_is_a_new_reset,
    post_and_put_pull_it_too,
    only_a_patch_with_false_cancels_a_reset,
    a_resend_repeats_methods_and_reason_under_a_new_id,
];
