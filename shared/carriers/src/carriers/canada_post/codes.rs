//! What Canada Post's event identifiers mean: the table of tracking scan events
//! in "Messages and Code Tables" of its developer programme.
//!
//! An identifier that says nothing of where the shipment is stands under
//! [`Note`], so that one which is in no group is really new.

use jiff::tz::Offset;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means. Identifiers come padded (`0174`) in answers and bare
/// (`174`) in the publication.
pub(super) fn map_meaning(identifier: &str, description: &str) -> ScanMeaning {
    let Ok(code) = identifier.parse::<u16>() else {
        return Unknown;
    };
    let meaning = of_code(code);
    // On the way back some events keep their identifier and only their
    // description tells.
    let is_ambiguous = matches!(
        code,
        174 | 1412 | 1479 | 1496 | 1498 | 1703 | 2412 | 4450 | 4700
    );
    if !is_ambiguous {
        return meaning;
    }
    let description = description.to_lowercase();
    match code {
        4450 if description.contains("refus") => Status(Reason::CustomsProhibited),
        _ if !(description.contains("sender") || description.contains("expéditeur")) => meaning,
        1496 | 1498 => Status(Reason::Received),
        _ => Status(Reason::ToSender),
    }
}

/// One arm for each meaning, so that what belongs together is read together.
const fn of_code(code: u16) -> ScanMeaning {
    match code {
        159 => Delay(DelayReason::Weather),
        // Public authority or demonstration, labour disruption, power outage;
        // an address that is being verified or corrected.
        160 | 161 | 163 | 171 | 173 | 1412 | 2412 => Delay(DelayReason::External),
        // Transport, a processing error, and what is put off to the next business day.
        162 | 172 | 621..=628 | 1414 | 1444 | 2414 => Delay(DelayReason::Carrier),
        // Signatures and photos; the label; expected dates; duties; delivery
        // preferences; redirections that are only asked for; cash on delivery;
        // held because the recipient asked for it.
        20
        | 21
        | 152
        | 198
        | 1200
        | 1203
        | 1210
        | 1214..=1216
        | 1220
        | 1221
        | 1223..=1225
        | 1230
        | 1232
        | 1234
        | 1245
        | 1410
        | 2001
        | 2101
        | 2410 => Note,
        190 => Status(Reason::Voided),
        3000 | 3002 => Status(Reason::Label),
        1300..=1302 | 2300 | 4000 => Status(Reason::Accepted),
        100
        | 102
        | 104..=107
        | 115
        | 116
        | 170
        | 175
        | 804
        | 815
        | 1240
        | 1241
        | 1244
        | 1703
        | 1705
        | 2500
        | 2501
        | 4100
        | 4550 => Status(Reason::Moving),
        113 | 400 | 405 | 4600 | 4900 => Status(Reason::ArrivalScan),
        114 | 410 | 4950 | 8901 => Status(Reason::DepartureScan),
        4202 => Status(Reason::DepartedOrigin),
        700 | 701 | 4310 | 4311 => Status(Reason::ArrivedDestination),
        // At a locker it could not stay: it goes to a post office.
        629 | 1480 | 1490 => Status(Reason::Forwarded),
        127 | 800 | 810 | 1487 | 1495 | 2601 | 4330 | 4400 => Status(Reason::CustomsProcessing),
        130 | 900 | 910 | 4450 | 4500 | 5201 => Status(Reason::CustomsReleased),
        174 | 500 => Status(Reason::Today),
        // The final notice: it has been waiting for long. A locker that anyone with
        // the code opens is not the recipient.
        156 | 1405 | 1407 | 1701 | 2407 => Status(Reason::Ready),
        // A notice card says where it can be picked up, and when: it is on its way
        // there, mostly until the evening, and 1701 says that it has come.
        630 | 1435..=1438 | 1443 | 1479 | 1488 => Status(Reason::AttemptGeneric),
        1411 | 2411 => Status(Reason::Closed),
        // 1497 and 1499 are in older editions of the table only. 61x say where
        // it is at the recipient's. A community mailbox is the recipient's own.
        611..=620
        | 1421..=1424
        | 1426..=1431
        | 1433
        | 1434
        | 1441
        | 1442
        | 1463
        | 1465..=1469
        | 1471..=1473
        | 1475
        | 1476
        | 1496..=1499 => Status(Reason::DeliveredGeneric),
        1406 => Status(Reason::Collected),
        1408 | 1409 => Status(Reason::Signed),
        // Superintendent, security, concierge, building manager.
        610 | 1425 | 1432 | 1461 | 1462 => Status(Reason::Neighbor),
        179 | 118 | 1450 | 1483 | 1484 | 1493 | 1494 | 4650 | 4700 => {
            Status(Reason::ExceptionGeneric)
        }
        117 => Status(Reason::RejectedByCarrier),
        120 => Status(Reason::BadAddress),
        121 => Status(Reason::Unclaimed),
        150 => Status(Reason::Disposed),
        710 => Status(Reason::Damaged),
        // 1303: a return that its sender, the customer, has posted.
        167..=169
        | 181..=184
        | 1100
        | 1303
        | 1415..=1420
        | 1481
        | 1482
        | 1491
        | 1492
        | 2600
        | 2802
        | 3001 => Status(Reason::ToSender),
        _ => Unknown,
    }
}

/// Where a delivered shipment was left, as far as the identifier says.
pub(super) fn left_at(identifier: &str) -> Option<&'static str> {
    Some(match identifier.parse::<u16>().ok()? {
        611 | 1421 | 1428 => "front door",
        612 | 1422 | 1429 => "side door",
        1423 | 1430 => "back door",
        613 | 1424 | 1431 => "garage",
        610 | 1425 | 1432 | 1461 | 1462 => "concierge",
        1426 | 1433 => "parcel box",
        1427 | 1434 => "safe drop location",
        616 | 1441 | 1442 => "community mailbox or parcel locker",
        617 | 618 | 620 | 1463 | 1465..=1469 | 1473 | 1475 => "mailroom",
        619 | 1471 | 1472 => "delivery partner",
        _ => return None,
    })
}

/// The offset that an abbreviation of a Canadian time zone stands for. Any
/// other, and the names that come with events abroad, stand for none. Where there is
/// no daylight saving, as in Saskatchewan, `NO` stands behind it: `CSTNO`.
pub(super) fn parse_offset(abbreviation: &str) -> Option<Offset> {
    let standard = abbreviation
        .strip_suffix("NO")
        .filter(|name| name.ends_with("ST"));
    let minutes = match standard.unwrap_or(abbreviation) {
        "NDT" => -(2 * 60 + 30),
        "ADT" => -3 * 60,
        "NST" => -(3 * 60 + 30),
        "AST" | "EDT" => -4 * 60,
        "EST" | "CDT" => -5 * 60,
        "CST" | "MDT" => -6 * 60,
        "MST" | "PDT" => -7 * 60,
        "PST" => -8 * 60,
        _ => return None,
    };
    Offset::from_seconds(minutes * 60).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_the_same_with_and_without_zeros() {
        assert_eq!(map_meaning("0174", ""), map_meaning("174", ""));
        assert_eq!(map_meaning("174", ""), Status(Reason::Today));
        assert_eq!(map_meaning("", ""), Unknown);
        assert_eq!(map_meaning("9999", "Item delivered"), Unknown);
        assert_eq!(map_meaning("99999999", ""), Unknown);
    }

    #[test]
    fn a_description_turns_an_ambiguous_identifier_only() {
        let delivered = "Delivered";
        let returned = "Item successfully returned to sender";
        assert_eq!(
            map_meaning("1496", delivered),
            Status(Reason::DeliveredGeneric)
        );
        assert_eq!(map_meaning("1496", returned), Status(Reason::Received));
        assert_eq!(
            map_meaning("0174", "Item being returned to sender is out for delivery"),
            Status(Reason::ToSender)
        );
        assert_eq!(
            map_meaning("156", "Item will be returned to sender if not collected"),
            Status(Reason::Ready)
        );
        assert_eq!(
            map_meaning("4450", "Import refused by customs"),
            Status(Reason::CustomsProhibited)
        );
    }

    #[test]
    fn a_locker_is_not_the_recipient_and_a_community_mailbox_is() {
        assert_eq!(map_meaning("1405", ""), Status(Reason::Ready));
        assert_eq!(map_meaning("1406", ""), Status(Reason::Collected));
        assert_eq!(map_meaning("1441", ""), Status(Reason::DeliveredGeneric));
        assert_eq!(map_meaning("1701", ""), Status(Reason::Ready));
    }

    #[test]
    fn only_canadian_abbreviations_are_offsets() {
        let text = |name| parse_offset(name).map(|offset| offset.to_string());
        assert_eq!(text("NST").as_deref(), Some("-03:30"));
        assert_eq!(text("EDT").as_deref(), Some("-04"));
        assert_eq!(text("CSTNO").as_deref(), Some("-06"));
        assert_eq!(text("MSTNO").as_deref(), Some("-07"));
        for unknown in ["", "ISRAEL", "BST", "est", "-0500", "CDTNO", "NO"] {
            assert_eq!(parse_offset(unknown), None, "{unknown}");
        }
    }
}
