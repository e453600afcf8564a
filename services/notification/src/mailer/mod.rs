//! The ways out: a mail server, or a folder.

pub mod compose;
pub mod mailbox;
pub mod session;
pub mod smtp;

pub use mailbox::MailboxMailer;
pub use smtp::SmtpMailer;

#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod smtp_tests;
