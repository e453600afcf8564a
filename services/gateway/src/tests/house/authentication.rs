//! Authentication.

use rekey_kernel::{Failure, Kind, Violation};
use rekey_proto::authentication::v1::{self as auth, login_response::Result as LoggedIn};
use rekey_runtime::grpc::{caller, to_status};
use tonic::{Request, Response};

use super::{ALICE, Answer, House, fail, is_default};

#[tonic::async_trait]
impl auth::authentication_server::Authentication for House {
    async fn login(&self, request: Request<auth::LoginRequest>) -> Answer<auth::LoginResponse> {
        let asked = request.into_inner();
        self.note(format!("login {}", asked.tenant_id));
        let opened = |token: &str| auth::OpenedSession { token: token.into(), expires_at: 1 };
        let result = match (is_default(&asked.tenant_id), asked.password.as_str()) {
            (true, "admin") => LoggedIn::Authenticated(opened("good")),
            (true, "ABCD1234") => LoggedIn::PasswordResetRequired(opened("only-for-a-password")),
            (true, "busy") => return fail(Failure::unavailable("busy")),
            (true, _) => return fail(Failure::unauthenticated("login_failed", "no")),
            (false, _) => return fail(Failure::not_found("no such tenant")),
        };
        Ok(Response::new(auth::LoginResponse { result: Some(result), user_id: ALICE.into() }))
    }

    async fn verify_password(&self, request: Request<auth::VerifyPasswordRequest>) -> Answer<auth::Identity> {
        let asked = request.into_inner();
        self.note(format!("verify_password {}", asked.tenant_id));
        if asked.password != "admin" || asked.tenant_id.starts_with("ffff") {
            return fail(Failure::unauthenticated("login_failed", "no"));
        }
        Ok(Response::new(self.identity(&asked.user_name, 0)))
    }

    async fn verify_session(&self, request: Request<auth::VerifySessionRequest>) -> Answer<auth::Identity> {
        let asked = request.into_inner();
        self.note("verify_session");
        if asked.token != "good" || !is_default(&asked.tenant_id) {
            return fail(Failure::unauthenticated("login_failed", "no"));
        }
        Ok(Response::new(self.identity("admin", 1_795_000_000_000_000)))
    }

    async fn logout(&self, request: Request<auth::LogoutRequest>) -> Answer<auth::LogoutResponse> {
        self.note(format!("logout {}", request.into_inner().token));
        Ok(Response::new(auth::LogoutResponse {}))
    }
}

fn judge(token: &str) -> Result<(), Failure> {
    match token {
        "good" => Ok(()),
        "used" => Err(Failure::gone("used")),
        _ => Err(Failure::new(Kind::NotFound, "invalid_token", "no")),
    }
}

#[tonic::async_trait]
impl auth::password_resets_server::PasswordResets for House {
    async fn validate(&self, request: Request<auth::ValidateRequest>) -> Answer<auth::ValidateResponse> {
        self.note("validate");
        if let Some(auth::validate_request::Proof::Token(token)) = request.into_inner().proof {
            judge(&token).map_err(to_status)?;
        }
        let policy = Some(auth::PasswordPolicy { min_length: 15, max_length: 128, history: 5 });
        Ok(Response::new(auth::ValidateResponse { user_name: "alice".into(), expires_at: 1, policy }))
    }

    async fn complete(&self, request: Request<auth::CompleteRequest>) -> Answer<auth::CompleteResponse> {
        self.note("complete");
        let asked = request.into_inner();
        match asked.proof {
            Some(auth::complete_request::Proof::Token(token)) => judge(&token).map_err(to_status)?,
            Some(auth::complete_request::Proof::ResetSession(session)) if session == "only-for-a-password" => {}
            _ => return fail(Failure::unauthenticated("login_failed", "no")),
        }
        if asked.password.len() < 15 {
            let because = |reason: &str| Violation { reason: reason.into(), detail: format!("it is {reason}") };
            return fail(Failure::unprocessable("password_policy", "refused", vec![because("too_short"), because("well_known")]));
        }
        Ok(Response::new(auth::CompleteResponse { user_id: ALICE.into() }))
    }

    async fn list(&self, request: Request<auth::ListRequest>) -> Answer<auth::ListResponse> {
        caller(&request)?;
        let asked = request.into_inner();
        self.note(format!("resets.list state={} limit={} cursor={}", asked.state, asked.limit, asked.cursor));
        let fits = |state: &auth::ResetState| asked.state == 0 || asked.state == i32::from(*state);
        let resets = self.read(|state| state.reset).filter(fits).map(Self::reset).into_iter().collect();
        Ok(Response::new(auth::ListResponse { resets, next: String::new() }))
    }

    async fn get(&self, request: Request<auth::GetRequest>) -> Answer<auth::Reset> {
        caller(&request)?;
        self.note("resets.get");
        Ok(Response::new(Self::reset(auth::ResetState::Pending)))
    }

    async fn cancel(&self, _request: Request<auth::CancelRequest>) -> Answer<auth::Reset> {
        self.note("resets.cancel");
        fail(Failure::conflict("reset_ended", "the reset has ended"))
    }

    async fn extend(&self, request: Request<auth::ExtendRequest>) -> Answer<auth::Reset> {
        self.note(format!("resets.extend {}", request.into_inner().expires_at));
        Ok(Response::new(Self::reset(auth::ResetState::Pending)))
    }

    async fn check_resend(&self, _request: Request<auth::CheckResendRequest>) -> Answer<auth::Reset> {
        fail(Failure::forbidden("not for the gateway"))
    }

    async fn reveal(&self, _request: Request<auth::RevealRequest>) -> Answer<auth::RevealResponse> {
        fail(Failure::forbidden("not for the gateway"))
    }
}
