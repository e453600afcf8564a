//! The service as the others see it: through its generated clients, joined in process.

use rekey_kernel::{Caller, Kind, TenantId};
use rekey_messaging::MemoryBus;
use rekey_proto::tenantconfig::v1::{self as proto, governance_client::GovernanceClient, templates_client::TemplatesClient, tenants_client::TenantsClient};
use rekey_runtime::{
    database::Database,
    grpc::{InProcess, Service, from_status, with_caller},
    system::{SystemClock, SystemRandom},
};
use rekey_testing::{Backend, TestDatabase};
use std::sync::Arc;
use tonic::Code;

use crate::{
    config::Config,
    testing::admin,
    wiring::{Deps, build},
};

async fn house(on: Backend) -> (InProcess, TestDatabase) {
    let place = TestDatabase::new(on).await;
    let hub = InProcess::new();
    let deps = Deps {
        database: Database::open(place.url()).await.unwrap(),
        bus: Arc::new(MemoryBus::new()),
        scim: hub.client(Service::TenantConfig, Service::Scim),
        authentication: hub.client(Service::TenantConfig, Service::Authentication),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        config: Config::default(),
    };
    hub.serve(Service::TenantConfig, build(deps).await.unwrap().routes);
    (hub, place)
}

async fn the_others_read_what_they_need(on: Backend) {
    let (hub, _place) = house(on).await;
    let tenant_id = TenantId::DEFAULT.to_string();
    let mut governance = GovernanceClient::new(hub.client(Service::Scim, Service::TenantConfig));
    let settings = governance.get_reset_settings(proto::GetResetSettingsRequest { tenant_id: tenant_id.clone() }).await.unwrap().into_inner();
    assert_eq!((settings.enabled, settings.validity_seconds), (vec![1], 86_400));
    let mut templates = TemplatesClient::new(hub.client(Service::Notification, Service::TenantConfig));
    let request = proto::FindTemplateRequest { tenant_id: tenant_id.clone(), r#type: "AdminForcedPasswordReset".into(), locale: String::new() };
    assert!(templates.find(request).await.unwrap().into_inner().text.contains("{{password-reset-link}}"));
    let mut tenants = TenantsClient::new(hub.client(Service::Notification, Service::TenantConfig));
    assert_eq!(tenants.resolve_by_id(proto::ResolveTenantByIdRequest { id: tenant_id }).await.unwrap().into_inner().domain, "default");
}

async fn a_service_may_call_only_what_it_needs(on: Backend) {
    let (hub, _place) = house(on).await;
    let mut tenants = TenantsClient::new(hub.client(Service::Scim, Service::TenantConfig));
    let refused = tenants.list(with_caller(&Caller::system(TenantId::DEFAULT, "scim"), proto::ListTenantsRequest {})).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn an_administrators_call_needs_its_caller(on: Backend) {
    let (hub, _place) = house(on).await;
    let mut governance = GovernanceClient::new(hub.client(Service::Gateway, Service::TenantConfig));
    let anonymous = governance.list_categories(proto::ListCategoriesRequest::default()).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    let known = governance.list_categories(with_caller(&admin(TenantId::DEFAULT), proto::ListCategoriesRequest::default())).await;
    assert_eq!(known.unwrap().into_inner().categories[0].connectors[0].properties.len(), 5);
}

async fn a_refused_value_keeps_its_reason_on_the_way(on: Backend) {
    let (hub, _place) = house(on).await;
    let mut governance = GovernanceClient::new(hub.client(Service::Gateway, Service::TenantConfig));
    let request = proto::UpdateConnectorRequest {
        tenant_id: String::new(),
        category_id: "QWNjb3VudCBNYW5hZ2VtZW50".into(),
        connector_id: "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0".into(),
        properties: vec![proto::PropertyValue { name: "Recovery.AdminPasswordReset.SMSOTP".into(), value: "true".into() }],
    };
    let refused = from_status(governance.update_connector(with_caller(&admin(TenantId::DEFAULT), request)).await.unwrap_err());
    assert_eq!((refused.kind, refused.reason.as_ref()), (Kind::Invalid, "IDG-50013"));
}

rekey_testing::on_both_databases![
    the_others_read_what_they_need,
    a_service_may_call_only_what_it_needs,
    an_administrators_call_needs_its_caller,
    a_refused_value_keeps_its_reason_on_the_way,
];
