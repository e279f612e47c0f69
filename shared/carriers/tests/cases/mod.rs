//! Every recorded answer of every carrier, to be read with another body.

use bytes::Bytes;
use http::Response;
use posthorn_carriers::{ALL, Carrier, TrackingResult, recorded::RecordedResponse};
use posthorn_domain::text::is_noncharacter;
use std::{fs, path::Path, sync::LazyLock};

pub(crate) struct Case {
    carrier: &'static dyn Carrier,
    pub(crate) recorded: RecordedResponse,
}

pub(crate) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for carrier in ALL.iter().copied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(carrier.carrier_profile().id);
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        // A folder holds what the carrier pushes (tests/pushes.rs).
        files.retain(|path| path.is_file());
        files.sort();
        for file in files {
            let recorded = RecordedResponse::parse(&fs::read(file).unwrap()).unwrap();
            cases.push(Case { carrier, recorded });
        }
    }
    cases
});

impl Case {
    /// Has the carrier read the answer with another body; panics if the carrier
    /// does, or if it speaks of a number that was not asked for.
    pub(crate) fn read(&self, body: impl Into<Bytes>) {
        let mut response = Response::new(body.into());
        *response.status_mut() = self.recorded.response.status();
        *response.headers_mut() = self.recorded.response.headers().clone();
        self.carrier.answered_numbers(&response);
        let answer = self.carrier.parse_response(&self.recorded.call, &response);
        let asked = &self.recorded.call.queries;
        for (_, outcome) in &answer.outcomes {
            let TrackingResult::Found(found) = outcome else {
                continue;
            };
            for found in found {
                // JSON escapes control characters, as it does nothing else of a text.
                let told = serde_json::to_string(&found.report).unwrap();
                let is_fit = !told.contains("\\u00") && !told.contains(is_noncharacter);
                assert!(is_fit, "{} told {told}", self.carrier.carrier_profile().id);
            }
        }
        for (number, _) in &answer.outcomes {
            assert!(
                asked.iter().any(|wanted| wanted.number == *number),
                "{} spoke of {number}, which was not asked for",
                self.carrier.carrier_profile().id
            );
        }
    }
}
