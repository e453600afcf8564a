//! The service as the others meet it: through its generated clients.

use rekey_kernel::{Caller, Kind, ManualClock, TenantId, Timestamp};
use rekey_messaging::EventBus;
use rekey_proto::scim::v1::{
    CreateUserRequest, GetDiscoveryRequest, ListUsersRequest, ResolveRequest, discovery_client::DiscoveryClient, intents_client::IntentsClient,
    users_client::UsersClient,
};
use rekey_runtime::{
    database::Database,
    grpc::{InProcess, Service, from_status, with_caller},
    system::SystemRandom,
};
use rekey_testing::{Backend, TestDatabase};
use std::sync::Arc;

use super::fakes::Recorder;
use crate::{
    config::Config,
    wiring::{Deps, build},
};

async fn served(on: Backend) -> (InProcess, TestDatabase) {
    let place = TestDatabase::new(on).await;
    let hub = InProcess::new();
    let bus: Arc<dyn EventBus> = Arc::new(Recorder::default());
    let deps = Deps {
        database: Database::open(place.url()).await.unwrap(),
        bus,
        authentication: hub.client(Service::Scim, Service::Authentication),
        tenant_config: hub.client(Service::Scim, Service::TenantConfig),
        clock: Arc::new(ManualClock::at(Timestamp::from_micros(1_000_000))),
        random: Arc::new(SystemRandom),
        config: Config::default(),
    };
    hub.serve(Service::Scim, build(deps).await.unwrap().routes);
    (hub, place)
}

async fn each_method_may_be_called_by_those_named_only(on: Backend) {
    let (hub, _place) = served(on).await;
    let resolve = || ResolveRequest { tenant_id: TenantId::DEFAULT.to_string(), intent_id: TenantId::DEFAULT.to_string() };
    let from = |service| hub.client(service, Service::Scim);
    assert!(!IntentsClient::new(from(Service::Authentication)).resolve(resolve()).await.unwrap().into_inner().committed);
    let refused = IntentsClient::new(from(Service::Gateway)).resolve(resolve()).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::PermissionDenied);
    let document = GetDiscoveryRequest { base: "https://x/scim2".into(), document: "Schemas".into() };
    assert!(DiscoveryClient::new(from(Service::Gateway)).get(document).await.is_ok());
}

async fn a_caller_is_needed_and_a_service_that_is_away_is_503(on: Backend) {
    let (hub, _place) = served(on).await;
    let mut users = UsersClient::new(hub.client(Service::Gateway, Service::Scim));
    let request = || CreateUserRequest { view: None, json: br#"{"userName":"alice"}"#.to_vec().into() };
    assert_eq!(users.create(request()).await.unwrap_err().code(), tonic::Code::Unauthenticated);
    let system = Caller::system(TenantId::DEFAULT, "rekey");
    assert!(from_status(users.create(with_caller(&system, request())).await.unwrap_err()).is(Kind::Unavailable));
    let list = users.list(with_caller(&system, ListUsersRequest::default())).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&list.json).contains("\"totalResults\":0"));
}

rekey_testing::on_both_databases![each_method_may_be_called_by_those_named_only, a_caller_is_needed_and_a_service_that_is_away_is_503,];
