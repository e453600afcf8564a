//! `rekey.notification.v1.Deliveries`

use rekey_kernel::{Failure, ResetId, Timestamp};
use rekey_proto::notification::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use crate::{app::deliveries::Deliveries, domain::job::Delivery};

pub(super) struct Handler(pub(super) Arc<Deliveries>);

#[tonic::async_trait]
impl proto::deliveries_server::Deliveries for Handler {
    async fn list(&self, request: Request<proto::ListDeliveriesRequest>) -> Result<Response<proto::ListDeliveriesResponse>, Status> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        within(&caller, &asked.tenant_id).map_err(to_status)?;
        let reset = reset_id(&asked.reset_id).map_err(to_status)?;
        let deliveries = self.0.list(&caller, reset).await.map_err(to_status)?;
        Ok(Response::new(proto::ListDeliveriesResponse { deliveries: deliveries.into_iter().map(Into::into).collect() }))
    }
}

fn within(caller: &rekey_kernel::Caller, tenant: &str) -> Result<(), Failure> {
    if tenant.is_empty() {
        return Ok(());
    }
    caller.within(tenant.parse().map_err(|_| Failure::invalid("invalidValue", "a tenant id is expected"))?)
}

fn reset_id(text: &str) -> Result<Option<ResetId>, Failure> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Failure::invalid("invalidValue", "a reset id is expected"))
}

impl From<Delivery> for proto::Delivery {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            reset_id: delivery.reset.to_string(),
            kind: delivery.kind.as_str().to_owned(),
            state: delivery.state.as_str().to_owned(),
            detail: delivery.detail,
            message_id: delivery.message_id,
            created_at: delivery.created_at.as_micros(),
            finished_at: delivery.finished_at.map_or(0, Timestamp::as_micros),
            attempts: delivery.attempts,
        }
    }
}
