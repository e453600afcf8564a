//! Where the program under test is.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The program: `$REKEY_BIN`, else the debug build of this workspace with its crash points, built now if need be.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("REKEY_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--package", "rekey", "--features", "crash-points"])
        .current_dir(workspace())
        .status()
        .expect("cargo can be run");
    assert!(status.success(), "the program does not build");
    profile_dir().join("rekey")
}

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

/// `target/`, wherever cargo put it.
pub fn target_dir() -> PathBuf {
    profile_dir().parent().expect("a profile's folder lies in target/").to_owned()
}

/// `target/debug`: the running test lies in its `deps/`.
fn profile_dir() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows itself");
    test.ancestors().nth(2).expect("a test lies in target/debug/deps").to_owned()
}
