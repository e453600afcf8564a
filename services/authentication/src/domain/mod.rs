//! The rules of credentials and resets: no I/O, no clock, no randomness of its own.

pub mod account;
pub mod attempts;
pub mod audit;
pub mod blocklist;
pub mod change;
pub mod code;
pub mod event;
pub mod password;
pub mod reset;
pub mod roles;
pub mod secrets;
pub mod session;

pub use account::{Account, Status};
pub use attempts::Attempts;
pub use audit::{Action, Actor, AuditEntry};
pub use change::{Change, Outcome, Preparation, ResetOrder};
pub use code::Code;
pub use event::Event;
pub use password::{PasswordHash, PasswordPolicy};
pub use reset::{CompletedBy, Reset, State, StateName};
pub use roles::{Role, Roles};
pub use secrets::{KeyRing, NameKey, Seed};
pub use session::{ResetSession, Session, TokenHash};
