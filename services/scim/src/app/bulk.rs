//! Many operations in one request (RFC 7644 §3.7): each is carried out by the use case that a request of its own would come to, with the
//! caller's scopes, and has an outcome of its own.

use futures::{StreamExt, stream};
use rekey_kernel::{Caller, Failure, Kind};
use rekey_scim_protocol::{
    ScimError,
    bulk::{self, Call, Done, Method, Step},
    urn,
};
use serde_json::Value;
use std::{error::Error, sync::Arc};

use super::{Groups, Resource, Users, View};
use crate::domain::{refused, scim_error};

/// So many operations are under way at a time, at most: one request must not crowd out all others.
const AT_A_TIME: usize = 8;

/// Carries out requests of many operations.
pub struct Bulk {
    /// The users.
    pub users: Arc<Users>,
    /// The groups.
    pub groups: Arc<Groups>,
}

impl Bulk {
    /// Carries out all operations and tells what became of each, as a whole `BulkResponse`; `base` is the absolute URL of `/scim2`. Those
    /// that do not depend on each other go side by side.
    ///
    /// # Errors
    /// 400 for a body that is no bulk request, 413 for too many operations. What is wrong with one operation stands in its place in the answer.
    #[tracing::instrument(name = "scim.bulk", skip_all, fields(tenant.id = %caller.tenant, operations))]
    pub async fn run(&self, caller: &Caller, body: &[u8], base: &str) -> Result<Value, Failure> {
        let bulk = bulk::Bulk::parse(body).map_err(refused)?;
        tracing::Span::current().record("operations", bulk.operations());
        let view = View { base: base.to_owned(), ..View::default() };
        let mut run = bulk.start();
        loop {
            let wave = run.next_wave();
            if wave.is_empty() {
                return Ok(run.answer(base));
            }
            let calls: Vec<_> = wave.into_iter().map(|call| self.carry_out(caller, call, &view)).collect();
            let mut outcomes = stream::iter(calls).buffer_unordered(AT_A_TIME);
            while let Some((step, outcome)) = outcomes.next().await {
                run.finish(step, outcome);
            }
        }
    }

    async fn carry_out(&self, caller: &Caller, call: Call, view: &View) -> (Step, Result<Done, ScimError>) {
        let done = if call.resource_type.core.id == urn::GROUP { self.group(caller, &call, view).await } else { self.user(caller, &call, view).await };
        (call.step, done.inspect_err(log).map_err(scim_error))
    }

    async fn user(&self, caller: &Caller, call: &Call, view: &View) -> Result<Done, Failure> {
        let Call { id, body, if_match, .. } = call;
        match call.method {
            Method::Post => self.users.create(caller, body, view).await.map(changed),
            Method::Put => self.users.replace(caller, id, body, if_match, view).await.map(changed),
            Method::Patch => self.users.patch(caller, id, body, if_match, view).await.map(changed),
            Method::Delete => self.users.delete(caller, id, if_match).await.map(|()| deleted(id)),
        }
    }

    async fn group(&self, caller: &Caller, call: &Call, view: &View) -> Result<Done, Failure> {
        let Call { id, body, if_match, .. } = call;
        match call.method {
            Method::Post => self.groups.create(caller, body, view).await.map(changed),
            Method::Put => self.groups.replace(caller, id, body, if_match, view).await.map(changed),
            Method::Patch => self.groups.patch(caller, id, body, if_match, view).await.map(changed),
            Method::Delete => self.groups.delete(caller, id, if_match).await.map(|()| deleted(id)),
        }
    }
}

/// The cause of a failure that is not the client's goes to the log: nobody sees it in the answer to the whole.
fn log(failure: &Failure) {
    if matches!(failure.kind, Kind::Internal | Kind::Unavailable) {
        let cause = failure.source().map(ToString::to_string).unwrap_or_default();
        tracing::error!(kind = failure.kind.as_str(), cause, "an operation of a bulk request failed: {failure}");
    }
}

fn changed(resource: Resource) -> Done {
    Done { id: resource.id.to_string(), version: resource.version }
}

fn deleted(id: &str) -> Done {
    Done { id: id.to_owned(), version: String::new() }
}
