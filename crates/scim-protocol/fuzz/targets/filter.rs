#![no_main]
//! See `rekey_scim_fuzz::filter`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| rekey_scim_fuzz::filter(data));
