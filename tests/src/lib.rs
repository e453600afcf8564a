//! The harness of the black-box tests: it starts the real program, whole or in parts, speaks to it through HTTPS, reads its mail, and looks for
//! secrets in whatever it left behind.
//!
//! ```no_run
//! # async fn example() {
//! use rekey_tests::{Options, start};
//!
//! let rekey = start(Options::default()).await;
//! let user = rekey.admin().create_user("carol").await;
//! rekey.admin().trigger(&user).await.expect(200);
//! let mail = rekey.mail_to(user.address()).await;
//! rekey.anyone().complete(&mail.token(), "a new password of mine").await.expect(204);
//! # }
//! ```

pub mod api;
pub mod build;
pub mod collector;
pub mod configuration;
pub mod deployment;
pub mod governance;
pub mod ground;
pub mod login;
pub mod mailbox;
pub mod metrics;
mod parts;
pub mod ports;
pub mod program;
pub mod python;
mod rekey;
pub mod resets;
pub mod scim;
pub mod secrets;
pub mod smtp;
pub mod users;
pub mod wait;

pub use api::{Answer, Api};
pub use configuration::Options;
pub use deployment::{Deployment, not_in_parts, start};
pub use mailbox::Mail;
pub use rekey::Rekey;
pub use rekey_testing::{Part, Replicas};
pub use secrets::fresh_password;
pub use users::{NewUser, User};
pub use wait::wait_for;

/// The schema under which the guide's command triggers a reset.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The followed product's own schema.
pub const WSO2: &str = "urn:scim:wso2:schema";
/// Our own extension: how and why a reset is ordered, and how it stands.
pub const RESET: &str = "urn:rekey:params:scim:schemas:extension:reset:1.0:User";
/// SCIM's users.
pub const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The message of every failed login, to the letter.
pub const LOGIN_FAILED: &str = "Login failed! Please recheck the username and password and try again";
