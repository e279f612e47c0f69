//! What sources state of a shipment apart from its scans.
//!
//! A source's own word about where the shipment stands counts where it is ahead
//! of the scans of the same report. It moves a shipment forward and never back.

use crate::{
    report::Report,
    reported_status::ReportedStatus,
    scan::ScanMeaning,
    status::{Reason, ShipmentStatus},
};

use super::{
    fold::{self, FoldedStatus, JourneyStep},
    merge,
};

/// What `report` states ahead of its own scans; none if they say as much, or if
/// the newest of them tells of a problem or a return, which a statement that
/// lags behind must not undo. Where the newest of them is not understood, the
/// statement does not lag behind, and may itself tell of a problem.
pub(super) fn status_ahead_of_scans(report: &Report) -> Option<ReportedStatus> {
    let stated = report.reported_status?;
    let mut scans = report.scans.clone();
    scans.retain(|scan| scan.meaning != ScanMeaning::Withdrawn);
    merge::sort_scans(&mut scans);
    let steps: Vec<JourneyStep> = scans.iter().map(JourneyStep::from_scan).collect();
    let told = fold::replay(&steps, report.is_return);
    let newest = scans.last();
    let is_ahead = if told.is_told {
        let (stands, says) = (told.reason.to_status(), stated.to_status());
        let is_turn = newest.is_some_and(|scan| is_turn(scan.meaning));
        let may_follow = stands != ShipmentStatus::Returned && (!is_turn || says.is_backward());
        let explains = newest.is_some_and(|scan| scan.meaning == ScanMeaning::Unknown)
            && is_turn_to(says)
            && says != stands
            && !stands.is_final();
        (may_follow && says.progress_rank() > stands.progress_rank()) || explains
    } else {
        stated != Reason::NoInfo
    };
    let proved = report.proof.as_ref().and_then(|proof| proof.at);
    is_ahead.then(|| ReportedStatus {
        after: newest.map(|scan| scan.time),
        reason: stated,
        at: proved.filter(|_| stated.to_status() == ShipmentStatus::Delivered),
    })
}

/// Adds what is `told` to what is `known`: of the same words the latest. Among
/// words that came without any scan the order of arrival is all there is.
pub(super) fn add_reported_status(known: &mut Vec<ReportedStatus>, told: ReportedStatus) {
    let same = known.iter_mut().find(|known| {
        let is_placed = (known.after.is_some(), told.after.is_some());
        is_placed == (false, false) || (is_placed == (true, true) && known.reason == told.reason)
    });
    match same {
        Some(same) if told.after.is_none() => {
            let mut standing = FoldedStatus::from_reason(same.reason);
            standing.apply(told.reason, None);
            same.reason = standing.reason;
            same.at = same.at.max(told.at);
        }
        Some(same) => *same = told.max(*same),
        None => known.push(told),
    }
    known.sort_unstable();
}

fn is_turn(meaning: ScanMeaning) -> bool {
    meaning.shipment_status().is_some_and(is_turn_to)
}

const fn is_turn_to(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::Exception
            | ShipmentStatus::AttemptFailed
            | ShipmentStatus::Returning
            | ShipmentStatus::Returned
    )
}
