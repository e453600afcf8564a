//! The ground that the house stands on: its data folder, its keys, and what may not be left at its default.

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use rekey_runtime::{config::Deployment, files, tls};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// The password that everybody knows.
const DEFAULT_PASSWORD: &str = "admin";

/// The data folder, held by this process alone for as long as this lives.
pub(crate) struct Ground {
    certificate: PathBuf,
    private_key: PathBuf,
    _lock: Flock<File>,
}

impl Ground {
    /// Makes the data folder, takes hold of it, and makes the HTTPS certificate where that is allowed.
    pub(crate) fn prepare(deployment: &Deployment) -> Result<Self> {
        refuse_defaults(deployment)?;
        let data = &deployment.server.data_dir;
        files::private_folder(data)?;
        let lock = hold(data)?;
        let (certificate, private_key) = certificate(deployment)?;
        Ok(Self { certificate, private_key, _lock: lock })
    }

    /// The HTTPS certificate, PEM.
    pub(crate) fn certificate(&self) -> Result<Vec<u8>> {
        fs::read(&self.certificate).with_context(|| format!("cannot read {}", self.certificate.display()))
    }

    /// Its private key, PEM; refused when others may read it.
    pub(crate) fn private_key(&self) -> Result<Vec<u8>> {
        Ok(files::read_private(&self.private_key)?)
    }
}

/// Is this the one-process default, where keys may make themselves and everybody may know the administrator's password?
pub(crate) fn is_default(deployment: &Deployment) -> bool {
    deployment.gateway.listen.ip().is_loopback()
}

fn refuse_defaults(deployment: &Deployment) -> Result<()> {
    if is_default(deployment) {
        return Ok(());
    }
    let listen = deployment.gateway.listen;
    if deployment.super_admin.password.expose() == DEFAULT_PASSWORD {
        bail!(
            "`gateway.listen` is {listen}, which others can reach, but `super_admin.password` is the default; set it, or \
             `super_admin.password_file` to a file made with: (umask 077; openssl rand -base64 24 > admin-password)"
        );
    }
    if deployment.output_adapter.email.hostname.is_none() {
        bail!("`gateway.listen` is {listen}, which others can reach, but `output_adapter.email.hostname` is not set: mails need a mail server");
    }
    Ok(())
}

fn hold(data: &Path) -> Result<Flock<File>> {
    let path = data.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| anyhow::anyhow!("another process uses the data folder {}", data.display()))
}

fn certificate(deployment: &Deployment) -> Result<(PathBuf, PathBuf)> {
    match (&deployment.gateway.certificate_file, &deployment.gateway.private_key_file) {
        (Some(certificate), Some(key)) => Ok((certificate.clone(), key.clone())),
        (None, None) => own_certificate(deployment),
        _ => bail!("`gateway.certificate_file` and `gateway.private_key_file` go together: give both or none"),
    }
}

fn own_certificate(deployment: &Deployment) -> Result<(PathBuf, PathBuf)> {
    let folder = deployment.keys_dir().join("gateway");
    let paths = (folder.join("https.crt"), folder.join("https.key"));
    if paths.0.is_file() && paths.1.is_file() {
        return Ok(paths);
    }
    if !is_default(deployment) {
        bail!("`gateway.certificate_file` and `gateway.private_key_file` are not set, and {} is not there; name the PEM files", paths.0.display());
    }
    files::private_folder(&folder)?;
    let made = tls::self_signed(&names(deployment))?;
    // Half a pair, left by a start that was cut off, fits nothing.
    for path in [&paths.0, &paths.1] {
        drop(fs::remove_file(path));
    }
    files::create_private(&paths.1, made.private_key.as_bytes())?;
    files::create_private(&paths.0, made.certificate.as_bytes())?;
    Ok(paths)
}

/// What the certificate is good for: the public host, and this machine by its usual names.
fn names(deployment: &Deployment) -> Vec<String> {
    let authority = deployment.server.base_path.trim_start_matches("https://").split('/').next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host).trim_matches(['[', ']']);
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_runtime::config;

    fn deployment(text: &str) -> Deployment {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deployment.toml");
        fs::write(&path, text).unwrap();
        config::load(Some(&path), []).unwrap()
    }

    #[test]
    fn the_default_password_is_refused_where_others_can_reach_it() {
        let error = refuse_defaults(&deployment("[gateway]\nlisten = '0.0.0.0:9443'")).unwrap_err().to_string();
        assert!(error.contains("super_admin.password") && error.contains("openssl"), "{error}");
        assert!(refuse_defaults(&deployment("")).is_ok());
    }

    #[test]
    fn a_mail_server_is_needed_where_others_can_reach_it() {
        let text = "[gateway]\nlisten = '0.0.0.0:9443'\n[super_admin]\npassword = 'Gc9oJ2yRzW7s1'";
        assert!(refuse_defaults(&deployment(text)).unwrap_err().to_string().contains("output_adapter.email.hostname"));
    }

    #[test]
    fn the_certificate_names_the_public_host() {
        assert!(names(&deployment("[server]\nbase_path = 'https://id.example.com:8443/rekey'")).contains(&"id.example.com".to_owned()));
    }

    #[test]
    fn one_process_holds_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let _first = hold(folder.path()).unwrap();
        assert!(hold(folder.path()).unwrap_err().to_string().contains("another process"));
    }
}
