//! The whole service over its gRPC clients, as the other services see it.

use async_trait::async_trait;
use rekey_authentication::{Built, Config, Hashing, RULES, World as Surroundings, build};
use rekey_kernel::{Caller, TenantId, UserId};
use rekey_messaging::{BusError, Event, EventBus, Handler, Subscription};
use rekey_proto::authentication::v1::{
    AccountChange, ApplyRequest, GetStatesRequest, LoginRequest, PrepareRequest, ResetOrder, RevealRequest, account_changes_client::AccountChangesClient,
    authentication_client::AuthenticationClient, login_response::Result as LoginResult, password_resets_client::PasswordResetsClient,
};
use rekey_runtime::{
    database::Database,
    grpc::{InProcess, Service, with_caller},
    lifecycle::Lifecycle,
    system::{SystemClock, SystemRandom},
};
use rekey_testing::{Backend, TestDatabase};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;
use tonic::Code;

/// Remembers what was published.
#[derive(Default)]
struct Recorder {
    events: Mutex<Vec<Event>>,
    published: Notify,
}

#[async_trait]
impl EventBus for Recorder {
    async fn publish(&self, event: &Event) -> Result<(), BusError> {
        self.events.lock().unwrap().push(event.clone());
        self.published.notify_one();
        Ok(())
    }

    async fn subscribe(&self, _subscription: Subscription, _handler: Arc<dyn Handler>) -> Result<(), BusError> {
        Ok(())
    }
}

async fn service(folder: &Path, place: &TestDatabase, bus: Arc<Recorder>) -> (Built, InProcess) {
    let hub = InProcess::new();
    let config = Config { keys: folder.join("keys"), make_missing_keys: true, hashing: Hashing { memory_kib: 64, iterations: 1, ..Hashing::default() } };
    let surroundings = Surroundings {
        database: Database::open(place.url()).await.unwrap(),
        bus,
        scim: hub.client(Service::Authentication, Service::Scim),
        tenant_config: hub.client(Service::Authentication, Service::TenantConfig),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        alone: true,
    };
    let built = build(&config, surroundings).await.unwrap();
    hub.serve(Service::Authentication, built.routes.clone());
    (built, hub)
}

async fn change(hub: &InProcess, intent: &str, user: UserId, change: AccountChange) -> rekey_proto::authentication::v1::ApplyResponse {
    let mut client = AccountChangesClient::new(hub.client(Service::Scim, Service::Authentication));
    let (tenant_id, intent_id) = (TenantId::DEFAULT.to_string(), intent.to_owned());
    let prepare = PrepareRequest { intent_id: intent_id.clone(), tenant_id: tenant_id.clone(), user_id: user.to_string(), change: Some(change) };
    client.prepare(with_caller(&Caller::system(TenantId::DEFAULT, "rekey"), prepare)).await.unwrap();
    client.apply(ApplyRequest { intent_id, tenant_id }).await.unwrap().into_inner()
}

async fn a_forced_reset_from_trigger_to_code_over_the_wire(on: Backend) {
    let (folder, place) = (tempfile::tempdir().unwrap(), TestDatabase::new(on).await);
    let bus = Arc::new(Recorder::default());
    let (built, hub) = service(folder.path(), &place, bus.clone()).await;
    let user = UserId::from_uuid(uuid::Uuid::from_u128(3));
    let create = AccountChange { create: true, login_name: Some("alice".into()), password: Some("alice".into()), ..AccountChange::default() };
    let created = change(&hub, "00000000-0000-7000-8000-000000000001", user, create).await;
    assert_eq!(created.state.unwrap().account_state, "UNLOCKED");

    let intent = "00000000-0000-7000-8000-000000000002";
    let order = ResetOrder { methods: vec![1, 2], validity_seconds: 60, ..ResetOrder::default() };
    let applied = change(&hub, intent, user, AccountChange { reset: Some(order), ..AccountChange::default() }).await;
    let state = applied.state.unwrap();
    assert_eq!((state.account_state.as_str(), applied.epoch, state.reset.unwrap().id.as_str()), ("PENDING_FUPR", 1, intent));

    let lifecycle = Lifecycle::new();
    built.start(&lifecycle).await.unwrap();
    bus.published.notified().await;
    assert_eq!(bus.events.lock().unwrap()[0].kind.as_str(), "session_revoked");
    lifecycle.stop();

    let reveal = RevealRequest { tenant_id: TenantId::DEFAULT.to_string(), reset_id: intent.to_owned() };
    let stranger = PasswordResetsClient::new(hub.client(Service::Gateway, Service::Authentication)).reveal(reveal.clone()).await;
    assert_eq!(stranger.unwrap_err().code(), Code::PermissionDenied);
    let revealed = PasswordResetsClient::new(hub.client(Service::Notification, Service::Authentication)).reveal(reveal).await.unwrap().into_inner();
    assert!(revealed.token.starts_with(&format!("{intent}.")));

    let mut gateway = AuthenticationClient::new(hub.client(Service::Gateway, Service::Authentication));
    let login = |password: &str| LoginRequest {
        tenant_id: TenantId::DEFAULT.to_string(),
        user_name: "alice".into(),
        password: password.into(),
        source_address: String::new(),
    };
    assert_eq!(gateway.login(login("alice")).await.unwrap_err().code(), Code::Unauthenticated);
    let result = gateway.login(login(&revealed.code)).await.unwrap().into_inner().result.unwrap();
    assert!(matches!(result, LoginResult::PasswordResetRequired(_)));
    assert_eq!(lifecycle.run().await, Ok(()));
}

async fn a_caller_is_demanded_and_unknown_users_are_left_out(on: Backend) {
    let (folder, place) = (tempfile::tempdir().unwrap(), TestDatabase::new(on).await);
    let (_built, hub) = service(folder.path(), &place, Arc::default()).await;
    let mut scim = AccountChangesClient::new(hub.client(Service::Scim, Service::Authentication));
    let nobody = PrepareRequest { change: Some(AccountChange::default()), ..PrepareRequest::default() };
    assert_eq!(scim.prepare(nobody).await.unwrap_err().code(), Code::Unauthenticated);
    let unknown = GetStatesRequest { tenant_id: TenantId::DEFAULT.to_string(), user_ids: vec![uuid::Uuid::from_u128(9).to_string(), "x".into()] };
    assert!(scim.get_states(unknown).await.unwrap().into_inner().states.is_empty());
}

#[test]
fn every_method_has_a_rule() {
    let proto = include_str!("../../../../proto/rekey/authentication/v1/authentication.proto");
    let mut service = "";
    let mut methods = Vec::new();
    for line in proto.lines() {
        if let Some(name) = line.strip_prefix("service ") {
            service = name.trim_end_matches(" {");
        } else if let Some(rpc) = line.trim().strip_prefix("rpc ") {
            methods.push(format!("/rekey.authentication.v1.{service}/{}", rpc.split('(').next().unwrap()));
        }
    }
    methods.sort();
    let mut ruled: Vec<_> = RULES.iter().map(|rule| rule.method.to_owned()).collect();
    ruled.sort();
    assert_eq!(ruled, methods);
}

rekey_testing::on_both_databases![a_forced_reset_from_trigger_to_code_over_the_wire, a_caller_is_demanded_and_unknown_users_are_left_out];
