//! The whole service: an event comes in by the bus, a mail goes out, an event tells of it.

use async_trait::async_trait;
use rekey_kernel::{Caller, ManualClock, Method, TenantId};
use rekey_messaging::{Event, EventBus, EventKind, Handler, MemoryBus, Outcome, Subscription};
use rekey_proto::notification::v1::{ListDeliveriesRequest, deliveries_client::DeliveriesClient};
use rekey_runtime::{
    database::Database,
    grpc::{InProcess, Service, with_caller},
    lifecycle::Lifecycle,
};
use rekey_testing::{Backend, TestDatabase};
use std::{fs, path::Path, sync::Arc};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tonic::Code;

use crate::{
    config::Config,
    testing::{START, Zeros, event, order, services},
    wiring::{Built, Deps, build},
};

struct Listener(UnboundedSender<Event>);

#[async_trait]
impl Handler for Listener {
    async fn handle(&self, event: &Event) -> Outcome {
        drop(self.0.send(event.clone()));
        Outcome::Done
    }
}

async fn outcomes(bus: &MemoryBus) -> UnboundedReceiver<Event> {
    let (sender, receiver) = unbounded_channel();
    let kinds = vec![EventKind::PasswordResetNotified, EventKind::PasswordResetUndeliverable];
    bus.subscribe(Subscription { durable: "test".into(), kinds, concurrency: 1 }, Arc::new(Listener(sender))).await.unwrap();
    receiver
}

fn config(folder: &Path) -> Config {
    Config {
        from_address: "noreply@example.com".into(),
        signature: "Example".into(),
        hostname: String::new(),
        port: 25,
        mailbox: Some(folder.join("mailbox")),
        public_base: "https://localhost:9443".into(),
        concurrency: 4,
        void_leases_at_start: true,
    }
}

async fn built(hub: &InProcess, bus: &Arc<MemoryBus>, place: &TestDatabase, config: Config) -> Result<Built, rekey_kernel::Failure> {
    let deps = Deps {
        database: Database::open(place.url()).await.unwrap(),
        bus: Arc::clone(bus) as _,
        scim: hub.client(Service::Notification, Service::Scim),
        authentication: hub.client(Service::Notification, Service::Authentication),
        tenant_config: hub.client(Service::Notification, Service::TenantConfig),
        clock: Arc::new(ManualClock::at(START)),
        random: Arc::new(Zeros),
        config,
    };
    build(deps).await
}

async fn an_event_becomes_a_mail_and_an_event(on: Backend) {
    let (folder, place) = (tempfile::tempdir().unwrap(), TestDatabase::new(on).await);
    let (hub, bus, lifecycle) = (InProcess::new(), Arc::new(MemoryBus::new()), Lifecycle::new());
    services::serve(&hub);
    let service = built(&hub, &bus, &place, config(folder.path())).await.unwrap();
    service.start(&lifecycle).await.unwrap();
    hub.serve(Service::Notification, service.routes.clone());
    let mut outcomes = outcomes(&bus).await;
    bus.open();
    bus.publish(&event(&order(&[Method::Link]))).await.unwrap();
    assert_eq!(outcomes.recv().await.unwrap().kind, EventKind::PasswordResetNotified);
    let reset = order(&[]).reset;
    let mail = fs::read_to_string(folder.path().join(format!("mailbox/reset-{reset}@example.com.eml"))).unwrap();
    assert!(mail.lines().any(|line| line == format!("https://localhost:9443/t/default/reset#{reset}.secret")), "{mail}");
    let mut deliveries = DeliveriesClient::new(hub.client(Service::Gateway, Service::Notification));
    let request = ListDeliveriesRequest { tenant_id: String::new(), reset_id: reset.to_string() };
    let listed = deliveries.list(with_caller(&Caller::system(TenantId::DEFAULT, "test"), request)).await.unwrap().into_inner().deliveries;
    assert_eq!((listed.len(), listed[0].state.as_str()), (1, "sent"));
    lifecycle.stop();
    lifecycle.run().await.unwrap();
}

async fn only_the_gateway_lists_deliveries(on: Backend) {
    let (folder, place) = (tempfile::tempdir().unwrap(), TestDatabase::new(on).await);
    let (hub, bus) = (InProcess::new(), Arc::new(MemoryBus::new()));
    hub.serve(Service::Notification, built(&hub, &bus, &place, config(folder.path())).await.unwrap().routes);
    let request = with_caller(&Caller::system(TenantId::DEFAULT, "scim"), ListDeliveriesRequest::default());
    let refused = DeliveriesClient::new(hub.client(Service::Scim, Service::Notification)).list(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

async fn without_a_way_out_it_does_not_start(on: Backend) {
    let (folder, place) = (tempfile::tempdir().unwrap(), TestDatabase::new(on).await);
    let (hub, bus) = (InProcess::new(), Arc::new(MemoryBus::new()));
    let no_server = Config { mailbox: None, ..config(folder.path()) };
    let refused = built(&hub, &bus, &place, no_server).await.err().unwrap();
    assert!(refused.detail.contains("output_adapter.email.hostname"));
    let no_sender = Config { from_address: "nobody".into(), ..config(folder.path()) };
    assert!(built(&hub, &bus, &place, no_sender).await.err().unwrap().detail.contains("from_address"));
}

rekey_testing::on_both_databases![an_event_becomes_a_mail_and_an_event, only_the_gateway_lists_deliveries, without_a_way_out_it_does_not_start];
