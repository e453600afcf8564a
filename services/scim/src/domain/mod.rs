//! Types and rules: users, groups, lists of them, changes of accounts, readiness for a reset, intents. No I/O, no async.

pub mod account;
pub mod change;
pub mod cursor;
pub mod digest;
pub mod echo;
pub mod etag;
pub mod group;
pub mod intent;
pub mod members;
pub mod profile;
pub mod query;
pub mod readiness;
pub mod refusal;
pub mod render;
pub mod self_service;
pub mod sieve;
pub mod size;
pub mod user;

pub use account::{Account, Live, LiveReset};
pub use change::{AccountChange, Manner, ResetOrder};
pub use cursor::{Cursor, Fingerprint};
pub use etag::Conditions;
pub use group::{Group, Member, MemberChange, MemberId, Membership};
pub use intent::{Applied, Intent, IntentKind, IntentReset, Outcome, Progress};
pub use query::{Key, Page, Part, Place, Query};
pub use refusal::{refused, scim_error};
pub use sieve::Sieve;
pub use user::User;
