//! Logging in, for the gateway.

use rekey_kernel::{Failure, Kind, Secret};
use rekey_proto::authentication::v1::{self as proto, login_response::Result as LoginResult};
use rekey_runtime::grpc::to_status;
use std::sync::Arc;
use tonic::{Request, Response, Status};

use super::convert::{self, id};
use crate::app::{Attempt, Core, LoggedIn};

/// Counts a login, the same way for whatever reason it failed.
fn counted<T>(kind: &'static str, login: Result<T, Failure>, outcome: impl FnOnce(&T) -> &'static str) -> Result<T, Failure> {
    let result = match &login {
        Ok(done) => outcome(done),
        Err(failure) if failure.is(Kind::Unauthenticated) => "failed",
        Err(_) => "unavailable",
    };
    metrics::counter!("rekey_logins_total", "kind" => kind, "result" => result).increment(1);
    login
}

const fn outcome(login: &LoggedIn) -> &'static str {
    match login {
        LoggedIn::Authenticated(..) => "authenticated",
        LoggedIn::ResetRequired(..) => "password_reset_required",
    }
}

pub(super) struct Handler(pub(super) Arc<Core>);

#[tonic::async_trait]
impl proto::authentication_server::Authentication for Handler {
    async fn login(&self, request: Request<proto::LoginRequest>) -> Result<Response<proto::LoginResponse>, Status> {
        let message = request.into_inner();
        let (tenant, password) = (id(&message.tenant_id)?, Secret::new(message.password));
        let attempt = Attempt { tenant, user_name: message.user_name, password, source: message.source_address };
        let (user, result) = match counted("form", self.0.login(&attempt).await, outcome).map_err(to_status)? {
            LoggedIn::Authenticated(user, opened) => (user, LoginResult::Authenticated(convert::opened(&opened))),
            LoggedIn::ResetRequired(user, opened) => (user, LoginResult::PasswordResetRequired(convert::opened(&opened))),
        };
        Ok(Response::new(proto::LoginResponse { result: Some(result), user_id: user.to_string() }))
    }

    async fn verify_password(&self, request: Request<proto::VerifyPasswordRequest>) -> Result<Response<proto::Identity>, Status> {
        let message = request.into_inner();
        let (tenant, password) = (id(&message.tenant_id)?, Secret::new(message.password));
        let attempt = Attempt { tenant, user_name: message.user_name, password, source: message.source_address };
        let identity = counted("basic", self.0.verify_password(&attempt).await, |_| "authenticated").map_err(to_status)?;
        Ok(Response::new(convert::identity(&identity)))
    }

    async fn verify_session(&self, request: Request<proto::VerifySessionRequest>) -> Result<Response<proto::Identity>, Status> {
        let message = request.into_inner();
        let identity = self.0.verify_session(id(&message.tenant_id)?, &Secret::new(message.token)).await.map_err(to_status)?;
        Ok(Response::new(convert::identity(&identity)))
    }

    async fn logout(&self, request: Request<proto::LogoutRequest>) -> Result<Response<proto::LogoutResponse>, Status> {
        let message = request.into_inner();
        self.0.logout(id(&message.tenant_id)?, &Secret::new(message.token)).await.map_err(to_status)?;
        Ok(Response::new(proto::LogoutResponse {}))
    }
}
