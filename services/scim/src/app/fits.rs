//! What an answer can hold: a message between services is limited.

use rekey_kernel::Failure;
use rekey_scim_protocol::{schema::USERS, urn};

use super::View;
use crate::domain::{User, render};

/// At most about so many bytes are shown of a list that may grow without end, a group's members or a user's groups.
pub(super) const LISTED_BYTES: usize = 12_000_000;

/// # Errors
/// 400 `tooMany` when the groups are more than an answer can hold (RFC 7644 table 9).
pub(super) fn check_fits(user: &User, view: &View) -> Result<(), Failure> {
    if render::groups_size(&user.groups, &view.base) <= LISTED_BYTES {
        return Ok(());
    }
    let (id, number) = (user.id, user.groups.len());
    let detail = format!(
        "the user {id} belongs to {number} groups, too many for one answer: read it with `excludedAttributes=groups`, and list those in pages, at `/Groups`, with the filter `members.value eq \"{id}\"`"
    );
    Err(Failure::invalid("tooMany", detail))
}

/// # Errors
/// As [`check_fits`], where the groups are to be shown.
pub(super) fn check_shown(user: &User, view: &View) -> Result<(), Failure> {
    if view.projection(&USERS).shows(urn::USER, "groups") { check_fits(user, view) } else { Ok(()) }
}
