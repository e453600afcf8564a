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
/// What makes missing keys.
pub(crate) const KEYS_INIT: &str = "make the keys with `rekey keys init --dir <keys.dir> --hostname <public host>`";

/// The data folder, held by this process alone for as long as this lives.
pub(crate) struct Ground {
    /// What HTTPS is served with.
    pub(crate) https: HttpsFiles,
    _lock: Flock<File>,
}

impl Ground {
    /// Makes the data folder, takes hold of it, and makes the HTTPS certificate where that is allowed.
    pub(crate) fn prepare(deployment: &Deployment) -> Result<Self> {
        refuse_defaults(deployment)?;
        let data = &deployment.server.data_dir;
        files::private_folder(data)?;
        let lock = hold(data)?;
        Ok(Self { https: HttpsFiles::find(deployment, is_default(deployment))?, _lock: lock })
    }
}

/// The HTTPS certificate and its private key, PEM.
pub(crate) struct HttpsFiles {
    certificate: PathBuf,
    private_key: PathBuf,
}

impl HttpsFiles {
    /// The configured ones, else those in the keys folder, which are made there if that is allowed.
    pub(crate) fn find(deployment: &Deployment, make_missing: bool) -> Result<Self> {
        let files = match (&deployment.gateway.certificate_file, &deployment.gateway.private_key_file) {
            (Some(certificate), Some(key)) => Self { certificate: certificate.clone(), private_key: key.clone() },
            (None, None) => Self::in_folder(&deployment.keys_dir().join("gateway")),
            _ => bail!("`gateway.certificate_file` and `gateway.private_key_file` go together: give both or none"),
        };
        if files.certificate.is_file() && files.private_key.is_file() {
            return Ok(files);
        }
        if !make_missing || deployment.gateway.certificate_file.is_some() {
            bail!(
                "there is no HTTPS certificate {}: {KEYS_INIT}, or set `gateway.certificate_file` and `gateway.private_key_file`",
                files.certificate.display()
            );
        }
        files.make(&names(deployment))?;
        Ok(files)
    }

    fn in_folder(folder: &Path) -> Self {
        Self { certificate: folder.join("https.crt"), private_key: folder.join("https.key") }
    }

    fn make(&self, names: &[String]) -> Result<()> {
        if let Some(folder) = self.certificate.parent() {
            files::private_folder(folder)?;
        }
        let made = tls::self_signed(names)?;
        // Half a pair, left by a start that was cut off, fits nothing.
        for path in [&self.certificate, &self.private_key] {
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        files::create_private(&self.private_key, made.private_key.as_bytes())?;
        Ok(files::create_private(&self.certificate, made.certificate.as_bytes())?)
    }

    /// The certificate.
    pub(crate) fn certificate(&self) -> Result<Vec<u8>> {
        fs::read(&self.certificate).with_context(|| format!("cannot read {}", self.certificate.display()))
    }

    /// Its private key; refused when others may read it.
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
    let reachable = format!("`gateway.listen` is {listen}, which others can reach");
    refuse_default_password(deployment).context(reachable.clone())?;
    if deployment.output_adapter.email.hostname.is_none() {
        bail!("{reachable}, but `output_adapter.email.hostname` is not set: mails need a mail server");
    }
    Ok(())
}

/// Whoever makes the first administrator must not give it the password that everybody knows.
pub(crate) fn refuse_default_password(deployment: &Deployment) -> Result<()> {
    if deployment.super_admin.password.expose() == DEFAULT_PASSWORD {
        bail!(
            "`super_admin.password` is the default: set it, or set `super_admin.password_file` to a file made with \
             (umask 077; openssl rand -base64 24 > admin-password)"
        );
    }
    Ok(())
}

fn hold(data: &Path) -> Result<Flock<File>> {
    let path = data.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|_| anyhow::anyhow!("another process uses the data folder {}", data.display()))
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
        let error = format!("{:#}", refuse_defaults(&deployment("[gateway]\nlisten = '0.0.0.0:9443'")).unwrap_err());
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
