//! The Python of the tests' tools.

use crate::build::target_dir;
use std::path::PathBuf;

/// The Python with aiosmtpd and the SCIM testers: `$REKEY_TEST_PYTHON`, else the one that `cargo xtask test` made.
pub fn python() -> PathBuf {
    let python = std::env::var_os("REKEY_TEST_PYTHON").map_or_else(|| target_dir().join("tools/venv/bin/python"), PathBuf::from);
    assert!(python.exists(), "{} is not there: `cargo xtask test` makes it, with the tests' tools in it", python.display());
    python
}
