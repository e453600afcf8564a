//! Argon2id on a bounded number of threads, with memory that is used again.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use async_trait::async_trait;
use data_encoding::BASE64_NOPAD;
use rekey_kernel::{Failure, Random, Secret};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use subtle::ConstantTimeEq;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    config::Hashing,
    domain::PasswordHash,
    ports::{Hasher, Verdict},
};

const SALT: usize = 16;
const OUTPUT: usize = 32;
/// Hashes that demand more than this (256 MiB, 16 rounds) were not made by us.
const SANE: (u32, u32, u32) = (256 * 1024, 16, 16);

type Memory = Vec<Block>;

/// Hashes passwords with Argon2id.
pub struct Argon2Hasher {
    params: Params,
    /// How many hash at once.
    places: Arc<Semaphore>,
    /// How many hash or wait.
    queue: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Memory>>>,
    used: AtomicBool,
    random: Arc<dyn Random>,
}

impl Argon2Hasher {
    /// # Errors
    /// `Invalid` when Argon2 does not take these parameters.
    pub fn new(config: &Hashing, random: Arc<dyn Random>) -> Result<Self, Failure> {
        let refused = |error| Failure::invalid("hashing", "these Argon2 parameters are not possible").because(error);
        Ok(Self {
            params: Params::new(config.memory_kib, config.iterations, config.parallelism, Some(OUTPUT)).map_err(refused)?,
            places: Arc::new(Semaphore::new(config.workers.max(1))),
            queue: Arc::new(Semaphore::new(config.workers.max(1) + config.queue)),
            idle: Arc::default(),
            used: AtomicBool::new(false),
            random,
        })
    }

    /// One computation on a thread that may block, once there is a place.
    async fn compute(&self, password: &Secret, params: Params, salt: Vec<u8>) -> Result<[u8; OUTPUT], Failure> {
        let busy = |_| Failure::unavailable("too many passwords are being checked; ask again");
        let stopping = |_| Failure::unavailable("the service is stopping");
        let turn = Arc::clone(&self.queue).try_acquire_owned().map_err(busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(stopping)?;
        self.used.store(true, Ordering::Relaxed);
        let (idle, password) = (Arc::clone(&self.idle), password.clone());
        let work = move || {
            // They are given back when the work is done, even if nobody waits for it any more.
            let _held: [OwnedSemaphorePermit; 2] = [turn, place];
            hash_with(&idle, &password, params, &salt)
        };
        let died = |error| Failure::internal("hashing a password failed").because(error);
        tokio::task::spawn_blocking(work).await.map_err(died)?
    }
}

fn hash_with(idle: &Mutex<Vec<Memory>>, password: &Secret, params: Params, salt: &[u8]) -> Result<[u8; OUTPUT], Failure> {
    let mut memory = idle.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    memory.resize(params.block_count(), Block::default());
    let mut output = [0; OUTPUT];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hashed = argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut output, &mut memory);
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    hashed.map_err(|error| Failure::internal("hashing a password failed").because(error))?;
    Ok(output)
}

#[async_trait]
impl Hasher for Argon2Hasher {
    async fn hash(&self, password: &Secret) -> Result<PasswordHash, Failure> {
        let mut salt = vec![0; SALT];
        self.random.fill(&mut salt);
        let output = self.compute(password, self.params.clone(), salt.clone()).await?;
        Ok(Phc { params: self.params.clone(), salt, output: output.to_vec() }.write())
    }

    async fn verify(&self, password: &Secret, hash: Option<&PasswordHash>) -> Result<Verdict, Failure> {
        let stored = hash.and_then(Phc::read);
        let (params, salt) = stored.as_ref().map_or_else(|| (self.params.clone(), vec![0; SALT]), |phc| (phc.params.clone(), phc.salt.clone()));
        let output = self.compute(password, params, salt).await?;
        let fits = stored.as_ref().is_some_and(|phc| phc.output.ct_eq(&output).into());
        let outdated = stored.is_some_and(|phc| phc.params != self.params || phc.salt.len() != SALT);
        Ok(Verdict { fits, outdated })
    }

    fn trim(&self) {
        if !self.used.swap(false, Ordering::Relaxed) {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

/// `$argon2id$v=19$m=19456,t=2,p=1$salt$output`
struct Phc {
    params: Params,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Phc {
    fn write(&self) -> PasswordHash {
        let (m, t, p) = (self.params.m_cost(), self.params.t_cost(), self.params.p_cost());
        PasswordHash::new(format!("$argon2id$v=19$m={m},t={t},p={p}${}${}", BASE64_NOPAD.encode(&self.salt), BASE64_NOPAD.encode(&self.output)))
    }

    /// `None` for anything that was not written by [`Phc::write`]: nobody gets in with it.
    fn read(hash: &PasswordHash) -> Option<Self> {
        let mut parts = hash.as_str().strip_prefix("$argon2id$v=19$")?.split('$');
        let (costs, salt, output) = (parts.next()?, parts.next()?, parts.next()?);
        let mut costs = costs.split(',');
        let mut cost = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let (m, t, p) = (cost("m=")?, cost("t=")?, cost("p=")?);
        if m > SANE.0 || t > SANE.1 || p > SANE.2 {
            return None;
        }
        let output = BASE64_NOPAD.decode(output.as_bytes()).ok().filter(|output| output.len() == OUTPUT)?;
        let salt = BASE64_NOPAD.decode(salt.as_bytes()).ok().filter(|salt| salt.len() >= 8)?;
        Some(Self { params: Params::new(m, t, p, Some(OUTPUT)).ok()?, salt, output })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::PasswordVerifier;
    use rekey_runtime::system::SystemRandom;

    fn hasher(iterations: u32, queue: usize) -> Argon2Hasher {
        let config = Hashing { memory_kib: 64, iterations, parallelism: 1, workers: 1, queue };
        Argon2Hasher::new(&config, Arc::new(SystemRandom)).unwrap()
    }

    #[tokio::test]
    async fn our_hashes_are_ordinary_phc_strings() {
        let hash = hasher(1, 9).hash(&Secret::new("a fine phrase")).await.unwrap();
        let parsed = argon2::PasswordHash::new(hash.as_str()).unwrap();
        assert!(Argon2::default().verify_password(b"a fine phrase", &parsed).is_ok());
    }

    #[tokio::test]
    async fn a_hash_with_other_parameters_is_outdated_and_still_good() {
        let hash = hasher(1, 9).hash(&Secret::new("a fine phrase")).await.unwrap();
        let verdict = hasher(2, 9).verify(&Secret::new("a fine phrase"), Some(&hash)).await.unwrap();
        assert_eq!(verdict, Verdict { fits: true, outdated: true });
        assert!(!hasher(1, 9).verify(&Secret::new("another"), Some(&hash)).await.unwrap().fits);
    }

    #[tokio::test]
    async fn without_a_hash_nothing_fits() {
        for hash in [None, Some(PasswordHash::new("rubbish")), Some(PasswordHash::new("$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAA$AAAA"))] {
            assert!(!hasher(1, 9).verify(&Secret::new("x"), hash.as_ref()).await.unwrap().fits);
        }
    }

    #[tokio::test]
    async fn a_full_queue_says_so() {
        let hasher = hasher(1, 0);
        let _taken = Arc::clone(&hasher.queue).try_acquire_owned().unwrap();
        let refused = hasher.verify(&Secret::new("x"), None).await.unwrap_err();
        assert!(refused.is(rekey_kernel::Kind::Unavailable) && refused.retry_after.is_some());
    }

    #[tokio::test]
    async fn memory_that_nobody_uses_is_given_back() {
        let hasher = hasher(1, 1);
        hasher.verify(&Secret::new("x"), None).await.unwrap();
        hasher.trim();
        assert_eq!(hasher.idle.lock().unwrap().len(), 1);
        hasher.trim();
        assert!(hasher.idle.lock().unwrap().is_empty());
    }
}
