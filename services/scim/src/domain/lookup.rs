//! Which users a list holds.

use rekey_kernel::{Failure, UserId, text};
use rekey_scim_protocol::{
    Filter,
    filter::Operator,
    schema::{Named, resolve},
};
use serde_json::Value;

use super::refused;

/// Which users a list holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// All of the tenant.
    All,
    /// None: what the filter asks for cannot be.
    Nobody,
    /// The one whose folded `userName` is this.
    UserName(String),
    /// Those with this `externalId`.
    ExternalId(String),
    /// The one with this `id`.
    Id(UserId),
}

impl Lookup {
    /// From a filter; an empty one is none.
    ///
    /// # Errors
    /// 400 `invalidFilter` when it cannot be read, or is more than we can do.
    pub fn parse(filter: &str) -> Result<Self, Failure> {
        if filter.trim().is_empty() {
            return Ok(Self::All);
        }
        match Filter::parse(filter).map_err(refused)? {
            Filter::Compare { name, operator: Operator::Eq, value: Value::String(value) } => Self::equal(&name, value),
            _ => Err(unsupported()),
        }
    }

    fn equal(name: &str, value: String) -> Result<Self, Failure> {
        let Some(Named::Target(target)) = resolve(name) else { return Err(unsupported()) };
        match (target.schema.is_core(), target.attribute.name) {
            (true, "userName") => Ok(Self::UserName(text::fold(&value))),
            (true, "externalId") => Ok(Self::ExternalId(value)),
            // Ids are compared as text: another spelling of the same UUID is another id.
            (true, "id") => Ok(value.parse().ok().filter(|id: &UserId| id.to_string() == value).map_or(Self::Nobody, Self::Id)),
            _ => Err(unsupported()),
        }
    }
}

fn unsupported() -> Failure {
    Failure::invalid("invalidFilter", "this filter is not supported; supported are `userName eq \"…\"`, `externalId eq \"…\"` and `id eq \"…\"`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_looked_up_ignoring_case() {
        assert_eq!(Lookup::parse("USERNAME Eq \"ALICE\"").unwrap(), Lookup::UserName("alice".into()));
        let urn = "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"Alice\"";
        assert_eq!(Lookup::parse(urn).unwrap(), Lookup::UserName("alice".into()));
    }

    #[test]
    fn what_we_cannot_do_is_refused_with_what_we_can() {
        for filter in ["title pr", "userName sw \"a\"", "userName eq null", "nonsense", "password eq \"x\"", "urn:scim:wso2:schema:oneTimePassword eq \"x\""] {
            let failure = Lookup::parse(filter).unwrap_err();
            assert!(failure.reason == "invalidFilter" && failure.detail.contains("userName eq"), "{filter}: {failure}");
        }
    }
}
