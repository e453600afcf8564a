//! The certificate authority of one installation.

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType, string::Ia5String,
};
use rekey_runtime::files;
use std::{fs, path::Path};
use time::{Duration, OffsetDateTime};

/// How long the authority is good.
const AUTHORITY: Duration = Duration::days(3_650);
/// How long what it signs is good.
const LEAF: Duration = Duration::days(825);

/// Signs certificates.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate, PEM.
    pub(crate) certificate: String,
}

/// A certificate and its private key, PEM.
pub(crate) struct Leaf {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
}

impl Authority {
    /// The authority in this folder (`ca.crt`, `ca.key`), made when it is not there.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let (certificate, key) = (folder.join("ca.crt"), folder.join("ca.key"));
        if !key.exists() {
            let pair = KeyPair::generate()?;
            files::create_private(&key, pair.serialize_pem().as_bytes())?;
        }
        let pair = KeyPair::from_pem(&String::from_utf8(files::read_private(&key)?)?).with_context(|| format!("{} is no private key", key.display()))?;
        if !certificate.exists() {
            files::create_private(&certificate, params().self_signed(&pair)?.pem().as_bytes())?;
        }
        let own = fs::read_to_string(&certificate).with_context(|| format!("cannot read {}", certificate.display()))?;
        Ok(Self { issuer: Issuer::new(params(), pair), certificate: own })
    }

    /// A certificate for these DNS names and addresses, and for at most one URI name; good for both ends of a connection.
    pub(crate) fn sign(&self, common_name: &str, names: &[&str], uri: Option<&str>) -> Result<Leaf> {
        let mut params = CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
        if let Some(uri) = uri {
            params.subject_alt_names.push(SanType::URI(Ia5String::try_from(uri)?));
        }
        params.distinguished_name = named(common_name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = validity(LEAF);
        let key = KeyPair::generate()?;
        Ok(Leaf { certificate: params.signed_by(&key, &self.issuer)?.pem(), private_key: key.serialize_pem() })
    }
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Rekey services");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = validity(AUTHORITY);
    params
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// From yesterday on, for clocks that are behind.
fn validity(span: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let now = OffsetDateTime::now_utc();
    (now - Duration::DAY, now + span)
}
