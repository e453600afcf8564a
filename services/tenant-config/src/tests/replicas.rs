//! Several replicas on one database, at the same time.

use futures::future::{join, join_all};
use rekey_kernel::{Kind, Method, Secret, TenantId};
use rekey_testing::Backend;

use super::governance::{IDS, values};
use crate::{
    app::tenants::NewTenant,
    domain::{claim::Change, connector::name, identifier},
    ports::Administrator,
    testing::{World, admin},
};

const DEFAULT: TenantId = TenantId::DEFAULT;

fn wanted(domain: &str, administrator: &str) -> NewTenant {
    let administrator = Administrator { user_name: administrator.into(), password: Secret::new("a password of acme"), email: String::new() };
    NewTenant { domain: domain.into(), name: "Acme".into(), administrator }
}

async fn of_two_requests_for_one_domain_one_gets_it_and_its_administrator_alone_is_there(on: Backend) {
    let world = World::new(on).await;
    let other = world.another().await;
    let caller = admin(DEFAULT);
    for n in 0..10 {
        let domain = format!("acme{n}");
        let (first, second) = join(world.tenants.create(&caller, wanted(&domain, "one")), other.tenants.create(&caller, wanted(&domain, "two"))).await;
        let (winner, name, loser) = match (first, second) {
            (Ok(tenant), Err(failure)) => (tenant, "one", failure),
            (Err(failure), Ok(tenant)) => (tenant, "two", failure),
            contradiction => panic!("{contradiction:?}"),
        };
        assert!(loser.is(Kind::Conflict), "{loser:?}");
        assert_eq!(world.tenants.resolve(&domain).await.unwrap().id, winner.id);
        assert_eq!(*world.users.living.lock().unwrap(), [(winner.id, name.to_owned())]);
        world.users.living.lock().unwrap().clear();
    }
}

async fn options_that_two_set_at_once_all_hold(on: Backend) {
    let world = World::new(on).await;
    let other = world.another().await;
    let caller = admin(DEFAULT);
    for round in 0..10 {
        let value = if round % 2 == 0 { "true" } else { "false" };
        let (otp, offline) = (values(&[(name::OTP, value)]), values(&[(name::OFFLINE, value)]));
        let (first, second) = join(world.governance.update(&caller, DEFAULT, IDS, otp), other.governance.update(&caller, DEFAULT, IDS, offline)).await;
        first.unwrap();
        second.unwrap();
        let enabled = world.governance.reset_settings(DEFAULT).await.unwrap().enabled;
        assert_eq!((enabled.contains(Method::Otp), enabled.contains(Method::Offline)), (round % 2 == 0, round % 2 == 0));
    }
}

async fn edits_of_one_claim_that_two_make_at_once_all_hold(on: Backend) {
    let world = World::new(on).await;
    let other = world.another().await;
    let caller = admin(DEFAULT);
    let id = identifier::of("http://wso2.org/claims/oneTimePassword");
    for round in 0..10 {
        let shown = Change { supported_by_default: Some(round % 2 == 0), ..Change::default() };
        let named = Change { display_name: Some(format!("Code {round}")), ..Change::default() };
        let (first, second) =
            join(world.claims.update(&caller, DEFAULT, ("local", &id), shown), other.claims.update(&caller, DEFAULT, ("local", &id), named)).await;
        first.unwrap();
        second.unwrap();
        let claim = world.claims.get(&caller, DEFAULT, "local", &id).await.unwrap();
        assert_eq!((claim.display_name, claim.supported_by_default), (format!("Code {round}"), round % 2 == 0));
    }
}

async fn what_is_set_while_the_tenant_is_removed_leaves_nothing_behind(on: Backend) {
    let world = World::new(on).await;
    let other = world.another().await;
    for _ in 0..5 {
        let tenant = world.tenants.create(&admin(DEFAULT), wanted("acme", "root")).await.unwrap();
        let caller = admin(tenant.id);
        let changes = join_all(["true", "false"].map(|value| other.governance.update(&caller, tenant.id, IDS, values(&[(name::OTP, value)]))));
        let removing = admin(DEFAULT);
        let (_, removed) = join(changes, world.tenants.delete(&removing, "acme")).await;
        removed.unwrap();
        let late = other.governance.update(&caller, tenant.id, IDS, values(&[(name::OTP, "true")])).await;
        assert!(late.unwrap_err().is(Kind::NotFound));
        assert!(!world.governance.reset_settings(tenant.id).await.unwrap().enabled.contains(Method::Otp));
    }
}

async fn six_that_start_at_once_find_one_default_tenant(on: Backend) {
    let world = World::new(on).await;
    let replicas = join_all((0..6).map(|_| world.another())).await;
    for replica in &replicas {
        assert_eq!(replica.tenants.resolve("default").await.unwrap().id, DEFAULT);
    }
    assert_eq!(world.tenants.list(&admin(DEFAULT)).await.unwrap().len(), 1);
}

rekey_testing::on_both_databases![
    of_two_requests_for_one_domain_one_gets_it_and_its_administrator_alone_is_there,
    options_that_two_set_at_once_all_hold,
    edits_of_one_claim_that_two_make_at_once_all_hold,
    what_is_set_while_the_tenant_is_removed_leaves_nothing_behind,
    six_that_start_at_once_find_one_default_tenant,
];
