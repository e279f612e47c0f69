//! Files of recorded answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_carriers::recorded::RecordedResponse;

fuzz_target!(|file: &[u8]| drop(RecordedResponse::parse(file)));
