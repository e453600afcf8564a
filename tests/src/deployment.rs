//! The ways in which Rekey can be run, and how a test starts one.

use crate::{Options, Rekey, ground::Ground};
use rekey_testing::Replicas;
use std::process::ExitStatus;

/// Says how all tests of this run start Rekey: `one-process` (also without it), `parts`, or `replicas`.
pub const VARIABLE: &str = "REKEY_TEST_DEPLOYMENT";

/// The ways in which Rekey can be run; the tests are the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// Everything in one process, with SQLite, the memory bus and the mailbox folder.
    OneProcess,
    /// Five kinds of processes over `PostgreSQL`, NATS `JetStream` and an SMTP server.
    Parts {
        /// How many of each kind.
        replicas: Replicas,
    },
}

impl Deployment {
    /// One process of each kind.
    pub const PARTS: Self = Self::Parts { replicas: Replicas::ONE };
    /// Two of each kind, three of notification.
    pub const REPLICAS: Self = Self::Parts { replicas: Replicas::SEVERAL };
}

impl Default for Deployment {
    /// The one of this run.
    fn default() -> Self {
        match std::env::var(VARIABLE).as_deref() {
            Err(_) | Ok("" | "one-process") => Self::OneProcess,
            Ok("parts") => Self::PARTS,
            Ok("replicas") => Self::REPLICAS,
            Ok(other) => panic!("{VARIABLE} is `{other}`, but is to be one-process, parts or replicas"),
        }
    }
}

/// For a test that is about the one-process default and nothing else: true, and a word about it, in a run in parts.
pub fn not_in_parts(what: &str) -> bool {
    let in_parts = Deployment::default() != Deployment::OneProcess;
    if in_parts {
        println!("left out: {what} is about the one-process default");
    }
    in_parts
}

/// Starts Rekey and waits until it serves.
pub async fn start(options: Options) -> Rekey {
    let mut rekey = prepare(options);
    rekey.launch(&[]);
    rekey.ready().await;
    rekey
}

/// Starts a Rekey that is expected to refuse, and waits for the end of the first of its processes.
pub async fn start_in_vain(options: Options) -> (ExitStatus, String) {
    let mut rekey = prepare(options);
    rekey.launch(&[]);
    let status = rekey.death().await;
    (status, rekey.output())
}

/// A Rekey that is configured but not yet running: see [`Rekey::launch`]. What it stands on is there.
pub fn prepare(options: Options) -> Rekey {
    let rekey = prepare_in_the_air(options);
    rekey.ground().inspect(|ground| ground.rise());
    rekey
}

/// The same, but its `PostgreSQL`, NATS and SMTP servers are not there yet: see [`Ground::rise`].
pub fn prepare_in_the_air(options: Options) -> Rekey {
    let folder = tempfile::Builder::new().prefix("rekey-test-").tempdir().expect("a temporary folder can be made");
    let ground = match options.deployment {
        Deployment::OneProcess => None,
        Deployment::Parts { replicas } => Some(Ground::lay(folder.path(), replicas, options.postgres)),
    };
    Rekey::new(folder, ground, options)
}
