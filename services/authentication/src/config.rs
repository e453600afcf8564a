//! What this service can be told.

use std::{path::PathBuf, thread};

/// Configuration of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder with the derivation keys: `derivation-<kid>.key`.
    pub keys: PathBuf,
    /// Make a key when there is none: in the one-process default only.
    pub make_missing_keys: bool,
    /// How passwords are hashed.
    pub hashing: Hashing,
}

/// Argon2id: its parameters and how much of it runs at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// Memory of one hash.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many hash at once.
    pub workers: usize,
    /// How many more may wait before others are told to come back later.
    pub queue: usize,
}

impl Default for Hashing {
    fn default() -> Self {
        let workers = thread::available_parallelism().map_or(2, usize::from);
        Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1, workers, queue: 256 }
    }
}
