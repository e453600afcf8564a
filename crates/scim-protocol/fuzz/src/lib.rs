//! What the fuzz targets hold the protocol to. A check that fails panics, and the fuzzer keeps the input.

pub mod mutate;

use rekey_scim_protocol::{
    Filter, GroupBody, Object, Orders, Patch, ScimError, UserBody,
    bulk::{Bulk, Call, Done, Method, Run},
    path::Path,
    schema::{GROUPS, RESOURCE_TYPES, ResourceType, USERS},
};
use serde_json::Value;
use std::sync::LazyLock;

/// A filter is refused as such, or printed and read again as the same; it and its opposite never say the same of a resource.
pub fn filter(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for resource_type in RESOURCE_TYPES {
        match Filter::parse(resource_type, text) {
            Ok(filter) => check_filter(resource_type, &filter),
            Err(error) => check_error(&error, &["invalidFilter"]),
        }
    }
}

fn check_filter(resource_type: &'static ResourceType, filter: &Filter) {
    let printed = filter.to_string();
    assert_eq!(Filter::parse(resource_type, &printed).as_ref(), Ok(filter), "printed as {printed}");
    let resource = sample(resource_type);
    let opposite = Filter::Not(Box::new(filter.clone()));
    assert_ne!(filter.fulfilled_by(resource_type, resource), opposite.fulfilled_by(resource_type, resource), "{printed}");
}

/// A path is refused as such, or printed and read again as the same.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for resource_type in RESOURCE_TYPES {
        match Path::parse(resource_type, text) {
            Ok(path) => check_path(resource_type, &path),
            Err(error) => check_error(&error, &["invalidPath", "invalidFilter"]),
        }
    }
}

fn check_path(resource_type: &'static ResourceType, path: &Path) {
    let printed = path.to_string();
    let again = Path::parse(resource_type, &printed).map(|again| again.to_string());
    assert_eq!(again.as_ref(), Ok(&printed));
}

/// A PATCH is refused with a 400, or makes of a stored resource one that can be stored: it is read as it is, and orders nothing.
pub fn patch(data: &[u8]) {
    for resource_type in RESOURCE_TYPES {
        match Patch::parse(resource_type, data).and_then(|patch| Ok((patch.apply(profile(resource_type))?, patch))) {
            Ok((changed, patch)) => check_changed(resource_type, &changed, &patch, data),
            Err(error) => check_error(&error, &["invalidSyntax", "invalidPath", "invalidFilter", "invalidValue", "mutability", "noTarget"]),
        }
    }
}

fn check_changed(resource_type: &'static ResourceType, changed: &Object, patch: &Patch, data: &[u8]) {
    assert_eq!(&stored(resource_type, changed), changed);
    if sets_only(data) {
        assert_eq!(patch.apply(changed).as_ref(), Ok(changed), "the second time changed more");
    }
}

/// Is it one `add` or `replace` that chooses nothing by a filter? Then doing it twice is doing it once.
fn sets_only(data: &[u8]) -> bool {
    let body: Object = serde_json::from_slice(data).expect("what was taken is JSON");
    let [operation] = member(&body, "Operations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) else { return false };
    let Some(operation) = operation.as_object() else { return false };
    let sets = member(operation, "op").and_then(Value::as_str).is_some_and(|op| !op.eq_ignore_ascii_case("remove"));
    let paths = member(operation, "value").and_then(Value::as_object).into_iter().flat_map(Object::keys).map(String::as_str);
    sets && paths.chain(member(operation, "path").and_then(Value::as_str)).all(|path| !path.contains('['))
}

fn member<'a>(members: &'a Object, name: &str) -> Option<&'a Value> {
    members.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// What is stored of a body.
fn stored(resource_type: &'static ResourceType, body: &Object) -> Object {
    let body = serde_json::to_vec(body).expect("JSON");
    if resource_type.name == "User" {
        let user = UserBody::parse(&body).expect("a user");
        assert_eq!(user.orders, Orders::default(), "a stored user orders something");
        return user.profile;
    }
    let GroupBody { mut profile, members } = GroupBody::parse(&body).expect("a group");
    if !members.is_empty() {
        profile.insert("members".to_owned(), Value::Array(members));
    }
    profile
}

/// A bulk request is refused with a 4xx, or carried out: every call is well formed, and every operation is answered once.
pub fn bulk(data: &[u8]) {
    match Bulk::parse(data) {
        Ok(bulk) => carry_out(bulk),
        Err(error) => check_error(&error, &["invalidSyntax", "invalidValue"]),
    }
}

fn carry_out(bulk: Bulk) {
    let (number, limit) = (bulk.operations(), bulk.fail_on_errors());
    let mut run = bulk.start();
    let mut calls = 0;
    while carry_out_wave(&mut run, &mut calls) {}
    // Beside the operation itself there may be a PATCH that closes a circle, and a DELETE when that fails.
    assert!(calls <= 3 * number, "{calls} calls for {number} operations");
    let answer = run.answer("https://example.com/scim2");
    let reports = answer["Operations"].as_array().expect("a list");
    let failed = reports.iter().filter(|report| !report["status"].as_str().expect("a status").starts_with('2')).count();
    let stopped = limit.is_some_and(|limit| failed >= usize::try_from(limit).unwrap_or(usize::MAX));
    assert!(reports.len() == number || (stopped && reports.len() < number), "{} answers to {number} operations", reports.len());
}

fn carry_out_wave(run: &mut Run, calls: &mut usize) -> bool {
    let wave = run.next_wave();
    for call in &wave {
        *calls += 1;
        run.finish(call.step, handle(call, *calls));
    }
    !wave.is_empty()
}

/// Some calls fail: it is the input that decides which.
fn handle(call: &Call, number: usize) -> Result<Done, ScimError> {
    assert_eq!(call.id.is_empty(), call.method == Method::Post, "{call:?}");
    assert!(call.method == Method::Delete || serde_json::from_slice::<Object>(&call.body).is_ok(), "{call:?}");
    if call.body.len() % 7 == 3 {
        return Err(ScimError::new(503, "not now"));
    }
    let id = if call.id.is_empty() { format!("id-{number}") } else { call.id.clone() };
    Ok(Done { id, version: "W/\"1\"".to_owned() })
}

/// A whole resource, as it is shown.
fn sample(resource_type: &'static ResourceType) -> &'static Object {
    static USER: LazyLock<Object> = LazyLock::new(|| serde_json::from_str(include_str!("user.json")).expect("a user"));
    static GROUP: LazyLock<Object> = LazyLock::new(|| serde_json::from_str(include_str!("group.json")).expect("a group"));
    if resource_type.name == "User" { &USER } else { &GROUP }
}

/// What is stored of it.
fn profile(resource_type: &'static ResourceType) -> &'static Object {
    static USER: LazyLock<Object> = LazyLock::new(|| stored(&USERS, sample(&USERS)));
    static GROUP: LazyLock<Object> = LazyLock::new(|| stored(&GROUPS, sample(&GROUPS)));
    if resource_type.name == "User" { &USER } else { &GROUP }
}

/// Whatever a client sends, the error is its own, says so, and has a word for it.
fn check_error(error: &ScimError, allowed: &[&str]) {
    let known = error.scim_type.as_deref().is_some_and(|kind| allowed.contains(&kind));
    assert!(error.status == 413 || (error.status == 400 && known), "{error:?}");
    assert!(!error.detail.is_empty());
}
