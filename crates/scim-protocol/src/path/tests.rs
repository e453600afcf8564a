//! Reading paths.

use super::*;
use crate::{
    arbitrary::paths,
    schema::{GROUPS, USERS},
};
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
        assert!(Path::parse(&USERS, path).is_ok(), "{path}");
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
        assert_eq!(Path::parse(&USERS, path).expect_err(path).scim_type.as_deref(), Some(kind), "{path}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same_path(path in prop_oneof![paths(&USERS), paths(&GROUPS)]) {
        let (resource_type, path) = path;
        let read = Path::parse(resource_type, &path.to_string()).expect("read");
        prop_assert_eq!(format!("{read:?}"), format!("{path:?}"));
    }

    #[test]
    fn no_text_crashes_the_parser(text in ".*", inner in ".*") {
        let _ = Path::parse(&USERS, &text);
        let _ = Path::parse(&USERS, &format!("emails[{inner}].value"));
    }
}
