#![no_main]
//! See `rekey_scim_fuzz::path`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| rekey_scim_fuzz::path(data));
