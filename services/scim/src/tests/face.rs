//! The service as the others meet it: through its generated clients.

use rekey_kernel::{Caller, Kind, ManualClock, TenantId, Timestamp};
use rekey_messaging::EventBus;
use rekey_proto::scim::v1::{
    BulkRequest, CreateRequest, DeleteRequest, GetDiscoveryRequest, GetRequest, ListRequest, PatchRequest, ReplaceRequest, ResolveRequest, View,
    bulk_client::BulkClient, discovery_client::DiscoveryClient, groups_client::GroupsClient, intents_client::IntentsClient, search_client::SearchClient,
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
    let request = || CreateRequest { view: None, json: br#"{"userName":"alice"}"#.to_vec().into() };
    assert_eq!(users.create(request()).await.unwrap_err().code(), tonic::Code::Unauthenticated);
    let system = Caller::system(TenantId::DEFAULT, "rekey");
    assert!(from_status(users.create(with_caller(&system, request())).await.unwrap_err()).is(Kind::Unavailable));
    let list = users.list(with_caller(&system, ListRequest::default())).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&list.json).contains("\"totalResults\":0"));
}

/// The gateway's messages say all that it knows of a request.
async fn groups_are_made_read_changed_found_and_deleted(on: Backend) {
    let (hub, _place) = served(on).await;
    let mut groups = GroupsClient::new(hub.client(Service::Gateway, Service::Scim));
    let (admin, view) = (Caller::system(TenantId::DEFAULT, "rekey"), || Some(View { base: "https://x/scim2/".into(), ..View::default() }));
    let request = CreateRequest { view: view(), json: br#"{"displayName":"G"}"#.to_vec().into() };
    let made = groups.create(with_caller(&admin, request)).await.unwrap().into_inner();
    assert_eq!((made.location, made.version.as_str()), (format!("https://x/scim2/Groups/{}", made.id), "W/\"1\""));
    let id = || made.id.clone();
    let json = br#"{"Operations":[{"op":"add","path":"externalId","value":"e"}]}"#.to_vec().into();
    let patch = PatchRequest { view: view(), id: id(), json, if_match: made.version.clone(), ..PatchRequest::default() };
    assert_eq!(groups.patch(with_caller(&admin, patch)).await.unwrap().into_inner().version, "W/\"2\"");
    let put =
        ReplaceRequest { view: view(), id: id(), json: br#"{"displayName":"H"}"#.to_vec().into(), if_match: "W/\"1\"".into(), ..ReplaceRequest::default() };
    assert!(from_status(groups.replace(with_caller(&admin, put)).await.unwrap_err()).is(Kind::PreconditionFailed));
    let overwriting = ReplaceRequest { id: id(), json: br#"{"displayName":"H"}"#.to_vec().into(), if_none_match: "*".into(), ..ReplaceRequest::default() };
    assert!(from_status(groups.replace(with_caller(&admin, overwriting)).await.unwrap_err()).is(Kind::PreconditionFailed));
    let few = View { attributes: vec!["externalId".into()], ..View::default() };
    let read = groups.get(with_caller(&admin, GetRequest { view: Some(few), id: id(), me: false })).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&read.json).contains("\"externalId\":\"e\"") && !String::from_utf8_lossy(&read.json).contains("displayName"));
    let search = ListRequest { view: view(), filter: "externalId eq \"e\"".into(), cursor: Some(String::new()), ..ListRequest::default() };
    let found = SearchClient::new(hub.client(Service::Gateway, Service::Scim)).run(with_caller(&admin, search)).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&found.json).contains(&made.id));
    assert!(groups.delete(with_caller(&admin, DeleteRequest { id: id(), ..DeleteRequest::default() })).await.is_ok());
    let list = groups.list(with_caller(&admin, ListRequest::default())).await.unwrap().into_inner();
    assert!(String::from_utf8_lossy(&list.json).contains("\"totalResults\":0"));
}

async fn total(hub: &InProcess) -> u64 {
    let request = with_caller(&Caller::system(TenantId::DEFAULT, "rekey"), ListRequest { count: Some(0), ..ListRequest::default() });
    let list = GroupsClient::new(hub.client(Service::Gateway, Service::Scim)).list(request).await.unwrap().into_inner();
    serde_json::from_slice::<serde_json::Value>(&list.json).unwrap()["totalResults"].as_u64().unwrap()
}

fn new_groups(count: usize) -> tonic::Request<BulkRequest> {
    let create = |n: usize| serde_json::json!({"method": "POST", "path": "/Groups", "bulkId": n.to_string(), "data": {"displayName": n.to_string()}});
    let body = serde_json::json!({ "Operations": (0..count).map(create).collect::<Vec<_>>() }).to_string();
    with_caller(&Caller::system(TenantId::DEFAULT, "rekey"), BulkRequest { base: "https://x/scim2".into(), json: body.into_bytes().into() })
}

async fn a_bulk_request_ends_when_its_client_hangs_up(on: Backend) {
    let (hub, _place) = served(on).await;
    let mut bulk = BulkClient::new(hub.client(Service::Gateway, Service::Scim));
    let call = tokio::spawn({
        let mut bulk = bulk.clone();
        async move { bulk.run(new_groups(1_000)).await }
    });
    while total(&hub).await == 0 {}
    call.abort();
    let made = total(&hub).await;
    // So many operations that as many of the first request would have had their turn meanwhile.
    bulk.run(new_groups(200)).await.unwrap();
    let later = total(&hub).await - 200 - made;
    assert!(later <= 16, "{later} operations more than were under way, behind {made}");
}

rekey_testing::on_both_databases![
    groups_are_made_read_changed_found_and_deleted,
    a_bulk_request_ends_when_its_client_hangs_up,
    each_method_may_be_called_by_those_named_only,
    a_caller_is_needed_and_a_service_that_is_away_is_503,
];
