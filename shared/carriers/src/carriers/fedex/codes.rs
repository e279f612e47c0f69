//! What FedEx's codes mean.
//!
//! The event types are FedEx's published table of tracking status codes, all of
//! it. It has `EA` twice (enroute to the airport, export approved); both are a
//! shipment that moves. The derived status code of a scan is not used: FedEx calls
//! a scan `RS` (return to shipper) derived `DL`, and one out for delivery `IT`.
//!
//! The exception codes are not published as a table. Those of FedEx Express have
//! two digits and stand, with an `A` before them, in ANSI X12 data element 641;
//! those of FedEx Ground have three digits and perhaps a letter. So `07` (refused)
//! and `007` (recipient not in) are different codes. The Ground codes, the codes with
//! a letter first and `84` and `93` are from FedEx's own test answers and from
//! what its answers say next to them. A code that is not here leaves what the
//! event type says.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a scan means: by its type, more closely by its exception code, and a
/// delay by what the delay is for.
pub(super) fn map_meaning(
    event_type: &str,
    exception: &str,
    delay: Option<DelayReason>,
) -> ScanMeaning {
    let by_type = by_type(event_type);
    let meaning = match by_type {
        // What happened needs no explanation, or the code only adds how.
        Status(Reason::DeliveredGeneric) => map_delivered(exception),
        Status(
            Reason::ToSender
            | Reason::Today
            | Reason::Ready
            | Reason::Accepted
            | Reason::Label
            | Reason::Voided,
        ) => by_type,
        _ => by_exception(exception).unwrap_or(by_type),
    };
    match (meaning, delay) {
        (
            Delay(DelayReason::Carrier)
            | Status(Reason::Moving | Reason::ArrivalScan | Reason::DepartureScan),
            Some(delay),
        ) => Delay(delay),
        (meaning, _) => meaning,
    }
}

/// What FedEx says a delay is for; none if the shipment is not late. The
/// specification has one example, weather and snow, and no list.
pub(super) fn delay_reason(status: &str, kind: &str) -> Option<DelayReason> {
    if status != "DELAYED" || kind.is_empty() {
        return None;
    }
    Some(match kind {
        "WEATHER" => DelayReason::Weather,
        "CUSTOMS" | "CLEARANCE" => DelayReason::Customs,
        _ => DelayReason::Carrier,
    })
}

/// Whether an exception code is in no list, so that the type of the event tells alone.
/// Codes of what needs no explanation are no matter.
pub(super) fn is_new(event_type: &str, exception: &str) -> bool {
    let explains = !matches!(
        by_type(event_type),
        Status(
            Reason::DeliveredGeneric
                | Reason::ToSender
                | Reason::Today
                | Reason::Ready
                | Reason::Accepted
                | Reason::Label
                | Reason::Voided,
        ) | Note
    );
    let is_new_reason = !exception.is_empty() && by_exception(exception).is_none();
    by_type(event_type) == Unknown || (explains && is_new_reason)
}

fn by_type(event_type: &str) -> ScanMeaning {
    match event_type.to_ascii_uppercase().as_str() {
        "OC" | "IN" => Status(Reason::Label),
        // `IP`, "in FedEx possession", is in no table of FedEx's.
        "IP" | "PU" | "PX" => Status(Reason::Accepted),
        "AA" | "AC" | "AF" | "AR" | "AX" | "FD" | "OF" | "SF" => Status(Reason::ArrivalScan),
        "DP" | "LO" => Status(Reason::DepartureScan),
        "DS" | "EA" | "EO" | "IT" | "IX" | "OW" | "PF" | "PL" | "PM" | "TR" => {
            Status(Reason::Moving)
        }
        "AD" | "ED" | "OD" => Status(Reason::Today),
        "HL" | "HP" => Status(Reason::Ready),
        "DL" => Status(Reason::DeliveredGeneric),
        "DE" | "SE" => Status(Reason::ExceptionGeneric),
        "RS" => Status(Reason::ToSender),
        "CA" | "LP" => Status(Reason::Voided),
        "CC" => Status(Reason::CustomsReleased),
        "CP" => Status(Reason::CustomsProcessing),
        "CD" => Delay(DelayReason::Customs),
        "DD" | "DY" | "PD" => Delay(DelayReason::Carrier),
        // On time or early, at or on the way to the shipper, wishes of the
        // recipient, links to return labels, a shipment in parts; `OX` tells
        // USPS of the shipment before USPS has it.
        // `HA`, "hold at location request accepted", is in no table of FedEx's.
        "AE" | "AO" | "AP" | "CH" | "DR" | "EP" | "HA" | "OX" | "RC" | "RD" | "RG" | "RM"
        | "RP" | "RR" | "SP" => Note,
        _ => Unknown,
    }
}

/// How it was delivered.
fn map_delivered(exception: &str) -> ScanMeaning {
    match exception {
        // Indirect delivery: a person at another address took it.
        "04" => Status(Reason::Neighbor),
        "16" => Status(Reason::CashOnDelivery),
        _ => Status(Reason::DeliveredGeneric),
    }
}

fn by_exception(code: &str) -> Option<ScanMeaning> {
    Some(match code {
        "08" | "007" => Status(Reason::NotHome),
        "11" | "15" | "42" => Status(Reason::Closed),
        "03" | "05" => Status(Reason::BadAddress),
        "07" => Status(Reason::Refused),
        "93" => Status(Reason::PaymentDue),
        "10" => Status(Reason::Damaged),
        "19" | "20" => Status(Reason::RejectedByCarrier),
        "34" | "36" | "38" | "099" => Status(Reason::ExceptionGeneric),
        "14" | "060G" => Status(Reason::ToSender),
        "015A" => Status(Reason::Ready),
        "A13" | "A47" => Status(Reason::Forwarded),
        "50" | "58" | "R0055" | "R0142" => Status(Reason::CustomsInfoRequired),
        "55" | "63" | "64" | "71" | "A25" | "R0162" => Status(Reason::CustomsProcessing),
        "65" => Status(Reason::CustomsReleased),
        "01" | "12" | "18" | "22" | "28" | "31" => Delay(DelayReason::Carrier),
        "32" => Delay(DelayReason::Flight),
        "84" | "083" => Delay(DelayReason::External),
        // The recipient wishes another day or another place.
        "17" | "A12" => Note,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FedEx's table: movement, regulatory and, at the end, none of ours.
    const PUBLISHED: &str = "AA AC AD AF AO AP AR AX CA CH DD DE DL DP DR DS DY EA ED EO EP FD \
        HL HP IT IX LO OC OD OF Ow OX PD PF PL PM PU PX RR RM RC RS RP LP RG RD SE SF SP TR CC CD CP";

    #[test]
    fn every_published_event_type_is_known() {
        for code in PUBLISHED.split_whitespace() {
            assert_ne!(map_meaning(code, "", None), Unknown, "{code}");
        }
        assert_eq!(map_meaning("Q1", "", None), Unknown);
        assert_eq!(map_meaning("", "", None), Unknown);
    }

    #[test]
    fn a_zero_more_is_another_code() {
        assert_eq!(map_meaning("DE", "07", None), Status(Reason::Refused));
        assert_eq!(map_meaning("DE", "007", None), Status(Reason::NotHome));
    }

    #[test]
    fn an_unheard_exception_leaves_what_the_type_says() {
        assert_eq!(
            map_meaning("DE", "Q9", None),
            Status(Reason::ExceptionGeneric)
        );
        assert_eq!(map_meaning("IT", "Q9", None), Status(Reason::Moving));
        assert_eq!(map_meaning("RS", "07", None), Status(Reason::ToSender));
    }

    #[test]
    fn only_who_is_late_is_delayed() {
        assert_eq!(delay_reason("ON_TIME", "WEATHER"), None);
        assert_eq!(delay_reason("DELAYED", ""), None);
        assert_eq!(
            delay_reason("DELAYED", "WEATHER"),
            Some(DelayReason::Weather)
        );
        let late = delay_reason("DELAYED", "WEATHER");
        assert_eq!(map_meaning("IT", "", late), Delay(DelayReason::Weather));
        assert_eq!(map_meaning("DE", "08", late), Status(Reason::NotHome));
    }
}
