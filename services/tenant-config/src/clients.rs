//! The other services, as ports.

use async_trait::async_trait;
use rekey_kernel::{Caller, Failure, TenantId};
use rekey_proto::{
    authentication::v1::{self as authentication, tenant_accounts_client::TenantAccountsClient},
    scim::v1::{self as scim, tenant_users_client::TenantUsersClient, users_client::UsersClient},
};
use rekey_runtime::grpc::{Transport, from_status, with_caller};
use serde_json::{Value, json};

use crate::ports::{Administrator, Users};

/// Users over gRPC: profiles in scim, accounts in authentication.
pub struct GrpcUsers {
    /// To scim.
    pub scim: Transport,
    /// To authentication.
    pub authentication: Transport,
}

#[async_trait]
impl Users for GrpcUsers {
    async fn create_administrator(&self, tenant: TenantId, administrator: &Administrator) -> Result<(), Failure> {
        let json = resource(administrator).to_string().into_bytes().into();
        let request = scim::CreateRequest { view: Some(scim::View::default()), json };
        let request = with_caller(&Caller::system(tenant, "tenant-config"), request);
        UsersClient::new(self.scim.clone()).create(request).await.map(drop).map_err(from_status)
    }

    async fn purge(&self, tenant: TenantId) -> Result<(), Failure> {
        let tenant_id = tenant.to_string();
        let profiles = scim::PurgeRequest { tenant_id: tenant_id.clone() };
        TenantUsersClient::new(self.scim.clone()).purge(profiles).await.map_err(from_status)?;
        let accounts = authentication::PurgeRequest { tenant_id };
        TenantAccountsClient::new(self.authentication.clone()).purge(accounts).await.map(drop).map_err(from_status)
    }
}

fn resource(administrator: &Administrator) -> Value {
    let mut user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": administrator.user_name,
        "password": administrator.password.expose(),
        "active": true,
        "roles": [{ "value": "admin" }],
    });
    if !administrator.email.is_empty()
        && let Some(user) = user.as_object_mut()
    {
        user.insert("emails".to_owned(), json!([{ "value": administrator.email, "type": "work", "primary": true }]));
    }
    user
}
