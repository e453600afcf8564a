//! PATCH of groups.

use serde_json::{Value, json};

use super::{MemberEdit, Patch};
use crate::{Object, ScimError, schema::GROUPS, urn};

fn group() -> Object {
    let group = json!({
        "displayName": "Staff",
        "members": [{"value": "a", "type": "User", "display": "A"}, {"value": "b", "type": "User"}, {"value": "c", "type": "Group"}]
    });
    group.as_object().cloned().expect("an object")
}

fn parse(operation: &Value) -> Result<Patch, ScimError> {
    Patch::parse(&GROUPS, json!({"schemas": [urn::PATCH_OP], "Operations": [operation]}).to_string().as_bytes())
}

fn applied(operation: &Value) -> Result<Value, ScimError> {
    parse(operation)?.apply(&group()).map(Value::Object)
}

/// The values of the members afterwards.
fn members(operation: &Value) -> Vec<String> {
    let changed = applied(operation).expect("applied");
    let members = changed.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().expect("a value").to_owned()).collect()
}

#[test]
fn remove_takes_one_member_or_those_listed_or_all() {
    assert_eq!(members(&json!({"op": "remove", "path": "members[value eq \"a\"]"})), ["b", "c"]);
    assert_eq!(members(&json!({"op": "Remove", "path": "members", "value": [{"value": "a"}, {"value": "z", "$ref": null}]})), ["b", "c"]);
    assert_eq!(members(&json!({"op": "remove", "path": "members[type eq \"user\"]"})), ["c"]);
    assert_eq!(members(&json!({"op": "remove", "path": "members"})), [""; 0]);
    assert_eq!(members(&json!({"op": "remove", "path": "members[value eq \"A\"]"})), ["a", "b", "c"]);
}

#[test]
fn remove_with_an_empty_list_takes_nothing() {
    for nothing in [json!([]), json!([null])] {
        assert_eq!(members(&json!({"op": "remove", "path": "members", "value": nothing})), ["a", "b", "c"]);
    }
}

#[test]
fn add_of_a_member_that_is_there_changes_nothing_but_its_display() {
    for there in [json!([{"value": "a"}]), json!({"value": "a", "type": "user", "display": "A"}), json!(["a", "b"])] {
        assert_eq!(applied(&json!({"op": "add", "path": "members", "value": there})), Ok(Value::Object(group())), "{there}");
    }
    let renamed = applied(&json!({"op": "add", "path": "members", "value": [{"value": "a", "display": "Z"}]})).expect("applied");
    assert_eq!(renamed.pointer("/members/0"), Some(&json!({"value": "a", "type": "User", "display": "Z"})));
}

#[test]
fn replace_puts_others_in_their_place() {
    assert_eq!(members(&json!({"op": "replace", "path": "members", "value": [{"value": "z"}, {"value": "a"}]})), ["z", "a"]);
    assert_eq!(members(&json!({"op": "replace", "value": {"members": []}})), [""; 0]);
    assert_eq!(members(&json!({"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "z"}})), ["z", "b", "c"]);
    assert_eq!(members(&json!({"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "b"}})), ["b", "c"]);
}

#[test]
fn what_is_immutable_may_be_said_again_but_not_changed() {
    for same in [
        json!({"op": "replace", "path": "members[value eq \"a\"].value", "value": "a"}),
        json!({"op": "replace", "path": "members[value eq \"a\"].type", "value": "USER"}),
        json!({"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "a", "display": "A"}}),
    ] {
        assert_eq!(applied(&same), Ok(Value::Object(group())), "{same}");
    }
    for other in [
        json!({"op": "replace", "path": "members[value eq \"a\"].value", "value": "z"}),
        json!({"op": "add", "path": "members[value eq \"a\"].type", "value": "Group"}),
        json!({"op": "add", "path": "members", "value": [{"value": "a", "type": "Group"}]}),
        json!({"op": "replace", "path": "members", "value": [{"value": "a", "type": "Group"}]}),
        json!({"op": "remove", "path": "members[value eq \"a\"].type"}),
        json!({"op": "remove", "path": "members.value"}),
        json!({"op": "replace", "path": "members[value eq \"a\"].$ref", "value": "https://x"}),
    ] {
        assert_eq!(applied(&other).expect_err("refused").scim_type.as_deref(), Some("mutability"), "{other}");
    }
}

#[test]
fn a_member_that_a_filter_describes_is_made_in_the_schemas_spelling() {
    let added = applied(&json!({"op": "add", "path": "members[value eq \"z\" and type eq \"group\"].display", "value": "Z"})).expect("applied");
    assert_eq!(added.pointer("/members/3"), Some(&json!({"value": "z", "type": "Group", "display": "Z"})));
}

#[test]
fn what_is_required_stays() {
    for (operation, kind) in [
        (json!({"op": "remove", "path": "displayName"}), "mutability"),
        (json!({"op": "replace", "path": "displayName", "value": ""}), "invalidValue"),
        (json!({"op": "add", "path": "members", "value": [{"display": "no value"}]}), "invalidValue"),
        (json!({"op": "add", "path": "members", "value": [{"value": "z", "type": "Robot"}]}), "invalidValue"),
        (json!({"op": "add", "path": "userName", "value": "x"}), "invalidPath"),
    ] {
        assert_eq!(applied(&operation).expect_err("refused").scim_type.as_deref(), Some(kind), "{operation}");
    }
}

#[test]
fn simple_edits_of_members_need_not_know_which_there_are() {
    let edits = |operation: Value| parse(&operation).expect("a PATCH").member_edits();
    let removed = |value: &str| MemberEdit::Remove(value.to_owned());
    let added = json!({"op": "add", "path": "members", "value": [{"value": "z", "display": "Z"}]});
    let member = json!({"value": "z", "display": "Z"});
    assert_eq!(edits(added), Some(vec![MemberEdit::Add(member.as_object().cloned().expect("an object"))]));
    assert_eq!(edits(json!({"op": "remove", "path": "members[value eq \"a\"]"})), Some(vec![removed("a")]));
    assert_eq!(edits(json!({"op": "remove", "path": "members", "value": [{"value": "a"}, {"value": "b"}]})), Some(vec![removed("a"), removed("b")]));
    assert_eq!(edits(json!({"op": "replace", "path": "displayName", "value": "x"})), Some(Vec::new()));
}

#[test]
fn other_edits_of_members_must_know_them() {
    for operation in [
        json!({"op": "replace", "path": "members", "value": [{"value": "a"}]}),
        json!({"op": "remove", "path": "members"}),
        json!({"op": "remove", "path": "members[type eq \"User\"]"}),
        json!({"op": "remove", "path": "members[value ne \"a\"]"}),
        json!({"op": "remove", "path": "members[value eq \"a\"].display"}),
        json!({"op": "add", "path": "members[value eq \"a\"].display", "value": "x"}),
        json!({"op": "add", "path": "members", "value": [{"display": "no value"}]}),
    ] {
        let patch = parse(&operation).expect("a PATCH");
        assert!(patch.touches_members() && patch.member_edits().is_none(), "{operation}");
    }
}
