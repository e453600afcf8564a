//! What holds of every resource, whether it came whole or a PATCH made it so.

use serde_json::Value;

use super::MAX_USER_NAME;
use crate::{
    Object, ScimError,
    schema::{Attribute, ResourceType, USERS},
};

/// What is required is there (RFC 7643 §2.2), and a user's name can be logged in with.
///
/// # Errors
/// 400 `invalidValue`.
pub(crate) fn check(resource_type: &'static ResourceType, resource: &Object) -> Result<(), ScimError> {
    for attribute in resource_type.core.attributes {
        required(attribute, resource.get(attribute.name))?;
    }
    if resource_type.name == USERS.name { user_name(resource) } else { Ok(()) }
}

fn required(attribute: &'static Attribute, value: Option<&Value>) -> Result<(), ScimError> {
    if attribute.required && is_blank(value) {
        return Err(ScimError::invalid_value(format!("`{}` is required and must not be empty", attribute.name)));
    }
    let elements = value.and_then(Value::as_array).into_iter().flatten();
    for (element, part) in elements.flat_map(|element| attribute.sub_attributes.iter().map(move |part| (element, part))) {
        if part.required && is_blank(element.get(part.name)) {
            return Err(ScimError::invalid_value(format!("each of `{}` needs `{}`, which must not be empty", attribute.name, part.name)));
        }
    }
    Ok(())
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

/// A name to log in with has no control character and is not too long.
fn user_name(resource: &Object) -> Result<(), ScimError> {
    let name = resource.get("userName").and_then(Value::as_str).unwrap_or_default();
    if name.chars().count() > MAX_USER_NAME || name.chars().any(char::is_control) {
        return Err(ScimError::invalid_value(format!("`userName` may have at most {MAX_USER_NAME} characters, none of them a control character")));
    }
    Ok(())
}
