//! Invariant I5: no secret in any file, the development mailbox and the keys apart.

use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// The secrets that a test has seen. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Arc<Mutex<BTreeSet<String>>>);

impl Secrets {
    /// From now on this must stand in no file.
    pub fn add(&self, secret: &str) {
        if secret.len() >= 8 {
            self.0.lock().expect("no test panics while it holds this").insert(secret.to_owned());
        }
    }

    /// A credential, also in the shape in which HTTP Basic carries it.
    pub fn add_credential(&self, user_name: &str, password: &str) {
        self.add(password);
        self.add(&STANDARD.encode(format!("{user_name}:{password}")));
    }

    /// A link's token, whole and the secret half of it.
    pub fn add_token(&self, token: &str) {
        self.add(token);
        self.add(token.rsplit('.').next().unwrap_or(token));
    }

    /// A code, as shown and without its hyphens.
    pub fn add_code(&self, code: &str) {
        self.add(code);
        self.add(&code.replace('-', ""));
    }

    /// Where any of them stands in a file of this folder: one line for each find.
    pub fn leaks(&self, folder: &Path) -> Vec<String> {
        self.leaks_in(&files(folder))
    }

    /// The same for these files.
    pub fn leaks_in(&self, files: &[PathBuf]) -> Vec<String> {
        let secrets = self.0.lock().expect("no test panics while it holds this");
        let mut finds = Vec::new();
        for file in files {
            let text = crate::program::read_lossy(file);
            finds.extend(secrets.iter().filter(|secret| text.contains(secret.as_str())).map(|secret| format!("{secret} in {}", file.display())));
        }
        finds
    }
}

/// Every file under a folder but those of the mailbox and the keys.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let exempt = path.file_name().is_some_and(|name| name == "mailbox" || name == "keys");
        if path.is_dir() && !exempt {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// A password that nobody used before: long enough, in no list of bad ones, and without the shape of a code.
pub fn fresh_password() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_nanos();
    format!("Quiet harbour {:x} {:x} {}", now, std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::Secrets;
    use std::fs;

    #[test]
    fn a_secret_in_a_file_is_found_but_not_in_the_mailbox() {
        let (folder, secrets) = (tempfile::tempdir().unwrap(), Secrets::default());
        secrets.add_code("ABCD-EFGH");
        for place in ["data/mailbox", "data/keys", "data/deep"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
        }
        fs::write(folder.path().join("data/mailbox/one.eml"), "ABCDEFGH").unwrap();
        assert_eq!(secrets.leaks(folder.path()), Vec::<String>::new());
        fs::write(folder.path().join("data/deep/one.db"), b"\xff\x00..ABCDEFGH..\xff").unwrap();
        assert_eq!(secrets.leaks(folder.path()).len(), 1);
    }
}
