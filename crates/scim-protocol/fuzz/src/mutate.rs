//! Changing JSON as JSON. Bytes changed at random are hardly ever JSON any more, and what lies behind the reader would see little.

use serde_json::{Value, json};

/// What may mean something somewhere in a PATCH or a bulk request.
const WORDS: [&str; 48] = [
    "add",
    "replace",
    "remove",
    "Add",
    "REPLACE",
    "userName",
    "displayName",
    "nickName",
    "title",
    "active",
    "password",
    "externalId",
    "id",
    "meta",
    "schemas",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[not (primary eq true)]",
    "emails[type eq \"new\" and primary eq true].value",
    "addresses[type eq \"work\"].locality",
    "roles[value pr]",
    "members",
    "members.value",
    "members[value eq \"902c246b-6245-4190-8e05-00816be7344a\"]",
    "members[type eq \"User\"].display",
    "value",
    "type",
    "display",
    "primary",
    "work",
    "home",
    "User",
    "Group",
    "True",
    "2030-01-01T00:00:00Z",
    "urn:scim:wso2:schema",
    "urn:scim:wso2:schema:accountLocked",
    "urn:scim:wso2:schema:forcePasswordReset",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "bulkId:a",
    "/Users/bulkId:b",
];

/// A source of numbers that the fuzzer's seed decides (xorshift).
pub struct Dice(u64);

impl Dice {
    /// Begins with a seed.
    pub fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 1 | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap_or(usize::MAX) % limit.max(1)
    }
}

/// The same JSON with something changed in it; nothing when it is no JSON.
pub fn json(data: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut whole: Value = serde_json::from_slice(data).ok()?;
    for _ in 0..=dice.below(3) {
        let nodes = count(&whole);
        let other = node(&mut whole, dice.below(nodes)).map(|found| found.clone()).unwrap_or_default();
        change(node(&mut whole, dice.below(nodes))?, other, dice);
    }
    serde_json::to_vec(&whole).ok()
}

fn change(place: &mut Value, other: Value, dice: &mut Dice) {
    match (place, dice.below(4)) {
        (Value::Array(elements), 0) => elements.push(other),
        (Value::Array(elements), 1) if !elements.is_empty() => drop(elements.remove(dice.below(elements.len()))),
        (Value::Object(members), 0) => drop(members.insert(word(dice).to_owned(), other)),
        (Value::Object(members), 1) if !members.is_empty() => {
            let name = members.keys().nth(dice.below(members.len())).cloned().unwrap_or_default();
            members.remove(&name);
        }
        (place, 2) => *place = other,
        (place, _) => *place = leaf(dice),
    }
}

fn leaf(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => Value::Null,
        1 => json!(dice.below(2) == 0),
        2 => json!(dice.below(3)),
        3 => json!([]),
        4 => json!({ "value": word(dice) }),
        _ => json!(word(dice)),
    }
}

fn word(dice: &mut Dice) -> &'static str {
    WORDS[dice.below(WORDS.len())]
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        _ => 0,
    }
}

/// The node of this number, counted from the root.
fn node(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let mut children: Box<dyn Iterator<Item = &mut Value>> = match value {
        Value::Array(elements) => Box::new(elements.iter_mut()),
        Value::Object(members) => Box::new(members.values_mut()),
        _ => return None,
    };
    let child = children.find(|child| {
        let nodes = count(child);
        let inside = left < nodes;
        left -= if inside { 0 } else { nodes };
        inside
    })?;
    node(child, left)
}
