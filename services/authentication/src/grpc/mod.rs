//! The gRPC services: translation only.

mod accounts;
mod convert;
mod resets;
mod sessions;
mod tenants;

use rekey_proto::authentication::v1::{
    account_changes_server::AccountChangesServer, authentication_server::AuthenticationServer, password_resets_server::PasswordResetsServer,
    tenant_accounts_server::TenantAccountsServer,
};
use rekey_runtime::grpc::{Rule, Service, guard};
use std::sync::Arc;
use tonic::service::Routes;

use crate::app::Core;

macro_rules! rules {
    ($($method:literal => $caller:ident,)*) => {
        &[$(Rule { method: concat!("/rekey.authentication.v1.", $method), callers: &[Service::$caller] },)*]
    };
}

/// Who may call what.
pub const RULES: &[Rule] = rules! {
    "AccountChanges/Prepare" => Scim,
    "AccountChanges/Apply" => Scim,
    "AccountChanges/Release" => Scim,
    "AccountChanges/GetStates" => Scim,
    "AccountChanges/ReadOfflineCode" => Scim,
    "Authentication/Login" => Gateway,
    "Authentication/VerifyPassword" => Gateway,
    "Authentication/VerifySession" => Gateway,
    "Authentication/Logout" => Gateway,
    "PasswordResets/Validate" => Gateway,
    "PasswordResets/Complete" => Gateway,
    "PasswordResets/List" => Gateway,
    "PasswordResets/Get" => Gateway,
    "PasswordResets/Cancel" => Gateway,
    "PasswordResets/Extend" => Gateway,
    "PasswordResets/CheckResend" => Scim,
    "PasswordResets/Reveal" => Notification,
    "TenantAccounts/Purge" => TenantConfig,
};

/// Every service, behind the allow list.
pub(crate) fn routes(core: &Arc<Core>) -> Routes {
    let routes = Routes::new(AccountChangesServer::new(accounts::Handler(Arc::clone(core))))
        .add_service(AuthenticationServer::new(sessions::Handler(Arc::clone(core))))
        .add_service(PasswordResetsServer::new(resets::Handler(Arc::clone(core))))
        .add_service(TenantAccountsServer::new(tenants::Handler(Arc::clone(core))));
    guard(routes, RULES)
}
