//! The generated clients of the services behind the gateway.

use rekey_kernel::Failure;
use rekey_proto::{
    authentication::v1::{authentication_client::AuthenticationClient, password_resets_client::PasswordResetsClient},
    notification::v1::deliveries_client::DeliveriesClient,
    scim::v1::{
        bulk_client::BulkClient, discovery_client::DiscoveryClient, groups_client::GroupsClient, search_client::SearchClient, users_client::UsersClient,
    },
    tenantconfig::v1::{claims_client::ClaimsClient, governance_client::GovernanceClient, templates_client::TemplatesClient, tenants_client::TenantsClient},
};
use rekey_runtime::grpc::{Transport, from_status};
use tonic::{Response, Status};

/// The most that one answer may hold: a page of a thousand large users.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

macro_rules! clients {
    ($($(#[$doc:meta])* $name:ident: $client:ident over $service:ident;)*) => {
        /// A client for every interface that the gateway calls. Each method gives one that is good for a call.
        pub(crate) struct Clients {
            $($name: $client<Transport>,)*
        }

        impl Clients {
            /// Clients over these transports.
            pub(crate) fn new(transports: &Transports) -> Self {
                Self { $($name: $client::new(transports.$service.clone()).max_decoding_message_size(LARGEST_ANSWER),)* }
            }

            $($(#[$doc])* pub(crate) fn $name(&self) -> $client<Transport> {
                self.$name.clone()
            })*
        }
    };
}

/// The ways to the services.
pub(crate) struct Transports {
    pub(crate) authentication: Transport,
    pub(crate) scim: Transport,
    pub(crate) tenant_config: Transport,
    pub(crate) notification: Transport,
}

clients! {
    /// Logging in.
    authentication: AuthenticationClient over authentication;
    /// The life of resets.
    resets: PasswordResetsClient over authentication;
    /// SCIM users.
    users: UsersClient over scim;
    /// SCIM groups.
    groups: GroupsClient over scim;
    /// Users and groups at once.
    search: SearchClient over scim;
    /// Many SCIM operations in one request.
    bulk: BulkClient over scim;
    /// SCIM's discovery documents.
    discovery: DiscoveryClient over scim;
    /// Tenants.
    tenants: TenantsClient over tenant_config;
    /// Governance connectors.
    governance: GovernanceClient over tenant_config;
    /// Claim dialects.
    claims: ClaimsClient over tenant_config;
    /// Mail templates.
    templates: TemplatesClient over tenant_config;
    /// What became of mails.
    deliveries: DeliveriesClient over notification;
}

/// Turns what a client gives into a message or a failure.
pub(crate) trait Answer<T> {
    /// The message.
    ///
    /// # Errors
    /// The failure that the service answered with.
    fn answer(self) -> Result<T, Failure>;
}

impl<T> Answer<T> for Result<Response<T>, Status> {
    fn answer(self) -> Result<T, Failure> {
        self.map(Response::into_inner).map_err(from_status)
    }
}
