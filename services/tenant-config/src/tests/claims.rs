//! Claims, through their use cases.

use rekey_kernel::{Kind, TenantId};
use rekey_testing::Backend;

use crate::{
    domain::{claim::Change, identifier},
    testing::{World, admin, nobody},
};

async fn one_time_password_can_be_supported_by_default(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    let id = identifier::of("http://wso2.org/claims/oneTimePassword");
    assert!(!world.claims.get(&caller, TenantId::DEFAULT, "local", &id).await.unwrap().supported_by_default);
    let change = Change { supported_by_default: Some(true), ..Change::default() };
    world.claims.update(&caller, TenantId::DEFAULT, ("local", &id), change).await.unwrap();
    let listed = world.claims.list(&caller, TenantId::DEFAULT, "local").await.unwrap();
    let claim = listed.into_iter().find(|claim| claim.id == id).unwrap();
    assert_eq!((claim.display_name.as_str(), claim.supported_by_default), ("One Time Password", true));
    assert_eq!(world.events().await.len(), 1);
}

async fn every_dialect_lists_its_claims_and_each_can_be_read(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    for dialect in world.claims.dialects(&caller, TenantId::DEFAULT).unwrap() {
        for claim in world.claims.list(&caller, TenantId::DEFAULT, &dialect.id()).await.unwrap() {
            assert_eq!(world.claims.get(&caller, TenantId::DEFAULT, &dialect.id(), &claim.id).await.unwrap(), claim);
        }
    }
}

async fn bad_edits_are_refused(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    let id = identifier::of("http://wso2.org/claims/givenname");
    let empty = Change { display_name: Some(" ".into()), ..Change::default() };
    assert!(world.claims.update(&caller, TenantId::DEFAULT, ("local", &id), empty).await.unwrap_err().is(Kind::Invalid));
    assert!(world.claims.update(&caller, TenantId::DEFAULT, ("local", "eA"), Change::default()).await.unwrap_err().is(Kind::NotFound));
    assert!(world.claims.update(&nobody(TenantId::DEFAULT), TenantId::DEFAULT, ("local", &id), Change::default()).await.unwrap_err().is(Kind::Forbidden));
}

rekey_testing::on_both_databases![one_time_password_can_be_supported_by_default, every_dialect_lists_its_claims_and_each_can_be_read, bad_edits_are_refused,];
