//! Claims: the names under which the followed product knows the attributes of users.

use rekey_kernel::Failure;

use super::identifier;

/// The dialect of the local claims.
pub const LOCAL_URI: &str = "http://wso2.org/claims";
/// The id of that dialect, as in the followed product.
pub const LOCAL_ID: &str = "local";

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const WSO2: &str = "urn:scim:wso2:schema";
const LONGEST_TEXT: usize = 1_000;

/// Where users and claims meet.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The URI without its dialect.
    pub name: &'static str,
    /// For people, unless a tenant says otherwise.
    pub display_name: &'static str,
    /// For people, unless a tenant says otherwise.
    pub description: &'static str,
    /// The attribute that it is stored in.
    pub attribute: &'static str,
    /// The schema of its SCIM attribute.
    pub schema: &'static str,
    /// The path of its SCIM attribute within the schema.
    pub path: &'static str,
    /// Is it shown in the profile, unless a tenant says otherwise?
    pub supported_by_default: bool,
    /// Can users and administrators not write it?
    pub read_only: bool,
    /// Must every user have it?
    pub required: bool,
}

const fn claim(name: &'static str, display_name: &'static str, description: &'static str, attribute: &'static str, path: &'static str) -> Definition {
    Definition { name, display_name, description, attribute, schema: CORE, path, supported_by_default: true, read_only: false, required: false }
}

const fn internal(definition: Definition) -> Definition {
    Definition { schema: WSO2, supported_by_default: false, read_only: true, ..definition }
}

/// Every local claim.
pub const DEFINITIONS: [Definition; 19] = [
    Definition { required: true, ..claim("username", "Username", "The name to sign in with", "userName", "userName") },
    claim("givenname", "First Name", "The given name", "name.givenName", "name.givenName"),
    claim("lastname", "Last Name", "The family name", "name.familyName", "name.familyName"),
    claim("fullname", "Full Name", "The name as it is written out", "name.formatted", "name.formatted"),
    claim("displayName", "Display Name", "The name to show", "displayName", "displayName"),
    claim("nickname", "Nick Name", "The casual name", "nickName", "nickName"),
    claim("emailaddress", "Email", "The address that mails go to", "emails", "emails"),
    claim("mobile", "Mobile", "The mobile telephone number", "phoneNumbers.mobile", "phoneNumbers.mobile"),
    claim("locale", "Locale", "The language and region of mails", "locale", "locale"),
    claim("preferredLanguage", "Preferred Language", "The language of pages", "preferredLanguage", "preferredLanguage"),
    claim("title", "Title", "The position in the organisation", "title", "title"),
    Definition {
        supported_by_default: false,
        ..claim("externalid", "External ID", "The id in the system that provisions the user", "externalId", "externalId")
    },
    Definition { supported_by_default: false, ..claim("role", "Role", "The roles of the user", "roles", "roles") },
    Definition { supported_by_default: false, read_only: true, ..claim("userid", "User ID", "The id that never changes", "id", "id") },
    Definition {
        read_only: false,
        ..internal(claim("identity/accountLocked", "Account Locked", "Is signing in with the password barred?", "accountLocked", "accountLocked"))
    },
    internal(claim("identity/lockedReason", "Locked Reason", "Why signing in is barred", "lockedReason", "lockedReason")),
    internal(claim("identity/accountState", "Account State", "Where the account stands", "accountState", "accountState")),
    Definition {
        schema: ENTERPRISE,
        read_only: false,
        ..internal(claim(
            "identity/adminForcedPasswordReset",
            "Force Password Reset",
            "Set to true to force a reset; never stored",
            "forcePasswordReset",
            "forcePasswordReset",
        ))
    },
    internal(claim(
        "oneTimePassword",
        "One Time Password",
        "The code that an administrator passes on in an offline reset",
        "oneTimePassword",
        "oneTimePassword",
    )),
];

/// What a tenant says otherwise about a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// For people.
    pub display_name: Option<String>,
    /// For people.
    pub description: Option<String>,
    /// Is it shown in the profile?
    pub supported_by_default: Option<bool>,
}

impl Change {
    /// This change, and what it leaves open as it was before.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            display_name: self.display_name.or(before.display_name),
            description: self.description.or(before.description),
            supported_by_default: self.supported_by_default.or(before.supported_by_default),
        }
    }

    /// # Errors
    /// `Invalid` when a text is too long, empty where a name is needed, or has control characters.
    pub fn check(&self) -> Result<(), Failure> {
        let texts = self.display_name.iter().chain(&self.description);
        let fits = texts.into_iter().all(|text| text.chars().count() <= LONGEST_TEXT && !text.chars().any(char::is_control));
        let named = self.display_name.as_ref().is_none_or(|name| !name.trim().is_empty());
        if fits && named {
            Ok(())
        } else {
            Err(Failure::invalid("invalidValue", "display name and description are one line of at most 1000 characters; the name is not empty"))
        }
    }
}

/// A claim as one tenant has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Unpadded base64url of the URI.
    pub id: String,
    /// `http://wso2.org/claims/oneTimePassword`
    pub uri: String,
    /// The URI of its dialect.
    pub dialect_uri: &'static str,
    /// For people.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// The attribute that it is stored in.
    pub attribute: &'static str,
    /// The SCIM attribute with its schema.
    pub scim_attribute: String,
    /// Is it shown in the profile?
    pub supported_by_default: bool,
    /// Can it not be written?
    pub read_only: bool,
    /// Must every user have it?
    pub required: bool,
}

impl Definition {
    fn uri(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Local => format!("{LOCAL_URI}/{}", self.name),
            Dialect::Scim(_) => self.scim_attribute(),
        }
    }

    fn scim_attribute(&self) -> String {
        format!("{}:{}", self.schema, self.path)
    }

    /// The claim with what the tenant says otherwise.
    pub fn with(&self, dialect: Dialect, change: Change) -> Claim {
        let uri = self.uri(dialect);
        Claim {
            id: identifier::of(&uri),
            uri,
            dialect_uri: dialect.uri(),
            display_name: change.display_name.unwrap_or_else(|| self.display_name.to_owned()),
            description: change.description.unwrap_or_else(|| self.description.to_owned()),
            attribute: self.attribute,
            scim_attribute: self.scim_attribute(),
            supported_by_default: change.supported_by_default.unwrap_or(self.supported_by_default),
            read_only: self.read_only,
            required: self.required,
        }
    }
}

/// A family of claims. Those of SCIM are the local ones under their SCIM names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `http://wso2.org/claims`
    Local,
    /// A SCIM schema.
    Scim(&'static str),
}

impl Dialect {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Local, Self::Scim(CORE), Self::Scim(ENTERPRISE), Self::Scim(WSO2)];

    /// Its URI.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Local => LOCAL_URI,
            Self::Scim(schema) => schema,
        }
    }

    /// Its id.
    pub fn id(self) -> String {
        match self {
            Self::Local => LOCAL_ID.to_owned(),
            Self::Scim(schema) => identifier::of(schema),
        }
    }

    /// The dialect of an id; that of the local claims has its base64url form as well.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn find(id: &str) -> Result<Self, Failure> {
        let fits = |dialect: &Self| dialect.id() == id || identifier::of(dialect.uri()) == id;
        Self::ALL.into_iter().find(fits).ok_or_else(|| Failure::not_found("there is no claim dialect with this id"))
    }

    /// What it defines.
    pub fn definitions(self) -> impl Iterator<Item = &'static Definition> {
        DEFINITIONS.iter().filter(move |definition| match self {
            Self::Local => true,
            Self::Scim(schema) => definition.schema == schema,
        })
    }

    /// What one of its claims is defined as.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn definition(self, claim_id: &str) -> Result<&'static Definition, Failure> {
        let fits = |definition: &&Definition| identifier::of(&definition.uri(self)) == claim_id;
        self.definitions().find(fits).ok_or_else(|| Failure::not_found("there is no claim with this id in the dialect"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_time_password_is_not_supported_until_a_tenant_says_so() {
        let id = identifier::of("http://wso2.org/claims/oneTimePassword");
        let definition = Dialect::Local.definition(&id).unwrap();
        let plain = definition.with(Dialect::Local, Change::default());
        assert_eq!((plain.display_name.as_str(), plain.supported_by_default), ("One Time Password", false));
        assert_eq!(plain.scim_attribute, "urn:scim:wso2:schema:oneTimePassword");
        assert!(definition.with(Dialect::Local, Change { supported_by_default: Some(true), ..Change::default() }).supported_by_default);
    }

    #[test]
    fn names_are_unique_and_every_scim_schema_has_claims() {
        let mut names: Vec<_> = DEFINITIONS.iter().map(|definition| definition.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DEFINITIONS.len());
        assert!(Dialect::ALL.into_iter().all(|dialect| dialect.definitions().count() > 0));
    }

    #[test]
    fn a_change_keeps_what_it_does_not_name() {
        let before = Change { display_name: Some("Code".into()), supported_by_default: Some(true), ..Change::default() };
        let after = Change { supported_by_default: Some(false), ..Change::default() }.over(before);
        assert_eq!((after.display_name.as_deref(), after.supported_by_default), (Some("Code"), Some(false)));
    }
}
