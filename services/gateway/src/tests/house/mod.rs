//! The services behind the gateway, as small as they can be: they know one administrator, one user and one reset, and remember
//! the names of the methods that were called.

mod authentication;
mod configuration;
mod deliveries;
mod groups;
mod users;

use prost::bytes::Bytes;
use rekey_kernel::{Failure, Kind, Scopes, TenantId};
use rekey_proto::{authentication::v1 as auth, notification::v1 as notification, scim::v1 as scim, tenantconfig::v1 as config};
use rekey_runtime::grpc::{InProcess, Service, to_status};
use std::sync::{Arc, Mutex};
use tonic::{Response, Status, service::Routes};

pub(super) use groups::{LARGE, STAFF};

use super::{ALICE, RESET};

pub(super) const ACME: &str = "01900000-0000-7000-8000-0000000000ac";

type Answer<T> = Result<Response<T>, Status>;

#[derive(Clone, Default)]
pub(super) struct House(Arc<Mutex<State>>);

#[derive(Default)]
pub(super) struct State {
    /// What was called, in order, with a few words of what was asked.
    pub(super) calls: Vec<String>,
    /// Whoever signs in has no scopes.
    pub(super) powerless: bool,
    /// Tenant-config does not answer.
    pub(super) config_down: bool,
    /// The claim is supported by default.
    pub(super) code_shown: bool,
    /// Lists say that there are so many users.
    pub(super) users: usize,
    /// The user has a reset in the way.
    pub(super) reset: Option<auth::ResetState>,
}

impl House {
    pub(super) fn serve(&self, hub: &InProcess) {
        let mut authentication = Routes::builder();
        authentication.add_service(auth::authentication_server::AuthenticationServer::new(self.clone()));
        authentication.add_service(auth::password_resets_server::PasswordResetsServer::new(self.clone()));
        hub.serve(Service::Authentication, authentication.routes());
        let mut scim = Routes::builder();
        scim.add_service(scim::users_server::UsersServer::new(self.clone()));
        scim.add_service(scim::groups_server::GroupsServer::new(self.clone()));
        scim.add_service(scim::search_server::SearchServer::new(self.clone()));
        scim.add_service(scim::bulk_server::BulkServer::new(self.clone()));
        scim.add_service(scim::discovery_server::DiscoveryServer::new(self.clone()));
        hub.serve(Service::Scim, scim.routes());
        let mut tenant_config = Routes::builder();
        tenant_config.add_service(config::tenants_server::TenantsServer::new(self.clone()));
        tenant_config.add_service(config::governance_server::GovernanceServer::new(self.clone()));
        tenant_config.add_service(config::claims_server::ClaimsServer::new(self.clone()));
        tenant_config.add_service(config::templates_server::TemplatesServer::new(self.clone()));
        hub.serve(Service::TenantConfig, tenant_config.routes());
        hub.serve(Service::Notification, Routes::new(notification::deliveries_server::DeliveriesServer::new(self.clone())));
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.clone()
    }

    pub(super) fn count(&self, call: &str) -> usize {
        self.calls().iter().filter(|it| it.starts_with(call)).count()
    }

    fn note(&self, call: impl Into<String>) {
        self.0.lock().unwrap().calls.push(call.into());
    }

    fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.0.lock().unwrap())
    }

    fn identity(&self, user_name: &str, expires_at: i64) -> auth::Identity {
        let scopes = if self.read(|state| state.powerless) { Scopes::default() } else { Scopes::all() }.into();
        auth::Identity { user_id: ALICE.into(), user_name: user_name.into(), scopes, expires_at }
    }

    fn resource(&self, shown: &str) -> scim::Resource {
        let state = self.read(|state| if state.reset.is_some() { "PENDING_FUPR" } else { "UNLOCKED" });
        let json = format!(
            r#"{{"id":"{ALICE}","userName":"alice","emails":[{{"value":"alice@example.com"}}],"urn:scim:wso2:schema":{{"accountState":"{state}"{shown}}}}}"#
        );
        scim::Resource { id: ALICE.into(), version: "W/\"3\"".into(), location: format!("https://x/Users/{ALICE}"), json: Bytes::from(json) }
    }

    fn reset(state: auth::ResetState) -> auth::Reset {
        auth::Reset {
            id: RESET.into(),
            user_id: ALICE.into(),
            user_name: "alice".into(),
            state: state.into(),
            methods: vec![1, 3],
            epoch: 2,
            created_at: 1_795_000_000_000_000,
            expires_at: 1_795_086_400_000_000,
            guesses_left: 5,
            ..auth::Reset::default()
        }
    }
}

fn fail<T>(failure: Failure) -> Answer<T> {
    Err(to_status(failure))
}

fn is_default(tenant: &str) -> bool {
    tenant == TenantId::DEFAULT.to_string()
}

/// A path's id such as `fail-conflict` makes the service fail in this way.
fn asked_to_fail(id: &str) -> Option<Failure> {
    let name = id.strip_prefix("fail-")?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == name)?;
    Some(Failure::new(kind, "why", "the secret cause"))
}
