//! Answers of the carriers that speak XML, and the reader of XML itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_carriers::xml::{Document, fault_detail, soap_body};
use posthorn_fuzz::{Format, read_answer};

fuzz_target!(|input: &[u8]| {
    if let Some(document) = Document::parse(input) {
        soap_body(&document).and_then(fault_detail);
    }
    read_answer(input, Format::Xml);
});
