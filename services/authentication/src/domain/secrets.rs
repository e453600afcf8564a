//! The secrets of a reset: derived from a key of this service whenever they are needed, stored nowhere.

use data_encoding::BASE64URL_NOPAD;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use rekey_kernel::{ResetId, Secret, TenantId, UserId};
use sha2::Sha256;
use std::{collections::BTreeMap, fmt};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Code, Reset,
    code::{MAIL_LENGTH, OFFLINE_LENGTH},
};

/// Bytes of a master key.
pub const KEY_LENGTH: usize = 32;
/// Bytes of a reset's own salt.
pub const SALT_LENGTH: usize = 16;

const PURPOSES: [&str; 4] = ["link", "mail-code", "offline-code", "login-name"];

/// What makes the secrets of one reset its own.
#[derive(Clone, Copy, Debug)]
pub struct Seed<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The reset.
    pub reset: ResetId,
    /// Whose.
    pub user: UserId,
    /// Its epoch.
    pub epoch: u64,
    /// Its random salt.
    pub salt: &'a [u8],
}

impl<'a> From<&'a Reset> for Seed<'a> {
    fn from(reset: &'a Reset) -> Self {
        Self { tenant: reset.tenant, reset: reset.id, user: reset.user, epoch: reset.epoch, salt: &reset.salt }
    }
}

/// One master key's sub-keys, one for each purpose.
#[derive(Clone)]
struct SubKeys {
    link: Hmac<Sha256>,
    mail: Hmac<Sha256>,
    offline: Hmac<Sha256>,
    name: Hmac<Sha256>,
}

impl SubKeys {
    fn new(master: &[u8; KEY_LENGTH]) -> Result<Self, KeyError> {
        let [link, mail, offline, name] = PURPOSES;
        Ok(Self { link: sub_key(master, link)?, mail: sub_key(master, mail)?, offline: sub_key(master, offline)?, name: sub_key(master, name)? })
    }
}

fn sub_key(master: &[u8; KEY_LENGTH], purpose: &str) -> Result<Hmac<Sha256>, KeyError> {
    let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
    let info = format!("rekey/v1/{purpose}");
    Hkdf::<Sha256>::new(None, master).expand(info.as_bytes(), bytes.as_mut()).map_err(|_| KeyError)?;
    Hmac::new_from_slice(bytes.as_ref()).map_err(|_| KeyError)
}

/// No key, or one that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no usable derivation key")]
pub struct KeyError;

/// Every master key that a live reset may have been derived with, and the one for new resets.
#[derive(Clone)]
pub struct KeyRing {
    current: String,
    keys: BTreeMap<String, SubKeys>,
}

impl KeyRing {
    /// Takes master keys by their ids; the greatest id (shorter ones first, then by letters) is the one for new resets.
    ///
    /// # Errors
    /// When there is none.
    pub fn new<'a>(masters: impl IntoIterator<Item = (String, &'a [u8; KEY_LENGTH])>) -> Result<Self, KeyError> {
        let mut keys = BTreeMap::new();
        for (kid, master) in masters {
            keys.insert(kid, SubKeys::new(master)?);
        }
        let current = keys.keys().max_by_key(|kid| (kid.len(), (*kid).clone())).cloned().ok_or(KeyError)?;
        Ok(Self { current, keys })
    }

    /// The id of the key for new resets.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The secret of the link: 32 bytes in base64url. `None` when the reset's key is no longer there.
    pub fn link(&self, reset: &Reset) -> Option<Secret> {
        self.keys.get(&reset.kid).map(|keys| Secret::new(BASE64URL_NOPAD.encode(&mac(&keys.link, PURPOSES[0], Seed::from(reset)))))
    }

    /// Is this the secret of the reset's link? The time taken tells nothing.
    pub fn link_matches(&self, reset: &Reset, secret: &str) -> bool {
        let given = BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap_or_default();
        self.keys.get(&reset.kid).is_some_and(|keys| mac(&keys.link, PURPOSES[0], Seed::from(reset)).ct_eq(&given).into())
    }

    /// The code in the mail.
    pub fn mail_code(&self, reset: &Reset) -> Option<Code> {
        self.keys.get(&reset.kid).map(|keys| Code::from_bytes(&mac(&keys.mail, PURPOSES[1], Seed::from(reset)), MAIL_LENGTH))
    }

    /// The code that an administrator reads out.
    pub fn offline_code(&self, reset: &Reset) -> Option<Code> {
        self.keys.get(&reset.kid).map(|keys| Code::from_bytes(&mac(&keys.offline, PURPOSES[2], Seed::from(reset)), OFFLINE_LENGTH))
    }

    /// The key under which failed logins of names are counted.
    pub fn name_key(&self) -> Option<NameKey> {
        self.keys.get(&self.current).map(|keys| NameKey(keys.name.clone()))
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyRing").field("current", &self.current).finish_non_exhaustive()
    }
}

/// Turns a login name into the key of its counter, so that the table of counters names nobody.
#[derive(Clone)]
pub struct NameKey(Hmac<Sha256>);

impl NameKey {
    /// A key of its own, for tests and for caches of one process.
    ///
    /// # Errors
    /// Never, with a key of this length.
    pub fn new(key: &[u8; KEY_LENGTH]) -> Result<Self, KeyError> {
        sub_key(key, PURPOSES[3]).map(Self)
    }

    /// The MAC of these parts, each with its length in front.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            absorb(&mut mac, part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for NameKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("NameKey(…)")
    }
}

/// Every part is preceded by its length, so that no two lists of parts give the same bytes.
fn absorb(mac: &mut Hmac<Sha256>, part: &[u8]) {
    mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
    mac.update(part);
}

fn mac(key: &Hmac<Sha256>, purpose: &str, seed: Seed<'_>) -> [u8; 32] {
    let mut mac = key.clone();
    absorb(&mut mac, purpose.as_bytes());
    absorb(&mut mac, seed.tenant.as_uuid().as_bytes());
    absorb(&mut mac, seed.reset.as_uuid().as_bytes());
    absorb(&mut mac, seed.user.as_uuid().as_bytes());
    absorb(&mut mac, &seed.epoch.to_be_bytes());
    absorb(&mut mac, seed.salt);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reset::tests::pending;

    fn ring() -> KeyRing {
        KeyRing::new([("9".to_owned(), &[7; 32]), ("10".to_owned(), &[8; 32])]).unwrap()
    }

    #[test]
    fn the_newest_key_is_for_new_resets_and_the_older_ones_stay_good() {
        let reset = Reset { kid: "9".to_owned(), ..pending() };
        assert_eq!(ring().current(), "10");
        assert!(ring().link(&reset).is_some());
        assert!(ring().link(&Reset { kid: "8".to_owned(), ..reset }).is_none());
    }

    #[test]
    fn a_link_verifies_for_its_own_reset_alone() {
        let reset = pending();
        let secret = ring().link(&reset).unwrap();
        assert_eq!(secret.expose().len(), 43);
        assert!(ring().link_matches(&reset, secret.expose()));
        assert!(!ring().link_matches(&reset, ""));
        let others = [Reset { epoch: 2, ..reset.clone() }, Reset { salt: vec![1; SALT_LENGTH], ..reset.clone() }, Reset { kid: "10".to_owned(), ..reset }];
        assert!(others.iter().all(|other| !ring().link_matches(other, secret.expose())));
    }

    #[test]
    fn purposes_give_unrelated_secrets() {
        let reset = pending();
        let (mail, offline) = (ring().mail_code(&reset).unwrap(), ring().offline_code(&reset).unwrap());
        assert!(!offline.expose().starts_with(mail.expose()));
        assert!(mail.is_mail_shaped() && !offline.is_mail_shaped());
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let key = NameKey::new(&[1; 32]).unwrap();
        assert_ne!(key.mac(&[b"ab", b"c"]), key.mac(&[b"a", b"bc"]));
    }
}
