//! The derivation keys: files of this service alone.

use data_encoding::BASE64;
use rekey_kernel::{Failure, Random};
use rekey_runtime::files::{create_private, private_folder, read_private};
use std::{collections::BTreeMap, fs, path::Path};
use zeroize::Zeroizing;

use crate::domain::{KeyRing, secrets::KEY_LENGTH};

const FIRST: &str = "derivation-1.key";

/// Reads every `derivation-<kid>.key` of the folder: 32 random bytes, raw or in base64. The greatest kid is the one for new resets;
/// older ones stay until no reset of theirs is live.
///
/// # Errors
/// `Invalid`, saying which file and how to mend it, when there is no key (and none may be made), or one is unusable or readable by others.
pub(crate) fn load(folder: &Path, make_missing: bool, random: &dyn Random) -> Result<KeyRing, Failure> {
    let mut masters = read_all(folder)?;
    if masters.is_empty() && make_missing {
        make_derivation_key(folder, random)?;
        masters = read_all(folder)?;
    }
    let absent = |error| {
        let detail = format!("there is no derivation key in {}: run `rekey keys init` to make one", folder.display());
        Failure::invalid("derivation_key", detail).because(error)
    };
    KeyRing::new(masters.iter().map(|(kid, master)| (kid.clone(), &**master))).map_err(absent)
}

/// Makes the first derivation key in this folder; one that is there stays.
///
/// # Errors
/// `Internal`, naming the file that cannot be written.
pub fn make_derivation_key(folder: &Path, random: &dyn Random) -> Result<(), Failure> {
    private_folder(folder)?;
    let mut master = Zeroizing::new([0; KEY_LENGTH]);
    random.fill(master.as_mut());
    let text = Zeroizing::new(format!("{}\n", BASE64.encode(master.as_ref())));
    create_private(&folder.join(FIRST), text.as_bytes())
}

type Masters = BTreeMap<String, Zeroizing<[u8; KEY_LENGTH]>>;

fn read_all(folder: &Path) -> Result<Masters, Failure> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(Masters::new()) };
    let mut masters = Masters::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let kid = name.to_str().and_then(|name| name.strip_prefix("derivation-")?.strip_suffix(".key"));
        if let Some(kid) = kid.filter(|kid| !kid.is_empty()) {
            masters.insert(kid.to_owned(), read(&entry.path())?);
        }
    }
    Ok(masters)
}

fn read(path: &Path) -> Result<Zeroizing<[u8; KEY_LENGTH]>, Failure> {
    let content = Zeroizing::new(read_private(path)?);
    let decoded = Zeroizing::new(BASE64.decode(content.trim_ascii()).unwrap_or_default());
    let master = <[u8; KEY_LENGTH]>::try_from(content.as_slice()).or_else(|_| <[u8; KEY_LENGTH]>::try_from(decoded.as_slice()));
    let master = master.map(Zeroizing::new);
    let is_placeholder = |master: &[u8; KEY_LENGTH]| master.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
    match master {
        Ok(master) if !is_placeholder(&master) => Ok(master),
        _ => Err(Failure::invalid("derivation_key", format!("{} does not hold 32 random bytes, raw or in base64", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rekey_runtime::system::SystemRandom;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("authentication");
        assert!(load(&keys, false, &SystemRandom).unwrap_err().detail.contains("rekey keys init"));
        let first = load(&keys, true, &SystemRandom).unwrap();
        let again = load(&keys, true, &SystemRandom).unwrap();
        assert_eq!(first.current(), "1");
        assert_eq!(first.name_key().unwrap().mac(&[b"x"]), again.name_key().unwrap().mac(&[b"x"]));
        assert_eq!(fs::metadata(keys.join(FIRST)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn weak_files_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        create_private(&folder.path().join("derivation-7.key"), &[0; KEY_LENGTH]).unwrap();
        assert!(load(folder.path(), true, &SystemRandom).unwrap_err().detail.contains("derivation-7.key"));
        fs::set_permissions(folder.path().join("derivation-7.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(load(folder.path(), true, &SystemRandom).unwrap_err().detail.contains("chmod 600"));
    }
}
