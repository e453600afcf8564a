//! The calling person as gRPC metadata.

use rekey_kernel::Caller;
use tonic::{Request, Status, metadata::MetadataValue};

const KEY: &str = "rekey-caller-bin";

/// The person on whose behalf this request is made.
///
/// # Errors
/// `UNAUTHENTICATED` when the request names nobody.
pub fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    let absent = || Status::unauthenticated("this call must name its caller");
    let value = request.metadata().get_bin(KEY).ok_or_else(absent)?;
    let bytes = value.to_bytes().map_err(|_| absent())?;
    serde_json::from_slice(&bytes).map_err(|_| absent())
}

/// A request made on behalf of this person.
pub fn with_caller<T>(caller: &Caller, message: T) -> Request<T> {
    let mut request = Request::new(message);
    // A caller is plain data with string keys: it always has a JSON form.
    let json = serde_json::to_vec(caller).unwrap_or_default();
    request.metadata_mut().insert_bin(KEY, MetadataValue::from_bytes(&json));
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_kernel::TenantId;

    #[test]
    fn a_caller_arrives_as_it_was_sent() {
        let sent = Caller::system(TenantId::DEFAULT, "scim");
        assert_eq!(caller(&with_caller(&sent, ())).unwrap(), sent);
    }

    #[test]
    fn a_request_without_one_is_refused() {
        assert_eq!(caller(&Request::new(())).unwrap_err().code(), tonic::Code::Unauthenticated);
    }
}
