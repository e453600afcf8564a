//! The mail that Rekey "sent" into its mailbox folder, or that an SMTP server of ours took.

use crate::{Rekey, secrets::Secrets, wait_for};
use mail_parser::{Address, MessageParser};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// One mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The name of its file.
    pub file: String,
    /// Its Message-ID, without brackets.
    pub message_id: String,
    /// The addresses it goes to.
    pub to: Vec<String>,
    /// The address it comes from.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part; empty when there is none.
    pub html: String,
    written: SystemTime,
}

impl Mail {
    /// Reads a file. `None` while nothing can be read of it yet.
    pub fn read(path: &Path) -> Option<Self> {
        let (bytes, written) = (fs::read(path).ok()?, fs::metadata(path).ok()?.modified().ok()?);
        let message = MessageParser::default().parse(&bytes)?;
        Some(Self {
            file: path.file_name()?.to_string_lossy().into_owned(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            to: message.to().map(addresses).unwrap_or_default(),
            from: message.from().map(addresses).unwrap_or_default().into_iter().next().unwrap_or_default(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.html_bodies().find_map(|part| part.text_contents()).unwrap_or_default().to_owned(),
            written,
        })
    }

    /// The link that stands alone on a line, when there is one.
    pub fn find_link(&self) -> Option<&str> {
        self.text.lines().find(|line| line.starts_with("https://") && line.contains("/reset#") && !line.contains(char::is_whitespace))
    }

    /// The code that stands alone on a line, when there is one.
    pub fn find_code(&self) -> Option<&str> {
        self.text.lines().find(|line| is_code(line))
    }

    /// The link that stands alone on a line.
    pub fn link(&self) -> String {
        self.find_link().unwrap_or_else(|| panic!("no link alone on a line in:\n{}", self.text)).to_owned()
    }

    /// The token of the link: all that stands behind `#`.
    pub fn token(&self) -> String {
        self.link().split_once('#').expect("a reset link has a fragment").1.to_owned()
    }

    /// The code that stands alone on a line.
    pub fn code(&self) -> String {
        self.find_code().unwrap_or_else(|| panic!("no code alone on a line in:\n{}", self.text)).to_owned()
    }

    /// Is there no difference that its reader could see?
    fn is_like(&self, other: &Self) -> bool {
        (&self.to, &self.from, &self.subject, &self.text, &self.html) == (&other.to, &other.from, &other.subject, &other.text, &other.html)
    }

    fn register(&self, secrets: &Secrets) {
        if let Some(link) = self.find_link() {
            secrets.add(link);
            secrets.add_token(&self.token());
        }
        if let Some(code) = self.find_code() {
            secrets.add_code(code);
        }
    }
}

/// Eight characters of Crockford's base32, in upper case.
fn is_code(line: &str) -> bool {
    line.len() == 8 && line.bytes().all(|byte| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&byte))
}

fn addresses(address: &Address<'_>) -> Vec<String> {
    address.iter().filter_map(|one| one.address()).map(str::to_owned).collect()
}

/// All mails in a folder, oldest first.
pub fn mails_in(folder: &Path, secrets: &Secrets) -> Vec<Mail> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut mails: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "eml")).filter_map(|path| Mail::read(&path)).collect();
    mails.sort_by_key(|mail| mail.written);
    for mail in &mails {
        mail.register(secrets);
    }
    mails
}

/// Each mail once, as programs that read mail have it: those with the same Message-ID are one. They must be the same in all else.
fn once(mails: Vec<Mail>) -> Vec<Mail> {
    let mut different: Vec<Mail> = Vec::new();
    for mail in mails {
        match different.iter().find(|other| other.message_id == mail.message_id) {
            Some(first) => assert!(first.is_like(&mail), "two mails {} differ:\n{first:?}\n{mail:?}", mail.message_id),
            None => different.push(mail),
        }
    }
    different
}

impl Rekey {
    /// All mails "sent" so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        once(self.deliveries())
    }

    /// Each time that a mail was taken, oldest first. When something died between sending and recording, a mail may come again.
    pub fn deliveries(&self) -> Vec<Mail> {
        mails_in(&self.mail_folder(), self.secrets())
    }

    /// A mail just as it was sent.
    pub fn raw(&self, mail: &Mail) -> String {
        crate::program::read_lossy(&self.mail_folder().join(&mail.file))
    }

    fn mail_folder(&self) -> PathBuf {
        self.ground().map_or_else(|| self.data_dir().join("mailbox"), |ground| ground.smtp().folder().to_owned())
    }

    pub(crate) fn assert_no_mail_came_twice(&self) {
        let (all, different) = (self.deliveries().len(), self.mails().len());
        assert_eq!(all, different, "{} mails came again although nothing had died", all - different);
    }

    /// All mails to an address so far.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.mails().into_iter().filter(|mail| mail.to.iter().any(|to| to == address)).collect()
    }

    /// Waits for a mail to an address.
    pub async fn mail_to(&self, address: &str) -> Mail {
        self.next_mail_to(address, &[]).await
    }

    /// Waits for a mail to an address that is none of these.
    pub async fn next_mail_to(&self, address: &str, seen: &[&Mail]) -> Mail {
        let is_new = |mail: &Mail| seen.iter().all(|old| old.message_id != mail.message_id);
        wait_for(&format!("a mail to {address}"), async || self.mails_to(address).into_iter().find(is_new)).await
    }

    /// Waits until all mail ordered before now must have come: the mail of a reset ordered now is there. (It switches the
    /// link on.)
    pub async fn all_mail_is_here(&self) {
        let admin = self.admin();
        admin.enable(&["link"]).await;
        let last = admin.create_user(&format!("the-last-{}", self.mails().len())).await;
        admin.trigger(&last).await.expect(200);
        self.mail_to(last.address()).await;
        admin.wait_until_sent(&last).await;
    }
}

#[cfg(test)]
mod tests {
    use super::Mail;

    #[test]
    fn link_and_code_are_read_only_where_they_stand_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("one.eml");
        let mail = "Message-ID: <a@b>\r\nTo: Carol <carol@example.com>\r\nFrom: x@y\r\nSubject: S\r\n\r\nOpen\r\nhttps://h/t/default/reset#id.secret\r\nor type ABCDEFGH or\r\n0123ABCD\r\n";
        std::fs::write(&file, mail).unwrap();
        let mail = Mail::read(&file).unwrap();
        assert_eq!((mail.token().as_str(), mail.code().as_str()), ("id.secret", "0123ABCD"));
        assert_eq!((mail.message_id.as_str(), mail.to), ("a@b", vec!["carol@example.com".to_owned()]));
    }
}
