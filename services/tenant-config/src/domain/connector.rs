//! The governance connectors of the followed product, as far as they take effect here: what is listed is honoured.

use rekey_kernel::{Failure, Kind, LONGEST_RESET_MINUTES};

use super::{
    governance::{Defaults, Effective, Overrides, whole_minutes},
    identifier,
};

/// The reason of a refused value.
pub const BAD_VALUE: &str = "IDG-50013";
/// The reason of an unknown category or connector.
pub const UNKNOWN: &str = "IDG-50008";

/// Property names as the followed product has them.
pub mod name {
    /// The mailed link.
    pub const LINK: &str = "Recovery.AdminPasswordReset.RecoveryLink";
    /// The mailed code.
    pub const OTP: &str = "Recovery.AdminPasswordReset.OTP";
    /// A code by text message: listed, never on.
    pub const SMS_OTP: &str = "Recovery.AdminPasswordReset.SMSOTP";
    /// The code that an administrator reads out.
    pub const OFFLINE: &str = "Recovery.AdminPasswordReset.Offline";
    /// A reset's life in minutes.
    pub const EXPIRY: &str = "Recovery.AdminPasswordReset.ExpiryTime";
    /// The shortest password.
    pub const MIN_LENGTH: &str = "passwordPolicy.min.length";
    /// The longest password.
    pub const MAX_LENGTH: &str = "passwordPolicy.max.length";
    /// Are former passwords refused?
    pub const HISTORY_ENABLE: &str = "passwordHistory.enable";
    /// How many former passwords are refused.
    pub const HISTORY_COUNT: &str = "passwordHistory.count";
}

/// What values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PropertyKind {
    /// `true` or `false`.
    Boolean,
    /// `false` and nothing else, for this reason.
    AlwaysFalse(&'static str),
    /// A whole number from the first to the second.
    Integer(u32, u32),
}

impl PropertyKind {
    /// The name of the type on the wire.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Boolean | Self::AlwaysFalse(_) => "boolean",
            Self::Integer(..) => "integer",
        }
    }
}

/// One option.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// On the wire.
    pub name: &'static str,
    /// What values it takes.
    pub kind: PropertyKind,
    /// For people.
    pub display_name: &'static str,
    /// For people.
    pub description: &'static str,
}

/// A group of options that are changed together.
#[derive(Clone, Copy, Debug)]
pub struct Connector {
    /// On the wire.
    pub name: &'static str,
    /// The name of its category.
    pub category: &'static str,
    /// For people.
    pub friendly_name: &'static str,
    /// In the order in which they are listed.
    pub properties: &'static [Property],
}

impl Connector {
    /// Its id.
    pub fn id(&self) -> String {
        identifier::of(self.name)
    }
}

const RESET: Connector = Connector {
    name: "admin-forced-password-reset",
    category: "Account Management",
    friendly_name: "Password Reset",
    properties: &[
        Property {
            name: name::LINK,
            kind: PropertyKind::Boolean,
            display_name: "Enable password reset via recovery email",
            description: "A forced reset mails the user a link that leads to the page for a new password.",
        },
        Property {
            name: name::OTP,
            kind: PropertyKind::Boolean,
            display_name: "Enable password reset via OTP",
            description: "A forced reset mails the user a one-time code to sign in with.",
        },
        Property {
            name: name::SMS_OTP,
            kind: PropertyKind::AlwaysFalse("codes by text message are not offered"),
            display_name: "Enable password reset via SMS OTP",
            description: "Codes by text message are not offered; this option is always off.",
        },
        Property {
            name: name::OFFLINE,
            kind: PropertyKind::Boolean,
            display_name: "Enable password reset offline",
            description: "A forced reset makes a one-time code that an administrator reads in the user's profile and passes on.",
        },
        Property {
            name: name::EXPIRY,
            kind: PropertyKind::Integer(1, LONGEST_RESET_MINUTES),
            display_name: "Validity of link and codes",
            description: "How many minutes the user has to set a new password: 129600, which are 90 days, at most.",
        },
    ],
};

const POLICY: Connector = Connector {
    name: "passwordPolicy",
    category: "Password Policies",
    friendly_name: "Password Policy",
    properties: &[
        Property {
            name: name::MIN_LENGTH,
            kind: PropertyKind::Integer(8, 64),
            display_name: "Minimum length",
            description: "The fewest characters of a new password.",
        },
        Property {
            name: name::MAX_LENGTH,
            kind: PropertyKind::Integer(64, 128),
            display_name: "Maximum length",
            description: "The most characters of a new password.",
        },
    ],
};

const HISTORY: Connector = Connector {
    name: "passwordHistory",
    category: "Password Policies",
    friendly_name: "Password History",
    properties: &[
        Property {
            name: name::HISTORY_ENABLE,
            kind: PropertyKind::Boolean,
            display_name: "Refuse former passwords",
            description: "A new password must differ from the user's former ones.",
        },
        Property {
            name: name::HISTORY_COUNT,
            kind: PropertyKind::Integer(1, 24),
            display_name: "Number of former passwords",
            description: "How many former passwords are remembered.",
        },
    ],
};

/// Every connector, category by category.
pub const CONNECTORS: [&Connector; 3] = [&RESET, &POLICY, &HISTORY];

/// The names of the categories in the order in which they are listed.
pub fn categories() -> Vec<&'static str> {
    let mut names: Vec<_> = CONNECTORS.iter().map(|connector| connector.category).collect();
    names.dedup();
    names
}

/// The connectors of a category.
///
/// # Errors
/// `NotFound` with [`UNKNOWN`].
pub fn of_category(category_id: &str) -> Result<(&'static str, Vec<&'static Connector>), Failure> {
    let name = categories().into_iter().find(|name| identifier::of(name) == category_id).ok_or_else(|| unknown("category"))?;
    Ok((name, CONNECTORS.into_iter().filter(|connector| connector.category == name).collect()))
}

/// One connector.
///
/// # Errors
/// `NotFound` with [`UNKNOWN`].
pub fn find(category_id: &str, connector_id: &str) -> Result<&'static Connector, Failure> {
    let (_, connectors) = of_category(category_id)?;
    connectors.into_iter().find(|connector| connector.id() == connector_id).ok_or_else(|| unknown("connector"))
}

fn unknown(noun: &str) -> Failure {
    Failure::new(Kind::NotFound, UNKNOWN, format!("there is no governance {noun} with this id"))
}

/// The tenant's own values after a change of this connector, all given values or none.
///
/// # Errors
/// `Invalid` with [`BAD_VALUE`], naming the property and what it takes.
pub fn change(connector: &Connector, defaults: &Defaults, present: &Overrides, values: &[(String, String)]) -> Result<Overrides, Failure> {
    let mut changed = present.clone();
    for (name, value) in values {
        let property = connector.properties.iter().find(|property| property.name == name);
        let property = property.ok_or_else(|| bad(format!("`{}` has no property `{}`", connector.name, shortened(name))))?;
        let value = checked(property, value, defaults, present)?;
        if !only_repeats_rounded(property, &value, defaults, present) {
            changed.insert(name.clone(), value);
        }
    }
    lengths_fit(Effective { defaults, overrides: &changed })?;
    Ok(changed)
}

/// The value in its one spelling. What the property has now is always taken: a deployment may lie outside a tenant's range.
fn checked(property: &Property, value: &str, defaults: &Defaults, present: &Overrides) -> Result<String, Failure> {
    let now = Effective { defaults, overrides: present }.value(property.name);
    let given = value.to_ascii_lowercase();
    let fits = match property.kind {
        PropertyKind::Boolean => matches!(given.as_str(), "true" | "false"),
        PropertyKind::AlwaysFalse(_) => given == "false",
        PropertyKind::Integer(least, most) => given == now || whole_number(&given).is_some_and(|number| (least..=most).contains(&number)),
    };
    if !fits {
        return Err(bad(format!("`{}`: {}", property.name, expectation(property.kind))));
    }
    Ok(whole_number(&given).map_or(given, |number| number.to_string()))
}

fn whole_number(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn expectation(kind: PropertyKind) -> String {
    match kind {
        PropertyKind::Boolean => "`true` or `false` is expected".to_owned(),
        PropertyKind::AlwaysFalse(why) => why.to_owned(),
        PropertyKind::Integer(least, most) => format!("a whole number from {least} to {most} is expected"),
    }
}

/// A form that sends back the expiry it was shown must not turn a deployment's "2s" into a minute.
fn only_repeats_rounded(property: &Property, value: &str, defaults: &Defaults, present: &Overrides) -> bool {
    property.name == name::EXPIRY
        && !present.contains_key(property.name)
        && !defaults.validity.as_micros().is_multiple_of(60_000_000)
        && value == whole_minutes(defaults.validity).to_string()
}

fn lengths_fit(effective: Effective<'_>) -> Result<(), Failure> {
    let policy = effective.password_policy();
    if policy.min_length <= policy.max_length { Ok(()) } else { Err(bad("the minimum length must not exceed the maximum length".to_owned())) }
}

fn bad(detail: String) -> Failure {
    Failure::invalid(BAD_VALUE, detail)
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn change_reset(values: &[(&str, &str)]) -> Result<Overrides, Failure> {
        let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        change(&RESET, &Defaults::default(), &Overrides::new(), &values)
    }

    #[test]
    fn the_reset_connector_is_that_of_the_followed_product() {
        let found = find("QWNjb3VudCBNYW5hZ2VtZW50", "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0").unwrap();
        let properties: Vec<_> = found.properties.iter().map(|it| (it.name.rsplit('.').next().unwrap(), it.kind.type_name())).collect();
        let expected = [("RecoveryLink", "boolean"), ("OTP", "boolean"), ("SMSOTP", "boolean"), ("Offline", "boolean"), ("ExpiryTime", "integer")];
        assert_eq!(properties, expected);
    }

    #[test]
    fn unknown_ids_are_not_found() {
        for (category, connector) in [("x", "YWRtaW4tZm9yY2VkLXBhc3N3b3JkLXJlc2V0"), ("QWNjb3VudCBNYW5hZ2VtZW50", "x"), ("", "")] {
            assert_eq!(find(category, connector).unwrap_err().reason, UNKNOWN);
        }
    }

    #[test]
    fn bad_values_are_refused_and_nothing_of_the_request_stays() {
        for (name, value) in [
            (name::LINK, "yes"),
            (name::LINK, ""),
            (name::SMS_OTP, "true"),
            (name::EXPIRY, "0"),
            (name::EXPIRY, "-5"),
            (name::EXPIRY, "+5"),
            (name::EXPIRY, "1.5"),
            (name::EXPIRY, "abc"),
            (name::EXPIRY, ""),
            (name::EXPIRY, "99999999999999999999"),
            (name::EXPIRY, "129601"),
            ("Recovery.AdminPasswordReset.Nothing", "true"),
        ] {
            let refused = change_reset(&[(name::OTP, "true"), (name, value)]).unwrap_err();
            assert_eq!(refused.reason, BAD_VALUE, "{name}={value}");
        }
    }

    #[test]
    fn a_reset_may_last_ninety_days_and_the_refusal_of_more_says_so() {
        assert!(change_reset(&[(name::EXPIRY, "129600")]).is_ok());
        let refused = change_reset(&[(name::EXPIRY, "129601")]).unwrap_err();
        assert!(refused.reason == BAD_VALUE && refused.detail.contains("from 1 to 129600"), "{refused}");
    }

    #[test]
    fn good_values_are_stored_in_one_spelling() {
        let changed = change_reset(&[(name::OTP, "TRUE"), (name::EXPIRY, "0060"), (name::SMS_OTP, "false")]).unwrap();
        assert_eq!((changed[name::OTP].as_str(), changed[name::EXPIRY].as_str()), ("true", "60"));
    }

    #[test]
    fn sending_back_what_is_shown_keeps_the_deployments_seconds() {
        let defaults = Defaults { validity: Duration::from_secs(2), ..Defaults::default() };
        let values = [(name::EXPIRY.to_owned(), "1".to_owned()), (name::LINK.to_owned(), "true".to_owned())];
        let changed = change(&RESET, &defaults, &Overrides::new(), &values).unwrap();
        assert!(!changed.contains_key(name::EXPIRY) && changed.contains_key(name::LINK));
    }

    #[test]
    fn a_tenant_may_choose_eight_characters_but_not_seven() {
        let with = |value: &str| change(&POLICY, &Defaults::default(), &Overrides::new(), &[(name::MIN_LENGTH.to_owned(), value.to_owned())]);
        assert!(with("8").is_ok());
        assert!(with("7").is_err());
    }
}
