//! gRPC between the services: one client type over two transports, who calls, and how failures travel.
//!
//! A generated client is built over a [`Transport`]. In one process [`InProcess`] gives it, between processes [`remote`]; the
//! client cannot tell the difference.

mod authorize;
mod caller;
mod deadline;
mod failure;
mod identity;
mod in_process;
mod observe;
mod remote;
mod server;

pub use authorize::{Rule, guard};
pub use caller::{caller, with_caller};
pub(crate) use deadline::left;
pub use deadline::{LONGEST, within};
pub use failure::{from_status, to_status};
pub use identity::{Identity, dns_name, uri_name};
pub use in_process::InProcess;
pub use remote::{reachable, remote};
pub use server::serve;

use std::fmt;
use tonic::body::Body;
use tower::util::BoxCloneSyncService;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a generated client calls through.
pub type Transport = BoxCloneSyncService<http::Request<Body>, http::Response<Body>, TransportError>;

/// The transport failed. A type of its own, because a future that holds a client over a bare boxed error is not provably `Send`
/// inside an async trait method.
#[derive(Debug, thiserror::Error)]
#[error("the transport failed")]
pub struct TransportError(#[source] pub BoxError);

/// The services of the house, as peers of a gRPC call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// The HTTPS edge.
    Gateway,
    /// Users and intents.
    Scim,
    /// Credentials, sessions, resets.
    Authentication,
    /// Tenants and their options.
    TenantConfig,
    /// Mails.
    Notification,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Gateway, Self::Scim, Self::Authentication, Self::TenantConfig, Self::Notification];

    /// The name in certificates (`spiffe://rekey/<name>`), folders and the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Scim => "scim",
            Self::Authentication => "authentication",
            Self::TenantConfig => "tenant-config",
            Self::Notification => "notification",
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Which service is calling: put into a request's extensions by the transport's server side, never by the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub Service);
