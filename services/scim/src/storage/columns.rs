//! What a resource puts into columns and child rows beside its profile, so that it is found and sorted by them.

use rekey_scim_protocol::{
    Object,
    schema::{Attribute, Target},
};
use sea_orm::Value;
use serde_json::Value as Json;

use super::{
    fields::{EMAIL, MAX_INDEXED, USER_TEXTS, USER_VALUES, is_indexed},
    text::{clipped, stored},
};

/// Columns with their values.
pub(super) type Columns = Vec<(&'static str, Value)>;

/// An element of a multi-valued attribute, as the table `user_values` holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) attribute: &'static str,
    pub(super) position: i32,
    pub(super) value: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) display: Option<String>,
    pub(super) is_primary: Option<bool>,
}

/// The columns of a user's profile.
pub(super) fn of_user(profile: &Object) -> Columns {
    let mut columns = texts(&USER_TEXTS, profile);
    columns.push(("active", profile.get("active").and_then(Json::as_bool).into()));
    columns.push((EMAIL, email(profile).into()));
    columns
}

/// The columns of a profile that become other ones. What is the same in both profiles need not be folded to see that.
pub(super) fn changed(before: &Object, after: &Object) -> Columns {
    let texts = USER_TEXTS.iter().filter(|(target, _)| plain(target, before) != plain(target, after));
    let texts = texts.map(|(target, column)| (*column, text(target, before, is_indexed(column)), text(target, after, is_indexed(column))));
    let email = (before.get("emails") != after.get("emails")).then(|| (EMAIL, email(before), email(after)));
    let mut columns: Columns = texts.chain(email).filter(|(_, before, after)| before != after).map(|(column, _, after)| (column, after.into())).collect();
    let active = |profile: &Object| profile.get("active").and_then(Json::as_bool);
    if active(before) != active(after) {
        columns.push(("active", active(after).into()));
    }
    columns
}

/// The columns of texts.
pub(super) fn texts(of: &[(Target, &'static str)], profile: &Object) -> Columns {
    of.iter().map(|(target, column)| (*column, text(target, profile, is_indexed(column)).into())).collect()
}

fn text(target: &Target, profile: &Object, indexed: bool) -> Option<String> {
    let text = stored(target.innermost(), plain(target, profile)?);
    Some(if indexed { clipped(text, MAX_INDEXED) } else { text })
}

fn plain<'a>(target: &Target, profile: &'a Object) -> Option<&'a str> {
    let found = target.value_in(profile)?;
    target.sub.map_or(Some(found), |sub| found.get(sub.name))?.as_str()
}

fn email(profile: &Object) -> Option<String> {
    let emails = profile.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email.get("primary") == Some(&Json::Bool(true)));
    let target = USER_VALUES.iter().find(|target| target.attribute.name == "emails")?;
    part(target.attribute, "value", primary.or_else(|| emails.first())?).map(|text| clipped(text, MAX_INDEXED))
}

/// Elements that stand in the place of others.
pub(super) struct NewElements {
    /// Are there others?
    pub(super) replace: bool,
    pub(super) elements: Vec<Element>,
}

/// The elements of a changed user; `None`: they are those that it had before.
pub(super) fn changed_elements(before: &Object, after: &Object) -> Option<NewElements> {
    if USER_VALUES.iter().all(|target| target.value_in(before) == target.value_in(after)) {
        return None;
    }
    let (before, after) = (elements(before), elements(after));
    (before != after).then_some(NewElements { replace: !before.is_empty(), elements: after })
}

/// The elements of a user's multi-valued attributes.
pub(super) fn elements(profile: &Object) -> Vec<Element> {
    let lists = USER_VALUES.iter().filter_map(|target| Some((target.attribute, target.value_in(profile)?.as_array()?)));
    lists.flat_map(|(attribute, list)| list.iter().zip(0..).map(|(json, position)| element(attribute, json, position))).collect()
}

fn element(attribute: &'static Attribute, json: &Json, position: i32) -> Element {
    Element {
        attribute: attribute.name,
        position,
        value: part(attribute, "value", json).map(|value| clipped(value, MAX_INDEXED)),
        kind: part(attribute, "type", json),
        display: part(attribute, "display", json),
        is_primary: json.get("primary").and_then(Json::as_bool),
    }
}

fn part(attribute: &'static Attribute, name: &str, element: &Json) -> Option<String> {
    Some(stored(attribute.sub(name)?, element.get(name)?.as_str()?))
}

/// The attribute of a profile whose text is too long to be found by, as a client knows it.
pub(super) fn too_long(of: &[(Target, &'static str)], profile: &Object) -> Option<String> {
    let single =
        of.iter().filter(|(_, column)| is_indexed(column)).find(|(target, _)| plain(target, profile).is_some_and(|text| long(target.innermost(), text)));
    single.map(|(target, _)| target.to_string()).or_else(|| long_element(profile))
}

fn long_element(profile: &Object) -> Option<String> {
    let lists = USER_VALUES.iter().filter_map(|target| Some((target.attribute, target.value_in(profile)?.as_array()?)));
    let mut elements = lists.flat_map(|(attribute, list)| list.iter().map(move |element| (attribute, element)));
    let is_long = |(attribute, element): &(&'static Attribute, &Json)| {
        let text = element.get("value").and_then(Json::as_str);
        text.zip(attribute.sub("value")).is_some_and(|(text, sub)| long(sub, text))
    };
    elements.find(is_long).map(|(attribute, _)| format!("{}.value", attribute.name))
}

fn long(attribute: &Attribute, text: &str) -> bool {
    // No text becomes longer than 18 characters for each of its bytes by folding: most need no second look.
    text.len() > MAX_INDEXED / 18 && stored(attribute, text).chars().count() > MAX_INDEXED
}
