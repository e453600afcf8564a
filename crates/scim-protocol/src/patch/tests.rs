//! PATCH by the behaviours most often wrong.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Patch;
use crate::{Object, ScimError, schema::USERS, urn};

fn user() -> Object {
    let user = json!({
        "userName": "alice", "displayName": "A", "name": {"givenName": "A", "familyName": "B"},
        "emails": [{"value": "w@x.org", "type": "work", "primary": true}, {"value": "h@x.org", "type": "home"}],
        urn::ENTERPRISE_USER: {"department": "d", "manager": {"value": "m"}}
    });
    user.as_object().cloned().expect("an object")
}

fn parse(operations: &Value) -> Result<Patch, ScimError> {
    Patch::parse(&USERS, json!({"schemas": [urn::PATCH_OP], "Operations": operations}).to_string().as_bytes())
}

fn applied(operations: &Value) -> Result<Value, ScimError> {
    parse(operations)?.apply(&user()).map(Value::Object)
}

fn at(pointer: &str, operations: &Value) -> Value {
    applied(operations).expect("applied").pointer(pointer).cloned().unwrap_or(Value::Null)
}

fn refused(operations: &Value) -> String {
    applied(operations).expect_err("must be refused").scim_type.unwrap_or_default()
}

#[test]
fn without_a_path_members_merge_dotted_and_urn_names_too() {
    let operations = json!([{"op": "Replace", "value": {
        "DISPLAYNAME": "Z", "name.familyName": "C", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "e",
        urn::ENTERPRISE_USER: {"costCenter": "c"}, "emails[type eq \"home\"].value": "n@x.org"
    }}]);
    let changed = applied(&operations).expect("applied");
    assert_eq!(changed.get("name"), Some(&json!({"givenName": "A", "familyName": "C"})));
    assert_eq!(changed.get(urn::ENTERPRISE_USER), Some(&json!({"department": "e", "costCenter": "c", "manager": {"value": "m"}})));
    assert_eq!(changed.pointer("/emails/1/value"), Some(&json!("n@x.org")));
    assert_eq!(changed.get("displayName"), Some(&json!("Z")));
}

#[test]
fn operations_are_read_in_any_case() {
    for (verb, value) in [("Add", json!("x")), ("REPLACE", json!("x")), ("remove", Value::Null), ("Remove", Value::Null)] {
        assert_eq!(at("/displayName", &json!([{"OP": verb, "Path": "DISPLAYNAME", "VALUE": value}])), value, "{verb}");
    }
}

#[test]
fn full_names_work_in_paths_of_core_and_extension() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    assert_eq!(at("/name/familyName", &json!([{"op": "replace", "path": format!("{core}:name.familyName"), "value": "C"}])), json!("C"));
    assert_eq!(at("/emails/1/value", &json!([{"op": "replace", "path": format!("{core}:emails[type eq \"home\"].value"), "value": "n"}])), json!("n"));
    let nested = json!([{"op": "add", "value": {core: {"title": "T"}, urn::ENTERPRISE_USER: {"schemas": ["junk"], "division": "D"}}}]);
    let changed = applied(&nested).expect("applied");
    assert_eq!((&changed["title"], &changed[urn::ENTERPRISE_USER]["division"]), (&json!("T"), &json!("D")));
}

#[test]
fn a_manager_replaced_by_nothing_is_removed() {
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    for (path, value) in [(&manager, json!("")), (&manager, json!({"value": ""})), (&format!("{manager}.value"), json!("")), (&manager, Value::Null)] {
        let changed = applied(&json!([{"op": "Replace", "path": path, "value": value}])).expect("applied");
        assert_eq!(changed[urn::ENTERPRISE_USER], json!({"department": "d"}), "{path} {value}");
    }
    let renamed = applied(&json!([{"op": "Add", "path": manager, "value": "n"}])).expect("applied");
    assert_eq!(renamed[urn::ENTERPRISE_USER]["manager"], json!({"value": "n"}));
}

#[test]
fn what_it_writes_is_known_orders_too() {
    let operations = json!([
        {"op": "add", "value": {"password": "x", "title": "T", "id": "ours", "name.givenName": "G", urn::WSO2: {"accountLocked": true}}},
        {"op": "remove", "path": "emails[type eq \"home\"]"},
        {"op": "replace", "path": format!("{}:forcePasswordReset", urn::WSO2), "value": "False"}
    ]);
    let written: Vec<_> = parse(&operations).expect("read").written().iter().map(ToString::to_string).collect();
    let orders = ["password", "urn:scim:wso2:schema:accountLocked", "urn:scim:wso2:schema:forcePasswordReset"];
    assert_eq!(written, [&["name.givenName", "title", "emails"][..], &orders].concat());
    let schema = parse(&json!([{"op": "remove", "path": urn::ENTERPRISE_USER}])).expect("read").written();
    assert!(schema.iter().any(|target| target.is(urn::ENTERPRISE_USER, "manager")));
}

#[test]
fn a_filter_may_write_a_boolean_as_a_string() {
    assert_eq!(at("/emails/0/value", &json!([{"op": "Replace", "path": "emails[primary eq \"True\"].value", "value": "n"}])), json!("n"));
}

#[test]
fn a_filtered_replace_leaves_the_other_elements_alone() {
    let emails = at("/emails", &json!([{"op": "replace", "path": "emails[type eq \"WORK\"].value", "value": "n@x.org"}]));
    assert_eq!(emails, json!([{"value": "n@x.org", "type": "work", "primary": true}, {"value": "h@x.org", "type": "home"}]));
}

#[test]
fn an_unmatched_filter_is_no_target_but_add_creates_the_element() {
    assert_eq!(refused(&json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x"}])), "noTarget");
    assert_eq!(refused(&json!([{"op": "add", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}])), "noTarget");
    assert_eq!(refused(&json!([{"op": "add", "path": "emails[type eq \"x\" and type eq \"y\"].value", "value": "x"}])), "noTarget");
    let twice = json!([
        {"op": "add", "path": "emails[type eq \"other\"].value", "value": "o@x.org"},
        {"op": "add", "path": "emails[type eq \"other\"].display", "value": "O"}
    ]);
    assert_eq!(at("/emails/2", &twice), json!({"type": "other", "value": "o@x.org", "display": "O"}));
}

#[test]
fn add_of_what_is_there_changes_nothing() {
    for operations in [
        json!([{"op": "add", "path": "emails", "value": [{"value": "h@x.org", "type": "home"}]}]),
        json!([{"op": "add", "value": {"displayName": "A", "emails": {"value": "h@x.org"}}}]),
        json!([{"op": "add", "value": {"id": "x", "meta": {}}}]),
    ] {
        assert_eq!(applied(&operations), Ok(Value::Object(user())), "{operations}");
    }
}

#[test]
fn a_new_primary_unsets_the_old_one() {
    let emails = at("/emails", &json!([{"op": "add", "path": "emails", "value": [{"value": "n@x.org", "primary": "True"}]}]));
    assert_eq!(emails.pointer("/0/primary"), Some(&json!(false)));
    assert_eq!(emails.pointer("/2/primary"), Some(&json!(true)));
    assert_eq!(refused(&json!([{"op": "replace", "path": "emails.primary", "value": true}])), "invalidValue");
}

#[test]
fn remove_takes_away_what_is_named_and_nothing_else() {
    assert_eq!(at("/emails", &json!([{"op": "remove", "path": "emails[type eq \"work\"]"}])), json!([{"value": "h@x.org", "type": "home"}]));
    assert_eq!(at("/emails", &json!([{"op": "remove", "path": "emails", "value": [{"value": "w@x.org"}]}])), json!([{"value": "h@x.org", "type": "home"}]));
    assert_eq!(at("/emails", &json!([{"op": "remove", "path": "emails"}])), Value::Null);
    assert_eq!(at("/emails/0", &json!([{"op": "remove", "path": "emails.type"}])), json!({"value": "w@x.org", "primary": true}));
    assert_eq!(at("/name", &json!([{"op": "remove", "path": "name.givenName"}])), json!({"familyName": "B"}));
    assert_eq!(applied(&json!([{"op": "remove", "path": urn::ENTERPRISE_USER}])).expect("applied").get(urn::ENTERPRISE_USER), None);
    assert_eq!(
        applied(&json!([{"op": "replace", "path": format!("{}:manager", urn::ENTERPRISE_USER), "value": ""}]))
            .expect("applied")
            .pointer("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager"),
        None
    );
}

#[test]
fn what_cannot_be_done_is_refused_with_its_kind() {
    for (operations, kind) in [
        (json!([]), "invalidSyntax"),
        (json!({}), "invalidSyntax"),
        (json!(["x"]), "invalidSyntax"),
        (json!([{"op": "move", "path": "title", "value": "x"}]), "invalidSyntax"),
        (json!([{"op": "add", "path": "title"}]), "invalidValue"),
        (json!([{"op": "add", "value": "x"}]), "invalidValue"),
        (json!([{"op": "add", "path": 5, "value": "x"}]), "invalidPath"),
        (json!([{"op": "remove"}]), "noTarget"),
        (json!([{"op": "remove", "path": "userName"}]), "mutability"),
        (json!([{"op": "replace", "path": "userName", "value": null}]), "mutability"),
        (json!([{"op": "replace", "path": "userName", "value": ""}]), "invalidValue"),
        (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
        (json!([{"op": "replace", "path": "meta.created", "value": "x"}]), "mutability"),
        (json!([{"op": "replace", "path": "urn:scim:wso2:schema:accountState", "value": "x"}]), "mutability"),
        (json!([{"op": "remove", "path": "urn:scim:wso2:schema:accountLocked"}]), "mutability"),
        (json!([{"op": "add", "path": "nothing", "value": "x"}]), "invalidPath"),
        (json!([{"op": "add", "value": {"nothing": "x"}}]), "invalidPath"),
        (json!([{"op": "add", "value": {"forcePasswordReset": true}}]), "invalidPath"),
        (json!([{"op": "replace", "path": "active", "value": "maybe"}]), "invalidValue"),
        (json!([{"op": "replace", "path": "title", "value": {}}]), "invalidValue"),
        (json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": "x"}]), "invalidValue"),
        (json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": 1}]), "invalidValue"),
        (json!([{"op": "replace", "path": "title", "value": "x"}, {"op": "replace", "path": "emails[type eq \"none\"].value", "value": "x"}]), "noTarget"),
    ] {
        assert_eq!(refused(&operations), kind, "{operations}");
    }
    assert!(Patch::parse(&USERS, b"{}").is_err());
}

#[test]
fn the_trigger_is_found_in_every_legal_form() {
    for urn in [urn::ENTERPRISE_USER, urn::WSO2, "URN:scim:WSO2:schema"] {
        for operations in [
            json!([{"op": "add", "value": {urn: {"forcePasswordReset": true}}}]),
            json!([{"op": "Replace", "value": {urn: {"FORCEPASSWORDRESET": "True"}}}]),
            json!([{"op": "ADD", "path": format!("{urn}:forcePasswordReset"), "value": true}]),
            json!([{"op": "replace", "path": format!("{urn}:forcepasswordreset"), "value": "true"}]),
            json!([{"OP": "add", "Value": {format!("{urn}:forcePasswordReset"): true}}]),
            json!([{"op": "add", "path": urn, "value": {"forcePasswordReset": true}}]),
        ] {
            let patch = parse(&operations).expect("read");
            assert!(patch.orders().force && patch.is_trigger_only(), "{operations}");
            assert_eq!(patch.apply(&user()), Ok(user()), "{operations}");
        }
    }
    let guide = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"], "Operations": [ {"op": "add","value": {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"forcePasswordReset": true}}}]}"#;
    assert!(Patch::parse(&USERS, guide).is_ok_and(|patch| patch.is_trigger_only()));
    let lower = br#"{"operations": [ {"op": "add","value": {"urn:scim:wso2:schema": {"forcePasswordReset": true}}}]}"#;
    assert!(Patch::parse(&USERS, lower).is_ok_and(|patch| patch.is_trigger_only()));
}

#[test]
fn false_and_remove_trigger_nothing() {
    for operations in [
        json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": "False"}]),
        json!([{"op": "remove", "path": "urn:scim:wso2:schema:forcePasswordReset"}]),
    ] {
        let patch = parse(&operations).expect("read");
        assert!(!patch.orders().force && patch.is_trigger_only());
    }
}

#[test]
fn options_ride_with_the_trigger_and_anything_else_is_more_than_it() {
    let options = json!({"methods": "link", "reason": "leak", "expiresAt": "2030-01-01T00:00:00Z"});
    let with_options = parse(&json!([{"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: options}}])).expect("read");
    assert!(with_options.is_trigger_only());
    assert_eq!(with_options.orders().methods, Some(vec!["link".to_owned()]));
    for more in [json!({"title": "x"}), json!({"password": "x"}), json!({urn::WSO2: {"accountLocked": true}})] {
        let patch =
            parse(&json!([{"op": "add", "path": "urn:scim:wso2:schema:forcePasswordReset", "value": true}, {"op": "add", "value": more}])).expect("read");
        assert!(patch.orders().force && !patch.is_trigger_only(), "{more}");
    }
}

#[test]
fn one_manager_in_a_list_is_that_manager() {
    let path = format!("{}:manager", urn::ENTERPRISE_USER);
    let operations = json!([{"op": "Replace", "path": path, "value": [{"$ref": "https://x/Users/27", "value": "27"}]}]);
    assert_eq!(at("/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value", &operations), json!("27"));
    let two = json!([{"op": "Replace", "path": path, "value": [{"value": "27"}, {"value": "28"}]}]);
    assert_eq!(refused(&two), "invalidValue");
}

proptest! {
    #[test]
    fn no_operation_crashes(op in "(add|replace|remove|.{0,3})", path in ".{0,40}", value in ".{0,10}") {
        let _ = applied(&json!([{"op": op, "path": path, "value": value}]));
        let _ = applied(&json!([{"op": op, "value": {path: value}}]));
    }
}
