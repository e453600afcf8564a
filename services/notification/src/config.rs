//! What a deployment decides about this service.

use rekey_kernel::Failure;
use std::path::PathBuf;

use crate::domain::mail::Sender;

/// The configuration of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// `output_adapter.email.from_address`
    pub from_address: String,
    /// `output_adapter.email.signature`: the name shown beside the address, as in the followed product; empty: none.
    pub signature: String,
    /// `output_adapter.email.hostname`; empty: mails go to the mailbox folder.
    pub hostname: String,
    /// `output_adapter.email.port`
    pub port: u16,
    /// The mailbox folder: in the one-process default alone. Made when absent.
    pub mailbox: Option<PathBuf>,
    /// `server.base_path`: the whole public URL, for links.
    pub public_base: String,
    /// How many mails are on their way at once.
    pub concurrency: usize,
    /// Is this the only process with this database? Then the leases of a former one are void at the start.
    pub void_leases_at_start: bool,
}

/// Where mails go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// To a mail server.
    Server {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
    },
    /// Into a folder.
    Mailbox(PathBuf),
}

impl Config {
    /// # Errors
    /// `Invalid` for a sender's address that is none, or a name that is not one line.
    pub fn sender(&self) -> Result<Sender, Failure> {
        let wrong = |error| Failure::invalid("config", "`output_adapter.email.from_address` is not an e-mail address").because(error);
        let address = self.from_address.parse().map_err(wrong)?;
        if self.signature.chars().any(char::is_control) {
            return Err(Failure::invalid("config", "`output_adapter.email.signature` is the sender's name: one line"));
        }
        Ok(Sender { name: self.signature.trim().to_owned(), address })
    }

    /// # Errors
    /// `Invalid` when there is neither a mail server nor a mailbox.
    pub fn route(&self) -> Result<Route, Failure> {
        match (&self.mailbox, self.hostname.trim()) {
            (Some(folder), "") => Ok(Route::Mailbox(folder.clone())),
            (None, "") => Err(Failure::invalid("config", "set `output_adapter.email.hostname` to the mail server's name: without one no mail can be sent")),
            (_, host) => Ok(Route::Server { host: host.to_owned(), port: self.port }),
        }
    }
}
