//! PATCH paths (RFC 7644 §3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`, `URN`, `URN:attr…`.

use crate::{
    Filter, ScimError,
    filter::Parser,
    schema::{Kind, Named, Schema, Target, resolve},
};

/// Where a PATCH operation works.
#[derive(Clone, Debug)]
pub enum Path {
    /// A whole schema.
    Schema(&'static Schema),
    /// An attribute or a part of it, perhaps of some elements only.
    Attribute {
        /// The place.
        target: Target,
        /// Which elements of a multi-valued attribute; `None`: all.
        filter: Option<Filter>,
    },
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// 400 `invalidPath` when it cannot be read or names nothing that there is; `invalidFilter` for a bad filter inside.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        match text.split_once('[') {
            Some((head, _)) => Self::filtered(text, head),
            None => match resolve(text) {
                Some(Named::Schema(schema)) => Ok(Self::Schema(schema)),
                Some(Named::Target(target)) => Ok(Self::Attribute { target, filter: None }),
                None => Err(unknown(text)),
            },
        }
    }

    fn filtered(text: &str, head: &str) -> Result<Self, ScimError> {
        let Some(Named::Target(target)) = resolve(head.trim_end()) else { return Err(unknown(text)) };
        if !target.attribute.multi_valued || target.attribute.kind != Kind::Complex || target.sub.is_some() {
            return Err(ScimError::invalid_path(format!("`{head}` is not a list of complex values: a filter in brackets can choose nothing in it")));
        }
        let (filter, tail) = Parser::value_path(text.get(head.len()..).unwrap_or_default())?;
        filter.check_within(target.attribute)?;
        let sub = match tail.as_deref().map(|tail| tail.strip_prefix('.').and_then(|name| target.attribute.sub(name))) {
            None => None,
            Some(Some(sub)) => Some(sub),
            Some(None) => return Err(unknown(text)),
        };
        Ok(Self::Attribute { target: Target { sub, ..target }, filter: Some(filter) })
    }
}

/// 400 `invalidPath`, with a hint where the name is right but for its URN.
pub(crate) fn unknown(text: &str) -> ScimError {
    let shown: String = text.chars().take(200).collect();
    if text.eq_ignore_ascii_case("forcePasswordReset") {
        return ScimError::invalid_path(format!("write `{}:forcePasswordReset`: the attribute belongs to an extension", crate::urn::ENTERPRISE_USER));
    }
    ScimError::invalid_path(format!("a user has no attribute `{shown}`; those of an extension are written with its URN: `{}:accountLocked`", crate::urn::WSO2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_forms_of_paths_are_read() {
        let good = [
            "userName",
            "name.familyName",
            "emails[type eq \"work\"]",
            "emails[type eq \"work\"].value",
            "EMAILS[not (primary eq true) and value co \"]\"].Value",
            "urn:ietf:params:scim:schemas:core:2.0:User:emails[value pr].type",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:scim:wso2:schema",
        ];
        for path in good {
            assert!(Path::parse(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn bad_paths_are_told_apart() {
        for (path, kind) in [
            ("", "invalidPath"),
            ("nothing", "invalidPath"),
            ("name[formatted eq \"x\"]", "invalidPath"),
            ("emails[type eq \"work\"].nothing", "invalidPath"),
            ("emails[type eq \"work\"]value", "invalidPath"),
            ("emails[type eq \"work\"", "invalidFilter"),
            ("emails[type is \"work\"]", "invalidFilter"),
            ("emails[nothing eq \"work\"]", "invalidFilter"),
            ("forcePasswordReset", "invalidPath"),
        ] {
            assert_eq!(Path::parse(path).expect_err(path).scim_type.as_deref(), Some(kind), "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_text_crashes_the_parser(text in ".*", inner in ".*") {
            let _ = Path::parse(&text);
            let _ = Path::parse(&format!("emails[{inner}].value"));
        }
    }
}
