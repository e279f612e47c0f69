//! What the fuzz targets have in common: the input is the id of a carrier in a
//! line of its own, then a file as in `shared/carriers/fixtures`.

use http::{HeaderMap, HeaderName, HeaderValue};
use posthorn_carriers::{Carrier, find_carrier, recorded::RecordedResponse};
use posthorn_domain::id::CarrierId;

/// Carriers that answer with XML. The others answer with JSON.
const XML: [&str; 4] = ["canada_post", "dhl_parcel_de", "dpd", "russian_post"];

/// The format of a carrier's answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// XML, in an envelope of SOAP or without one.
    Xml,
}

/// Has a carrier of this format read an answer. It may not panic, nor report on a
/// number that was not queried.
pub fn read_answer(input: &[u8], format: Format) {
    let Some((carrier, file)) = carrier_and_file(input) else {
        return;
    };
    let is_xml = XML.contains(&carrier.carrier_profile().id);
    if is_xml != (format == Format::Xml) {
        return;
    }
    let Ok(recorded) = RecordedResponse::parse(file) else {
        return;
    };
    let answer = carrier.parse_response(&recorded.call, &recorded.response);
    for (number, _) in &answer.outcomes {
        assert!(
            recorded
                .call
                .queries
                .iter()
                .any(|query| query.number == *number),
            "{} reported on {number}, which was not queried",
            carrier.carrier_profile().id
        );
    }
}

/// Has a carrier read a push. It may not panic.
pub fn read_push(input: &[u8]) {
    if let Some((carrier, file)) = carrier_and_file(input)
        && let Some((headers, body)) = push(file)
    {
        drop(carrier.parse_push(&headers, body));
    }
}

fn carrier_and_file(input: &[u8]) -> Option<(&'static dyn Carrier, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    let id = std::str::from_utf8(&input[..end]).ok()?;
    Some((
        find_carrier(&CarrierId::parse(id).ok()?)?,
        &input[end + 1..],
    ))
}

/// Headers and body of a push: a request line, headers, an empty line, the body.
fn push(file: &[u8]) -> Option<(HeaderMap, &[u8])> {
    let gap = b"\n\n";
    let at = file.windows(gap.len()).position(|window| window == gap)?;
    let head = std::str::from_utf8(&file[..at]).ok()?;
    let headers = head
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let name: HeaderName = name.trim().parse().ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        })
        .collect();
    Some((headers, &file[at + gap.len()..]))
}
