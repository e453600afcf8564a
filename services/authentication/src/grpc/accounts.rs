//! How scim changes accounts.

use rekey_kernel::Failure;
use rekey_proto::authentication::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::convert::{self, id, named};
use crate::app::Core;

pub(super) struct Handler(pub(super) Arc<Core>);

#[tonic::async_trait]
impl proto::account_changes_server::AccountChanges for Handler {
    async fn prepare(&self, request: Request<proto::PrepareRequest>) -> Result<Response<proto::PrepareResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let change = message.change.ok_or_else(|| to_status(Failure::invalid("invalidValue", "there is no change")))?;
        let (intent, tenant, user) = (id(&message.intent_id)?, id(&message.tenant_id)?, id(&message.user_id)?);
        let expiry = self.0.prepare(&caller, intent, tenant, user, convert::change(change)?).await.map_err(to_status)?;
        Ok(Response::new(proto::PrepareResponse { reset_expires_at: expiry.map_or(0, rekey_kernel::Timestamp::as_micros) }))
    }

    async fn apply(&self, request: Request<proto::ApplyRequest>) -> Result<Response<proto::ApplyResponse>, Status> {
        let message = request.into_inner();
        let applied = self.0.apply(id(&message.tenant_id)?, id(&message.intent_id)?).await.map_err(to_status)?;
        Ok(Response::new(convert::applied(&applied)))
    }

    async fn release(&self, request: Request<proto::ReleaseRequest>) -> Result<Response<proto::ReleaseResponse>, Status> {
        let message = request.into_inner();
        self.0.release(id(&message.tenant_id)?, id(&message.intent_id)?).await.map_err(to_status)?;
        Ok(Response::new(proto::ReleaseResponse {}))
    }

    async fn get_states(&self, request: Request<proto::GetStatesRequest>) -> Result<Response<proto::GetStatesResponse>, Status> {
        let message = request.into_inner();
        let users: Vec<_> = message.user_ids.iter().filter_map(|text| text.parse().ok()).collect();
        let states = self.0.states(id(&message.tenant_id)?, &users).await.map_err(to_status)?;
        Ok(Response::new(proto::GetStatesResponse { states: states.iter().map(convert::account_state).collect() }))
    }

    async fn read_offline_code(&self, request: Request<proto::ReadOfflineCodeRequest>) -> Result<Response<proto::ReadOfflineCodeResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let code = self.0.read_offline_code(&caller, id(&message.tenant_id)?, named(&message.user_id)?).await.map_err(to_status)?;
        Ok(Response::new(proto::ReadOfflineCodeResponse { code }))
    }
}
