//! Many operations in one request (RFC 7644 §3.7): each is carried out by the use case that a request of its own would come to, with the
//! caller's scopes, and has an outcome of its own.

mod room;

use futures::{StreamExt, future::ready, stream};
use rekey_kernel::{Caller, Failure, Kind};
use rekey_scim_protocol::{
    ScimError,
    bulk::{self, Call, Done, Method, Run, Step},
    urn,
};
use serde_json::Value;
use std::{error::Error, sync::Arc};
use tokio::sync::oneshot;
use tracing::Instrument;

use super::{Groups, Resource, Users, View, to_the_end};
use crate::domain::{refused, scim_error};
use room::{AT_A_TIME, Room, Seat};

/// Carries out requests of many operations.
#[derive(Clone)]
pub struct Bulk {
    users: Arc<Users>,
    groups: Arc<Groups>,
    room: Room,
}

impl Bulk {
    /// With all the room there is.
    pub fn new(users: Arc<Users>, groups: Arc<Groups>) -> Self {
        Self { users, groups, room: Room::new() }
    }

    /// Carries out all operations and tells what became of each, as a whole `BulkResponse`; `base` is the absolute URL of `/scim2`. Those
    /// that do not depend on each other go side by side. When nobody waits for the answer any more, those that are under way are carried
    /// out to their end, no others begin, and a circle of references that is open is closed or undone.
    ///
    /// # Errors
    /// 400 for a body that is no bulk request, 413 for too many operations, 503 while there are too many other bulk requests. What is wrong
    /// with one operation stands in its place in the answer.
    #[tracing::instrument(name = "scim.bulk", skip_all, fields(tenant.id = %caller.tenant, operations))]
    pub async fn run(&self, caller: &Caller, body: &[u8], base: &str) -> Result<Value, Failure> {
        let seat = self.room.enter(caller.tenant)?;
        let run = bulk::Bulk::parse(body).map_err(refused)?;
        tracing::Span::current().record("operations", run.operations());
        let (tell, told) = oneshot::channel();
        let order = Order { caller: caller.clone(), view: View { base: base.to_owned(), ..View::default() }, tell, _seat: seat };
        tokio::spawn(self.clone().carry_out_all(run.start(), order).in_current_span());
        told.await.map_err(|error| Failure::internal("the bulk request died on the way").because(error))
    }

    async fn carry_out_all(self, mut run: Run, order: Order) {
        loop {
            if order.is_abandoned() {
                run.stop();
            }
            let wave = run.next_wave();
            if wave.is_empty() {
                break;
            }
            self.carry_out_wave(&mut run, wave, &order).await;
        }
        // Whoever has gone needs no answer.
        let _ = order.tell.send(run.answer(&order.view.base));
    }

    async fn carry_out_wave(&self, run: &mut Run, wave: Vec<Call>, order: &Order) {
        let wanted = stream::iter(wave).filter(|call| ready(!(call.begins() && order.is_abandoned())));
        let mut outcomes = wanted.map(|call| self.in_turn(call, order)).buffer_unordered(AT_A_TIME).boxed();
        while let Some((step, outcome)) = outcomes.next().await {
            run.finish(step, outcome);
        }
    }

    async fn in_turn(&self, call: Call, order: &Order) -> (Step, Result<Done, ScimError>) {
        let step = call.step;
        let done = match self.room.turn().await {
            Ok(_) if call.begins() && order.is_abandoned() => Err(Failure::gone("nobody waits for this any more")),
            Ok(turn) => {
                let (this, caller, view) = (self.clone(), order.caller.clone(), order.view.clone());
                to_the_end(async move {
                    let _turn = turn;
                    this.carry_out(&caller, &call, &view).await
                })
                .await
            }
            Err(stopping) => Err(stopping),
        };
        (step, done.inspect_err(log).map_err(scim_error))
    }

    async fn carry_out(&self, caller: &Caller, call: &Call, view: &View) -> Result<Done, Failure> {
        if call.resource_type.core.id == urn::GROUP { self.group(caller, call, view).await } else { self.user(caller, call, view).await }
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

/// For whom a request is carried out.
struct Order {
    caller: Caller,
    view: View,
    tell: oneshot::Sender<Value>,
    /// Kept until the last operation is done, whoever waits.
    _seat: Seat,
}

impl Order {
    /// Does nobody wait for the answer any more?
    fn is_abandoned(&self) -> bool {
        self.tell.is_closed()
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
