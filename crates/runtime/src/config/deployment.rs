//! The configuration, typed.

use rekey_kernel::{EmailAddress, Failure, LONGEST_RESET, Secret};
use serde::{Deserialize, Deserializer};
use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{Span, invalid};
use crate::telemetry::LogFormat;

/// The whole of `deployment.toml`. What each key means stands in `deploy/deployment.toml`.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "the fields are the sections of deploy/deployment.toml, which explains them")]
pub struct Deployment {
    pub server: Server,
    pub gateway: Gateway,
    pub admin: Admin,
    pub super_admin: SuperAdmin,
    pub identity_mgt: IdentityManagement,
    pub output_adapter: OutputAdapter,
    pub database: ServiceDatabases,
    pub services: Services,
    pub keys: Keys,
    pub bus: Bus,
    pub telemetry: Telemetry,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Server {
    pub base_path: String,
    pub data_dir: PathBuf,
}

/// `[gateway]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Gateway {
    pub listen: SocketAddr,
    #[serde(deserialize_with = "path")]
    pub certificate_file: Option<PathBuf>,
    #[serde(deserialize_with = "path")]
    pub private_key_file: Option<PathBuf>,
}

/// `[admin]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Admin {
    pub listen: SocketAddr,
}

/// `[super_admin]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct SuperAdmin {
    pub username: String,
    #[serde(deserialize_with = "secret")]
    pub password: Secret,
}

/// `[identity_mgt]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct IdentityManagement {
    pub password_reset_by_admin: PasswordResetByAdmin,
    pub password_policy: PasswordPolicy,
}

/// `[identity_mgt.password_reset_by_admin]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct PasswordResetByAdmin {
    pub enable_emailed_link_based_reset: bool,
    pub enable_emailed_otp_based_reset: bool,
    pub enable_offline_otp_based_reset: bool,
    pub code_validity_period: Span,
}

/// `[identity_mgt.password_policy]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct PasswordPolicy {
    pub min_length: u32,
    pub max_length: u32,
    pub blocklist: bool,
    pub history: u32,
}

/// `[output_adapter]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct OutputAdapter {
    pub email: Email,
}

/// `[output_adapter.email]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Email {
    pub from_address: EmailAddress,
    #[serde(deserialize_with = "text")]
    pub hostname: Option<String>,
    pub port: u16,
    pub enable_start_tls: bool,
    pub enable_authentication: bool,
    #[serde(deserialize_with = "text")]
    pub username: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub password: Secret,
    pub signature: String,
}

/// `[database.<service>]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct ServiceDatabases {
    pub scim: Database,
    pub authentication: Database,
    pub tenant_config: Database,
    pub notification: Database,
}

/// One service's database.
#[derive(Clone, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Database {
    #[serde(deserialize_with = "text")]
    pub url: Option<String>,
}

/// The address may hold a password.
impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Database").field("url", &self.url.as_ref().map(|_| "(withheld)")).finish()
    }
}

/// `[services.<service>]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Services {
    pub gateway: GatewayService,
    pub scim: GrpcService,
    pub authentication: GrpcService,
    pub tenant_config: GrpcService,
    pub notification: GrpcService,
}

/// `[services.gateway]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct GatewayService {
    #[serde(deserialize_with = "address")]
    pub admin_listen: Option<SocketAddr>,
}

/// A service that speaks gRPC.
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct GrpcService {
    pub listen: SocketAddr,
    pub endpoint: String,
    pub admin_listen: SocketAddr,
}

/// `[keys]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Keys {
    #[serde(deserialize_with = "path")]
    pub dir: Option<PathBuf>,
}

/// `[bus]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Bus {
    pub url: String,
    pub replicas: u8,
}

/// `[telemetry]`
#[derive(Clone, Debug, Deserialize)]
#[expect(missing_docs, reason = "explained in deploy/deployment.toml")]
pub struct Telemetry {
    pub log_level: String,
    pub log_format: LogFormat,
    #[serde(deserialize_with = "text")]
    pub otlp_endpoint: Option<String>,
}

impl Deployment {
    /// The folder of the keys: `keys.dir`, else one in the data folder.
    pub fn keys_dir(&self) -> PathBuf {
        self.keys.dir.clone().unwrap_or_else(|| self.server.data_dir.join("keys"))
    }

    /// The URL of a service's database: the configured one, else a file in the data folder.
    pub fn database_url(&self, configured: &Database, name: &str) -> String {
        let file = || format!("sqlite://{}", self.server.data_dir.join(name).with_extension("db").display());
        configured.url.clone().unwrap_or_else(file)
    }

    /// The folder that takes the mails while there is no mail server.
    pub fn mailbox_dir(&self) -> Option<PathBuf> {
        self.output_adapter.email.hostname.is_none().then(|| self.server.data_dir.join("mailbox"))
    }

    pub(super) fn checked(mut self) -> Result<Self, Failure> {
        self.server.base_path = base_path(&self.server.base_path)?;
        let policy = &self.identity_mgt.password_policy;
        if policy.min_length < 8 || policy.max_length > 1_024 || policy.min_length > policy.max_length {
            return Err(invalid("`identity_mgt.password_policy` is to have 8 <= min_length <= max_length <= 1024"));
        }
        let validity = self.identity_mgt.password_reset_by_admin.code_validity_period.0;
        if validity.is_zero() || validity > LONGEST_RESET {
            let days = LONGEST_RESET.as_secs() / (24 * 60 * 60);
            return Err(invalid(format!(
                "`identity_mgt.password_reset_by_admin.code_validity_period` is to be longer than nothing and at most {days} days (\"{days}d\")"
            )));
        }
        let email = &self.output_adapter.email;
        if email.enable_start_tls || email.enable_authentication {
            return Err(invalid(
                "`output_adapter.email.enable_start_tls` and `enable_authentication` cannot be true yet: this version speaks plain SMTP, so send through a \
                 relay on a network that you trust",
            ));
        }
        let known = ["memory:", "nats://", "tls://"].iter().any(|scheme| self.bus.url.starts_with(scheme));
        if !known || !(1..=5).contains(&self.bus.replicas) {
            return Err(invalid(format!(
                "`bus.url` is `{}`, but is to be \"memory:\", \"nats://host:port\" or \"tls://host:port\", with 1 to 5 `replicas`",
                self.bus.url
            )));
        }
        Ok(self)
    }
}

/// An absolute https URL without query or fragment, and no slash at its end.
fn base_path(text: &str) -> Result<String, Failure> {
    let trimmed = text.trim_end_matches('/');
    let parsed: Option<http::Uri> = trimmed.parse().ok();
    let fits = parsed.is_some_and(|uri| uri.scheme_str() == Some("https") && uri.authority().is_some() && uri.query().is_none()) && !trimmed.contains('#');
    if fits { Ok(trimmed.to_owned()) } else { Err(invalid(format!("`server.base_path` is `{text}`, but is to be like \"https://id.example.com\""))) }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let wrong = |error| serde::de::Error::custom(format!("an address like 127.0.0.1:9444 is expected: {error}"));
    text(deserializer)?.map(|text| text.parse().map_err(wrong)).transpose()
}

fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    text(deserializer).map(|text| text.as_deref().map(Path::new).map(Path::to_owned))
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}
