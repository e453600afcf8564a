//! The events that this service publishes.

use prost::Message;
use rekey_kernel::{TenantId, Timestamp};
use rekey_messaging::{Event, EventKind};
use rekey_proto::events::v1::ConfigChanged;

/// What part of a tenant's configuration changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The tenant itself.
    Tenant,
    /// Its options.
    Governance,
    /// Its claims.
    Claims,
    /// Its templates.
    Templates,
}

impl Section {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Governance => "governance",
            Self::Claims => "claims",
            Self::Templates => "templates",
        }
    }
}

/// A tenant's configuration changed: whoever keeps some of it in memory asks again. Two changes in the same microsecond are one event.
pub fn config_changed(tenant: TenantId, section: Section, now: Timestamp) -> Event {
    let message = ConfigChanged { tenant_id: tenant.to_string(), section: section.as_str().to_owned(), occurred_at: now.as_micros() };
    let id = format!("{tenant}:{}:{}", section.as_str(), now.as_micros());
    Event::new(id, EventKind::ConfigChanged, tenant, tenant.to_string(), now, message.encode_to_vec())
}
