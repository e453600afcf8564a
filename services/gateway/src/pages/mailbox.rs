//! `/dev/mailbox`: the mails that the one-process default "sent" into a folder. For developers, on loopback.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use mail_parser::{Address, Message, MessageParser};
use rekey_kernel::Failure;
use std::{
    io,
    path::{Path, PathBuf},
    time::SystemTime,
};
use tokio::fs;

use super::{frame::Frame, page, users::shown_time};
use crate::{errors::Refusal, extract::Segments, state::Gateway};

/// The newest mails are enough.
const MOST: usize = 100;
/// No mail of ours is larger.
const LARGEST: u64 = 1024 * 1024;

/// A mail as the pages show it.
struct Mail {
    file: String,
    subject: String,
    to: String,
    date: String,
    lines: Vec<Line>,
}

/// A line of a mail's text.
struct Line {
    text: String,
    is_link: bool,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct MailboxPage {
    frame: Frame,
    mails: Vec<Mail>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    frame: Frame,
    mail: Mail,
}

pub(super) async fn list(State(gateway): State<Gateway>, frame: Frame) -> Result<Response, Refusal> {
    let mut mails = Vec::new();
    for path in newest(folder(&gateway)?).await.map_err(unreadable)? {
        // One that is being replaced at this moment is there again at the next.
        mails.extend(load(&path).await.ok().flatten());
    }
    page(StatusCode::OK, &MailboxPage { frame, mails })
}

pub(super) async fn read(State(gateway): State<Gateway>, frame: Frame, Segments(file): Segments<String>) -> Result<Response, Refusal> {
    let missing = || Failure::not_found("there is no such mail");
    let plain = is_mail(Path::new(&file)) && !file.starts_with('.') && !file.contains(['/', '\\', '\0']);
    let path = if plain { folder(&gateway)?.join(file) } else { return Err(missing().into()) };
    let mail = load(&path).await.map_err(|_| missing())?.ok_or_else(missing)?;
    page(StatusCode::OK, &MailPage { frame, mail })
}

fn folder(gateway: &Gateway) -> Result<&Path, Failure> {
    gateway.config.mailbox.as_deref().ok_or_else(|| Failure::not_found("there is nothing at this path"))
}

fn is_mail(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "eml")
}

fn unreadable(error: io::Error) -> Failure {
    Failure::internal("the mailbox cannot be read").because(error)
}

/// The newest files, newest first. A folder that is not there yet is empty.
async fn newest(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    let mut entries = match fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        if let (true, Ok(facts)) = (is_mail(&path), entry.metadata().await) {
            found.push((facts.modified()?, path));
        }
    }
    found.sort_by(|a, b| b.cmp(a));
    Ok(found.into_iter().take(MOST).map(|(_, path)| path).collect())
}

async fn load(path: &Path) -> io::Result<Option<Mail>> {
    if fs::metadata(path).await?.len() > LARGEST {
        return Ok(None);
    }
    let bytes = fs::read(path).await?;
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(MessageParser::default().parse(&bytes).map(|message| mail(file, &message)))
}

fn mail(file: String, message: &Message<'_>) -> Mail {
    let text = message.body_text(0).unwrap_or_default();
    Mail {
        file,
        subject: message.subject().unwrap_or("(no subject)").to_owned(),
        to: message.to().map(addresses).unwrap_or_default(),
        date: message.date().and_then(|date| shown_time(date.to_timestamp().saturating_mul(1_000_000))).unwrap_or_default(),
        lines: text.lines().map(|line| Line { is_link: is_link(line), text: line.to_owned() }).collect(),
    }
}

fn addresses(to: &Address<'_>) -> String {
    let all: Vec<_> = to.iter().filter_map(|address| address.address()).collect();
    all.join(", ")
}

/// A link stands alone on its line.
fn is_link(line: &str) -> bool {
    (line.starts_with("https://") || line.starts_with("http://")) && !line.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_read_and_its_link_found() {
        let raw = b"From: a@example.com\r\nTo: Alice <alice@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\
                    Date: Tue, 24 Nov 2026 05:00:00 +0000\r\n\r\nHello\r\nhttps://localhost:9443/reset#x.y\r\n";
        let read = mail("m.eml".into(), &MessageParser::default().parse(&raw[..]).unwrap());
        assert_eq!((read.subject.as_str(), read.to.as_str(), read.date.as_str()), ("Grüße", "alice@example.com", "2026-11-24 05:00 UTC"));
        assert_eq!(read.lines.iter().filter(|line| line.is_link).count(), 1);
    }

    #[tokio::test]
    async fn a_mailbox_that_is_not_there_yet_is_empty() {
        assert!(newest(Path::new("/nonexistent/mailbox")).await.unwrap().is_empty());
    }
}
