//! Scim.

use prost::bytes::Bytes;
use rekey_kernel::Failure;
use rekey_proto::scim::v1 as scim;
use rekey_runtime::grpc::caller;
use tonic::{Request, Response};

use super::{Answer, House, RESET, asked_to_fail, fail};

#[tonic::async_trait]
impl scim::users_server::Users for House {
    async fn create(&self, request: Request<scim::CreateUserRequest>) -> Answer<scim::UserResource> {
        self.note(format!("users.create base={}", request.into_inner().view.unwrap_or_default().base));
        Ok(Response::new(self.resource("")))
    }

    async fn get(&self, request: Request<scim::GetUserRequest>) -> Answer<scim::UserResource> {
        caller(&request)?;
        let asked = request.into_inner();
        if let Some(failure) = asked_to_fail(&asked.id) {
            return fail(failure);
        }
        let view = asked.view.unwrap_or_default();
        let code = view.attributes.iter().any(|it| it.ends_with("oneTimePassword"));
        self.note(if code { "users.get code" } else { "users.get" });
        Ok(Response::new(self.resource(if code { r#","oneTimePassword":"ABCD-EFGH-JKMNP""# } else { "" })))
    }

    async fn replace(&self, request: Request<scim::ReplaceUserRequest>) -> Answer<scim::UserResource> {
        self.note(format!("users.replace if_match={}", request.into_inner().if_match));
        Ok(Response::new(self.resource("")))
    }

    async fn patch(&self, request: Request<scim::PatchUserRequest>) -> Answer<scim::UserResource> {
        let asked = request.into_inner();
        let json = String::from_utf8(asked.json.to_vec()).unwrap();
        self.note(format!("users.patch {json}"));
        if json.contains("no way") {
            return fail(Failure::invalid("invalidValue", "no reset method is enabled"));
        }
        Ok(Response::new(self.resource("")))
    }

    async fn delete(&self, _request: Request<scim::DeleteUserRequest>) -> Answer<scim::DeleteUserResponse> {
        self.note("users.delete");
        Ok(Response::new(scim::DeleteUserResponse {}))
    }

    async fn list(&self, request: Request<scim::ListUsersRequest>) -> Answer<scim::ListUsersResponse> {
        let asked = request.into_inner();
        self.note(format!("users.list {} {:?} {:?}", asked.filter, asked.start_index, asked.count));
        let one = String::from_utf8(self.resource("").json.to_vec()).unwrap();
        Ok(Response::new(scim::ListUsersResponse { json: Bytes::from(format!(r#"{{"totalResults":1,"Resources":[{one}]}}"#)) }))
    }

    async fn resend(&self, _request: Request<scim::ResendRequest>) -> Answer<scim::ResendResponse> {
        self.note("users.resend");
        Ok(Response::new(scim::ResendResponse { reset_id: RESET.into() }))
    }
}

#[tonic::async_trait]
impl scim::discovery_server::Discovery for House {
    async fn get(&self, request: Request<scim::GetDiscoveryRequest>) -> Answer<scim::GetDiscoveryResponse> {
        let asked = request.into_inner();
        self.note(format!("discovery {} {}", asked.document, asked.base));
        Ok(Response::new(scim::GetDiscoveryResponse { json: Bytes::from_static(b"{}") }))
    }
}
