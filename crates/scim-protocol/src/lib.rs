//! SCIM 2.0 (RFC 7643, RFC 7644) as pure code: schemas, filters, paths, PATCH, projection, errors. No I/O, no async.
//!
//! A resource is a JSON object whose names are written as the schemas write them, whatever case the client used; the attributes
//! of an extension lie in an object under its URN.

pub mod discovery;
pub mod error;
pub mod filter;
pub mod json;
pub mod order;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod urn;
pub mod user;
mod value;

pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use order::{Orders, Password};
pub use patch::Patch;
pub use projection::Projection;
pub use user::UserBody;

/// A JSON object: a resource, or a part of one.
pub type Object = serde_json::Map<String, serde_json::Value>;
