//! Random users, groups, filters and orders, out of few words: so that they meet.

use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
};
use rekey_scim_protocol::urn;
use serde_json::{Map, Value, json};

/// Case, width, combining marks, code points beyond the basic plane, and what LIKE would take for patterns.
const WORDS: [&str; 16] = ["", "a", "A", "ab", "Ab%", "a_b", "b\\", "ä", "Ä", "a\u{308}", "ß", "\u{212A}", "\u{1F600}", "\u{FFFF}", "b", "ba"];
/// Attributes of users with one text.
const TEXTS: [&str; 12] = [
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "locale",
    "externalId",
    "name.formatted",
    "name.familyName",
    "name.givenName",
    "department",
    "manager.value",
    "costCenter",
];
const LISTS: [&str; 5] = ["emails", "phoneNumbers", "roles", "photos", "addresses"];
const MOMENTS: [&str; 4] = ["2026-05-01T12:00:00Z", "2026-05-01T14:00:00.000001+02:00", "2026-05-01T12:00:00.0000005Z", "2026-05-02T00:00:00Z"];
const OPERATORS: [&str; 10] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ"];

pub(super) fn word() -> impl Strategy<Value = &'static str> {
    select(WORDS.as_slice())
}

/// A user's profile but for its `userName`, its account's state, and when it was made and changed (in microseconds after 12 o'clock).
#[derive(Clone, Debug)]
pub(super) struct RandomUser {
    pub(super) profile: Map<String, Value>,
    pub(super) account: (&'static str, &'static str),
    pub(super) times: (i64, i64),
}

pub(super) fn user() -> impl Strategy<Value = RandomUser> {
    let texts = vec(option::of(word()), TEXTS.len());
    let lists = vec(vec(element(), 0..3), LISTS.len());
    let account = select([("UNLOCKED", ""), ("LOCKED", "ADMIN_INITIATED"), ("PENDING_FUPR", "X")].as_slice());
    (texts, lists, option::of(any::<bool>()), account, (0..3i64, 0..3i64)).prop_map(|(texts, lists, active, account, times)| {
        let mut profile = json!({ "active": active });
        for (name, text) in TEXTS.iter().zip(texts).filter_map(|(name, text)| Some((name, text?))) {
            put(&mut profile, name, text);
        }
        for (name, mut elements) in LISTS.iter().zip(lists).filter(|(_, elements)| !elements.is_empty()) {
            only_one_primary(&mut elements);
            profile[*name] = elements.into_iter().map(|element| named(name, element)).collect();
        }
        let Value::Object(mut profile) = profile else { panic!("an object") };
        profile.retain(|_, value| !value.is_null());
        RandomUser { profile, account, times }
    })
}

fn put(profile: &mut Value, name: &str, text: &str) {
    match name.split_once('.') {
        Some(("manager", part)) => profile[urn::ENTERPRISE_USER]["manager"][part] = text.into(),
        Some((attribute, part)) => profile[attribute][part] = text.into(),
        None if matches!(name, "department" | "costCenter") => profile[urn::ENTERPRISE_USER][name] = text.into(),
        None => profile[name] = text.into(),
    }
}

fn element() -> impl Strategy<Value = Map<String, Value>> {
    (option::of(word()), option::of(select(["work", "home"].as_slice())), option::of(word()), option::of(any::<bool>())).prop_map(
        |(value, kind, display, primary)| {
            let Value::Object(mut element) = json!({"value": value, "type": kind, "display": display, "primary": primary}) else { panic!("an object") };
            element.retain(|_, value| !value.is_null());
            if element.is_empty() {
                element.insert("value".to_owned(), "a".into());
            }
            element
        },
    )
}

fn only_one_primary(elements: &mut [Map<String, Value>]) {
    for element in elements.iter_mut().filter(|element| element.get("primary") == Some(&json!(true))).skip(1) {
        element.insert("primary".to_owned(), json!(false));
    }
}

/// Addresses have a town where others have a value.
fn named(list: &str, mut element: Map<String, Value>) -> Value {
    if list == "addresses" {
        element.remove("display");
        let town = element.remove("value");
        element.insert("locality".to_owned(), town.unwrap_or_else(|| "b".into()));
    }
    Value::Object(element)
}

/// A group's name and `externalId`, and its members by their number, groups after users, with their displays.
pub(super) type RandomGroup = (&'static str, Option<&'static str>, Vec<(usize, Option<&'static str>)>);

pub(super) fn group(resources: usize) -> impl Strategy<Value = RandomGroup> {
    (word(), option::of(word()), vec((0..resources, option::of(word())), 0..6))
}

/// A filter as text. `#7` stands for the id of the seventh resource.
pub(super) fn filter(names: &'static [&'static str], lists: &'static [(&'static str, &'static [&'static str])]) -> impl Strategy<Value = String> {
    let within = select(lists).prop_flat_map(|(list, parts)| tree(leaf(parts).boxed(), 2).prop_map(move |inner| format!("{list}[{inner}]")));
    tree(prop_oneof![4 => leaf(names), 1 => within].boxed(), 3)
}

fn tree(leaf: proptest::strategy::BoxedStrategy<String>, depth: u32) -> impl Strategy<Value = String> {
    leaf.prop_recursive(depth, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("not ({one})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) and ({other})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("({one}) or ({other})")),
        ]
    })
}

fn leaf(names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let text = word().prop_map(|word| Value::from(word).to_string());
    let state = select(["ADMIN_INITIATED", "x", "unlocked", "work", "HOME", "user", "direct"].as_slice()).prop_map(|word| format!("{word:?}"));
    let value = prop_oneof![
        6 => text,
        2 => state,
        1 => select(["null", "true", "false"].as_slice()).prop_map(str::to_owned),
        2 => select(MOMENTS.as_slice()).prop_map(|moment| format!("{moment:?}")),
        2 => (0..30usize).prop_map(|number| format!("\"#{number}\"")),
    ];
    let compare = (select(names), select(OPERATORS.as_slice()), value).prop_map(|(name, operator, value)| format!("{name} {operator} {value}"));
    prop_oneof![6 => compare, 1 => select(names).prop_map(|name| format!("{name} pr"))]
}

/// No filter, or one.
pub(super) fn perhaps(filter: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![1 => Just(String::new()), 9 => filter]
}
