//! How large a profile may become.

use rekey_kernel::Failure;
use rekey_scim_protocol::{Object, json};

/// The most bytes that a user's profile may have, as JSON: one request cannot carry more, but many requests could add it up, and then no
/// answer, and no list with that user on it, could hold it. Groups need no such limit: their members are counted where they are shown, and
/// all else of them has one of its own.
pub const MAX_PROFILE: usize = 1 << 20;

/// May this profile be stored in the place of that one? One that was larger already may become smaller, and change as long as it does not
/// grow; `active` does not count, so that nobody stays for being large.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check(before: Option<&Object>, after: &Object) -> Result<(), Failure> {
    if before == Some(after) {
        return Ok(());
    }
    let size = json::size(after);
    if size <= MAX_PROFILE || before.is_some_and(|before| size_but_for_active(after) <= size_but_for_active(before)) {
        return Ok(());
    }
    let detail = format!("the user would have {size} bytes as JSON, of which at most {MAX_PROFILE} can be stored: shorten or remove some of its values");
    Err(Failure::invalid("invalidValue", detail))
}

fn size_but_for_active(profile: &Object) -> usize {
    let mut rest = profile.clone();
    rest.remove("active");
    json::size(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A profile with so many bytes.
    fn profile(size: usize) -> Object {
        let empty = json!({ "title": "" }).to_string().len();
        json!({ "title": "x".repeat(size - empty) }).as_object().cloned().unwrap()
    }

    #[test]
    fn a_profile_may_have_a_mebibyte() {
        for before in [None, Some(&profile(100))] {
            assert!(check(before, &profile(MAX_PROFILE)).is_ok());
            let failure = check(before, &profile(MAX_PROFILE + 1)).unwrap_err();
            assert!(failure.reason == "invalidValue" && failure.detail.contains("1048577") && failure.detail.contains("1048576"), "{failure}");
        }
    }

    #[test]
    fn one_that_is_larger_already_may_stay_and_shrink_but_not_grow() {
        let before = profile(MAX_PROFILE + 100);
        assert!(check(Some(&before), &before).is_ok() && check(Some(&before), &profile(MAX_PROFILE + 99)).is_ok());
        assert!(check(Some(&before), &profile(MAX_PROFILE + 101)).is_err());
        let mut inactive = before.clone();
        inactive.insert("active".to_owned(), json!(false));
        assert!(check(Some(&before), &inactive).is_ok(), "whoever is large can be shut out");
    }
}
