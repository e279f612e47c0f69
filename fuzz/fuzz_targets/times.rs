//! Days, times and offsets as carriers write them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_carriers::wire::{self, compact_date, compact_time, offset_between, parse_moment};
use posthorn_domain::time::{ScanTime, parse_offset};

fuzz_target!(|text: &str| {
    compact_date(text);
    compact_time(text);
    wire::parse_offset(text);
    parse_offset(text);
    let read: Option<ScanTime> = text.parse().ok();
    for time in parse_moment(text).into_iter().chain(read) {
        let again = time.to_string().parse();
        assert_eq!(again.as_ref(), Ok(&time), "what is written is read again");
    }
    if let Some((one, other)) = text.split_once('|')
        && let (Some(one), Some(other)) = (parse_moment(one), parse_moment(other))
        && let (Some(one_time), Some(other_time)) = (one.local_time(), other.local_time())
    {
        offset_between(
            one.local_date().to_datetime(one_time),
            other.local_date().to_datetime(other_time),
        );
    }
});
