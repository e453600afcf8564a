//! RFC 7644 §3.7: whatever is done at the same time, "the same stateful result is achieved" as one after another. A small model of a
//! service provider, with unique names, members that must exist and deletions that reach into groups, is asked both ways.

use super::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default, PartialEq)]
struct User {
    name: String,
    version: usize,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Group {
    members: BTreeSet<String>,
    version: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Model {
    users: BTreeMap<String, User>,
    groups: BTreeMap<String, Group>,
}

impl Model {
    fn new() -> Self {
        let users = (0..3).map(|index| (format!("u{index}"), User { name: format!("name{index}"), version: 1 }));
        let groups = (0..2).map(|index| (format!("g{index}"), Group { members: BTreeSet::from(["u0".to_owned()]), version: 1 }));
        Self { users: users.collect(), groups: groups.collect() }
    }

    fn handle(&mut self, call: &Call) -> Result<Done, ScimError> {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        // What a resource is called, the test says: so it is the same in whatever order they are created.
        let id = body.get("externalId").and_then(Value::as_str).unwrap_or(&call.id).to_owned();
        let version = match (call.resource_type.name, call.method) {
            ("User", Method::Delete) => self.users.remove(&id).map(|_| 0),
            ("User", _) => self.write_user(&id, call.method, &body)?,
            (_, Method::Delete) => self.groups.remove(&id).map(|_| 0),
            (_, _) => self.write_group(&id, call.method, &body)?,
        };
        if call.method == Method::Delete {
            self.groups.values_mut().filter_map(|group| group.members.remove(&id).then_some(&mut group.version)).for_each(|version| *version += 1);
        }
        version.map(|version| Done { id, version: version.to_string() }).ok_or_else(|| ScimError::not_found("no such resource"))
    }

    fn write_user(&mut self, id: &str, method: Method, body: &Value) -> Result<Option<usize>, ScimError> {
        let name = body.get("userName").or_else(|| body.pointer("/Operations/0/value/userName")).and_then(Value::as_str);
        if self.users.iter().any(|(other, user)| other != id && Some(user.name.as_str()) == name) {
            return Err(ScimError::uniqueness("taken"));
        }
        if method == Method::Post {
            self.users.insert(id.to_owned(), User::default());
        }
        let change = |user: &mut User| {
            user.name = name.unwrap_or(&user.name).to_owned();
            user.version += 1;
            user.version
        };
        Ok(self.users.get_mut(id).map(change))
    }

    fn write_group(&mut self, id: &str, method: Method, body: &Value) -> Result<Option<usize>, ScimError> {
        let members = body.get("members").or_else(|| body.pointer("/Operations/0/value/members")).and_then(Value::as_array);
        let members: BTreeSet<_> = members.into_iter().flatten().filter_map(|member| Some(member.get("value")?.as_str()?.to_owned())).collect();
        if let Some(missing) = members.iter().find(|member| !self.users.contains_key(*member) && !self.groups.contains_key(*member)) {
            return Err(ScimError::invalid_value(format!("{missing} does not exist")));
        }
        if method == Method::Post {
            self.groups.insert(id.to_owned(), Group::default());
        }
        let change = |group: &mut Group| {
            group.members.extend(members);
            group.version += 1;
            group.version
        };
        Ok(self.groups.get_mut(id).map(change))
    }
}

/// Users and groups that are there, that come to be, and one that never does.
fn someone() -> impl Strategy<Value = String> {
    prop_oneof![(0..4).prop_map(|index| format!("u{index}")), (0..2).prop_map(|index| format!("g{index}")), (0..8).prop_map(|index| format!("bulkId:{index}"))]
}

fn operation(index: usize) -> impl Strategy<Value = Value> {
    (0..8, 0..4, 0..2, 0..4, proptest::collection::vec(someone(), 0..3)).prop_map(move |(kind, user, group, name, members)| {
        let members: Vec<_> = members.iter().map(|member| json!({ "value": member })).collect();
        let (bulk_id, new, name) = (index.to_string(), format!("new{index}"), format!("name{name}"));
        let patch = |path: String, value: &Value| json!({"method": "PATCH", "path": path, "data": {"Operations": [{"op": "add", "value": value}]}});
        match kind {
            0 => post("/Users", &bulk_id, &json!({"externalId": new, "userName": name})),
            1 => post("/Groups", &bulk_id, &json!({"externalId": new, "members": members})),
            2 => json!({"method": "PUT", "path": format!("/Users/u{user}"), "data": {"userName": name}}),
            3 => patch(format!("/Users/u{user}"), &json!({"userName": name})),
            4 => patch(format!("/Users/u{user}"), &json!({"nickName": "x"})),
            5 => patch(format!("/Groups/g{group}"), &json!({"members": members})),
            6 => json!({"method": "DELETE", "path": format!("/Groups/g{group}")}),
            _ => json!({"method": "DELETE", "path": format!("/Users/u{user}")}),
        }
    })
}

/// Carries it out with the calls of each wave in their order, or the other way round.
fn carry_out(body: &Value, backwards: bool) -> (Model, Value) {
    let mut model = Model::new();
    let mut run = Bulk::parse(body.to_string().as_bytes()).expect("a bulk request").start();
    loop {
        let mut wave = run.next_wave();
        if wave.is_empty() {
            return (model, run.answer(BASE));
        }
        if backwards {
            wave.reverse();
        }
        for call in wave {
            run.finish(call.step, model.handle(&call));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn waves_come_to_the_same_state_and_answer_as_one_after_another(operations in (1..9_usize).prop_flat_map(|number| (0..number).map(operation).collect::<Vec<_>>())) {
        let mut body = request(&Value::Array(operations));
        let waves = carry_out(&body, false);
        prop_assert_eq!(&waves, &carry_out(&body, true));
        body["failOnErrors"] = json!(1_000);
        prop_assert_eq!(&waves, &carry_out(&body, false));
    }
}
