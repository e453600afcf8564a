//! Compiles the shipped `.proto` into a description of its messages. Of Rekey nothing else is needed.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let proto = Path::new("../../proto");
    println!("cargo:rerun-if-changed={}", proto.display());
    let compiled = protox::Compiler::new([proto])?.include_imports(true).open_file("rekey/events/v1/events.proto")?.encode_file_descriptor_set();
    fs::write(Path::new(&env::var("OUT_DIR")?).join("events.bin"), compiled)?;
    Ok(())
}
