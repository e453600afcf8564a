//! What a mail says: facts about a reset, put into the words of a template.

use rekey_kernel::{EmailAddress, Method, Methods, Secret, Timestamp};
use std::collections::BTreeMap;

use super::placeholder::{Place, Values, render};

/// Whom a reset concerns, as scim froze it when the reset was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Where the mail goes; empty: nowhere.
    pub address: String,
    /// Where mails went before the same request changed it; empty: it did not.
    pub previous_address: String,
    /// The login name.
    pub user_name: String,
    /// As the user has it; may be empty.
    pub locale: String,
    /// Local claims by name.
    pub claims: BTreeMap<String, String>,
}

impl Recipient {
    /// The address to tell that it is no longer the user's; `None` when it still is.
    pub fn former_address(&self) -> Option<&str> {
        let former = Some(self.previous_address.as_str()).filter(|address| !address.is_empty());
        former.filter(|address| !address.eq_ignore_ascii_case(&self.address))
    }
}

/// What only the user may know, and until when it works.
#[derive(Clone, Debug)]
pub struct WaysIn {
    /// The link's fragment.
    pub token: Option<Secret>,
    /// The code.
    pub code: Option<Secret>,
    /// Until when.
    pub expires_at: Timestamp,
}

impl WaysIn {
    /// The methods that a mail with them carries.
    pub fn channels(&self) -> Methods {
        let link = self.token.as_ref().map(|_| Method::Link);
        let code = self.code.as_ref().map(|_| Method::Otp);
        link.into_iter().chain(code).collect()
    }

    /// The template for a mail with them; `None` when there is nothing to mail.
    pub const fn template(&self) -> Option<&'static str> {
        match (&self.token, &self.code) {
            (Some(_), Some(_)) => Some("AdminForcedPasswordResetWithLinkAndOTP"),
            (Some(_), None) => Some("AdminForcedPasswordReset"),
            (None, Some(_)) => Some("AdminForcedPasswordResetWithOTP"),
            (None, None) => None,
        }
    }

    /// The text without any of them, should a server have quoted it.
    pub fn redact(&self, text: &str) -> String {
        let secrets = self.token.iter().chain(&self.code);
        secrets.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "(withheld)"))
    }
}

/// The template of the notice to a former address.
pub const NOTICE_TEMPLATE: &str = "PasswordResetAddressChangeNotice";

/// A tenant, as mails name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// In links.
    pub domain: String,
    /// For people.
    pub name: String,
}

/// The words of a mail, with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML; may be empty.
    pub html: String,
}

/// The words of a mail.
#[derive(Clone, Debug)]
pub struct Content {
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: Secret,
    /// HTML, when the template has it.
    pub html: Option<Secret>,
    /// Placeholders of the template that stand for nothing.
    pub unknown: Vec<String>,
}

/// Puts values into the words of a template. A subject gets no secret, whatever the template says.
pub fn write(template: &Template, values: &Values, open: &Values) -> Content {
    let subject = render(&template.subject, open, Place::Plain);
    let text = render(&template.text, values, Place::Plain);
    let html = render(&template.html, values, Place::Html);
    let unknown = [subject.unknown, text.unknown, html.unknown].concat();
    let html = (!template.html.is_empty()).then(|| Secret::new(html.text));
    Content { subject: single_line(&subject.text), text: Secret::new(text.text), html, unknown }
}

fn single_line(subject: &str) -> String {
    subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

/// The values that are no secret.
pub fn open_values(recipient: &Recipient, organization: &Organization, page: &str, expires_at: Timestamp) -> Values {
    let mut values = Values::default();
    values.set("user-name", &recipient.user_name);
    values.set("userstore-domain", "PRIMARY");
    values.set("tenant-domain", &organization.domain);
    for name in ["organization-name", "organization.name"] {
        values.set(name, &organization.name);
    }
    values.set("organization.color.primary", "#1f5fbf");
    values.set("organization.color.background", "#f4f5f7");
    values.set("organization.font", "Arial, Helvetica, sans-serif");
    values.set("account.recovery.endpoint-url", page);
    values.set("expires-at", readable(expires_at));
    for (name, value) in &recipient.claims {
        values.set(format!("user.claim.{name}"), value);
    }
    values
}

/// The same with the user's ways in. Where there is no code, `confirmation-code` is the link's token, as templates of the followed product
/// expect it.
pub fn secret_values(open: &Values, page: &str, ways: &WaysIn) -> Values {
    let mut values = open.clone();
    if let Some(token) = &ways.token {
        values.set("password-reset-link", format!("{page}#{}", token.expose()));
    }
    if let Some(secret) = ways.code.as_ref().or(ways.token.as_ref()) {
        values.set("confirmation-code", secret.expose());
    }
    values
}

/// The page for a new password. What stands behind its `#` reaches no server.
pub fn reset_page(public_base: &str, organization: &Organization) -> String {
    format!("{}/t/{}/reset", public_base.trim_end_matches('/'), organization.domain)
}

/// `2026-11-25 06:12 UTC`: read alike in every country.
fn readable(at: Timestamp) -> String {
    let text = at.to_rfc3339();
    match (text.get(..10), text.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => text,
    }
}

/// The address, if mail can go there.
///
/// # Errors
/// Why not, for the record.
pub fn address(text: &str) -> Result<EmailAddress, String> {
    text.parse().map_err(|error: rekey_kernel::email::ParseEmailError| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient() -> Recipient {
        let claims = BTreeMap::from([("givenname".to_owned(), "Alice\r\nhttps://evil.example".to_owned())]);
        Recipient { address: "alice@example.com".into(), previous_address: String::new(), user_name: "alice".into(), locale: String::new(), claims }
    }

    fn organization() -> Organization {
        Organization { domain: "acme".into(), name: "Acme & Co".into() }
    }

    fn both() -> WaysIn {
        WaysIn { token: Some(Secret::new("id.tok")), code: Some(Secret::new("ABCD1234")), expires_at: Timestamp::from_micros(0) }
    }

    fn written(template: &Template, ways: &WaysIn) -> Content {
        let page = reset_page("https://localhost:9443/", &organization());
        let open = open_values(&recipient(), &organization(), &page, ways.expires_at);
        write(template, &secret_values(&open, &page, ways), &open)
    }

    fn template(text: &str) -> Template {
        Template { subject: "{{confirmation-code}}{{organization-name}}".into(), text: text.into(), html: text.into() }
    }

    #[test]
    fn link_and_code_are_put_in() {
        let content = written(&template("{{password-reset-link}}\n{{confirmation-code}}\n{{expires-at}}"), &both());
        assert_eq!(content.text.expose(), "https://localhost:9443/t/acme/reset#id.tok\nABCD1234\n1970-01-01 00:00 UTC");
    }

    #[test]
    fn a_subject_never_carries_a_secret() {
        assert_eq!(written(&template("x"), &both()).subject, "Acme & Co");
    }

    #[test]
    fn a_link_alone_serves_the_followed_products_templates_too() {
        let ways = WaysIn { code: None, ..both() };
        let content = written(&template("{{account.recovery.endpoint-url}}#{{confirmation-code}}"), &ways);
        assert_eq!(content.text.expose(), "https://localhost:9443/t/acme/reset#id.tok");
    }

    #[test]
    fn a_users_own_data_puts_no_line_into_the_mail() {
        let content = written(&template("Dear {{user.claim.givenname}}!"), &both());
        assert_eq!(content.text.expose(), "Dear Alice  https://evil.example!");
    }

    #[test]
    fn channels_and_template_follow_the_ways_in() {
        let ways = both();
        assert_eq!(ways.channels(), [Method::Link, Method::Otp].into_iter().collect());
        assert_eq!(ways.template(), Some("AdminForcedPasswordResetWithLinkAndOTP"));
        assert_eq!(WaysIn { token: None, code: None, ..ways }.template(), None);
    }

    #[test]
    fn only_an_address_that_changed_is_a_former_one() {
        let changed = |previous: &str| Recipient { previous_address: previous.into(), ..recipient() }.former_address().is_some();
        assert_eq!([changed(""), changed("Alice@Example.com"), changed("old@example.com")], [false, false, true]);
    }

    #[test]
    fn a_quoted_secret_is_withheld() {
        assert_eq!(both().redact("554 no: ABCD1234"), "554 no: (withheld)");
    }
}
