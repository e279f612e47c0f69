//! Scans of UPS that cancel an earlier one. UPS leaves the earlier one in its answer.

use posthorn_domain::scan::{Scan, ScanMeaning};

/// A movement scan that cancels, and those of which it cancels the last: "void
/// pickup", "cancelled arrival", "cancelled departure", "cancel unload".
const CANCELLING: [(&str, &[&str]); 4] = [
    ("VP", &["OR", "PC", "PT", "PU", "XD"]),
    ("CA", &["AR"]),
    ("CD", &["DP"]),
    ("CL", &["UL"]),
];

/// Takes back what is cancelled among `scans`, which begin with the oldest. The same
/// letters are exceptions of other types, which are no notes.
pub(super) fn take_back(scans: &mut [Scan]) {
    for at in 0..scans.len() {
        let (earlier, later) = scans.split_at_mut(at);
        let Some(cancelled) = later
            .first()
            .and_then(|scan| last_cancelled_by(scan, earlier))
        else {
            continue;
        };
        earlier[cancelled].meaning = ScanMeaning::Withdrawn;
    }
}

fn last_cancelled_by(scan: &Scan, earlier: &[Scan]) -> Option<usize> {
    let is_cancelling = |(code, _): &&(&str, &[&str])| *code == scan.code;
    let (_, codes) = CANCELLING.iter().find(is_cancelling)?;
    if scan.meaning != ScanMeaning::Note {
        return None;
    }
    earlier.iter().rposition(|earlier| {
        let cities = earlier.place.city.as_ref().zip(scan.place.city.as_ref());
        let is_same_place = cities.is_none_or(|(earlier, cancelling)| earlier == cancelling);
        let is_standing = earlier.meaning.shipment_status().is_some();
        codes.contains(&earlier.code.as_str()) && is_standing && is_same_place
    })
}
