//! What holds for every request.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

const KNOWN: usize = 8;

/// An operation that may refer to any other, to itself and to nothing.
fn operation(index: usize) -> impl Strategy<Value = Value> {
    (0..6, proptest::collection::vec(0..KNOWN + 1, 0..4), 0..3).prop_map(move |(kind, references, id)| {
        let members: Vec<_> = references.iter().map(|reference| json!({"value": format!("bulkId:{reference}")})).collect();
        let bulk_id = index.to_string();
        match kind {
            0 | 1 => post("/Groups", &bulk_id, &json!({"displayName": "g", "members": members})),
            2 => post("/Users", &bulk_id, &json!({"userName": format!("user-{id}"), "groups": members})),
            3 => json!({"method": "PATCH", "path": format!("/Groups/{id}"), "data": {"Operations": [{"op": "add", "path": "members", "value": members}]}}),
            4 => json!({"method": "DELETE", "path": format!("/Users/bulkId:{}", references.first().unwrap_or(&0))}),
            _ => json!({"method": "PUT", "path": "/Users", "data": {}}),
        }
    })
}

fn operations() -> impl Strategy<Value = Vec<Value>> {
    (1..=KNOWN).prop_flat_map(|number| (0..number).map(operation).collect::<Vec<_>>())
}

/// Carries it all out. Each call comes once, and what it mentions is there by then.
fn carry_out(body: &Value) -> Value {
    let mut run = Bulk::parse(body.to_string().as_bytes()).expect("a bulk request").start();
    let (mut steps, mut created) = (Vec::new(), HashSet::new());
    loop {
        let wave = run.next_wave();
        if wave.is_empty() {
            return run.answer(BASE);
        }
        let known = created.clone();
        check_apart(&wave);
        for call in wave {
            check_line(&line(&call), &known);
            assert!(!steps.contains(&call.step), "twice: {call:?}");
            steps.push(call.step);
            let id = if call.method == Method::Post { format!("new-{}-", created.len()) } else { call.id };
            created.insert(id.clone());
            run.finish(call.step, Ok(Done { id, version: String::new() }));
        }
    }
}

fn check_apart(wave: &[Call]) {
    let resources: Vec<_> = wave.iter().map(|call| &call.id).filter(|id| !id.is_empty()).collect();
    assert_eq!(resources.iter().collect::<HashSet<_>>().len(), resources.len(), "a resource twice in one wave: {wave:?}");
}

fn check_line(line: &str, known: &HashSet<String>) {
    assert!(!line.contains("bulkId:"), "unresolved: {line}");
    assert!(line.split('"').filter(|part| part.starts_with("new-")).all(|id| known.contains(id)), "too early: {line}");
}

proptest! {
    #[test]
    fn no_bytes_crash_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Bulk::parse(&bytes);
    }

    #[test]
    fn every_operation_is_answered_once_and_comes_after_what_it_refers_to(operations in operations(), limit in proptest::option::of(1..4_usize)) {
        let mut body = request(&Value::Array(operations.clone()));
        if let Some(limit) = limit {
            body["failOnErrors"] = json!(limit);
        }
        let answer = carry_out(&body);
        let answered = reports(&answer).len();
        let failed = statuses(&answer).iter().filter(|status| !status.starts_with('2')).count();
        prop_assert!(answered == operations.len() || limit.is_some_and(|limit| failed >= limit));
    }

    #[test]
    fn what_refers_to_nothing_unknown_succeeds_whatever_the_order(number in 1..KNOWN, references in proptest::collection::vec(0..KNOWN, 0..20)) {
        let groups: Vec<_> = (0..number).map(|index| {
            let members: Vec<_> = references.iter().skip(index).step_by(number).map(|reference| (reference % number).to_string()).collect();
            group(&index.to_string(), &members.iter().map(String::as_str).collect::<Vec<_>>())
        }).collect();
        let answer = carry_out(&request(&Value::Array(groups)));
        prop_assert!(statuses(&answer).iter().all(|status| *status == "201"), "{}", answer);
    }
}
