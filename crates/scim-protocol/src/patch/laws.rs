//! What holds of every PATCH of every resource.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::{MemberEdit, Patch};
use crate::{
    GroupBody, Object, ScimError, UserBody,
    arbitrary::{groups, member_operations, operation, operations, users},
    distinct::{merged, renewed},
    schema::{GROUP, GROUPS, ResourceType, USERS},
};

fn parse(resource_type: &'static ResourceType, operations: &Value) -> Result<Patch, ScimError> {
    Patch::parse(resource_type, json!({"Operations": operations}).to_string().as_bytes())
}

fn apply(resource_type: &'static ResourceType, operations: &Value, resource: &Object) -> Result<Object, ScimError> {
    parse(resource_type, operations)?.apply(resource)
}

/// A resource of either type, and something to do with it.
fn resources<S: Strategy<Value = Value> + 'static>(work: impl Fn(&'static ResourceType) -> S) -> impl Strategy<Value = (&'static ResourceType, Object, Value)> {
    prop_oneof![(Just(&USERS), users().boxed(), work(&USERS)), (Just(&GROUPS), groups().boxed(), work(&GROUPS))]
}

/// The resource as a body is read, members and all.
fn read_again(resource_type: &'static ResourceType, resource: &Object) -> Result<Object, ScimError> {
    let body = json!(resource).to_string();
    if resource_type.name == "User" {
        return UserBody::parse(body.as_bytes()).map(|user| user.profile);
    }
    let GroupBody { mut profile, members } = GroupBody::parse(body.as_bytes())?;
    profile.extend((!members.is_empty()).then(|| ("members".to_owned(), Value::Array(members))));
    Ok(profile)
}

/// The edits, one by one.
fn edited(edits: &[MemberEdit], present: Option<&Value>) -> Result<Vec<Value>, ScimError> {
    let mut members = present.and_then(Value::as_array).cloned().unwrap_or_default();
    for edit in edits {
        match edit {
            MemberEdit::Remove(value) => members.retain(|member| member["value"] != json!(value)),
            MemberEdit::Add(new) => match members.iter_mut().find(|member| member["value"] == new["value"]) {
                None => members.push(json!(new)),
                Some(present) => {
                    let both = merged(present, &json!(new));
                    *present = renewed(GROUP.attribute("members").expect("members"), present, both).map_err(ScimError::mutability)?;
                }
            },
        }
    }
    Ok(members)
}

proptest! {
    #[test]
    fn what_comes_out_is_a_body_again((resource_type, resource, operations) in resources(operations)) {
        if let Ok(changed) = apply(resource_type, &operations, &resource) {
            prop_assert_eq!(read_again(resource_type, &changed), Ok(changed));
        }
    }

    #[test]
    fn replacing_twice_is_replacing_once((resource_type, resource, operation) in resources(|resource_type| operation("replace", resource_type))) {
        let operations = json!([operation]);
        if let Ok(once) = apply(resource_type, &operations, &resource) {
            match apply(resource_type, &operations, &once) {
                Ok(twice) => prop_assert_eq!(twice, once),
                // The filter looked at what was replaced.
                Err(error) => prop_assert!(error.scim_type.as_deref() == Some("noTarget") && operation["path"].to_string().contains('['), "{error}"),
            }
        }
    }

    #[test]
    fn removing_twice_is_removing_once((resource_type, resource, operation) in resources(|resource_type| operation("remove", resource_type))) {
        let operations = json!([operation]);
        if let Ok(once) = apply(resource_type, &operations, &resource) {
            prop_assert_eq!(apply(resource_type, &operations, &once), Ok(once));
        }
    }

    #[test]
    fn adding_what_is_there_changes_nothing((resource_type, resource, _) in resources(|_| Just(Value::Null)), verb in select(vec!["add", "replace"])) {
        let one_by_one: Vec<_> = resource.iter().map(|(path, value)| json!({"op": verb, "path": path, "value": value})).collect();
        prop_assert_eq!(apply(resource_type, &json!(one_by_one), &resource), Ok(resource.clone()));
        prop_assert_eq!(apply(resource_type, &json!([{"op": verb, "value": resource}]), &resource), Ok(resource));
    }

    #[test]
    fn an_object_without_a_path_is_its_members_one_by_one(
        (resource_type, resource, new) in prop_oneof![
            (Just(&USERS), users(), users()),
            (Just(&GROUPS), groups(), groups()),
        ],
        verb in select(vec!["add", "replace"]),
    ) {
        let one_by_one: Vec<_> = new.iter().map(|(path, value)| json!({"op": verb, "path": path, "value": value})).collect();
        let at_once = apply(resource_type, &json!([{"op": verb, "value": new}]), &resource);
        prop_assert_eq!(apply(resource_type, &json!(one_by_one), &resource), at_once);
    }

    #[test]
    fn adding_and_removing_an_element_leaves_the_list_as_it_was(
        (resource_type, resource, name) in prop_oneof![
            (Just(&USERS), users(), select(vec!["emails", "phoneNumbers", "ims", "photos", "entitlements", "roles", "x509Certificates"])),
            (Just(&GROUPS), groups(), Just("members")),
        ],
        by_filter in any::<bool>(),
    ) {
        let added = json!({"op": "add", "path": name, "value": [{"value": "fresh", "display": "F"}]});
        let by_filter = by_filter.then(|| json!({"op": "remove", "path": format!("{name}[value eq \"fresh\"]")}));
        let removed = by_filter.unwrap_or_else(|| json!({"op": "remove", "path": name, "value": [{"value": "fresh"}]}));
        prop_assert_eq!(apply(resource_type, &json!([added, removed]), &resource), Ok(resource));
    }

    #[test]
    fn an_operation_that_fails_fails_all((resource_type, resource, operations) in resources(operations)) {
        let list = if resource_type.name == "User" { "emails" } else { "members" };
        let mut operations = operations;
        let failing = json!({"op": "replace", "path": format!("{list}[value eq \"there is no such value\"].display"), "value": "x"});
        operations.as_array_mut().expect("an array").push(failing);
        prop_assert!(apply(resource_type, &operations, &resource).is_err());
    }

    #[test]
    fn edits_of_members_one_by_one_are_the_whole_patch(group in groups(), operations in member_operations()) {
        let patch = parse(&GROUPS, &operations).expect("a PATCH");
        let edits = patch.member_edits().expect("simple edits");
        let apart = edited(&edits, group.get("members")).and_then(|members| {
            let mut rest = patch.apply_without_members(&group)?;
            rest.remove("members");
            rest.extend((!members.is_empty()).then(|| ("members".to_owned(), Value::Array(members))));
            Ok(rest)
        });
        match (patch.apply(&group), apart) {
            (Ok(whole), apart) => prop_assert_eq!(apart, Ok(whole)),
            (Err(error), apart) => prop_assert_eq!(apart.expect_err("refused too").scim_type, error.scim_type),
        }
    }

    #[test]
    fn without_members_only_they_stay_behind(group in groups(), operations in operations(&GROUPS)) {
        let Ok(patch) = parse(&GROUPS, &operations) else { return Ok(()) };
        if let (Ok(mut whole), Ok(mut rest)) = (patch.apply(&group), patch.apply_without_members(&group)) {
            prop_assert!(patch.touches_members() || whole == rest);
            prop_assert_eq!(rest.remove("members"), group.get("members").cloned());
            whole.remove("members");
            prop_assert_eq!(rest, whole);
        }
    }
}
