//! What each service is built of, alike in one process and as a part.

use anyhow::{Context, Result};
use rekey_kernel::{Clock, Failure, Method, Random};
use rekey_runtime::{
    config::{Deployment, deployment},
    database::Database,
    grpc::{Identity, InProcess, Service, Transport, remote},
    health::Health,
    lifecycle::Lifecycle,
    system::{SystemClock, SystemRandom},
};
use std::{net::TcpListener, sync::Arc};

use crate::{buses::Buses, ground::HttpsFiles};

/// How services reach each other.
pub(crate) enum Links {
    /// Within this process.
    InProcess(InProcess),
    /// In other processes, under this identity.
    Remote(Box<Identity>),
}

/// Builds services.
pub(crate) struct Works<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) links: Links,
    pub(crate) buses: Buses,
    pub(crate) health: Health,
    /// Nobody else uses these databases: what a former process held is free.
    pub(crate) alone: bool,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl<'a> Works<'a> {
    pub(crate) fn new(deployment: &'a Deployment, links: Links, buses: Buses, alone: bool) -> Self {
        Self { deployment, links, buses, health: Health::default(), alone, clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }

    pub(crate) async fn scim(&self) -> Result<rekey_scim::wiring::Built> {
        let me = Service::Scim;
        let deps = rekey_scim::wiring::Deps {
            database: self.database(&self.deployment.database.scim, "scim").await?,
            bus: self.buses.of(me, self.deployment).await?,
            authentication: self.client(me, Service::Authentication)?,
            tenant_config: self.client(me, Service::TenantConfig)?,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_scim::config::Config { void_leases_at_start: self.alone, ..rekey_scim::config::Config::default() },
        };
        Ok(rekey_scim::wiring::build(deps).await?)
    }

    pub(crate) async fn authentication(&self) -> Result<rekey_authentication::Built> {
        let me = Service::Authentication;
        let config = rekey_authentication::Config {
            keys: self.deployment.keys_dir().join(me.as_str()),
            make_missing_keys: self.alone,
            hashing: rekey_authentication::Hashing::default(),
        };
        let world = rekey_authentication::World {
            database: self.database(&self.deployment.database.authentication, "authentication").await?,
            bus: self.buses.of(me, self.deployment).await?,
            scim: self.client(me, Service::Scim)?,
            tenant_config: self.client(me, Service::TenantConfig)?,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            alone: self.alone,
        };
        Ok(rekey_authentication::build(&config, world).await?)
    }

    pub(crate) async fn tenant_config(&self) -> Result<rekey_tenant_config::wiring::Built> {
        let me = Service::TenantConfig;
        let deps = rekey_tenant_config::wiring::Deps {
            database: self.database(&self.deployment.database.tenant_config, "tenant_config").await?,
            bus: self.buses.of(me, self.deployment).await?,
            scim: self.client(me, Service::Scim)?,
            authentication: self.client(me, Service::Authentication)?,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_tenant_config::config::Config { defaults: governance(&self.deployment.identity_mgt), void_leases_at_start: self.alone },
        };
        Ok(rekey_tenant_config::wiring::build(deps).await?)
    }

    pub(crate) async fn notification(&self) -> Result<rekey_notification::wiring::Built> {
        let me = Service::Notification;
        let deps = rekey_notification::wiring::Deps {
            database: self.database(&self.deployment.database.notification, "notification").await?,
            bus: self.buses.of(me, self.deployment).await?,
            scim: self.client(me, Service::Scim)?,
            authentication: self.client(me, Service::Authentication)?,
            tenant_config: self.client(me, Service::TenantConfig)?,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: self.mail(),
        };
        Ok(rekey_notification::wiring::build(deps).await?)
    }

    fn mail(&self) -> rekey_notification::config::Config {
        let email = &self.deployment.output_adapter.email;
        rekey_notification::config::Config {
            from_address: email.from_address.to_string(),
            signature: email.signature.clone(),
            hostname: email.hostname.clone().unwrap_or_default(),
            port: email.port,
            mailbox: self.deployment.mailbox_dir().filter(|_| self.alone),
            public_base: self.deployment.server.base_path.clone(),
            concurrency: 16,
            void_leases_at_start: self.alone,
        }
    }

    pub(crate) fn open_door(&self, listener: TcpListener, https: &HttpsFiles, lifecycle: &Lifecycle) -> Result<()> {
        let me = Service::Gateway;
        let router = rekey_gateway::build(rekey_gateway::Deps {
            authentication: self.client(me, Service::Authentication)?,
            scim: self.client(me, Service::Scim)?,
            tenant_config: self.client(me, Service::TenantConfig)?,
            notification: self.client(me, Service::Notification)?,
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_gateway::Config {
                base_path: self.deployment.server.base_path.clone(),
                mailbox: self.deployment.mailbox_dir().filter(|_| self.alone),
            },
        });
        let tls = rekey_gateway::tls_config(&https.certificate()?, &https.private_key()?)?;
        Ok(rekey_gateway::serve(listener, tls, router, lifecycle)?)
    }

    async fn database(&self, configured: &deployment::Database, name: &'static str) -> Result<Database> {
        let database = Database::open(&self.deployment.database_url(configured, name)).await?;
        let checked = database.clone();
        self.health.register(name, move || {
            let database = checked.clone();
            async move { database.ping().await }
        });
        Ok(database)
    }

    /// Where a service is found.
    pub(crate) fn endpoint(&self, of: Service) -> Result<String, Failure> {
        endpoint(&self.deployment.services, of).map(str::to_owned)
    }

    /// A way from one service to another.
    pub(crate) fn client(&self, from: Service, to: Service) -> Result<Transport, Failure> {
        match &self.links {
            Links::InProcess(hub) => Ok(hub.client(from, to)),
            Links::Remote(identity) => remote(endpoint(&self.deployment.services, to)?, to, identity),
        }
    }
}

/// Listens where HTTPS is served.
pub(crate) fn listen(deployment: &Deployment) -> Result<TcpListener> {
    let listen = deployment.gateway.listen;
    TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen} (`gateway.listen`)"))
}

fn endpoint(services: &deployment::Services, of: Service) -> Result<&str, Failure> {
    match of {
        Service::Scim => Ok(&services.scim.endpoint),
        Service::Authentication => Ok(&services.authentication.endpoint),
        Service::TenantConfig => Ok(&services.tenant_config.endpoint),
        Service::Notification => Ok(&services.notification.endpoint),
        Service::Gateway => Err(Failure::internal("nobody calls the gateway")),
    }
}

/// What the file says holds for every tenant that has no value of its own.
fn governance(file: &deployment::IdentityManagement) -> rekey_tenant_config::domain::governance::Defaults {
    let (reset, policy) = (&file.password_reset_by_admin, &file.password_policy);
    let switches = [
        (Method::Link, reset.enable_emailed_link_based_reset),
        (Method::Otp, reset.enable_emailed_otp_based_reset),
        (Method::Offline, reset.enable_offline_otp_based_reset),
    ];
    rekey_tenant_config::domain::governance::Defaults {
        enabled: switches.into_iter().filter(|(_, on)| *on).map(|(method, _)| method).collect(),
        validity: reset.code_validity_period.0,
        min_length: policy.min_length,
        max_length: policy.max_length,
        history: policy.history,
        blocklist: policy.blocklist,
    }
}
