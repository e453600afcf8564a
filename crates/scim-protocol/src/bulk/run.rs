//! Carrying a bulk request out: which calls come next, and what became of them.

use serde_json::{Value, json};
use std::collections::VecDeque;

use super::{
    Bulk,
    answer::answer,
    operation::{Method, Operation, Request, patch},
    order::{Act, order},
    reference::{Ids, take_out},
    spot::Spot,
    waves::waves,
};
use crate::{Object, ScimError, schema::ResourceType};

/// Which call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step(Act);

/// What is to be done as if it were a request of its own.
#[derive(Clone, Debug)]
pub struct Call {
    /// For [`Run::finish`].
    pub step: Step,
    /// How.
    pub method: Method,
    /// To which type of resource.
    pub resource_type: &'static ResourceType,
    /// To which resource; empty for a POST.
    pub id: String,
    /// The version that the resource must have, as in `If-Match`; empty: any.
    pub if_match: String,
    /// The body, with ids in place of references; empty for a DELETE.
    pub body: Vec<u8>,
}

impl Call {
    /// Does it begin an operation? Otherwise it brings one that has begun to its end.
    pub const fn begins(&self) -> bool {
        matches!(self.step.0, Act::Carry(_))
    }
}

/// What a call that succeeded came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The resource.
    pub id: String,
    /// Its version now, as in `meta.version`; empty after a DELETE.
    pub version: String,
}

/// What became of an operation.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// The resource that it was about, where that is known.
    pub(super) id: String,
    pub(super) version: String,
    pub(super) error: Option<ScimError>,
}

/// A bulk request that is being carried out.
#[derive(Debug)]
pub struct Run {
    bulk: Bulk,
    waves: VecDeque<Vec<Act>>,
    closing: Vec<Vec<String>>,
    ids: Ids,
    outcomes: Vec<Option<Outcome>>,
    stopped: bool,
}

impl Run {
    pub(super) fn new(bulk: Bulk) -> Self {
        let order = order(&bulk.operations);
        let waves = match bulk.fail_on_errors {
            None => waves(&bulk.operations, &order.acts),
            Some(_) => order.acts.iter().map(|act| vec![*act]).collect(),
        };
        let outcomes = vec![None; bulk.operations.len()];
        Self { bulk, waves: waves.into(), closing: order.closing, ids: Ids::default(), outcomes, stopped: false }
    }

    /// What is to be done now; the order among these calls does not matter. Nothing any more: all is done. Every call is to be followed by
    /// its [`finish`](Self::finish) before the next wave is asked for: what waits for a call without an outcome fails.
    pub fn next_wave(&mut self) -> Vec<Call> {
        while let Some(wave) = self.waves.pop_front() {
            let calls: Vec<_> = wave.into_iter().filter_map(|act| self.call(act)).collect();
            if !calls.is_empty() {
                return calls;
            }
        }
        Vec::new()
    }

    /// Takes the outcome of a call.
    pub fn finish(&mut self, step: Step, outcome: Result<Done, ScimError>) {
        match outcome {
            Ok(done) => self.succeeded(step.0, done),
            Err(error) => self.failed(step.0, error),
        }
    }

    /// No more operations begin. A circle that is open is closed even then, or else what was created for it deleted again.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    /// The `BulkResponse`, with locations under `base`: what was carried out, in the order of the request. What `failOnErrors` kept from
    /// being done is not in it.
    pub fn answer(&self, base: &str) -> Value {
        answer(base, self.bulk.operations.iter().zip(&self.outcomes).filter_map(|(operation, outcome)| Some((operation, outcome.as_ref()?))))
    }

    fn call(&mut self, act: Act) -> Option<Call> {
        let operation = self.bulk.operations.get(act.index()).filter(|_| self.is_wanted(act))?;
        let request = operation.request.as_ref().map_err(Clone::clone);
        let prepared = request.and_then(|request| self.prepare(act, request));
        prepared.map_err(|error| self.failed(act, error)).ok()
    }

    /// After the last error accepted nothing begins; but a circle that is open is closed even then, and what failed has none to close.
    fn is_wanted(&self, act: Act) -> bool {
        let failed = || self.outcomes.iter().flatten().filter(|outcome| outcome.error.is_some()).count();
        match act {
            Act::Carry(_) if self.stopped => false,
            Act::Carry(_) => self.bulk.fail_on_errors.is_none_or(|limit| u32::try_from(failed()).is_ok_and(|failed| failed < limit)),
            Act::Close(index) => self.outcome(index).is_some_and(|outcome| outcome.error.is_none()),
            Act::Undo(_) => true,
        }
    }

    fn prepare(&self, act: Act, request: &Request) -> Result<Call, ScimError> {
        let closing = self.closing.get(act.index()).map_or(&[][..], Vec::as_slice);
        match act {
            Act::Carry(_) => self.carry(act, request, closing),
            Act::Close(_) => self.close(act, request, closing),
            Act::Undo(_) => Ok(self.later(act, Method::Delete, request.kind, Vec::new())),
        }
    }

    fn carry(&self, act: Act, request: &Request, closing: &[String]) -> Result<Call, ScimError> {
        let (mut id, mut data) = (request.id.clone(), request.data.clone());
        take_out(request.spot(), &mut data, closing);
        self.ids.resolve_text(Spot::Link, &mut id)?;
        self.ids.resolve(request.spot(), &mut data)?;
        let body = if request.method == Method::Delete { Vec::new() } else { bytes(data) };
        let if_match = request.version.clone().unwrap_or_default();
        Ok(Call { step: Step(act), method: request.method, resource_type: request.kind, id, if_match, body })
    }

    fn close(&self, act: Act, request: &Request, closing: &[String]) -> Result<Call, ScimError> {
        let mut added = take_out(request.spot(), &mut request.data.clone(), closing);
        self.ids.resolve(request.spot(), &mut added)?;
        let body = bytes(patch(json!([{ "op": "add", "value": added }])));
        Ok(self.later(act, Method::Patch, request.kind, body))
    }

    /// A call to what an operation created before.
    fn later(&self, act: Act, method: Method, resource_type: &'static ResourceType, body: Vec<u8>) -> Call {
        let id = self.outcome(act.index()).map(|outcome| outcome.id.clone()).unwrap_or_default();
        Call { step: Step(act), method, resource_type, id, if_match: String::new(), body }
    }

    fn succeeded(&mut self, act: Act, done: Done) {
        if matches!(act, Act::Undo(_)) {
            return;
        }
        if let Some(bulk_id) = self.bulk.operations.get(act.index()).and_then(Operation::creates) {
            self.ids.created(bulk_id, &done.id);
        }
        self.set(act, Outcome { id: done.id, version: done.version, error: None });
    }

    fn failed(&mut self, act: Act, error: ScimError) {
        let id = self.id_of(act.index());
        if let Some(bulk_id) = self.bulk.operations.get(act.index()).and_then(Operation::creates) {
            self.ids.failed(bulk_id);
        }
        let error = match act {
            Act::Carry(_) => error,
            Act::Close(index) => {
                self.waves.push_front(vec![Act::Undo(index)]);
                error
            }
            Act::Undo(index) => self.left_over(index, &id, &error),
        };
        self.set(act, Outcome { id, version: String::new(), error: Some(error) });
    }

    /// Why the operation failed, and that not even that could be tidied up.
    fn left_over(&self, index: usize, id: &str, error: &ScimError) -> ScimError {
        let first = self.outcome(index).and_then(|outcome| outcome.error.clone()).unwrap_or_else(|| error.clone());
        let detail = format!("{first}; the resource {id} was created all the same and could not be deleted again: {error}");
        ScimError { detail, ..first }
    }

    /// The resource that an operation is about: created before, or named in its path.
    fn id_of(&self, index: usize) -> String {
        if let Some(outcome) = self.outcome(index) {
            return outcome.id.clone();
        }
        let place = self.bulk.operations.get(index).and_then(|operation| operation.echo.place.as_ref());
        let mut id = place.and_then(|place| place.id.clone()).unwrap_or_default();
        self.ids.resolve_text(Spot::Link, &mut id).map_or_else(|_| String::new(), |()| id)
    }

    fn outcome(&self, index: usize) -> Option<&Outcome> {
        self.outcomes.get(index)?.as_ref()
    }

    fn set(&mut self, act: Act, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(act.index()) {
            *place = Some(outcome);
        }
    }
}

fn bytes(members: Object) -> Vec<u8> {
    Value::Object(members).to_string().into_bytes()
}
