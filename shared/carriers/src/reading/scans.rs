//! The scans of one shipment, of any carrier.

use posthorn_domain::{
    clocks::ScanClocks,
    scan::{Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
};

/// In which order a carrier lists scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScanOrder {
    OldestFirst,
    NewestFirst,
}

/// The scans from the oldest on, numbered. Where the times at both ends tell
/// another order than the usual one, they are right.
pub(crate) fn in_sequence(mut scans: Vec<Scan>, usual: ScanOrder) -> Vec<Scan> {
    let clocks = ScanClocks::from_scans(&scans);
    let ends = scans.first().zip(scans.last());
    let ends = ends.map(|(first, last)| (clocks.moment_of(first), clocks.moment_of(last)));
    let order = match ends {
        Some((first, last)) if first < last => ScanOrder::OldestFirst,
        Some((first, last)) if first > last => ScanOrder::NewestFirst,
        _ => usual,
    };
    if order == ScanOrder::NewestFirst {
        scans.reverse();
    }
    for (index, scan) in scans.iter_mut().enumerate() {
        scan.sequence = u32::try_from(index).unwrap_or(u32::MAX);
    }
    scans
}

/// Adds the status that the carrier states with a time of its own, unless the
/// scans tell it: it has a place in the history then, as any scan has. What is
/// stated at the time of the newest scan is mostly what the carrier makes of
/// that scan, which says more; so it must be further along than it, and that no
/// problem or return. Where the newest scan has a code that we do not know, what is
/// stated of its time is what it means.
pub(crate) fn add_stated(scans: &mut Vec<Scan>, stated: Option<Scan>) {
    let Some(stated) = stated else {
        return;
    };
    let Some(status) = stated.meaning.shipment_status() else {
        return;
    };
    let clocks = ScanClocks::from_scans(scans.iter().chain([&stated]));
    let since = clocks.moment_of(&stated);
    let is_status = |scan: &Scan| scan.meaning.shipment_status() == Some(status);
    let mut telling: Vec<&Scan> = scans
        .iter()
        .filter(|scan| scan.meaning.shipment_status().is_some())
        .collect();
    telling.sort_by_key(|scan| (clocks.moment_of(scan), scan.sequence));
    let is_newest = telling.last().is_some_and(|scan| {
        let is_at_once = clocks.moment_of(scan) == since;
        is_status(scan) || (is_at_once && !may_follow_at_once(scan, status))
    });
    let is_told = telling
        .iter()
        .any(|scan| is_status(scan) && clocks.moment_of(scan) >= since);
    if is_newest || is_told {
        return;
    }
    let all = scans.iter().enumerate();
    let newest = all.max_by_key(|(_, scan)| (clocks.moment_of(scan), scan.sequence));
    let explained = newest.filter(|(_, scan)| {
        scan.meaning == ScanMeaning::Unknown && clocks.moment_of(scan) == since
    });
    if let Some((index, _)) = explained {
        scans[index].meaning = stated.meaning;
        scans[index].is_inferred = true;
        return;
    }
    let last = scans.iter().map(|scan| scan.sequence).max();
    scans.push(Scan {
        sequence: last.map_or(0, |last| last.saturating_add(1)),
        ..stated
    });
}

fn may_follow_at_once(scan: &Scan, status: ShipmentStatus) -> bool {
    use ShipmentStatus as S;
    let known = scan.meaning.shipment_status().unwrap_or(S::Pending);
    let is_turn = matches!(
        known,
        S::Exception | S::AttemptFailed | S::Returning | S::Returned
    );
    !is_turn && status.progress_rank() > known.progress_rank()
}

/// What an event means whose carrier gives a code or words, and besides a status
/// that is coarse but sure: `coarse`, of this very event, if it gave one.
///
/// Codes say more, but some are written beside the journey: that a signature was
/// recorded may be the courier's at a shop's counter. So a journey does not end
/// with an event of which its own carrier says that the shipment is on its way or
/// that something failed.
pub(crate) fn agree_with_status(
    meaning: ScanMeaning,
    coarse: Option<ShipmentStatus>,
) -> ScanMeaning {
    use ShipmentStatus as S;
    let (Some(status), Some(coarse)) = (meaning.shipment_status(), coarse) else {
        return meaning;
    };
    let is_on_its_way = matches!(
        coarse,
        S::PickedUp | S::InTransit | S::Customs | S::OutForDelivery
    );
    let has_failed = matches!(coarse, S::Exception | S::AttemptFailed);
    let is_announced = matches!(coarse, S::Pending | S::InfoReceived);
    match status {
        S::Delivered if coarse == S::AvailableForPickup => ScanMeaning::Status(Reason::Ready),
        S::Delivered if is_on_its_way || has_failed || is_announced => ScanMeaning::Note,
        // It is on its way, and that is the way back.
        S::Returned if is_on_its_way => ScanMeaning::Status(Reason::ToSender),
        S::Cancelled | S::Expired if is_on_its_way => ScanMeaning::Note,
        S::Pending
        | S::InfoReceived
        | S::PickedUp
        | S::InTransit
        | S::Customs
        | S::OutForDelivery
        | S::AvailableForPickup
        | S::AttemptFailed
        | S::Exception
        | S::Returning
        | S::Returned
        | S::Delivered
        | S::Cancelled
        | S::Expired => meaning,
    }
}

/// Whether one of them gives the shipment this status.
pub(crate) fn contains_status(scans: &[Scan], status: ShipmentStatus) -> bool {
    scans
        .iter()
        .any(|scan| scan.meaning.shipment_status() == Some(status))
}

/// Whether one of them says that the shipment goes, or went, back to the sender.
pub(crate) fn go_back(scans: &[Scan]) -> bool {
    scans
        .iter()
        .filter_map(|scan| scan.meaning.shipment_status())
        .any(ShipmentStatus::is_backward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_beside_the_journey_does_not_end_it() {
        use ShipmentStatus as S;
        let signed = ScanMeaning::Status(Reason::Signed);
        for coarse in [
            S::InfoReceived,
            S::InTransit,
            S::Exception,
            S::AttemptFailed,
        ] {
            assert_eq!(
                agree_with_status(signed, Some(coarse)),
                ScanMeaning::Note,
                "{coarse}"
            );
        }
        for coarse in [None, Some(S::Delivered), Some(S::Returned)] {
            assert_eq!(agree_with_status(signed, coarse), signed, "{coarse:?}");
        }
        let of = |reason, coarse| agree_with_status(ScanMeaning::Status(reason), Some(coarse));
        let status = ScanMeaning::Status;
        assert_eq!(
            of(Reason::DeliveredGeneric, S::AvailableForPickup),
            status(Reason::Ready)
        );
        assert_eq!(of(Reason::Received, S::InTransit), status(Reason::ToSender));
        assert_eq!(of(Reason::Received, S::Exception), status(Reason::Received));
        assert_eq!(of(Reason::Voided, S::InTransit), ScanMeaning::Note);
        assert_eq!(of(Reason::Voided, S::InfoReceived), status(Reason::Voided));
        assert_eq!(of(Reason::Today, S::InTransit), status(Reason::Today));
    }
}
