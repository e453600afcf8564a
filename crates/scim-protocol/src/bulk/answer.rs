//! The answer to a bulk request (RFC 7644 §3.7.3).

use serde_json::{Value, json};

use super::{
    operation::{Echo, Method, Operation},
    run::Outcome,
};
use crate::{Object, urn};

/// The whole `BulkResponse`.
pub(super) fn answer<'a>(base: &str, outcomes: impl Iterator<Item = (&'a Operation, &'a Outcome)>) -> Value {
    let operations: Vec<_> = outcomes.map(|(operation, outcome)| report(base, &operation.echo, outcome)).collect();
    json!({ "schemas": [urn::BULK_RESPONSE], "Operations": operations })
}

fn report(base: &str, echo: &Echo, outcome: &Outcome) -> Value {
    let mut report = Object::new();
    let mut say = |name: &str, value: Option<String>| value.map(|value| report.insert(name.to_owned(), Value::String(value)));
    say("location", location(base, echo, outcome));
    say("method", echo.method.map(|method| method.as_str().to_owned()).or_else(|| echo.no_method.clone()));
    say("bulkId", echo.bulk_id.clone());
    say("version", Some(outcome.version.clone()).filter(|version| !version.is_empty()));
    say("status", Some(status(echo, outcome).to_string()));
    if let Some(error) = &outcome.error {
        report.insert("response".to_owned(), error.to_json());
    }
    Value::Object(report)
}

/// A POST that failed has none; nor has what never became a resource's address.
fn location(base: &str, echo: &Echo, outcome: &Outcome) -> Option<String> {
    let failed_to_create = outcome.error.is_some() && echo.method == Some(Method::Post);
    let place = echo.place.as_ref().filter(|_| !failed_to_create && !outcome.id.is_empty())?;
    Some(format!("{base}{}/{}", place.kind.endpoint, outcome.id))
}

fn status(echo: &Echo, outcome: &Outcome) -> u16 {
    let success = echo.method.map_or(200, Method::success);
    outcome.error.as_ref().map_or(success, |error| error.status)
}
