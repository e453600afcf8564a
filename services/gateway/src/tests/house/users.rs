//! Scim.

use prost::bytes::Bytes;
use rekey_kernel::Failure;
use rekey_proto::scim::v1 as scim;
use rekey_runtime::grpc::caller;
use tonic::{Request, Response};

use super::{Answer, House, RESET, asked_to_fail, fail};

/// A query as the tests read it: `filter;start;count;sort;order;cursor;attributes;excluded`, what is absent as `-`.
pub(super) fn in_words(asked: &scim::ListRequest) -> String {
    let view = asked.view.clone().unwrap_or_default();
    let number = |value: Option<i64>| value.map_or("-".to_owned(), |value| value.to_string());
    let text = |value: &str| if value.is_empty() { "-".to_owned() } else { value.to_owned() };
    let cursor = asked.cursor.as_ref().map_or("-".to_owned(), |cursor| format!("<{cursor}>"));
    let (attributes, excluded) = (text(&view.attributes.join("+")), text(&view.excluded_attributes.join("+")));
    let words =
        [text(&asked.filter), number(asked.start_index), number(asked.count), text(&asked.sort_by), text(&asked.sort_order), cursor, attributes, excluded];
    words.join(";")
}

#[tonic::async_trait]
impl scim::users_server::Users for House {
    async fn create(&self, request: Request<scim::CreateRequest>) -> Answer<scim::Resource> {
        self.note(format!("users.create base={}", request.into_inner().view.unwrap_or_default().base));
        Ok(Response::new(self.resource("")))
    }

    async fn get(&self, request: Request<scim::GetRequest>) -> Answer<scim::Resource> {
        caller(&request)?;
        let asked = request.into_inner();
        if let Some(failure) = asked_to_fail(&asked.id) {
            return fail(failure);
        }
        let view = asked.view.unwrap_or_default();
        let code = view.attributes.iter().any(|it| it.ends_with("oneTimePassword"));
        let what = if code { " code" } else { "" };
        self.note(format!("users.get{what} me={}", asked.me));
        Ok(Response::new(self.resource(if code { r#","oneTimePassword":"ABCD-EFGH-JKMNP""# } else { "" })))
    }

    async fn replace(&self, request: Request<scim::ReplaceRequest>) -> Answer<scim::Resource> {
        let asked = request.into_inner();
        self.note(format!("users.replace if_match={} me={} if_none_match={}", asked.if_match, asked.me, asked.if_none_match));
        Ok(Response::new(self.resource("")))
    }

    async fn patch(&self, request: Request<scim::PatchRequest>) -> Answer<scim::Resource> {
        let asked = request.into_inner();
        let json = String::from_utf8(asked.json.to_vec()).unwrap();
        self.note(format!("users.patch {json} if_match={} me={} if_none_match={}", asked.if_match, asked.me, asked.if_none_match));
        if json.contains("no way") {
            return fail(Failure::invalid("invalidValue", "no reset method is enabled"));
        }
        Ok(Response::new(self.resource("")))
    }

    async fn delete(&self, request: Request<scim::DeleteRequest>) -> Answer<scim::DeleteResponse> {
        let asked = request.into_inner();
        self.note(format!("users.delete if_match={} if_none_match={}", asked.if_match, asked.if_none_match));
        Ok(Response::new(scim::DeleteResponse {}))
    }

    async fn list(&self, request: Request<scim::ListRequest>) -> Answer<scim::ListResponse> {
        let asked = request.into_inner();
        self.note(format!("users.list {}", in_words(&asked)));
        let one = String::from_utf8(self.resource("").json.to_vec()).unwrap();
        let total = self.read(|state| state.users).max(1);
        Ok(Response::new(scim::ListResponse { json: Bytes::from(format!(r#"{{"totalResults":{total},"Resources":[{one}]}}"#)) }))
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
