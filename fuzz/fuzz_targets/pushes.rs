//! What carriers push.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| posthorn_fuzz::read_push(input));
