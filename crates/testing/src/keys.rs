//! The keys of an installation, made by the real program.

use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt, path::Path, process::Command};

/// `rekey keys init`: what is there already stays.
pub fn make_keys(program: &Path, folder: &Path, hostname: &str) {
    rekey(program, &["keys", "init", "--hostname", hostname, "--dir"], folder);
}

/// `rekey keys nats-conf`, for a server on this port of 127.0.0.1.
pub fn nats_configuration(program: &Path, keys: &Path, port: u16, store: &Path) -> String {
    rekey(program, &["keys", "nats-conf", "--listen", &format!("127.0.0.1:{port}"), "--store", &store.display().to_string(), "--dir"], keys)
}

/// A new file that its owner alone may read.
pub fn write_secret(path: &Path, secret: &str) {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(secret.as_bytes())).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn rekey(program: &Path, words: &[&str], folder: &Path) -> String {
    let done = Command::new(program).args(words).arg(folder).output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(done.status.success(), "rekey {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}
