//! What the governance options amount to: a tenant's own values over the deployment's.

use rekey_kernel::{LONGEST_RESET, Method, Methods};
use std::{collections::BTreeMap, time::Duration};

use super::connector::name;

/// A tenant's own values by property name.
pub type Overrides = BTreeMap<String, String>;

/// The deployment's values: they hold for every tenant that has none of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// The methods that are on.
    pub enabled: Methods,
    /// How long a reset lives.
    pub validity: Duration,
    /// The shortest password.
    pub min_length: u32,
    /// The longest password.
    pub max_length: u32,
    /// How many former passwords are refused; 0: none.
    pub history: u32,
    /// Are well-known passwords refused?
    pub blocklist: bool,
}

impl Default for Defaults {
    /// What holds without a deployment file.
    fn default() -> Self {
        Self { enabled: [Method::Link].into_iter().collect(), validity: Duration::from_hours(24), min_length: 15, max_length: 128, history: 0, blocklist: true }
    }
}

/// How resets work in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetSettings {
    /// The methods that are on.
    pub enabled: Methods,
    /// How long a reset lives.
    pub validity: Duration,
}

/// What a password must be like in one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The shortest password, in characters.
    pub min_length: u32,
    /// The longest password, in characters.
    pub max_length: u32,
    /// How many former passwords are refused; 0: none.
    pub history: u32,
    /// Are well-known passwords refused?
    pub blocklist: bool,
}

/// The defaults and one tenant's own values, read as one.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'a> {
    /// The deployment's.
    pub defaults: &'a Defaults,
    /// The tenant's.
    pub overrides: &'a Overrides,
}

impl Effective<'_> {
    /// The value of a property as the connectors show it: the tenant's, else the deployment's.
    pub fn value(&self, property: &str) -> String {
        if property == name::EXPIRY {
            return whole_minutes(self.validity()).to_string();
        }
        self.overrides.get(property).cloned().unwrap_or_else(|| self.default_value(property))
    }

    fn default_value(&self, property: &str) -> String {
        let defaults = self.defaults;
        match property {
            name::LINK => defaults.enabled.contains(Method::Link).to_string(),
            name::OTP => defaults.enabled.contains(Method::Otp).to_string(),
            name::OFFLINE => defaults.enabled.contains(Method::Offline).to_string(),
            name::MIN_LENGTH => defaults.min_length.to_string(),
            name::MAX_LENGTH => defaults.max_length.to_string(),
            name::HISTORY_ENABLE => (defaults.history > 0).to_string(),
            name::HISTORY_COUNT => if defaults.history > 0 { defaults.history } else { USUAL_HISTORY }.to_string(),
            _ => "false".to_owned(),
        }
    }

    fn is_on(&self, property: &str) -> bool {
        self.value(property) == "true"
    }

    fn number(&self, property: &str) -> u32 {
        // Only values that were checked are ever stored.
        self.value(property).parse().unwrap_or_default()
    }

    /// How resets work. The validity is exact: a deployment's "2s" stays two seconds, though the connector shows a minute.
    pub fn reset_settings(&self) -> ResetSettings {
        let switches = [(Method::Link, name::LINK), (Method::Otp, name::OTP), (Method::Offline, name::OFFLINE)];
        let enabled = switches.into_iter().filter(|(_, property)| self.is_on(property)).map(|(method, _)| method).collect();
        ResetSettings { enabled, validity: self.validity() }
    }

    /// A tenant may have chosen more when there was no limit.
    fn validity(&self) -> Duration {
        let own = self.overrides.get(name::EXPIRY).and_then(|minutes| minutes.parse().ok());
        own.map_or(self.defaults.validity, |minutes| Duration::from_mins(1).saturating_mul(minutes)).min(LONGEST_RESET)
    }

    /// What a password must be like.
    pub fn password_policy(&self) -> PasswordPolicy {
        let history = if self.is_on(name::HISTORY_ENABLE) { self.number(name::HISTORY_COUNT) } else { 0 };
        PasswordPolicy { min_length: self.number(name::MIN_LENGTH), max_length: self.number(name::MAX_LENGTH), history, blocklist: self.defaults.blocklist }
    }
}

/// How many former passwords are refused when history is switched on without a number.
const USUAL_HISTORY: u32 = 5;

/// In minutes, a part of one counting as a whole one.
pub fn whole_minutes(span: Duration) -> u64 {
    span.as_micros().div_ceil(60_000_000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployments_seconds_stay_exact_and_are_shown_as_a_minute() {
        let defaults = Defaults { validity: Duration::from_secs(2), ..Defaults::default() };
        let overrides = Overrides::new();
        let effective = Effective { defaults: &defaults, overrides: &overrides };
        assert_eq!(effective.value(name::EXPIRY), "1");
        assert_eq!(effective.reset_settings().validity, Duration::from_secs(2));
    }

    #[test]
    fn what_a_tenant_chose_before_there_was_a_limit_counts_as_the_limit() {
        let defaults = Defaults::default();
        let overrides = Overrides::from([(name::EXPIRY.to_owned(), "5270400".to_owned())]);
        let effective = Effective { defaults: &defaults, overrides: &overrides };
        assert_eq!((effective.value(name::EXPIRY).as_str(), effective.reset_settings().validity), ("129600", LONGEST_RESET));
    }

    #[test]
    fn a_tenants_values_go_before_the_deployments_one_by_one() {
        let defaults = Defaults::default();
        let overrides = Overrides::from([(name::OTP.to_owned(), "true".to_owned()), (name::EXPIRY.to_owned(), "30".to_owned())]);
        let settings = Effective { defaults: &defaults, overrides: &overrides }.reset_settings();
        assert_eq!(settings.enabled, [Method::Link, Method::Otp].into_iter().collect());
        assert_eq!(settings.validity, Duration::from_mins(30));
    }

    #[test]
    fn history_counts_only_when_it_is_on() {
        let defaults = Defaults::default();
        let mut overrides = Overrides::from([(name::HISTORY_COUNT.to_owned(), "3".to_owned())]);
        assert_eq!(Effective { defaults: &defaults, overrides: &overrides }.password_policy().history, 0);
        overrides.insert(name::HISTORY_ENABLE.to_owned(), "true".to_owned());
        assert_eq!(Effective { defaults: &defaults, overrides: &overrides }.password_policy().history, 3);
    }
}
