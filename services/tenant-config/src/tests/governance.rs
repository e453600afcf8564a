//! Governance, through its use cases.

use prost::Message;
use rekey_kernel::{Kind, Method, TenantId};
use rekey_proto::events::v1::ConfigChanged;
use rekey_testing::Backend;
use std::time::Duration;

use crate::{
    domain::{connector::name, governance::Defaults},
    testing::{World, admin, nobody},
};

pub(super) const IDS: (&str, &str) = ("QWNjb3VudCBNYW5hZ2VtZW50", "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0");

pub(super) fn values(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn a_change_holds_at_once_and_is_told(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    let view = world.governance.update(&caller, TenantId::DEFAULT, IDS, values(&[(name::OTP, "true"), (name::LINK, "false")])).await.unwrap();
    assert_eq!(view.values, ["false", "true", "false", "false", "1440"]);
    let settings = world.governance.reset_settings(TenantId::DEFAULT).await.unwrap();
    assert_eq!(settings.enabled, [Method::Otp].into_iter().collect());
    let events = world.events().await;
    assert_eq!(ConfigChanged::decode(events[0].payload.clone()).unwrap().section, "governance");
}

async fn one_bad_value_and_nothing_changes(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    let both = values(&[(name::OTP, "true"), (name::EXPIRY, "soon")]);
    let refused = world.governance.update(&caller, TenantId::DEFAULT, IDS, both).await.unwrap_err();
    assert_eq!((refused.kind, refused.reason.as_ref()), (Kind::Invalid, "IDG-50013"));
    assert!(!world.governance.reset_settings(TenantId::DEFAULT).await.unwrap().enabled.contains(Method::Otp));
    assert!(world.events().await.is_empty());
}

async fn without_the_scope_or_in_another_tenant_nothing_is_shown(on: Backend) {
    let world = World::new(on).await;
    let other = TenantId::from_uuid(uuid::Uuid::from_u128(9));
    assert!(world.governance.categories(&nobody(TenantId::DEFAULT), TenantId::DEFAULT).await.unwrap_err().is(Kind::Forbidden));
    assert!(world.governance.categories(&admin(other), TenantId::DEFAULT).await.unwrap_err().is(Kind::NotFound));
    assert!(world.governance.update(&nobody(TenantId::DEFAULT), TenantId::DEFAULT, IDS, Vec::new()).await.unwrap_err().is(Kind::Forbidden));
}

async fn a_validity_of_seconds_stays_exact_until_a_tenant_sets_minutes(on: Backend) {
    let world = World::with(on, Defaults { validity: Duration::from_secs(2), ..Defaults::default() }).await;
    let caller = admin(TenantId::DEFAULT);
    assert_eq!(world.governance.reset_settings(TenantId::DEFAULT).await.unwrap().validity, Duration::from_secs(2));
    world.governance.update(&caller, TenantId::DEFAULT, IDS, values(&[(name::EXPIRY, "3")])).await.unwrap();
    assert_eq!(world.governance.reset_settings(TenantId::DEFAULT).await.unwrap().validity, Duration::from_mins(3));
}

async fn every_listed_connector_can_be_read_by_its_ids(on: Backend) {
    let world = World::new(on).await;
    let caller = admin(TenantId::DEFAULT);
    let categories = world.governance.categories(&caller, TenantId::DEFAULT).await.unwrap();
    assert_eq!(categories.iter().map(|category| category.name).collect::<Vec<_>>(), ["Account Management", "Password Policies"]);
    for category in categories {
        for view in category.connectors {
            world.governance.connector(&caller, TenantId::DEFAULT, &category.id, &view.connector.id()).await.unwrap();
        }
    }
    let unknown = world.governance.connector(&caller, TenantId::DEFAULT, IDS.0, "eA").await.unwrap_err();
    assert_eq!((unknown.kind, unknown.reason.as_ref()), (Kind::NotFound, "IDG-50008"));
}

rekey_testing::on_both_databases![
    a_change_holds_at_once_and_is_told,
    one_bad_value_and_nothing_changes,
    without_the_scope_or_in_another_tenant_nothing_is_shown,
    a_validity_of_seconds_stays_exact_until_a_tenant_sets_minutes,
    every_listed_connector_can_be_read_by_its_ids,
];
