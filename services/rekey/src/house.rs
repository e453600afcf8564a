//! All services in one process, joined by their generated clients.

use crate::{
    buses::Buses,
    first_start::FirstStart,
    ground::{self, Ground},
    works::{Links, Works, listen},
};
use anyhow::{Context, Result, anyhow};
use rekey_runtime::{
    config::Deployment,
    grpc::{InProcess, Service},
    lifecycle::Lifecycle,
};

/// Builds the house, opens its door, greets, and stays until it is told to stop.
pub(crate) async fn run(deployment: Deployment) -> Result<()> {
    let ground = Ground::prepare(&deployment)?;
    let listener = listen(&deployment)?;
    let lifecycle = Lifecycle::new();
    let hub = InProcess::new();
    let buses = Buses::new(lifecycle.draining().clone());
    let works = Works::new(&deployment, Links::InProcess(hub.clone()), buses, ground::is_default(&deployment));
    start_services(&works, &hub, &lifecycle).await?;
    works.buses.open();
    let mut first_start = FirstStart::new(hub.client(Service::Gateway, Service::Scim), &deployment);
    let first = first_start.run(&deployment, ground::is_default(&deployment)).await?;
    works.open_door(listener, &ground.https, &lifecycle)?;
    works.health.clone().serve(deployment.admin.listen, &lifecycle).await?;
    println!("{}", first_start.greeting(&deployment, first).await?);
    let ended = lifecycle.run().await;
    works.buses.drained().await;
    ended.map_err(|task| anyhow!("the task `{task}` ended before its time"))
}

async fn start_services(works: &Works<'_>, hub: &InProcess, lifecycle: &Lifecycle) -> Result<()> {
    let scim = works.scim().await.context("scim")?;
    let authentication = works.authentication().await.context("authentication")?;
    let tenant_config = works.tenant_config().await.context("tenant-config")?;
    let notification = works.notification().await.context("notification")?;
    hub.serve(Service::Scim, scim.routes.clone());
    hub.serve(Service::Authentication, authentication.routes.clone());
    hub.serve(Service::TenantConfig, tenant_config.routes.clone());
    hub.serve(Service::Notification, notification.routes.clone());
    scim.start(lifecycle).await?;
    authentication.start(lifecycle).await?;
    tenant_config.start(lifecycle);
    notification.start(lifecycle).await?;
    Ok(())
}
