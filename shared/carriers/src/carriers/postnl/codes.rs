//! What PostNL's codes mean, all that its reference of status and event codes
//! publishes.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// What a status says. Each belongs to a phase: 1 collection, 2 sorting,
/// 3 distribution, 4 delivered, 99 none. Phase 4 also holds shipments that wait
/// at a shop, so it is the status that counts.
pub(super) fn map_status(code: &str) -> ScanMeaning {
    match code.trim_start_matches('0') {
        // 4 was not collected, 13 and 14 were not handed in: announced only.
        "1" | "4" | "13" | "14" => Status(Reason::Label),
        "2" | "3" | "23" => Status(Reason::Accepted),
        "5" | "21" => Status(Reason::ArrivalScan),
        // Not sorted, or missing for now in one of the phases.
        "6" | "15" | "16" | "17" => Delay(DelayReason::Carrier),
        "7" => Status(Reason::Today),
        "8" => Status(Reason::AttemptGeneric),
        "9" | "20" => Status(Reason::CustomsProcessing),
        "11" => Status(Reason::DeliveredGeneric),
        "12" => Status(Reason::Ready),
        "18" => Status(Reason::Lost),
        "19" => Status(Reason::RejectedByCarrier),
        "22" => Status(Reason::Collected),
        // Undeliverable, wrong delivery code.
        "27" | "28" => Status(Reason::ToSender),
        // Ready for transport to the country of destination.
        "31" => Status(Reason::Moving),
        "99" => Note,
        _ => ScanMeaning::Unknown,
    }
}

/// What an event says.
pub(super) fn map_event(code: &str) -> ScanMeaning {
    match code.to_ascii_uppercase().as_str() {
        "A01" | "A10" | "A71" | "F01" | "M01" | "X80" => Status(Reason::Label),
        "A73" | "A74" | "B01" | "B04" | "B06" | "C01" | "C02" | "V12" | "V13" | "V22" | "V23"
        | "V50" | "X40" | "Z80" => Status(Reason::Accepted),
        "J01" | "J06" | "J10" | "J27" | "J61" | "R01" | "X16" | "X50" | "X51" => {
            Status(Reason::ArrivalScan)
        }
        // J55 is on the way to a shop: the recipient need not wait at home.
        "A72" | "J45" | "J55" | "Q15" | "Q16" | "Q17" | "Q18" | "Q19" | "S05" | "X52" | "X68" => {
            Status(Reason::Moving)
        }
        "Q13" => Status(Reason::DepartureScan),
        "A75" | "Q12" | "X01" | "X19" => Status(Reason::DepartedOrigin),
        "A76" | "X02" | "X07" | "X08" | "X14" | "X15" => Status(Reason::ArrivedDestination),
        "A29" | "A30" | "A34" | "J47" | "K02" | "K03" => Status(Reason::Forwarded),
        // The import costs are paid; the address is corrected.
        "A21" | "Y23" | "Y24" => Status(Reason::Resolved),
        "X03" | "X11" | "X60" | "X62" | "Y25" => Status(Reason::CustomsProcessing),
        "X04" | "X61" | "X65" => Status(Reason::CustomsReleased),
        "X10" => Status(Reason::CustomsInfoRequired),
        "J05" | "J59" | "X06" | "X55" | "Y05" => Status(Reason::Today),
        // J23 is listed under delivered, too: it lies in the locker.
        "I08" | "J02" | "J12" | "J23" | "J52" | "X05" | "Y26" => Status(Reason::Ready),
        "H34" | "J08" | "J29" | "J41" | "J42" | "J48" | "K70" | "K71" | "Y37" | "Y38" => {
            Status(Reason::AttemptGeneric)
        }
        "J94" | "K14" | "Y02" | "Y10" | "Y42" => Status(Reason::NotHome),
        "J07" | "J17" | "Y43" => Status(Reason::Closed),
        "J16" | "K16" | "Y36" | "Y41" => Status(Reason::Access),
        // I06 is the last scan of a shipment that its addressee fetches from the
        // sorting centre; PostNL lists it as delivered.
        "I01" | "I03" | "I05" | "I06" | "I09" | "I11" | "I12" | "I23" | "J91" | "Z01" | "Z02"
        | "Z03" | "Z04" | "Z08" | "Z09" => Status(Reason::DeliveredGeneric),
        "I02" | "I22" | "Z06" => Status(Reason::Collected),
        "I10" | "Z05" => Status(Reason::Neighbor),
        "K15" | "K30" | "X66" | "Y15" => Status(Reason::ExceptionGeneric),
        "Y22" => Status(Reason::Moved),
        "Y03" | "Y13" | "Y44" | "Y50" => Status(Reason::Refused),
        "A20" | "A22" | "K41" | "X67" => Status(Reason::PaymentDue),
        "H36" | "J33" | "Y01" | "Y09" | "Y12" | "Y17" | "Y30" | "Y31" | "Y32" => {
            Status(Reason::BadAddress)
        }
        "H23" => Status(Reason::Unclaimed),
        "F03" | "F04" | "F05" | "F06" | "F07" | "F08" | "F10" | "X42" | "X43" | "Y45" | "Y48" => {
            Status(Reason::RejectedByCarrier)
        }
        "Y04" | "Y11" | "Y14" => Status(Reason::Damaged),
        "Y71" => Status(Reason::Lost),
        "K92" | "Y29" => Status(Reason::Disposed),
        // Whatever the reason for which it goes back: H01 refused, H02 wrong
        // address, H03 not collected, H04 damaged, and so on.
        "H01" | "H02" | "H03" | "H04" | "H05" | "H07" | "H08" | "H09" | "H10" | "H12" | "H15"
        | "H16" | "H17" | "H18" | "H20" | "H22" | "H24" | "H25" | "H35" | "H38" | "H51" | "H52"
        | "K43" | "X20" | "X21" | "X22" | "X81" | "Y16" | "Y18" | "Y19" | "Y20" | "Y21" | "Y40"
        | "Y47" => Status(Reason::ToSender),
        "I07" | "J63" | "X24" => Status(Reason::Received),
        "D41" | "H30" | "H31" | "R06" => Status(Reason::Voided),
        "G01" | "G02" | "G03" | "G05" | "H32" | "J09" | "J14" | "J22" | "J24" | "J26" | "J36"
        | "J39" | "J92" | "J95" | "K01" | "K25" | "T02" | "V01" | "V02" | "V03" | "V04" | "V06"
        | "V11" | "V21" | "V31" | "Y07" | "Y08" | "Y33" | "Y35" | "Y60" | "Y61" | "Y62" | "Y66" => {
            Delay(DelayReason::Carrier)
        }
        "X30" | "X63" | "X64" | "Y46" | "Y64" => Delay(DelayReason::Customs),
        "K91" | "Q14" => Delay(DelayReason::External),
        "Y65" => Delay(DelayReason::Weather),
        // Wishes of the recipient, messages to him, collections at the
        // sender's that failed, and what a driver notes of an agreed place.
        "A08" | "A09" | "A11" | "A12" | "A13" | "A27" | "A28" | "A31" | "A32" | "A35" | "A41"
        | "A42" | "A43" | "A46" | "A94" | "A99" | "D02" | "D03" | "D04" | "D05" | "D06" | "D07"
        | "D08" | "D09" | "D40" | "J28" | "J56" | "J80" | "J90" | "J93" | "K90" | "M03" | "P20"
        | "P21" | "P22" | "P23" | "P24" | "Q02" | "X17" | "Y39" | "Y80" | "Y81" => Note,
        _ => ScanMeaning::Unknown,
    }
}
