//! `rekey keys init`.

use anyhow::{Result, bail};
use nkeys::KeyPair;
use rekey_runtime::{
    files,
    grpc::{Service, dns_name, uri_name},
    system::SystemRandom,
};
use std::path::Path;

use super::{
    authority::{Authority, Leaf},
    subscriber,
};

/// Makes what is not there, and says what it made.
pub(crate) fn run(dir: &Path, hostname: &str, subscribers: &[String]) -> Result<()> {
    check(hostname)?;
    subscribers.iter().try_for_each(|name| check_name(name))?;
    files::private_folder(&dir.join("ca"))?;
    let authority = Authority::open(&dir.join("ca"))?;
    for service in Service::ALL {
        let folder = dir.join(service.as_str());
        files::private_folder(&folder)?;
        create(&folder.join("ca.crt"), authority.certificate.as_bytes())?;
        pair(&folder, "mtls", || authority.sign(service.as_str(), &[&dns_name(service)], Some(&uri_name(service))))?;
        nkey(&folder)?;
    }
    derivation_key(&dir.join(Service::Authentication.as_str()))?;
    let gateway = dir.join(Service::Gateway.as_str());
    pair(&gateway, "https", || authority.sign(hostname, &hosts(&[hostname, "localhost", "127.0.0.1", "::1"]), None))?;
    server(dir, hostname, &authority)?;
    let others = subscribers.iter().map(|name| Some(name.as_str()));
    std::iter::once(None).chain(others).try_for_each(|name| subscriber(&dir.join(subscriber::folder(name)), &authority))
}

/// The NATS server's certificate.
fn server(dir: &Path, hostname: &str, authority: &Authority) -> Result<()> {
    let folder = dir.join("nats");
    files::private_folder(&folder)?;
    create(&folder.join("ca.crt"), authority.certificate.as_bytes())?;
    pair(&folder, "server", || authority.sign("nats", &hosts(&["localhost", "nats", hostname, "127.0.0.1", "::1"]), None))
}

/// What another program needs to hear the events.
fn subscriber(folder: &Path, authority: &Authority) -> Result<()> {
    files::private_folder(folder)?;
    create(&folder.join("ca.crt"), authority.certificate.as_bytes())?;
    nkey(folder)
}

fn hosts<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name);
        }
    }
    once
}

fn check(hostname: &str) -> Result<()> {
    let fits = !hostname.is_empty() && hostname.len() <= 253 && hostname.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
    if fits { Ok(()) } else { bail!("`{hostname}` is no host name: use something like id.example.com") }
}

/// It becomes a word of a subject.
fn check_name(subscriber: &str) -> Result<()> {
    let fits = !subscriber.is_empty() && subscriber.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(()) } else { bail!("`{subscriber}` is no name for a subscriber: use lower-case letters, digits and hyphens") }
}

/// A certificate and its key go together: half a pair is made anew.
fn pair(folder: &Path, name: &str, sign: impl FnOnce() -> Result<Leaf>) -> Result<()> {
    let (certificate, key) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
    if certificate.exists() && key.exists() {
        return Ok(());
    }
    for half in [&certificate, &key] {
        if half.exists() {
            std::fs::remove_file(half)?;
        }
    }
    let leaf = sign()?;
    create(&key, leaf.private_key.as_bytes())?;
    create(&certificate, leaf.certificate.as_bytes())
}

fn nkey(folder: &Path) -> Result<()> {
    let path = folder.join("nats.nk");
    if path.exists() {
        return Ok(());
    }
    create(&path, KeyPair::new_user().seed()?.as_bytes())
}

fn derivation_key(folder: &Path) -> Result<()> {
    let path = folder.join("derivation-1.key");
    if !path.exists() {
        rekey_authentication::make_derivation_key(folder, &SystemRandom)?;
        println!("made {}", path.display());
    }
    Ok(())
}

fn create(path: &Path, content: &[u8]) -> Result<()> {
    if !path.exists() {
        files::create_private(path, content)?;
        println!("made {}", path.display());
    }
    Ok(())
}
