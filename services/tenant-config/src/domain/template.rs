//! Mail templates: their types, what may stand in them, and which one a mail is rendered from.
//!
//! A template is text with placeholders of the form `{{name}}`. These exist:
//!
//! | placeholder | value |
//! |---|---|
//! | `{{user-name}}` | the login name |
//! | `{{url:user-name}}` | the same, percent-encoded; `url:` works before any placeholder |
//! | `{{user.claim.givenname}}` and any `{{user.claim.x}}` | a local claim of the user; empty when the user has none |
//! | `{{userstore-domain}}` | `PRIMARY` |
//! | `{{tenant-domain}}` | the tenant's domain |
//! | `{{organization-name}}`, `{{organization.name}}` | the tenant's name |
//! | `{{organization.*}}` | branding: `organization.color.primary`, `organization.color.background`, `organization.font` |
//! | `{{account.recovery.endpoint-url}}` | the page for a new password, without anything secret |
//! | `{{password-reset-link}}` | ours: that page with the link's secret |
//! | `{{confirmation-code}}` | the one-time code; in the template for the link alone, the link's token as in the followed product |
//! | `{{expires-at}}` | ours: until when the link and the code work |
//!
//! Anything else renders as nothing. Link and code never stand in a subject: mail servers write subjects to their logs.

use rekey_kernel::{Failure, Timestamp};

use super::{identifier, template_text};

/// The locale in which every type has a built-in template.
pub const FALLBACK_LOCALE: &str = "en_US";

const LINK: &str = "password-reset-link";
const CODE: &str = "confirmation-code";
const LONGEST_SUBJECT: usize = 500;
const LONGEST_BODY: usize = 64 * 1024;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateType {
    /// A reset by link.
    Link,
    /// A reset by mailed code.
    Code,
    /// A reset by both, in one mail.
    LinkAndCode,
    /// To the address that a user had before the request that reset the password as well.
    AddressChangeNotice,
}

impl TemplateType {
    /// In the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Link, Self::Code, Self::LinkAndCode, Self::AddressChangeNotice];

    /// As the followed product names the first two; the others are ours.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "AdminForcedPasswordReset",
            Self::Code => "AdminForcedPasswordResetWithOTP",
            Self::LinkAndCode => "AdminForcedPasswordResetWithLinkAndOTP",
            Self::AddressChangeNotice => "PasswordResetAddressChangeNotice",
        }
    }

    /// Unpadded base64url of the name.
    pub fn id(self) -> String {
        identifier::of(self.name())
    }

    /// The type of an id.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn by_id(id: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|kind| kind.id() == id).ok_or_else(|| Failure::not_found("there is no template type with this id"))
    }

    /// The type of a name.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn by_name(name: &str) -> Result<Self, Failure> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| Failure::not_found("there is no template type with this name"))
    }

    /// Of each group one placeholder must stand in the body, else the user would have no way in.
    const fn needs(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Link => &[&[LINK, CODE]],
            Self::Code => &[&[CODE]],
            Self::LinkAndCode => &[&[LINK], &[CODE]],
            Self::AddressChangeNotice => &[],
        }
    }
}

/// A language and perhaps a region: `en`, `en_US`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    /// Reads `en`, `en_US` and `en-us` alike.
    pub fn parse(text: &str) -> Option<Self> {
        let (language, region) = text.split_once(['_', '-']).map_or((text, None), |(language, region)| (language, Some(region)));
        let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_region = |region: &str| (2..=3).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_language || !region.is_none_or(is_region) {
            return None;
        }
        let language = language.to_ascii_lowercase();
        Some(Self(region.map_or(language.clone(), |region| format!("{language}_{}", region.to_ascii_uppercase()))))
    }

    /// `en_US`
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn language(&self) -> &str {
        self.0.split_once('_').map_or(self.0.as_str(), |(language, _)| language)
    }
}

/// The words of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// What the mail is for.
    pub kind: TemplateType,
    /// `en_US`
    pub locale: Locale,
    /// One line.
    pub subject: String,
    /// The part for programs and people that read plain text.
    pub text: String,
    /// The part for all others; empty: the mail has none.
    pub html: String,
    /// When the tenant changed it; absent for a built-in one.
    pub changed_at: Option<Timestamp>,
}

impl Template {
    /// The one that is there without anybody's doing.
    pub fn built_in(kind: TemplateType) -> Self {
        let [subject, text, html] = template_text::of(kind).map(str::to_owned);
        Self { kind, locale: Locale(FALLBACK_LOCALE.to_owned()), subject, text, html, changed_at: None }
    }

    /// # Errors
    /// `Invalid`, saying what is wrong with it.
    pub fn check(&self) -> Result<(), Failure> {
        let subject = placeholders(&self.subject)?;
        let text = placeholders(&self.text)?;
        let html = placeholders(&self.html)?;
        check_sizes(self)?;
        if subject.iter().any(|name| is_secret(name)) {
            return Err(refused("a subject must not carry the link or the code: mail servers write subjects to their logs"));
        }
        check_ways_in(self.kind, &text)?;
        if self.html.is_empty() { Ok(()) } else { check_ways_in(self.kind, &html) }
    }
}

fn check_sizes(template: &Template) -> Result<(), Failure> {
    if template.subject.trim().is_empty() || template.subject.chars().count() > LONGEST_SUBJECT || template.subject.chars().any(char::is_control) {
        return Err(refused("a subject is one line of 1 to 500 characters"));
    }
    if template.text.trim().is_empty() || template.text.len() > LONGEST_BODY || template.html.len() > LONGEST_BODY {
        return Err(refused("a template needs a text, and neither text nor HTML may exceed 64 KiB"));
    }
    if template.text.contains('\0') || template.html.contains('\0') {
        return Err(refused("neither text nor HTML may hold the character U+0000"));
    }
    Ok(())
}

fn check_ways_in(kind: TemplateType, present: &[&str]) -> Result<(), Failure> {
    for alternatives in kind.needs() {
        if !alternatives.iter().any(|name| present.contains(name)) {
            return Err(refused(&format!("text and HTML of `{}` need the placeholder `{{{{{}}}}}`", kind.name(), alternatives.join("}}` or `{{"))));
        }
    }
    if kind == TemplateType::AddressChangeNotice && present.iter().any(|name| is_secret(name)) {
        return Err(refused("this notice goes to an address that is no longer the user's: neither link nor code may stand in it"));
    }
    Ok(())
}

fn is_secret(name: &str) -> bool {
    matches!(name.strip_prefix("url:").unwrap_or(name), LINK | CODE)
}

fn refused(detail: &str) -> Failure {
    Failure::invalid("invalid_template", detail)
}

/// The names between `{{` and `}}`.
fn placeholders(text: &str) -> Result<Vec<&str>, Failure> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        closed(before)?;
        let (name, behind) = after.split_once("}}").ok_or_else(|| refused("a placeholder is opened with `{{` but not closed with `}}`"))?;
        names.push(checked_name(name)?);
        rest = behind;
    }
    closed(rest)?;
    Ok(names)
}

fn closed(between: &str) -> Result<(), Failure> {
    if between.contains("}}") { Err(refused("a placeholder is closed with `}}` but not opened with `{{`")) } else { Ok(()) }
}

fn checked_name(name: &str) -> Result<&str, Failure> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "._:/-".contains(c);
    if !name.is_empty() && name.len() <= 100 && name.chars().all(legal) {
        Ok(name)
    } else {
        Err(refused("the name of a placeholder consists of 1 to 100 letters, digits and `. _ : / -`"))
    }
}

/// The template for a mail: the tenant's own in this locale, else its own in the same language, else its own in [`FALLBACK_LOCALE`],
/// else the built-in one.
pub fn choose(kind: TemplateType, own: Vec<Template>, locale: &str) -> Template {
    let wanted = Locale::parse(locale);
    let rank = |template: &Template| {
        let have = &template.locale;
        match &wanted {
            Some(wanted) if wanted == have => Some(0),
            Some(wanted) if wanted.language() == have.language() => Some(1),
            _ if have.0 == FALLBACK_LOCALE => Some(2),
            _ => None,
        }
    };
    own.into_iter()
        .filter_map(|template| rank(&template).map(|rank| (rank, template)))
        .min_by_key(|(rank, _)| *rank)
        .map_or_else(|| Template::built_in(kind), |(_, template)| template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(kind: TemplateType, locale: &str) -> Template {
        Template { locale: Locale::parse(locale).unwrap(), subject: format!("in {locale}"), ..Template::built_in(kind) }
    }

    #[test]
    fn the_built_in_ones_pass_their_own_checks_and_are_plain_ascii_of_short_lines() {
        for kind in TemplateType::ALL {
            let template = Template::built_in(kind);
            template.check().unwrap();
            for part in [&template.subject, &template.text, &template.html] {
                assert!(part.is_ascii() && part.lines().all(|line| line.len() <= 80), "{}", kind.name());
            }
        }
    }

    #[test]
    fn in_the_built_in_texts_link_and_code_stand_alone_on_their_lines() {
        for kind in TemplateType::ALL {
            for line in Template::built_in(kind).text.lines().filter(|line| line.contains(LINK) || line.contains(CODE)) {
                assert!(["{{password-reset-link}}", "{{confirmation-code}}"].contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn the_built_in_html_loads_nothing_from_elsewhere() {
        for kind in TemplateType::ALL {
            let html = Template::built_in(kind).html;
            assert!(["src=", "http:", "https:", "<script", "<link", "url(", "@import"].iter().all(|sign| !html.contains(sign)));
        }
    }

    #[test]
    fn a_template_without_a_way_in_is_refused() {
        let reset = Template { text: "Hello {{user-name}}".into(), html: String::new(), ..Template::built_in(TemplateType::Code) };
        assert!(reset.check().unwrap_err().detail.contains("{{confirmation-code}}"));
        let notice = Template { text: "{{confirmation-code}}".into(), ..Template::built_in(TemplateType::AddressChangeNotice) };
        assert!(notice.check().is_err());
    }

    #[test]
    fn subjects_carry_neither_secrets_nor_line_breaks() {
        for subject in ["{{confirmation-code}}", "{{url:password-reset-link}}", "a\r\nBcc: x@y.z", "", "{{x"] {
            let template = Template { subject: subject.into(), ..Template::built_in(TemplateType::Code) };
            assert!(template.check().is_err(), "{subject:?}");
        }
    }

    #[test]
    fn placeholders_must_be_whole() {
        for text in ["{{a", "a}}", "{{a{{b}}", "{{}}", "{{a b}}", "{{a}} }}", "{{é}}"] {
            assert!(placeholders(text).is_err(), "{text}");
        }
        assert_eq!(placeholders("{{a}} { } {{url:b-c.d}}").unwrap(), ["a", "url:b-c.d"]);
    }

    #[test]
    fn locales_are_read_in_any_spelling() {
        for (text, locale) in [("en", "en"), ("EN-us", "en_US"), ("de_DE", "de_DE"), ("es_419", "es_419")] {
            assert_eq!(Locale::parse(text).unwrap().as_str(), locale);
        }
        for text in ["", "e", "english", "en_", "en_U", "en/US", "en_US_x"] {
            assert_eq!(Locale::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_nearest_template_is_chosen() {
        let kind = TemplateType::Link;
        let have = || vec![own(kind, "fr_FR"), own(kind, "de_AT"), own(kind, "de_DE"), own(kind, "en_US")];
        for (wanted, subject) in [("de-DE", "in de_DE"), ("de_CH", "in de_AT"), ("pt_BR", "in en_US"), ("", "in en_US")] {
            assert_eq!(choose(kind, have(), wanted).subject, subject, "{wanted}");
        }
        assert_eq!(choose(kind, vec![own(kind, "fr_FR")], "it_IT"), Template::built_in(kind));
    }
}
