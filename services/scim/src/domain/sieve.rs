//! What a filter over several types of resources means for one of them.

use rekey_scim_protocol::{Filter, filter::Operator, schema::ResourceType};
use serde_json::Value;

/// What is left of a filter for one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Sieve {
    /// Every resource fulfils it.
    All,
    /// Those do that fulfil this.
    Some(Filter),
    /// None does.
    Nothing,
}

impl Sieve {
    /// An attribute that the type does not have is one without a value (RFC 7644 §3.4.2.1).
    pub fn of(filter: Filter, kind: &'static ResourceType) -> Self {
        match filter {
            Filter::And(left, right) => Self::of(*left, kind).and(Self::of(*right, kind)),
            Filter::Or(left, right) => Self::of(*left, kind).or(Self::of(*right, kind)),
            Filter::Not(inner) => Self::of(*inner, kind).not(),
            Filter::Compare { name, operator, value } if kind.target(&name).is_none() => Self::absent(operator, &value),
            Filter::Present(name) | Filter::Element { name, .. } if kind.target(&name).is_none() => Self::Nothing,
            leaf => Self::Some(leaf),
        }
    }

    /// What is absent is as null.
    fn absent(operator: Operator, value: &Value) -> Self {
        match (operator, value.is_null()) {
            (Operator::Eq, true) | (Operator::Ne, false) => Self::All,
            _ => Self::Nothing,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::All, rest) | (rest, Self::All) => rest,
            (Self::Some(left), Self::Some(right)) => Self::Some(Filter::And(Box::new(left), Box::new(right))),
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nothing, rest) | (rest, Self::Nothing) => rest,
            (Self::Some(left), Self::Some(right)) => Self::Some(Filter::Or(Box::new(left), Box::new(right))),
        }
    }

    fn not(self) -> Self {
        match self {
            Self::All => Self::Nothing,
            Self::Nothing => Self::All,
            Self::Some(inner) => Self::Some(Filter::Not(Box::new(inner))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_scim_protocol::schema::{GROUPS, USERS};

    fn for_groups(text: &str) -> Sieve {
        Sieve::of(Filter::parse(&USERS, text).unwrap(), &GROUPS)
    }

    fn group_filter(text: &str) -> Sieve {
        Sieve::Some(Filter::parse(&GROUPS, text).unwrap())
    }

    #[test]
    fn what_a_type_does_not_have_is_absent_there() {
        for (filter, left) in [
            ("userName pr", Sieve::Nothing),
            ("userName eq \"a\" and displayName eq \"b\"", Sieve::Nothing),
            ("userName eq \"a\" or displayName eq \"b\"", group_filter("displayName eq \"b\"")),
            ("userName ne \"a\" and displayName eq \"b\"", group_filter("displayName eq \"b\"")),
            ("emails[type eq \"work\"] or not (userName pr)", Sieve::All),
            ("title eq null", Sieve::All),
            ("title ne null or title gt \"a\"", Sieve::Nothing),
            ("not (displayName pr)", group_filter("not (displayName pr)")),
        ] {
            assert_eq!(for_groups(filter), left, "{filter}");
        }
    }
}
