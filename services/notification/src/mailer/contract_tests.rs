//! What every [`Mailer`] must do, run over each of them.

use mail_parser::{MessageParser, MimeHeaders};
use rekey_kernel::Secret;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};
use tempfile::TempDir;

use super::{MailboxMailer, SmtpMailer, session::Deadlines};
use crate::{
    domain::mail::Mail,
    ports::Mailer,
    testing::{mail, smtp_server::SmtpServer},
};

enum Received {
    Folder(PathBuf, #[expect(dead_code, reason = "the folder lives as long as the test")] TempDir),
    Server(SmtpServer),
}

impl Received {
    /// Everything that arrived, as it is read.
    fn mails(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Server(server) => server.mails(),
            Self::Folder(folder, _) => fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect(),
        }
    }

    fn last(&self) -> Vec<u8> {
        self.mails().pop().unwrap()
    }
}

async fn mailers() -> Vec<(Box<dyn Mailer>, Received)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mailbox");
    let server = SmtpServer::start().await;
    let smtp = SmtpMailer::new("127.0.0.1", server.port, Deadlines::default());
    vec![(Box::new(MailboxMailer::new(path.clone())), Received::Folder(path, folder)), (Box::new(smtp), Received::Server(server))]
}

#[tokio::test]
async fn a_mail_arrives_with_its_headers_and_both_parts() {
    for (mailer, received) in mailers().await {
        mailer.send(&mail()).await.unwrap();
        let raw = received.last();
        let read = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(read.message_id().unwrap(), mail().message_id);
        assert_eq!(read.subject().unwrap(), "Choose a new password");
        assert_eq!(read.from().unwrap().first().unwrap().address().unwrap(), "noreply@example.com");
        assert_eq!(read.from().unwrap().first().unwrap().name().unwrap(), "Example");
        assert_eq!(read.to().unwrap().first().unwrap().address().unwrap(), "alice@example.org");
        assert_eq!(read.header("Auto-Submitted").unwrap().as_text().unwrap(), "auto-generated");
        assert_eq!(read.date().unwrap().to_rfc3339(), "2026-11-18T11:06:40Z");
        assert!(read.content_type().unwrap().c_subtype.as_deref() == Some("alternative"));
        assert!(read.body_html(0).unwrap().contains("<a href"));
    }
}

#[tokio::test]
async fn in_the_raw_mail_link_and_code_stand_alone_on_unbroken_lines() {
    for (mailer, received) in mailers().await {
        mailer.send(&mail()).await.unwrap();
        let raw = String::from_utf8(received.last()).unwrap();
        let link = format!("https://localhost:9443/t/default/reset#01938e5a-0000-7000-8000-000000000001.{}", "x".repeat(43));
        assert!(raw.lines().any(|line| line == link) && raw.lines().any(|line| line == "ABCD1234") && raw.lines().any(|line| line == ".a dot"));
        assert!(!raw.contains("quoted-printable") && !raw.contains("base64"));
    }
}

#[tokio::test]
async fn sent_again_it_is_the_same_to_the_byte() {
    for (mailer, received) in mailers().await {
        mailer.send(&mail()).await.unwrap();
        let first = received.last();
        mailer.send(&mail()).await.unwrap();
        assert!(received.mails().iter().all(|raw| *raw == first));
    }
}

#[tokio::test]
async fn text_beyond_ascii_arrives_whole() {
    for (mailer, received) in mailers().await {
        let text = "Grüße, Zoë 你好\nABCD1234\n";
        let sent = Mail { subject: "Grüße".to_owned(), text: Secret::new(text), html: None, ..mail() };
        mailer.send(&sent).await.unwrap();
        let raw = received.last();
        let read = MessageParser::default().parse(&raw).unwrap();
        assert!(raw.is_ascii());
        assert_eq!(read.subject().unwrap(), "Grüße");
        assert_eq!(read.body_text(0).unwrap().trim_end().replace("\r\n", "\n"), text.trim_end());
    }
}

#[tokio::test]
async fn no_header_can_be_smuggled_in() {
    for (mailer, received) in mailers().await {
        let from = crate::domain::mail::Sender { name: "x\r\nBcc: evil@example.com".to_owned(), ..mail().from };
        let sent = Mail { subject: "a\r\nBcc: evil@example.com".to_owned(), from, ..mail() };
        mailer.send(&sent).await.unwrap();
        let raw = String::from_utf8(received.last()).unwrap();
        assert!(!raw.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc:")), "{raw}");
    }
}

#[tokio::test]
async fn a_mailbox_is_for_its_owner_alone_and_has_one_file_a_mail() {
    let folder = tempfile::tempdir().unwrap();
    let mailbox = folder.path().join("data/mailbox");
    let mailer = MailboxMailer::new(mailbox.clone());
    for _ in 0..2 {
        mailer.send(&mail()).await.unwrap();
    }
    let files: Vec<_> = fs::read_dir(&mailbox).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].file_name(), "reset-01938e5a-0000-7000-8000-000000000001@example.com.eml");
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&mailbox).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_written_is_the_servers_fault() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let failed = MailboxMailer::new(file.path().join("mailbox")).send(&mail()).await.unwrap_err();
    assert!(matches!(failed, crate::ports::SendError::Server(_)));
}
