//! Bulk requests, carried out by a service provider that only notes what it is told to do.

mod circles;
mod failing;
mod model;
mod properties;
mod reading;
mod references;
mod rfc;
mod waves;

use serde_json::{Value, json};

use super::*;

const BASE: &str = "https://example.com/v2";

/// A service provider that creates `new-1`, `new-2`, … and fails where it is told to.
#[derive(Default)]
struct Provider {
    created: usize,
    /// What it was called for: `POST /Users {…}`.
    calls: Vec<String>,
    /// How many calls each wave had.
    waves: Vec<usize>,
    /// Calls that hold this text fail with this status.
    failing: Vec<(&'static str, u16)>,
}

impl Provider {
    fn failing(failing: &[(&'static str, u16)]) -> Self {
        Self { failing: failing.to_vec(), ..Self::default() }
    }

    /// Carries out a whole request.
    fn answer(&mut self, body: &Value) -> Value {
        let mut run = Bulk::parse(body.to_string().as_bytes()).expect("a bulk request").start();
        loop {
            let wave = run.next_wave();
            if wave.is_empty() {
                return run.answer(BASE);
            }
            self.waves.push(wave.len());
            for call in wave {
                let outcome = self.handle(&call);
                run.finish(call.step, outcome);
            }
        }
    }

    fn handle(&mut self, call: &Call) -> Result<Done, ScimError> {
        let line = line(call);
        let fails = self.failing.iter().find(|(text, _)| line.contains(text)).map(|(_, status)| ScimError::new(*status, "told to fail"));
        self.calls.push(line);
        fails.map_or_else(|| Ok(self.done(call)), Err)
    }

    fn done(&mut self, call: &Call) -> Done {
        match call.method {
            Method::Post => {
                self.created += 1;
                Done { id: format!("new-{}", self.created), version: "W/\"1\"".to_owned() }
            }
            Method::Delete => Done { id: call.id.clone(), version: String::new() },
            Method::Put | Method::Patch => Done { id: call.id.clone(), version: "W/\"2\"".to_owned() },
        }
    }
}

fn line(call: &Call) -> String {
    let place = format!("{} {}/{}", call.method.as_str(), call.resource_type.endpoint, call.id);
    let version = if call.if_match.is_empty() { String::new() } else { format!(" if {}", call.if_match) };
    format!("{}{version} {}", place.trim_end_matches('/'), String::from_utf8_lossy(&call.body)).trim_end().to_owned()
}

fn request(operations: &Value) -> Value {
    json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations })
}

fn post(endpoint: &str, bulk_id: &str, data: &Value) -> Value {
    json!({ "method": "POST", "path": endpoint, "bulkId": bulk_id, "data": data })
}

fn user(bulk_id: &str) -> Value {
    post("/Users", bulk_id, &json!({ "userName": bulk_id }))
}

/// A group with what these bulkIds stand for as members.
fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| json!({ "value": format!("bulkId:{member}") })).collect();
    post("/Groups", bulk_id, &json!({ "displayName": bulk_id, "members": members }))
}

/// The statuses, in the order of the answer.
fn statuses(answer: &Value) -> Vec<&str> {
    reports(answer).iter().filter_map(|report| report.get("status")?.as_str()).collect()
}

fn reports(answer: &Value) -> &[Value] {
    answer.get("Operations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
