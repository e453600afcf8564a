//! Certificates.

use rcgen::{CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rekey_kernel::Failure;

/// A certificate and its private key, as PEM.
pub struct SelfSigned {
    /// The certificate.
    pub certificate: String,
    /// Its private key: a secret.
    pub private_key: String,
}

/// A self-signed HTTPS certificate for these host names and addresses.
///
/// # Errors
/// `Internal` when a name cannot stand in a certificate.
pub fn self_signed(names: &[String]) -> Result<SelfSigned, Failure> {
    let make = || -> Result<SelfSigned, rcgen::Error> {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Rekey (self-signed)");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        Ok(SelfSigned { certificate: params.self_signed(&key)?.pem(), private_key: key.serialize_pem() })
    };
    make().map_err(|error| Failure::internal("cannot make a self-signed certificate").because(error))
}

/// Chooses the one TLS provider of the program. The first thing that `main` does.
pub fn install_provider() {
    // A second call (tests) finds it installed: that is what was wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
}
