//! Scim's groups, queries of everything, and many operations at once.

use prost::bytes::Bytes;
use rekey_kernel::{Failure, Kind};
use rekey_proto::scim::v1 as scim;
use rekey_runtime::grpc::caller;
use tonic::{Request, Response};

use super::{Answer, House, asked_to_fail, fail, users::in_words};

/// A group that is too large to be shown after a change.
pub(in crate::tests) const LARGE: &str = "01900000-0000-7000-8000-0000000000f2";
pub(in crate::tests) const STAFF: &str = "01900000-0000-7000-8000-0000000000f1";

fn group() -> Response<scim::Resource> {
    let json = format!(r#"{{"id":"{STAFF}","displayName":"Staff"}}"#);
    Response::new(scim::Resource { id: STAFF.into(), version: "W/\"7\"".into(), location: format!("https://x/Groups/{STAFF}"), json: Bytes::from(json) })
}

fn list(total: usize) -> Response<scim::ListResponse> {
    Response::new(scim::ListResponse { json: Bytes::from(format!(r#"{{"totalResults":{total},"Resources":[]}}"#)) })
}

#[tonic::async_trait]
impl scim::groups_server::Groups for House {
    async fn create(&self, request: Request<scim::CreateRequest>) -> Answer<scim::Resource> {
        let by = caller(&request)?;
        self.note(format!("groups.create by={} base={}", by.name, request.into_inner().view.unwrap_or_default().base));
        Ok(group())
    }

    async fn get(&self, request: Request<scim::GetRequest>) -> Answer<scim::Resource> {
        let asked = request.into_inner();
        if let Some(failure) = asked_to_fail(&asked.id) {
            return fail(failure);
        }
        let view = asked.view.unwrap_or_default();
        self.note(format!("groups.get {} without={}", asked.id, view.excluded_attributes.join("+")));
        Ok(group())
    }

    async fn replace(&self, request: Request<scim::ReplaceRequest>) -> Answer<scim::Resource> {
        let asked = request.into_inner();
        self.note(format!("groups.replace {} if_match={} if_none_match={}", asked.id, asked.if_match, asked.if_none_match));
        Ok(group())
    }

    async fn patch(&self, request: Request<scim::PatchRequest>) -> Answer<scim::Resource> {
        let asked = request.into_inner();
        self.note(format!("groups.patch {} if_match={} if_none_match={}", asked.id, asked.if_match, asked.if_none_match));
        if asked.id == LARGE {
            return Ok(Response::new(scim::Resource { json: Bytes::new(), ..group().into_inner() }));
        }
        Ok(group())
    }

    async fn delete(&self, request: Request<scim::DeleteRequest>) -> Answer<scim::DeleteResponse> {
        let asked = request.into_inner();
        self.note(format!("groups.delete {} if_match={} if_none_match={}", asked.id, asked.if_match, asked.if_none_match));
        Ok(Response::new(scim::DeleteResponse {}))
    }

    async fn list(&self, request: Request<scim::ListRequest>) -> Answer<scim::ListResponse> {
        self.note(format!("groups.list {}", in_words(&request.into_inner())));
        Ok(list(1))
    }
}

#[tonic::async_trait]
impl scim::search_server::Search for House {
    async fn run(&self, request: Request<scim::ListRequest>) -> Answer<scim::ListResponse> {
        caller(&request)?;
        let asked = request.into_inner();
        self.note(format!("search.run {}", in_words(&asked)));
        match asked.cursor.as_deref() {
            Some("stale") => fail(Failure::invalid("expiredCursor", "begin again")),
            Some("forged") => fail(Failure::invalid("invalidCursor", "begin again")),
            _ => Ok(list(2)),
        }
    }
}

#[tonic::async_trait]
impl scim::bulk_server::Bulk for House {
    /// Tells how long it was given.
    async fn run(&self, request: Request<scim::BulkRequest>) -> Answer<scim::BulkResponse> {
        let by = caller(&request)?;
        let time = request.metadata().get("grpc-timeout").map_or("", |value| value.to_str().unwrap()).to_owned();
        let asked = request.into_inner();
        self.note(format!("bulk.run by={} base={} bytes={} time={time}", by.name, asked.base, asked.json.len()));
        if asked.json.starts_with(b"[") {
            return fail(Failure::new(Kind::TooLarge, "too_many_operations", "at most 1000 operations go into one request"));
        }
        Ok(Response::new(scim::BulkResponse { json: Bytes::from_static(br#"{"Operations":[]}"#) }))
    }
}
