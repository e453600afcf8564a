//! What a tenant is and has: types and rules, without I/O.

pub mod claim;
pub mod connector;
pub mod governance;
pub mod identifier;
pub mod template;
pub mod template_text;
pub mod tenant;
