//! Tenants, through their use cases.

use rekey_kernel::{Failure, Kind, Secret, TenantId};
use rekey_testing::Backend;

use crate::app::tenants::NewTenant;
use crate::{
    ports::Administrator,
    testing::{World, admin, nobody},
};

fn acme() -> NewTenant {
    let administrator = Administrator { user_name: "root".into(), password: Secret::new("a password of acme"), email: String::new() };
    NewTenant { domain: "acme".into(), name: "Acme".into(), administrator }
}

async fn the_default_tenant_is_there_from_the_start(on: Backend) {
    let world = World::new(on).await;
    let tenant = world.tenants.resolve("default").await.unwrap();
    assert_eq!(tenant.id, TenantId::DEFAULT);
}

async fn a_tenant_comes_with_its_administrator_and_an_event(on: Backend) {
    let world = World::new(on).await;
    let tenant = world.tenants.create(&admin(TenantId::DEFAULT), acme()).await.unwrap();
    assert_eq!(world.tenants.resolve("acme").await.unwrap().id, tenant.id);
    assert_eq!(world.tenants.resolve_by_id(tenant.id).await.unwrap().domain.as_str(), "acme");
    assert_eq!(*world.users.calls.lock().unwrap(), ["create root"]);
    assert_eq!(world.events().await.len(), 1);
}

async fn a_taken_domain_is_a_conflict(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    world.tenants.create(&caller, acme()).await.unwrap();
    for domain in ["acme", "default"] {
        let again = world.tenants.create(&caller, NewTenant { domain: domain.into(), ..acme() }).await.unwrap_err();
        assert!(again.is(Kind::Conflict), "{domain}");
    }
}

async fn only_administrators_of_default_manage_tenants(on: Backend) {
    let world = World::new(on).await;
    let other = world.tenants.create(&admin(TenantId::DEFAULT), acme()).await.unwrap();
    for caller in [admin(other.id), nobody(TenantId::DEFAULT)] {
        assert!(world.tenants.create(&caller, NewTenant { domain: "b".into(), ..acme() }).await.unwrap_err().is(Kind::Forbidden));
        assert!(world.tenants.delete(&caller, "acme").await.unwrap_err().is(Kind::Forbidden));
        assert!(world.tenants.rename(&caller, "acme", "B").await.unwrap_err().is(Kind::Forbidden));
    }
}

async fn a_tenants_administrator_sees_the_own_tenant_alone(on: Backend) {
    let world = World::new(on).await;
    let own = world.tenants.create(&admin(TenantId::DEFAULT), acme()).await.unwrap();
    let caller = admin(own.id);
    assert_eq!(world.tenants.list(&caller).await.unwrap(), [world.tenants.resolve("acme").await.unwrap()]);
    assert!(world.tenants.get(&caller, "acme").await.is_ok());
    assert!(world.tenants.get(&caller, "default").await.unwrap_err().is(Kind::NotFound));
    assert_eq!(world.tenants.list(&admin(TenantId::DEFAULT)).await.unwrap().len(), 2);
}

async fn what_died_on_the_way_is_taken_over_by_the_same_request(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    *world.users.failure.lock().unwrap() = Some(Failure::unavailable("scim is down"));
    assert!(world.tenants.create(&caller, acme()).await.unwrap_err().is(Kind::Unavailable));
    assert!(world.tenants.resolve("acme").await.unwrap_err().is(Kind::NotFound));
    *world.users.failure.lock().unwrap() = None;
    world.tenants.create(&caller, acme()).await.unwrap();
    assert_eq!(*world.users.calls.lock().unwrap(), ["create root", "purge", "create root"]);
    assert!(world.tenants.resolve("acme").await.is_ok());
}

async fn a_refused_administrator_leaves_no_tenant_behind(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    *world.users.failure.lock().unwrap() = Some(Failure::invalid("invalidValue", "no such address"));
    assert!(world.tenants.create(&caller, acme()).await.unwrap_err().is(Kind::Invalid));
    *world.users.failure.lock().unwrap() = None;
    world.tenants.create(&caller, acme()).await.unwrap();
    assert_eq!(world.users.calls.lock().unwrap().last().unwrap(), "create root");
}

async fn the_first_password_obeys_the_policy(on: Backend) {
    let world = World::new(on).await;
    let mut weak = acme();
    weak.administrator.password = Secret::new("fourteen chars");
    let refused = world.tenants.create(&admin(TenantId::DEFAULT), weak).await.unwrap_err();
    assert!(refused.is(Kind::Invalid) && refused.detail.contains("15"));
    assert!(world.users.calls.lock().unwrap().is_empty());
}

async fn a_deletion_that_died_is_finished_by_the_next_and_default_stays(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    world.tenants.create(&caller, acme()).await.unwrap();
    *world.users.failure.lock().unwrap() = Some(Failure::unavailable("authentication is down"));
    assert!(world.tenants.delete(&caller, "acme").await.is_err());
    assert!(world.tenants.resolve("acme").await.unwrap_err().is(Kind::NotFound));
    *world.users.failure.lock().unwrap() = None;
    world.tenants.delete(&caller, "acme").await.unwrap();
    assert!(world.tenants.delete(&caller, "acme").await.unwrap_err().is(Kind::NotFound));
    assert!(world.tenants.delete(&caller, "default").await.unwrap_err().is(Kind::Invalid));
}

async fn a_tenant_can_be_renamed(on: Backend) {
    let world = World::new(on).await;
    world.tenants.rename(&admin(TenantId::DEFAULT), "default", "Example Ltd").await.unwrap();
    assert_eq!(world.tenants.resolve("default").await.unwrap().name.as_str(), "Example Ltd");
}

rekey_testing::on_both_databases![
    the_default_tenant_is_there_from_the_start,
    a_tenant_comes_with_its_administrator_and_an_event,
    a_taken_domain_is_a_conflict,
    only_administrators_of_default_manage_tenants,
    a_tenants_administrator_sees_the_own_tenant_alone,
    what_died_on_the_way_is_taken_over_by_the_same_request,
    a_refused_administrator_leaves_no_tenant_behind,
    the_first_password_obeys_the_policy,
    a_deletion_that_died_is_finished_by_the_next_and_default_stays,
    a_tenant_can_be_renamed,
];
