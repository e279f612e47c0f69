//! What sources state of a parcel apart from its scans.
//!
//! A source's own word about where the parcel stands counts where it is ahead
//! of the scans of the same report. It moves a parcel forward and never back.

use crate::{
    report::Report,
    scan::Meaning,
    statement::Statement,
    status::{Reason, ShipmentStatus},
};

use super::{
    fold::{self, Standing, Step},
    merge,
};

/// What `report` states ahead of its own scans; none if they say as much, or if
/// the newest of them tells of a problem or a return, which a statement that
/// lags behind must not undo. Where nobody understands the newest of them, the
/// statement does not lag behind, and may itself tell of a problem.
pub(super) fn ahead(report: &Report) -> Option<Statement> {
    let stated = report.stated?;
    let mut scans = report.scans.clone();
    scans.retain(|scan| scan.meaning != Meaning::Withdrawn);
    merge::sort(&mut scans);
    let steps: Vec<Step> = scans.iter().map(Step::of).collect();
    let told = fold::stand(&steps, report.is_return);
    let newest = scans.last();
    let is_ahead = if told.is_told {
        let (stands, says) = (told.reason.status(), stated.status());
        let is_turn = newest.is_some_and(|scan| is_turn(scan.meaning));
        let may_follow = stands != ShipmentStatus::Returned && (!is_turn || says.is_backward());
        let explains = newest.is_some_and(|scan| scan.meaning == Meaning::Unknown)
            && is_turn_to(says)
            && says != stands
            && !stands.is_final();
        (may_follow && says.rank() > stands.rank()) || explains
    } else {
        stated != Reason::NoInfo
    };
    let proved = report.proof.as_ref().and_then(|proof| proof.at);
    is_ahead.then(|| Statement {
        after: newest.map(|scan| scan.time),
        reason: stated,
        at: proved.filter(|_| stated.status() == ShipmentStatus::Delivered),
    })
}

/// Adds what is `told` to what is `known`: of the same words the latest. Among
/// words that came without any scan the order of arrival is all there is.
pub(super) fn add(known: &mut Vec<Statement>, told: Statement) {
    let same = known.iter_mut().find(|known| {
        let is_placed = (known.after.is_some(), told.after.is_some());
        is_placed == (false, false) || (is_placed == (true, true) && known.reason == told.reason)
    });
    match same {
        Some(same) if told.after.is_none() => {
            let mut standing = Standing::of(same.reason);
            standing.step(told.reason, None);
            same.reason = standing.reason;
            same.at = same.at.max(told.at);
        }
        Some(same) => *same = told.max(*same),
        None => known.push(told),
    }
    known.sort_unstable();
}

fn is_turn(meaning: Meaning) -> bool {
    meaning.status().is_some_and(is_turn_to)
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
