//! Notification.

use rekey_proto::notification::v1 as notification;
use tonic::{Request, Response};

use super::{Answer, House};

#[tonic::async_trait]
impl notification::deliveries_server::Deliveries for House {
    async fn list(&self, _request: Request<notification::ListDeliveriesRequest>) -> Answer<notification::ListDeliveriesResponse> {
        let sent = notification::Delivery { state: "sent".into(), ..notification::Delivery::default() };
        Ok(Response::new(notification::ListDeliveriesResponse { deliveries: vec![sent] }))
    }
}
