//! One service as a process of its own, over PostgreSQL and NATS JetStream.

use anyhow::{Context, Result, anyhow, bail};
use rekey_kernel::{Failure, Kind};
use rekey_runtime::{
    config::Deployment,
    files,
    grpc::{self, Identity, InProcess, Service},
    lifecycle::Lifecycle,
};
use std::{
    future::Future,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{select, time::sleep};
use tonic::service::Routes;

use crate::{
    buses::Buses,
    first_start::FirstStart,
    ground::{HttpsFiles, refuse_default_password},
    works::{Links, Works, listen},
};

/// How long to wait before what was not there is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs one service until it is told to stop. What it depends on may come later: it waits, and says in `/readyz` for what.
pub(crate) async fn run(service: Service, deployment: Deployment) -> Result<()> {
    refuse_defaults(service, &deployment)?;
    // Where its database is, unless that is configured elsewhere.
    files::private_folder(&deployment.server.data_dir)?;
    let identity = Identity::load(&deployment.keys_dir().join(service.as_str()))?;
    let lifecycle = Lifecycle::new();
    let buses = Buses::new(lifecycle.draining().clone());
    let works = Works::new(&deployment, Links::Remote(Box::new(identity.clone())), buses, false);
    let started = announce(&works, service, &lifecycle).await?;
    let part = Part { service, works: &works, identity: &identity, lifecycle: &lifecycle };
    part.start().await.with_context(|| service.as_str())?;
    started.store(true, Ordering::Relaxed);
    tracing::info!(%service, "serving");
    let ended = lifecycle.run().await;
    works.buses.drained().await;
    ended.map_err(|task| anyhow!("the task `{task}` ended before its time"))
}

fn refuse_defaults(service: Service, deployment: &Deployment) -> Result<()> {
    if deployment.bus.url == "memory:" && service != Service::Gateway {
        bail!("`bus.url` is \"memory:\", which joins the services of one process: set it to a NATS server, as in \"tls://nats:4222\"");
    }
    match service {
        // scim makes the first administrator.
        Service::Scim => refuse_default_password(deployment),
        Service::Gateway => HttpsFiles::find(deployment, false).map(drop),
        _ => Ok(()),
    }
}

/// Serves health from the first moment on, red until the service is there.
async fn announce(works: &Works<'_>, service: Service, lifecycle: &Lifecycle) -> Result<Arc<AtomicBool>> {
    let started = works.health.register_gate("service", "starting");
    works.health.clone().serve(admin_listen(works.deployment, service), lifecycle).await?;
    Ok(started)
}

fn admin_listen(deployment: &Deployment, service: Service) -> SocketAddr {
    let services = &deployment.services;
    match service {
        Service::Gateway => services.gateway.admin_listen.unwrap_or(deployment.admin.listen),
        Service::Scim => services.scim.admin_listen,
        Service::Authentication => services.authentication.admin_listen,
        Service::TenantConfig => services.tenant_config.admin_listen,
        Service::Notification => services.notification.admin_listen,
    }
}

struct Part<'a> {
    service: Service,
    works: &'a Works<'a>,
    identity: &'a Identity,
    lifecycle: &'a Lifecycle,
}

impl Part<'_> {
    async fn start(&self) -> Result<()> {
        match self.service {
            Service::Gateway => self.gateway(),
            Service::Scim => self.scim().await,
            Service::Authentication => self.authentication().await,
            Service::TenantConfig => self.tenant_config().await,
            Service::Notification => self.notification().await,
        }
    }

    fn gateway(&self) -> Result<()> {
        let https = HttpsFiles::find(self.works.deployment, false)?;
        self.needs(&[Service::Scim, Service::Authentication, Service::TenantConfig]);
        self.works.open_door(listen(self.works.deployment)?, &https, self.lifecycle)
    }

    async fn scim(&self) -> Result<()> {
        let scim = patiently(|| self.works.scim()).await?;
        self.serve(self.works.deployment.services.scim.listen, scim.routes.clone())?;
        scim.start(self.lifecycle).await?;
        self.needs(&[Service::Authentication, Service::TenantConfig]);
        self.needs_bus();
        self.make_first_administrator(scim.routes.clone());
        Ok(())
    }

    async fn authentication(&self) -> Result<()> {
        // Login needs nothing but the database: neither the bus nor another service makes it unready.
        let authentication = patiently(|| self.works.authentication()).await?;
        self.serve(self.works.deployment.services.authentication.listen, authentication.routes.clone())?;
        Ok(authentication.start(self.lifecycle).await?)
    }

    async fn tenant_config(&self) -> Result<()> {
        let tenant_config = patiently(|| self.works.tenant_config()).await?;
        self.serve(self.works.deployment.services.tenant_config.listen, tenant_config.routes.clone())?;
        tenant_config.start(self.lifecycle);
        Ok(())
    }

    async fn notification(&self) -> Result<()> {
        let notification = patiently(|| self.works.notification()).await?;
        self.serve(self.works.deployment.services.notification.listen, notification.routes.clone())?;
        notification.start(self.lifecycle).await?;
        self.needs(&[Service::Scim, Service::Authentication, Service::TenantConfig]);
        self.needs_bus();
        Ok(())
    }

    fn serve(&self, listen: SocketAddr, routes: Routes) -> Result<()> {
        Ok(grpc::serve(listen, routes, self.identity, self.lifecycle)?)
    }

    /// Not ready while one of these cannot be reached.
    fn needs(&self, services: &[Service]) {
        for service in services {
            if let Ok(endpoint) = self.works.endpoint(*service) {
                self.works.health.register(service.as_str(), move || grpc::reachable(endpoint.clone()));
            }
        }
    }

    /// Not ready while the bus is not there, or not as it should be.
    fn needs_bus(&self) {
        let buses = self.works.buses.connections();
        self.works.health.register("bus", move || {
            let buses = buses.clone();
            async move {
                for bus in buses {
                    bus.ready().await.map_err(|error| Failure::unavailable(error.to_string()))?;
                }
                Ok(())
            }
        });
    }

    /// Goes on until there is one: authentication and tenant-config may come later.
    fn make_first_administrator(&self, routes: Routes) {
        let hub = InProcess::new();
        hub.serve(Service::Scim, routes);
        let deployment = self.works.deployment.clone();
        let mut first_start = FirstStart::new(hub.client(Service::Gateway, Service::Scim), &deployment);
        let draining = self.lifecycle.draining().clone();
        let there = self.works.health.register_gate("administrator", "there is no administrator yet");
        tokio::spawn(async move {
            while let Err(error) = first_start.run(&deployment, false).await {
                tracing::info!(error = format!("{error:#}"), "there is no administrator yet");
                select! {
                    () = draining.cancelled() => return,
                    () = sleep(PAUSE) => {}
                }
            }
            there.store(true, Ordering::Relaxed);
        });
    }
}

/// Again and again while what it depends on is not there; any other failure ends the process.
async fn patiently<T, R: Future<Output = Result<T>>>(build: impl Fn() -> R) -> Result<T> {
    loop {
        match build().await {
            Err(error) if is_transient(&error) => tracing::warn!(error = format!("{error:#}"), "waiting"),
            outcome => return outcome,
        }
        sleep(PAUSE).await;
    }
}

fn is_transient(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Failure>().is_some_and(|failure| failure.is(Kind::Unavailable))
}
