//! Certificates that are not good enough, and servers that are not who they should be. With TLS 1.3 a client learns only by its first
//! call that it was turned away.

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType};
use rekey_runtime::grpc::{Service, dns_name, uri_name};
use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};
use time::{Duration, OffsetDateTime};
use tonic::{
    Code, Status,
    client::Grpc,
    transport::{Certificate, ClientTlsConfig, Endpoint},
};
use tonic_prost::ProstCodec;

use crate::{
    house::{House, call},
    shared::make_keys,
};

/// A method of each service and somebody who may call it.
const OPEN: [(Service, &str, Service); 4] = [
    (Service::Scim, "/rekey.scim.v1.Users/Get", Service::Gateway),
    (Service::Authentication, "/rekey.authentication.v1.PasswordResets/Reveal", Service::Notification),
    (Service::TenantConfig, "/rekey.tenantconfig.v1.Tenants/Resolve", Service::Scim),
    (Service::Notification, "/rekey.notification.v1.Deliveries/List", Service::Gateway),
];

/// The connection was refused, or the server said that the certificate names no service: in either case no handler saw the call.
fn turned_away(answer: &Result<(), Status>) -> bool {
    let Err(status) = answer else { return false };
    // What a server answers has no cause on this side.
    let by_tls = status.source().is_some() || status.message().starts_with("no replica of");
    let by_name = status.code() == Code::Unauthenticated && status.message() == "a certificate that names a service is needed";
    by_tls || by_name
}

/// What an impostor has: some certificate for this service's name.
struct Forger {
    folder: tempfile::TempDir,
    house: PathBuf,
}

impl Forger {
    fn new(house: &House) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), house: house.keys() }
    }

    /// A folder of keys with this certificate, which knows the house's own authority.
    fn identity(&self, name: &str, certificate: &str, key: &KeyPair) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::copy(self.house.join("ca/ca.crt"), folder.join("ca.crt")).unwrap();
        fs::write(folder.join("mtls.crt"), certificate).unwrap();
        private(&folder.join("mtls.key"), &key.serialize_pem());
        folder
    }

    /// Signed by the house's own authority.
    fn signed(&self, name: &str, params: &CertificateParams) -> PathBuf {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority(&self.house)).unwrap();
        self.identity(name, &certificate.pem(), &key)
    }
}

fn private(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The authority in a folder of keys.
fn authority(keys: &Path) -> Issuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Rekey services");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Issuer::new(params, KeyPair::from_pem(&fs::read_to_string(keys.join("ca/ca.key")).unwrap()).unwrap())
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// As the house's own, with these URI names.
fn params(service: Service, uris: &[&str]) -> CertificateParams {
    let mut params = CertificateParams::new(vec![dns_name(service)]).unwrap();
    params.subject_alt_names.extend(uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())));
    params.distinguished_name = named(service.as_str());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params.not_before = OffsetDateTime::now_utc() - Duration::DAY;
    params.not_after = OffsetDateTime::now_utc() + Duration::DAY;
    params
}

#[tokio::test]
async fn a_certificate_that_is_not_good_enough_opens_no_method() {
    let house = House::start();
    let forger = Forger::new(&house);
    for (service, method, caller) in OPEN {
        let good = forger.signed("good", &params(caller, &[&uri_name(caller)]));
        let answer = call(house.way(service, &good), method).await;
        assert!(!turned_away(&answer), "the forger can make a good one: {answer:?}");
        for (what, identity) in bad_certificates(&forger, caller) {
            let answer = call(house.way(service, &identity), method).await;
            assert!(turned_away(&answer), "{what} at {service}: {answer:?}");
        }
        let own = house.way(service, &house.keys().join(caller.as_str()));
        let answer = call(own, method).await;
        assert!(!turned_away(&answer), "the service's own is as good as before: {answer:?}");
    }
}

fn bad_certificates(forger: &Forger, caller: Service) -> Vec<(&'static str, PathBuf)> {
    let uri = uri_name(caller);
    let (key, others) = (KeyPair::generate().unwrap(), forger.folder.path().join("others"));
    make_keys(&others);
    let mut expired = params(caller, &[&uri]);
    expired.not_after = OffsetDateTime::now_utc() - Duration::HOUR;
    let mut early = params(caller, &[&uri]);
    early.not_before = OffsetDateTime::now_utc() + Duration::HOUR;
    let mut server_only = params(caller, &[&uri]);
    server_only.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let foreign = params(caller, &[&uri]).signed_by(&key, &authority(&others)).unwrap();
    vec![
        ("a self-signed one", forger.identity("self-signed", &params(caller, &[&uri]).self_signed(&key).unwrap().pem(), &key)),
        ("one of another authority of the same name", forger.identity("foreign", &foreign.pem(), &key)),
        ("an expired one", forger.signed("expired", &expired)),
        ("one that is not good yet", forger.signed("early", &early)),
        ("one for servers alone", forger.signed("server", &server_only)),
        ("one with two URI names", forger.signed("two", &params(caller, &[&uri, &uri_name(Service::Gateway), "https://example.com"]))),
        ("one with the same URI name twice", forger.signed("twice", &params(caller, &[&uri, &uri]))),
        ("one without a URI name", forger.signed("none", &params(caller, &[]))),
        ("one that names no service", forger.signed("nobody", &params(caller, &["spiffe://rekey/subscriber"]))),
        ("one of another trust domain", forger.signed("domain", &params(caller, &[&uri.replace("rekey", "example.com")]))),
        ("one with more after the name", forger.signed("longer", &params(caller, &[&format!("{uri}/x")]))),
    ]
}

#[tokio::test]
async fn without_a_certificate_nobody_gets_in() {
    let house = House::start();
    for (service, method, _) in OPEN {
        let authority = Certificate::from_pem(fs::read(house.keys().join("ca/ca.crt")).unwrap());
        let tls = ClientTlsConfig::new().ca_certificate(authority).domain_name(dns_name(service));
        let channel = Endpoint::from_shared(house.endpoint(service)).unwrap().tls_config(tls).unwrap().connect_lazy();
        let mut client = Grpc::new(channel);
        let answer = match client.ready().await {
            Ok(()) => client.unary(tonic::Request::new(()), method.parse().unwrap(), ProstCodec::<(), ()>::default()).await.map(drop),
            Err(error) => Err(Status::from_error(error.into())),
        };
        assert!(turned_away(&answer), "{service}: {answer:?}");
    }
}

#[tokio::test]
async fn a_caller_turns_away_from_a_server_that_is_another_service() {
    let house = House::start();
    let gateway = rekey_runtime::grpc::Identity::load(&house.keys().join("gateway")).unwrap();
    for (service, ..) in OPEN {
        for (meant, method, _) in OPEN.into_iter().filter(|(meant, ..)| *meant != service) {
            let way = rekey_runtime::grpc::remote(&house.endpoint(service), meant, &gateway).unwrap();
            let answer = call(way, method).await;
            assert!(turned_away(&answer), "{service} is dialled for {meant}: {answer:?}");
        }
    }
}
