//! The users of the benchmark, told apart by a number.

use serde_json::{Value, json};
use uuid::Uuid;

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) fn user_name(number: u64) -> String {
    format!("bench.user.{number:07}@example.com")
}

pub(crate) fn external_id(number: u64) -> String {
    format!("hr-{number:07}")
}

pub(crate) fn address(number: u64) -> String {
    format!("user.{number:07}@mail.example.com")
}

/// As an HR system sends one: no password.
pub(crate) fn document(number: u64) -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE],
        "userName": user_name(number),
        "externalId": external_id(number),
        "name": { "givenName": "Given", "familyName": format!("Family {number}") },
        "displayName": format!("Given Family {number}"),
        "preferredLanguage": "en-GB",
        "emails": [{ "value": address(number), "type": "work", "primary": true }],
        "active": true,
        ENTERPRISE: { "employeeNumber": number.to_string(), "department": format!("Department {}", number % 100) },
    })
}

/// A chain of numbers that look random (`SplitMix64`).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below this.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// An id that nobody has, young as all ids of Rekey: new ones stand at the end of an index.
    pub(crate) fn id(&mut self) -> Uuid {
        let millis = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |now| u64::try_from(now.as_millis()).unwrap_or(0));
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_le_bytes());
        random[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}
