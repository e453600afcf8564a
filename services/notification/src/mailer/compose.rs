//! A mail as it goes over the wire (RFC 5322), the same bytes on every attempt.

use lettre::{
    Message,
    message::{
        Body, Mailbox, MultiPart, MultiPartKind, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use rekey_kernel::{EmailAddress, Secret};
use std::time::{Duration, UNIX_EPOCH};

use crate::{domain::mail::Mail, ports::SendError};

/// RFC 5322 §2.1.1, without the line's end.
const LONGEST_LINE: usize = 998;

/// The message, ready for DATA but for the dots.
///
/// # Errors
/// `Rejected` for an address or a Message-ID that cannot stand in a header.
pub fn compose(mail: &Mail) -> Result<Vec<u8>, SendError> {
    let from = mailbox(&mail.from.address, Some(one_line(&mail.from.name)).filter(|name| !name.is_empty()))?;
    let date = UNIX_EPOCH + Duration::from_millis(mail.date.as_millis());
    let builder = Message::builder()
        .from(from)
        .to(mailbox(&mail.to, None)?)
        .subject(one_line(&mail.subject))
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(date)
        // RFC 3834: no out-of-office notes, please.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    let text = part(ContentType::TEXT_PLAIN, &mail.text);
    let message = match &mail.html {
        Some(html) => builder.multipart(alternatives(mail).singlepart(text).singlepart(part(ContentType::TEXT_HTML, html))),
        None => builder.singlepart(text),
    };
    Ok(message.map_err(|error| SendError::Rejected(error.to_string()))?.formatted())
}

/// The boundary follows from the Message-ID: an attempt repeated is byte for byte the same.
fn alternatives(mail: &Mail) -> MultiPart {
    let id: String = mail.message_id.chars().filter(char::is_ascii_alphanumeric).take(48).collect();
    MultiPart::builder().kind(MultiPartKind::Alternative).boundary(format!("=_rekey_{id}")).build()
}

fn part(content_type: ContentType, text: &Secret) -> SinglePart {
    SinglePart::builder().header(content_type).body(body(text.expose()))
}

/// ASCII goes as it is, in lines as long as they are: an encoding would break a link in two for whoever reads the raw mail. The rest is
/// encoded.
fn body(text: &str) -> Body {
    let lines: Vec<&str> = text.lines().collect();
    if text.is_ascii() && lines.iter().all(|line| line.len() <= LONGEST_LINE) {
        return Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(lines.join("\n"))
}

/// Header values cannot carry line breaks; lettre panics on some.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn mailbox(address: &EmailAddress, name: Option<String>) -> Result<Mailbox, SendError> {
    Ok(Mailbox::new(name, mail_address(address)?))
}

/// The address as lettre has it, its domain in the form that DNS knows (RFC 5890): every server takes that.
///
/// # Errors
/// `Rejected` when lettre has a narrower notion of addresses than we do.
pub fn mail_address(address: &EmailAddress) -> Result<lettre::Address, SendError> {
    let refused = |error: &dyn std::error::Error| SendError::Rejected(error.to_string());
    let local = address.as_str().strip_suffix(address.domain()).and_then(|local| local.strip_suffix('@')).unwrap_or_default();
    let domain = idna::domain_to_ascii(address.domain()).map_err(|error| refused(&error))?;
    lettre::Address::new(local, domain).map_err(|error| refused(&error))
}
