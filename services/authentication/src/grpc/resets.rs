//! The life of resets.

use rekey_kernel::{Secret, UserId};
use rekey_proto::authentication::v1 as proto;
use rekey_runtime::grpc::{caller, to_status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::convert::{self, id, named};
use crate::{
    app::{Core, List},
    domain::Reset,
};

pub(super) struct Handler(pub(super) Arc<Core>);

fn answer((reset, user_name): (Reset, String)) -> Response<proto::Reset> {
    Response::new(convert::reset(&reset, &user_name))
}

fn exposed(secret: Option<Secret>) -> String {
    secret.map(|secret| secret.expose().to_owned()).unwrap_or_default()
}

#[tonic::async_trait]
impl proto::password_resets_server::PasswordResets for Handler {
    async fn validate(&self, request: Request<proto::ValidateRequest>) -> Result<Response<proto::ValidateResponse>, Status> {
        let message = request.into_inner();
        let proof = convert::validate_proof(message.proof);
        let invitation = self.0.validate(id(&message.tenant_id)?, &proof).await.map_err(to_status)?;
        Ok(Response::new(proto::ValidateResponse {
            user_name: invitation.user_name,
            expires_at: invitation.expires_at.as_micros(),
            policy: Some(convert::policy(invitation.policy)),
        }))
    }

    async fn complete(&self, request: Request<proto::CompleteRequest>) -> Result<Response<proto::CompleteResponse>, Status> {
        let message = request.into_inner();
        let (proof, password) = (convert::complete_proof(message.proof), Secret::new(message.password));
        let user = self.0.complete(id(&message.tenant_id)?, &proof, &password, &message.source_address).await.map_err(to_status)?;
        Ok(Response::new(proto::CompleteResponse { user_id: user.to_string() }))
    }

    async fn list(&self, request: Request<proto::ListRequest>) -> Result<Response<proto::ListResponse>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let user = if message.user_id.is_empty() { None } else { Some(id::<UserId>(&message.user_id)?) };
        let state = convert::state_named(message.state);
        let list = List { tenant: id(&message.tenant_id)?, user, state, limit: message.limit, cursor: message.cursor };
        let page = self.0.list(&caller, &list).await.map_err(to_status)?;
        let resets = page.resets.iter().map(|(reset, name)| convert::reset(reset, name)).collect();
        Ok(Response::new(proto::ListResponse { resets, next: page.next }))
    }

    async fn get(&self, request: Request<proto::GetRequest>) -> Result<Response<proto::Reset>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        self.0.get(&caller, id(&message.tenant_id)?, named(&message.reset_id)?).await.map(answer).map_err(to_status)
    }

    async fn cancel(&self, request: Request<proto::CancelRequest>) -> Result<Response<proto::Reset>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        self.0.cancel(&caller, id(&message.tenant_id)?, named(&message.reset_id)?).await.map(answer).map_err(to_status)
    }

    async fn extend(&self, request: Request<proto::ExtendRequest>) -> Result<Response<proto::Reset>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let until = convert::time(message.expires_at);
        self.0.extend(&caller, id(&message.tenant_id)?, named(&message.reset_id)?, until).await.map(answer).map_err(to_status)
    }

    async fn check_resend(&self, request: Request<proto::CheckResendRequest>) -> Result<Response<proto::Reset>, Status> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        self.0.check_resend(&caller, id(&message.tenant_id)?, named(&message.reset_id)?).await.map(answer).map_err(to_status)
    }

    async fn reveal(&self, request: Request<proto::RevealRequest>) -> Result<Response<proto::RevealResponse>, Status> {
        let message = request.into_inner();
        let revealed = self.0.reveal(id(&message.tenant_id)?, named(&message.reset_id)?).await.map_err(to_status)?;
        Ok(Response::new(proto::RevealResponse {
            state: convert::state(&revealed.reset),
            user_id: revealed.reset.user.to_string(),
            user_name: revealed.user_name,
            epoch: revealed.reset.epoch,
            methods: revealed.reset.methods.numbers(),
            token: exposed(revealed.token),
            code: exposed(revealed.code),
            expires_at: revealed.reset.expires_at.as_micros(),
        }))
    }
}
