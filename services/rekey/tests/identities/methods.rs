//! Every method as every service.

use rekey_runtime::grpc::Service;
use tonic::{Code, Status};

use crate::{
    house::{House, call},
    methods, rules,
};

/// What the allow list says to those whom it does not name.
const DENIED: &str = "this service may not call this method";

/// Did the call get to its handler? A handler may dislike an empty message, or that it names nobody.
fn arrived(answer: &Result<(), Status>) -> bool {
    match answer {
        Ok(()) => true,
        Err(status) => status.message() != DENIED && !matches!(status.code(), Code::Unimplemented | Code::Unavailable | Code::Unknown | Code::Cancelled),
    }
}

#[tokio::test]
async fn a_service_is_let_in_to_exactly_the_methods_that_name_it() {
    let house = House::start();
    for peer in Service::ALL {
        for (service, method) in methods() {
            let answer = call(house.way(service, &house.keys().join(peer.as_str())), &method).await;
            let named = rules(service).iter().any(|rule| rule.method == method && rule.callers.contains(&peer));
            if named {
                assert!(arrived(&answer), "{peer} may call {method}, but: {answer:?}");
            } else {
                let status = answer.unwrap_err();
                assert_eq!((status.code(), status.message()), (Code::PermissionDenied, DENIED), "{peer} may not call {method}");
            }
        }
    }
}

#[tokio::test]
async fn what_no_rule_names_is_denied_to_all() {
    let house = House::start();
    for peer in Service::ALL {
        for method in ["/rekey.scim.v1.Users/Another", "/rekey.scim.v1.users/get", "/grpc.health.v1.Health/Check", "/", "/rekey.scim.v1.Users/Get/"] {
            let status = call(house.way(Service::Scim, &house.keys().join(peer.as_str())), method).await.unwrap_err();
            assert_eq!(status.code(), Code::PermissionDenied, "{peer} calls {method}: {status:?}");
        }
    }
}
