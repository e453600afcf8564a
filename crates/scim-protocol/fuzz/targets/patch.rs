#![no_main]
//! See `rekey_scim_fuzz::patch`.

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use rekey_scim_fuzz::mutate;

fuzz_target!(|data: &[u8]| rekey_scim_fuzz::patch(data));

// Three times as JSON, once as bytes.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let changed = if seed.is_multiple_of(4) { None } else { mutate::json(&data[..size], &mut mutate::Dice::new(seed)) };
    match changed {
        Some(json) if json.len() <= max_size => {
            data[..json.len()].copy_from_slice(&json);
            json.len()
        }
        _ => fuzzer_mutate(data, size, max_size),
    }
});
