//! Tracking numbers as people type them, and whose they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_carriers::{Clues, recognise_number};
use posthorn_domain::tracking_number::TrackingNumber;

fuzz_target!(|text: &str| {
    let Ok(number) = TrackingNumber::parse(text) else {
        return;
    };
    let again = TrackingNumber::parse(number.as_str());
    assert_eq!(again.as_ref(), Ok(&number), "a number stays what it is");
    recognise_number(&number, &Clues::default());
    number.to_masked();
});
