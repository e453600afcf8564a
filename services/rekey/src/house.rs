//! All services in one process, joined by their generated clients and the memory bus.

use anyhow::{Context, Result, anyhow};
use rekey_kernel::{Clock, Failure, Method, Random};
use rekey_messaging::{EventBus, MemoryBus};
use rekey_runtime::{
    config::{Deployment, deployment},
    database::Database,
    grpc::{InProcess, Service, Transport},
    health::Health,
    lifecycle::Lifecycle,
    system::{SystemClock, SystemRandom},
};
use std::{net::TcpListener, sync::Arc};

use crate::{
    first_start::FirstStart,
    ground::{self, Ground},
};

/// Builds the house, opens its door, greets, and stays until it is told to stop.
pub(crate) async fn run(deployment: Deployment) -> Result<()> {
    let ground = Ground::prepare(&deployment)?;
    let listener = listen(&deployment)?;
    let lifecycle = Lifecycle::new();
    let house = House::new(&deployment);
    house.start_services(&lifecycle).await?;
    let mut first_start = FirstStart::new(house.hub.client(Service::Gateway, Service::Scim), &deployment);
    let first = first_start.run(&deployment).await?;
    house.open_door(listener, &ground, &lifecycle)?;
    house.health.clone().serve(deployment.admin.listen, &lifecycle).await?;
    println!("{}", first_start.greeting(&deployment, first).await?);
    lifecycle.run().await.map_err(|task| anyhow!("the task `{task}` ended before its time"))
}

fn listen(deployment: &Deployment) -> Result<TcpListener> {
    let listen = deployment.gateway.listen;
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen} (`gateway.listen`)"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

struct House<'a> {
    deployment: &'a Deployment,
    hub: InProcess,
    bus: Arc<MemoryBus>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    health: Health,
    /// Nobody else uses these databases: what a former process held is free.
    alone: bool,
}

impl<'a> House<'a> {
    fn new(deployment: &'a Deployment) -> Self {
        Self {
            deployment,
            hub: InProcess::new(),
            bus: Arc::new(MemoryBus::new()),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            health: Health::default(),
            alone: ground::is_default(deployment),
        }
    }

    async fn start_services(&self, lifecycle: &Lifecycle) -> Result<()> {
        let scim = self.scim().await.context("scim")?;
        let authentication = self.authentication().await.context("authentication")?;
        let tenant_config = self.tenant_config().await.context("tenant-config")?;
        let notification = self.notification().await.context("notification")?;
        self.hub.serve(Service::Scim, scim.routes.clone());
        self.hub.serve(Service::Authentication, authentication.routes.clone());
        self.hub.serve(Service::TenantConfig, tenant_config.routes.clone());
        self.hub.serve(Service::Notification, notification.routes.clone());
        scim.start(lifecycle).await?;
        authentication.start(lifecycle).await?;
        tenant_config.start(lifecycle);
        notification.start(lifecycle).await?;
        self.bus.open();
        Ok(())
    }

    async fn scim(&self) -> Result<rekey_scim::wiring::Built> {
        let me = Service::Scim;
        let deps = rekey_scim::wiring::Deps {
            database: self.database(&self.deployment.database.scim, "scim").await?,
            bus: self.bus(),
            authentication: self.client(me, Service::Authentication),
            tenant_config: self.client(me, Service::TenantConfig),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_scim::config::Config { void_leases_at_start: self.alone, ..rekey_scim::config::Config::default() },
        };
        Ok(rekey_scim::wiring::build(deps).await?)
    }

    async fn authentication(&self) -> Result<rekey_authentication::Built> {
        let me = Service::Authentication;
        let config = rekey_authentication::Config {
            keys: self.deployment.keys_dir().join(me.as_str()),
            make_missing_keys: self.alone,
            hashing: rekey_authentication::Hashing::default(),
        };
        let world = rekey_authentication::World {
            database: self.database(&self.deployment.database.authentication, "authentication").await?,
            bus: self.bus(),
            scim: self.client(me, Service::Scim),
            tenant_config: self.client(me, Service::TenantConfig),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            alone: self.alone,
        };
        Ok(rekey_authentication::build(&config, world).await?)
    }

    async fn tenant_config(&self) -> Result<rekey_tenant_config::wiring::Built> {
        let me = Service::TenantConfig;
        let deps = rekey_tenant_config::wiring::Deps {
            database: self.database(&self.deployment.database.tenant_config, "tenant_config").await?,
            bus: self.bus(),
            scim: self.client(me, Service::Scim),
            authentication: self.client(me, Service::Authentication),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_tenant_config::config::Config { defaults: governance(&self.deployment.identity_mgt), void_leases_at_start: self.alone },
        };
        Ok(rekey_tenant_config::wiring::build(deps).await?)
    }

    async fn notification(&self) -> Result<rekey_notification::wiring::Built> {
        let me = Service::Notification;
        let deps = rekey_notification::wiring::Deps {
            database: self.database(&self.deployment.database.notification, "notification").await?,
            bus: self.bus(),
            scim: self.client(me, Service::Scim),
            authentication: self.client(me, Service::Authentication),
            tenant_config: self.client(me, Service::TenantConfig),
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

    fn open_door(&self, listener: TcpListener, ground: &Ground, lifecycle: &Lifecycle) -> Result<()> {
        let me = Service::Gateway;
        let router = rekey_gateway::build(rekey_gateway::Deps {
            authentication: self.client(me, Service::Authentication),
            scim: self.client(me, Service::Scim),
            tenant_config: self.client(me, Service::TenantConfig),
            notification: self.client(me, Service::Notification),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            config: rekey_gateway::Config {
                base_path: self.deployment.server.base_path.clone(),
                mailbox: self.deployment.mailbox_dir().filter(|_| self.alone),
            },
        });
        let tls = rekey_gateway::tls_config(&ground.certificate()?, &ground.private_key()?)?;
        Ok(rekey_gateway::serve(listener, tls, router, lifecycle)?)
    }

    async fn database(&self, configured: &deployment::Database, name: &'static str) -> Result<Database, Failure> {
        let database = Database::open(&self.deployment.database_url(configured, name)).await?;
        let checked = database.clone();
        self.health.register(name, move || {
            let database = checked.clone();
            async move { database.ping().await }
        });
        Ok(database)
    }

    fn client(&self, from: Service, to: Service) -> Transport {
        self.hub.client(from, to)
    }

    fn bus(&self) -> Arc<dyn EventBus> {
        Arc::clone(&self.bus) as Arc<dyn EventBus>
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
