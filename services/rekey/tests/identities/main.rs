//! Who may call which method of which service, tried out: the real processes, keys of `rekey keys init`, every method of every `.proto`
//! as every service; and certificates that are not good enough.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod certificates;
mod house;
mod methods;
#[path = "../shared/mod.rs"]
mod shared;

use prost_reflect::DescriptorPool;
use rekey_runtime::grpc::{Rule, Service};

/// The service that serves the methods of a package of `proto/`.
fn owner(package: &str) -> Service {
    match package {
        "rekey.scim.v1" => Service::Scim,
        "rekey.authentication.v1" => Service::Authentication,
        "rekey.tenantconfig.v1" => Service::TenantConfig,
        "rekey.notification.v1" => Service::Notification,
        other => panic!("no service is known for the package {other}"),
    }
}

/// Every method of every `.proto`, as `/package.Service/Method`, and who serves it.
fn methods() -> Vec<(Service, String)> {
    let pool = DescriptorPool::decode(rekey_proto::FILE_DESCRIPTOR_SET).unwrap();
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.map(|method| (owner(method.parent_service().package_name()), format!("/{}/{}", method.parent_service().full_name(), method.name()))).collect()
}

fn rules(of: Service) -> &'static [Rule] {
    match of {
        Service::Scim => rekey_scim::grpc::RULES,
        Service::Authentication => rekey_authentication::RULES,
        Service::TenantConfig => rekey_tenant_config::grpc::RULES,
        Service::Notification => rekey_notification::grpc::RULES,
        Service::Gateway => &[],
    }
}

#[test]
fn every_method_has_one_rule_and_every_rule_a_method() {
    let sorted = |mut methods: Vec<(Service, String)>| {
        methods.sort_by_key(|(service, method)| (service.as_str(), method.clone()));
        methods
    };
    let ruled = Service::ALL.into_iter().flat_map(|service| rules(service).iter().map(move |rule| (service, rule.method.to_owned())));
    assert_eq!(sorted(ruled.collect()), sorted(methods()));
}

#[test]
fn nobody_is_let_in_who_has_no_business_there() {
    for (service, method) in methods() {
        let rule = rules(service).iter().find(|rule| rule.method == method).unwrap();
        assert!(!rule.callers.is_empty() && !rule.callers.contains(&service), "{method}: {:?}", rule.callers);
    }
}
