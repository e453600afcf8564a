//! PATCH by its values: null, nothing, `schemas`, and the case of letters.

use serde_json::{Value, json};

use super::Patch;
use crate::{
    Object, ScimError,
    schema::{GROUPS, ResourceType, USERS},
    urn,
};

fn object(value: &Value) -> Object {
    value.as_object().cloned().expect("an object")
}

fn user() -> Object {
    object(&json!({
        "userName": "alice", "active": true, "name": {"givenName": "A", "familyName": "B"},
        "emails": [{"value": "w@x.org", "type": "work", "primary": true}, {"value": "h@x.org", "type": "home", "display": "H"}],
        "addresses": [{"locality": "Graz", "type": "work"}, {"locality": "Wien", "type": "home"}],
        "photos": [{"value": "https://x.org/P", "type": "photo"}],
        urn::ENTERPRISE_USER: {"manager": {"value": "m", "displayName": "M"}}
    }))
}

fn group() -> Object {
    object(&json!({"displayName": "Staff", "members": [{"value": "a", "type": "User"}, {"value": "b", "type": "User"}]}))
}

fn applied_to(resource_type: &'static ResourceType, resource: &Object, operation: &Value) -> Result<Value, ScimError> {
    Patch::parse(resource_type, json!({"Operations": [operation]}).to_string().as_bytes())?.apply(resource).map(Value::Object)
}

fn applied(operation: &Value) -> Result<Value, ScimError> {
    applied_to(&USERS, &user(), operation)
}

fn at(pointer: &str, operation: &Value) -> Value {
    applied(operation).expect("applied").pointer(pointer).cloned().unwrap_or(Value::Null)
}

fn refused(operation: &Value) -> String {
    applied(operation).expect_err("must be refused").scim_type.unwrap_or_default()
}

#[test]
fn a_null_part_in_a_replace_unassigns_that_part_and_no_other() {
    for (name, left) in [
        (json!({"givenName": null}), json!({"familyName": "B"})),
        (json!({"GIVENNAME": null, "familyName": "C"}), json!({"familyName": "C"})),
        (json!([{"givenName": null, "middleName": "M"}]), json!({"familyName": "B", "middleName": "M"})),
        (json!({"givenName": null, "familyName": null}), Value::Null),
        (json!({}), json!({"givenName": "A", "familyName": "B"})),
        (Value::Null, Value::Null),
    ] {
        for operation in [json!({"op": "replace", "value": {"name": name}}), json!({"op": "Replace", "path": "name", "value": name})] {
            assert_eq!(at("/name", &operation), left, "{operation}");
        }
    }
    assert_eq!(refused(&json!({"op": "replace", "path": "name", "value": {"nothing": null}})), "invalidSyntax");
    assert_eq!(at("/name", &json!({"op": "replace", "value": {"name.givenName": null}})), json!({"familyName": "B"}));
    assert_eq!(at("/name/givenName", &json!({"op": "add", "value": {"name": {"givenName": null, "familyName": "C"}}})), json!("A"));
}

#[test]
fn a_part_that_was_never_there_can_be_unassigned() {
    let bare = object(&json!({"userName": "alice"}));
    let operation = json!({"op": "replace", "path": "name", "value": {"givenName": null}});
    assert_eq!(applied_to(&USERS, &bare, &operation), Ok(Value::Object(bare)));
}

#[test]
fn without_its_value_a_manager_is_gone_altogether() {
    let manager = format!("{}:manager", urn::ENTERPRISE_USER);
    for (path, value) in [
        (manager.clone(), json!({"value": null})),
        (manager.clone(), json!({"Value": null, "displayName": "N"})),
        (manager.clone(), json!({"value": "", "displayName": "N"})),
        (format!("{manager}.value"), Value::Null),
        (format!("{manager}.value"), json!("")),
    ] {
        let changed = applied(&json!({"op": "replace", "path": path, "value": value})).expect("applied");
        assert_eq!(changed.get(urn::ENTERPRISE_USER), None, "{path} {value}");
    }
    let unnamed = applied(&json!({"op": "replace", "path": manager, "value": {"displayName": null}})).expect("applied");
    assert_eq!(unnamed[urn::ENTERPRISE_USER]["manager"], json!({"value": "m"}));
}

#[test]
fn a_replace_by_nothing_needs_a_target_as_any_other() {
    for value in [json!(null), json!([])] {
        assert_eq!(refused(&json!({"op": "replace", "path": "emails[type eq \"none\"]", "value": value})), "noTarget", "{value}");
        let left = at("/emails", &json!({"op": "replace", "path": "emails[type eq \"work\"]", "value": value}));
        assert_eq!(left, json!([{"value": "h@x.org", "type": "home", "display": "H"}]), "{value}");
    }
    assert_eq!(refused(&json!({"op": "replace", "path": "emails[type eq \"none\"].display", "value": null})), "noTarget");
    assert_eq!(at("/emails/1/display", &json!({"op": "replace", "path": "emails[type eq \"home\"].display", "value": null})), Value::Null);
    for without_target in [json!({"op": "remove", "path": "emails[type eq \"none\"]"}), json!({"op": "add", "path": "emails[type eq \"none\"]", "value": null})]
    {
        assert_eq!(applied(&without_target), Ok(Value::Object(user())), "{without_target}");
    }
}

#[test]
fn a_remove_has_no_value_but_for_the_elements_of_a_whole_list() {
    for junk in [json!(""), json!(5), json!([]), json!({"nothing": 1}), json!(null)] {
        assert_eq!(at("/name", &json!({"op": "remove", "path": "name", "value": junk})), Value::Null, "{junk}");
        assert_eq!(at("/name/givenName", &json!({"op": "remove", "path": "name.givenName", "value": junk})), Value::Null, "{junk}");
        let addresses = at("/addresses", &json!({"op": "Remove", "path": "addresses[type eq \"work\"]", "value": junk}));
        assert_eq!(addresses, json!([{"locality": "Wien", "type": "home"}]), "{junk}");
        assert_eq!(at("/emails/1/display", &json!({"op": "remove", "path": "emails.display", "value": junk})), Value::Null, "{junk}");
    }
    assert_eq!(refused(&json!({"op": "remove", "path": "emails", "value": 5})), "invalidValue");
}

#[test]
fn a_list_of_what_is_to_go_that_names_nothing_takes_nothing() {
    for nothing in [json!(""), json!({}), json!([]), json!([""]), json!([{}]), json!([null]), json!({"value": null})] {
        let left = applied_to(&GROUPS, &group(), &json!({"op": "remove", "path": "members", "value": nothing}));
        assert_eq!(left, Ok(Value::Object(group())), "{nothing}");
    }
    for all in [json!({"op": "remove", "path": "members"}), json!({"op": "remove", "path": "members", "value": null})] {
        assert_eq!(applied_to(&GROUPS, &group(), &all), Ok(json!({"displayName": "Staff"})), "{all}");
    }
}

#[test]
fn a_message_of_another_kind_is_no_patch() {
    let parsed = |schemas: Value| Patch::parse(&USERS, json!({"schemas": schemas, "Operations": [{"op": "remove", "path": "title"}]}).to_string().as_bytes());
    for right in [json!(null), json!([]), json!([urn::PATCH_OP]), json!(["urn:x", urn::PATCH_OP.to_uppercase()]), json!(urn::PATCH_OP)] {
        assert!(parsed(right.clone()).is_ok(), "{right}");
    }
    for wrong in [json!([urn::USER]), json!([urn::BULK_REQUEST]), json!("urn:x")] {
        let error = parsed(wrong.clone()).expect_err("refused");
        assert!(error.scim_type.as_deref() == Some("invalidSyntax") && error.detail.contains(urn::PATCH_OP), "{wrong}: {error}");
    }
}

#[test]
fn the_schemas_of_its_type_may_be_said_and_change_nothing() {
    for (verb, urns) in
        [("add", json!([urn::ENTERPRISE_USER])), ("replace", json!([urn::USER, urn::RESET.to_lowercase()])), ("add", json!(urn::WSO2)), ("add", json!([]))]
    {
        let operation = json!({"op": verb, "path": "schemas", "value": urns});
        assert_eq!(applied(&operation), Ok(Value::Object(user())), "{operation}");
    }
    for (operation, kind) in [
        (json!({"op": "add", "path": "schemas", "value": ["urn:x"]}), "invalidValue"),
        (json!({"op": "add", "path": "schemas", "value": [urn::GROUP]}), "invalidValue"),
        (json!({"op": "add", "path": "schemas", "value": [5]}), "invalidValue"),
        (json!({"op": "remove", "path": "schemas"}), "mutability"),
        (json!({"op": "replace", "path": "schemas", "value": []}), "mutability"),
        (json!({"op": "replace", "path": "schemas", "value": null}), "mutability"),
    ] {
        assert_eq!(refused(&operation), kind, "{operation}");
    }
    let unknown = applied(&json!({"op": "add", "path": "schemas", "value": ["urn:x"]})).expect_err("refused");
    assert!(unknown.detail.contains(urn::ENTERPRISE_USER), "{unknown}");
}

#[test]
fn elements_are_the_same_whatever_their_case_unless_the_schema_says_otherwise() {
    let left = at("/emails", &json!({"op": "remove", "path": "emails", "value": [{"value": "W@X.ORG", "type": "Work"}]}));
    assert_eq!(left, json!([{"value": "h@x.org", "type": "home", "display": "H"}]));
    let left = at("/addresses", &json!({"op": "remove", "path": "addresses", "value": [{"locality": "GRAZ", "type": "work"}]}));
    assert_eq!(left, json!([{"locality": "Wien", "type": "home"}]));
    let photos = at("/photos", &json!({"op": "remove", "path": "photos", "value": [{"value": "https://x.org/p"}]}));
    assert_eq!(photos.as_array().map(Vec::len), Some(1), "a URL counts letter by letter");
    let members = applied_to(&GROUPS, &group(), &json!({"op": "remove", "path": "members", "value": [{"value": "A"}]}));
    assert_eq!(members, Ok(Value::Object(group())));
}

#[test]
fn adding_an_element_in_another_case_makes_no_second_one_and_leaves_the_spelling() {
    assert_eq!(applied(&json!({"op": "add", "path": "emails", "value": [{"value": "H@X.org", "type": "HOME"}]})), Ok(Value::Object(user())));
    let shown = at("/emails", &json!({"op": "add", "path": "emails", "value": [{"value": "H@X.org", "display": "h"}]}));
    assert_eq!(shown.pointer("/1"), Some(&json!({"value": "h@x.org", "type": "home", "display": "h"})));
    let other = at("/emails/2", &json!({"op": "add", "path": "emails", "value": [{"value": "H@X.org", "type": "other"}]}));
    assert_eq!(other, json!({"value": "H@X.org", "type": "other"}), "another type is another element");
}

#[test]
fn options_of_a_reset_stray_only_where_a_path_names_them() {
    let stray = |operation: Value| {
        let body = json!({"Operations": [operation]}).to_string();
        Patch::parse(&USERS, body.as_bytes()).expect("a PATCH").has_stray_options()
    };
    let options = json!({"reason": "x", "methods": ["link"]});
    assert!(stray(json!({"op": "add", "path": format!("{}:reason", urn::RESET), "value": "x"})));
    assert!(stray(json!({"op": "replace", "path": urn::RESET, "value": options})));
    assert!(!stray(json!({"op": "replace", "value": {urn::RESET: options, "title": "x"}})));
    assert!(!stray(json!({"op": "replace", "path": format!("{}:reason", urn::RESET), "value": null})));
    assert!(!stray(json!({"op": "add", "value": {urn::WSO2: {"forcePasswordReset": true}, urn::RESET: options}})));
}

#[test]
fn a_new_value_that_the_filter_makes_primary_takes_the_place_of_the_old_one() {
    let operation = json!({"op": "add", "path": "emails[type eq \"other\" and primary eq true].value", "value": "n@x.org"});
    let emails = at("/emails", &operation);
    let primary: Vec<_> = emails.as_array().expect("a list").iter().filter(|email| email["primary"] == true).collect();
    assert_eq!(primary, [&json!({"value": "n@x.org", "type": "other", "primary": true})], "{emails}");
}

#[test]
fn the_old_primary_value_said_again_gives_way_to_a_new_one() {
    let both = json!([{"value": "w@x.org"}, {"value": "n@x.org", "primary": true}]);
    let emails = at("/emails", &json!({"op": "add", "path": "emails", "value": both}));
    let primary: Vec<_> = emails.as_array().expect("a list").iter().filter(|email| email["primary"] == true).map(|email| &email["value"]).collect();
    assert_eq!(primary, ["n@x.org"], "{emails}");
    let two = json!([{"value": "w@x.org", "primary": true}, {"value": "n@x.org", "primary": true}]);
    assert_eq!(refused(&json!({"op": "add", "path": "emails", "value": two})), "invalidValue");
}

#[test]
fn a_manager_whose_value_is_removed_goes_altogether() {
    let path = format!("{}:manager.value", urn::ENTERPRISE_USER);
    assert_eq!(at(&format!("/{}", urn::ENTERPRISE_USER), &json!({"op": "remove", "path": path})), Value::Null);
}

#[test]
fn a_list_has_an_end_and_a_long_one_is_read_in_a_moment() {
    let phones = |count: usize| (0..count).map(|n| json!({"value": "1", "type": format!("a{n}")})).collect::<Vec<_>>();
    let add = |count| json!({"op": "add", "path": "phoneNumbers", "value": phones(count)});
    assert_eq!(at("/phoneNumbers", &add(1_000)).as_array().map(Vec::len), Some(1_000));
    assert_eq!(refused(&add(1_001)), "invalidValue");
    // As many as a request holds: compared each with each it would take minutes.
    assert_eq!(refused(&add(30_000)), "invalidValue");
    let members: Vec<_> = (0..20_000).map(|n| json!({"value": n.to_string()})).collect();
    let added = applied_to(&GROUPS, &group(), &json!({"op": "add", "path": "members", "value": members})).expect("applied");
    assert_eq!(added["members"].as_array().map(Vec::len), Some(20_002), "the members of a group have no such end");
}

#[test]
fn an_element_that_was_given_a_type_is_not_taken_for_one_without() {
    let user = object(&json!({"userName": "a", "emails": [{"value": "v@x.org"}]}));
    let add = json!({"op": "add", "path": "emails", "value": [{"value": "v@x.org", "type": "work"}, {"value": "v@x.org", "type": "home"}]});
    let emails = applied_to(&USERS, &user, &add).expect("applied")["emails"].clone();
    assert_eq!(emails, json!([{"value": "v@x.org", "type": "work"}, {"value": "v@x.org", "type": "home"}]));
}
