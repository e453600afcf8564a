//! The service's face to the others: translation only.

mod deliveries;

use rekey_proto::notification::v1::deliveries_server::DeliveriesServer;
use rekey_runtime::grpc::{Rule, Service, guard};
use std::sync::Arc;
use tonic::service::Routes;

use crate::app::deliveries::Deliveries;

/// Who may call what.
pub const RULES: &[Rule] = &[Rule { method: "/rekey.notification.v1.Deliveries/List", callers: &[Service::Gateway] }];

/// Every handler behind the allow list.
pub fn routes(deliveries: Arc<Deliveries>) -> Routes {
    guard(Routes::new(DeliveriesServer::new(deliveries::Handler(deliveries))), RULES)
}
