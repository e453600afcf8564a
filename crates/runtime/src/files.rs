//! Files that only their owner may read.

use rekey_kernel::Failure;
use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

/// Makes a folder, and those above it, that only the owner may enter (0700). One that is there stays as it is.
///
/// # Errors
/// `Internal`, naming the folder.
pub fn private_folder(path: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| Failure::internal(format!("cannot make the folder {}", path.display())).because(error))
}

/// Writes a file that only the owner may read (0600), unless it is there. Whoever looks sees the whole file or none.
///
/// # Errors
/// `Internal`, naming the file.
pub fn create_private(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let write = || {
        let draft = path.with_extension("new");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        fs::remove_file(&draft)
    };
    write().map_err(|error| Failure::internal(format!("cannot write {}", path.display())).because(error))
}

/// Reads a secret's file.
///
/// # Errors
/// `Invalid` when it is missing, empty, or others than its owner may read it; the message says how to mend that.
pub fn read_private(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| Failure::invalid("secret_file", format!("cannot read {}: {error}", path.display()));
    let mode = fs::metadata(path).map_err(unreadable)?.permissions().mode();
    if mode & 0o077 != 0 {
        let detail = format!("{} holds a secret, but others may read it: run `chmod 600 {}`", path.display(), path.display());
        return Err(Failure::invalid("secret_file", detail));
    }
    let content = fs::read(path).map_err(unreadable)?;
    if content.is_empty() { Err(Failure::invalid("secret_file", format!("{} is empty", path.display()))) } else { Ok(content) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_written_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create_private(&path, b"first").unwrap();
        create_private(&path, b"second").unwrap();
        assert_eq!(read_private(&path).unwrap(), b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "open").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(read_private(&path).unwrap_err().detail.contains("chmod 600"));
    }
}
