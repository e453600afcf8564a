//! Between the errors of SCIM and our failures.

use rekey_kernel::{Failure, Kind};
use rekey_scim_protocol::ScimError;

/// The status of a request that asks for too much at once.
const TOO_LARGE: u16 = 413;
/// What clients are told of a defect of ours: nothing of its cause.
const DEFECT: &str = "something went wrong on our side; it has been logged";

/// A SCIM error of the protocol's own code, as a failure with its `scimType` for a reason.
pub fn refused(error: ScimError) -> Failure {
    if error.status == TOO_LARGE {
        return Failure::new(Kind::TooLarge, "too_large", error.detail);
    }
    Failure::invalid(error.scim_type.unwrap_or_else(|| "invalidSyntax".to_owned()), error.detail)
}

/// The failure of one operation among many, as the SCIM error that a request of its own would get.
pub fn scim_error(failure: Failure) -> ScimError {
    let status = status(failure.kind);
    if failure.is(Kind::Internal) {
        return ScimError::new(status, DEFECT);
    }
    let typed = matches!(failure.kind, Kind::Invalid | Kind::Conflict);
    ScimError { status, scim_type: typed.then(|| failure.reason.into_owned()), detail: failure.detail }
}

const fn status(kind: Kind) -> u16 {
    match kind {
        Kind::Invalid => 400,
        Kind::Unauthenticated => 401,
        Kind::Forbidden => 403,
        Kind::NotFound => 404,
        Kind::Conflict => 409,
        Kind::Gone => 410,
        Kind::PreconditionFailed => 412,
        Kind::TooLarge => TOO_LARGE,
        Kind::Unprocessable => 422,
        Kind::Unavailable => 503,
        Kind::Internal => 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operations_error_is_that_of_a_request_of_its_own() {
        for (failure, status, kind) in [
            (Failure::invalid("invalidValue", "x"), 400, Some("invalidValue")),
            (Failure::conflict("uniqueness", "x"), 409, Some("uniqueness")),
            (Failure::new(Kind::PreconditionFailed, "versionMismatch", "x"), 412, None),
            (Failure::unavailable("x"), 503, None),
            (Failure::not_found("x"), 404, None),
        ] {
            let error = scim_error(failure);
            assert_eq!((error.status, error.scim_type.as_deref(), error.detail.as_str()), (status, kind, "x"));
        }
    }

    #[test]
    fn nothing_is_told_of_a_defect() {
        assert_eq!(scim_error(Failure::internal("secret")), ScimError::new(500, DEFECT));
    }
}
