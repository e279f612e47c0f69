//! Answers of the carriers that speak JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_fuzz::{Format, read_answer};

fuzz_target!(|input: &[u8]| read_answer(input, Format::Json));
