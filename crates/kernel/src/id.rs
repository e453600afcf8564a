//! Typed identifiers: a [`UserId`] can never be passed where a [`TenantId`] is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::{Builder, Uuid};

use crate::{Random, Timestamp};

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id (UUID version 7, RFC 9562 §5.7): ids made later sort later.
            pub fn new(now: Timestamp, random: &dyn Random) -> Self {
                let mut bytes = [0; 10];
                random.fill(&mut bytes);
                Self(Builder::from_unix_timestamp_millis(now.as_millis(), &bytes).into_uuid())
            }

            /// The id that a stored UUID stands for.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(out)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            /// Reads the hyphenated form only, in any letter case.
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let error = ParseIdError { noun: $noun };
                if text.len() != 36 {
                    return Err(error);
                }
                Uuid::try_parse(text).map(Self).map_err(|_| error)
            }
        }
    };
}

typed_id!(
    /// A tenant. It never changes, the tenant's domain and name may.
    TenantId,
    "tenant id"
);
typed_id!(
    /// A user, alike in SCIM (`id`) and in authentication.
    UserId,
    "user id"
);
typed_id!(
    /// A group of SCIM.
    GroupId,
    "group id"
);
typed_id!(
    /// One forced reset.
    ResetId,
    "reset id"
);
typed_id!(
    /// One change of a user on its way through both databases.
    IntentId,
    "intent id"
);

impl TenantId {
    /// The tenant `default`, which exists from the first start.
    pub const DEFAULT: Self = Self(Uuid::from_u128(1));
}

impl From<IntentId> for ResetId {
    /// A reset's id is its intent's.
    fn from(intent: IntentId) -> Self {
        Self(intent.0)
    }
}

impl From<ResetId> for IntentId {
    fn from(reset: ResetId) -> Self {
        Self(reset.0)
    }
}

/// The text is not such an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {noun}: a hyphenated UUID is expected")]
pub struct ParseIdError {
    noun: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::tests::Counting;

    #[test]
    fn later_ids_sort_later() {
        let random = Counting::default();
        let early = UserId::new(Timestamp::from_micros(1_000_000), &random);
        let late = UserId::new(Timestamp::from_micros(2_000_000), &random);
        assert!(early < late);
    }

    #[test]
    fn only_the_hyphenated_form_is_read() {
        let id = UserId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.as_uuid().simple().to_string().parse::<UserId>().is_err());
    }
}
