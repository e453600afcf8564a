//! A mail, ready to be sent.

use rekey_kernel::{EmailAddress, ResetId, Secret, Timestamp};

use super::job::MailKind;

/// Who a mail comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The name shown beside the address; empty: none.
    pub name: String,
    /// The address.
    pub address: EmailAddress,
}

impl Sender {
    /// The Message-ID of a mail, without angle brackets: the same whenever it is asked for.
    pub fn message_id(&self, kind: MailKind, reset: ResetId) -> String {
        let domain = self.address.domain();
        let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned());
        format!("{}-{reset}@{domain}", kind.prefix())
    }
}

/// A mail. Its parts carry secrets, so `Debug` does not show them.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Without angle brackets.
    pub message_id: String,
    /// The same on every attempt.
    pub date: Timestamp,
    /// Who it comes from.
    pub from: Sender,
    /// Where it goes.
    pub to: EmailAddress,
    /// One line.
    pub subject: String,
    /// The part in plain text.
    pub text: Secret,
    /// The part in HTML; absent when the template has none.
    pub html: Option<Secret>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resets_message_id_is_always_the_same() {
        let sender = Sender { name: String::new(), address: "noreply@example.com".parse().unwrap() };
        let reset: ResetId = "01938e5a-0000-7000-8000-000000000001".parse().unwrap();
        assert_eq!(sender.message_id(MailKind::Reset, reset), "reset-01938e5a-0000-7000-8000-000000000001@example.com");
        assert_eq!(sender.message_id(MailKind::AddressChangeNotice, reset), "notice-01938e5a-0000-7000-8000-000000000001@example.com");
    }
}
