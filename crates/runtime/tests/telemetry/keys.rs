//! Certificates for a test, as `rekey keys init` makes them.

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, SanType};
use rekey_runtime::{
    files,
    grpc::{Identity, Service, dns_name, uri_name},
};
use std::path::Path;

/// Signs certificates for the length of a test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A service's identity, its files in this folder.
    pub(crate) fn identity(&self, folder: &Path, service: Service) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![dns_name(service)]).unwrap();
        params.subject_alt_names.push(SanType::URI(uri_name(service).try_into().unwrap()));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let folder = folder.join(service.as_str());
        files::private_folder(&folder).unwrap();
        files::create_private(&folder.join("mtls.key"), key.serialize_pem().as_bytes()).unwrap();
        files::create_private(&folder.join("mtls.crt"), certificate.as_bytes()).unwrap();
        files::create_private(&folder.join("ca.crt"), self.certificate.as_bytes()).unwrap();
        Identity::load(&folder).unwrap()
    }
}
