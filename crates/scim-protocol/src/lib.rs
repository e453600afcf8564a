//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865) as pure code: types of resources and their schemas, bodies, filters, sorting, paths, PATCH, bulk,
//! projection, errors. No I/O, no async.
//!
//! A resource is a JSON object whose names are written as the schemas write them, whatever case the client used; the attributes
//! of an extension lie in an object under its URN.

#[cfg(test)]
mod arbitrary;
pub mod body;
pub mod bulk;
pub mod discovery;
mod distinct;
pub mod error;
pub mod etag;
pub mod filter;
mod fold;
pub mod json;
mod key;
mod message;
pub mod order;
pub mod patch;
pub mod path;
pub mod projection;
pub mod schema;
pub mod search;
pub mod sort;
pub mod urn;
mod value;

pub use body::{GroupBody, UserBody};
pub use error::{ScimError, ScimType};
pub use filter::Filter;
pub use fold::fold;
pub use key::{Key, moment};
pub use order::{Echo, Orders, Password};
pub use patch::{MemberEdit, Patch};
pub use projection::Projection;
pub use sort::Sort;

/// A JSON object: a resource, or a part of one.
pub type Object = serde_json::Map<String, serde_json::Value>;
