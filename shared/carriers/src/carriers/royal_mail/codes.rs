//! What Royal Mail's event codes mean.
//!
//! Royal Mail publishes no reference of them. This list holds those that
//! integrations are known to receive, by Royal Mail's name of the event and the
//! status that it shows with it; no document of Royal Mail confirms it.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// What an event says.
pub(super) fn map_event(code: &str) -> ScanMeaning {
    match code.to_ascii_uppercase().as_str() {
        // Pre-advice.
        "EVAIE" | "EVAIP" | "EVAPA" | "EVPPB" => Status(Reason::Label),
        // "We've got it": outward centres, bulk receipt, counters. A damaged,
        // oversize or overweight scan does not stop an item: Royal Mail goes on
        // showing it as received.
        "EVBAH" | "EVBAV" | "EVBAW" | "EVBDM" | "EVBOF" | "EVBPM" | "EVBPR" | "EVBRS" | "EVBSD"
        | "EVBSM" | "EVBSR" | "EVBSS" | "EVBSW" | "EVDAA" | "EVDAC" | "EVDAV" | "EVDAW"
        | "EVDDM" | "EVDOF" | "EVDPL" | "EVDPM" | "EVDPR" | "EVDRO" | "EVDRS" | "EVDSD"
        | "EVDSL" | "EVDSM" | "EVDSR" | "EVDSS" | "EVHAC" | "EVNPB" | "EVOAC" | "EVOBC"
        | "EVOCO" | "EVPPA" => Status(Reason::Accepted),
        // Inward centres and delivery offices.
        "EVCAH" | "EVCAV" | "EVCDM" | "EVCOF" | "EVCPD" | "EVCPS" | "EVCPW" | "EVCRS" | "EVCRW"
        | "EVGDM" | "EVGDO" | "EVIAV" | "EVIDM" | "EVIMC" | "EVIMS" | "EVIOF" | "EVIPD"
        | "EVIPR" | "EVIPS" | "EVIPW" | "EVIRM" | "EVIRO" | "EVOLB" | "EVOOC" | "EVORC"
        | "EVORI" | "EVORW" | "EVOVB" => Status(Reason::ArrivalScan),
        "EVILC" | "EVJDU" | "EVJJV" | "EVJLV" | "EVJMV" | "EVODO" => Status(Reason::DepartureScan),
        "EVNDO" | "EVNMC" => Status(Reason::Moving),
        "EVHOE" => Status(Reason::DepartedOrigin),
        "EVJOE" => Status(Reason::ArrivedDestination),
        "EVNRD" | "EVNWA" => Status(Reason::Forwarded),
        // Mis-sorted and on its way again; refused for air; not attempted today.
        "EVBMI" | "EVCMI" | "EVCPI" | "EVDMI" | "EVGMI" | "EVIMI" | "EVIPI" | "EVNDN" | "EVNMI"
        | "EVOMI" | "EVOUF" => Delay(DelayReason::Carrier),
        "EVJES" => Delay(DelayReason::Customs),
        "EVHFM" => Delay(DelayReason::External),
        "EVJAP" | "EVJCA" | "EVJIC" => Status(Reason::CustomsProcessing),
        "EVJDP" | "EVJEA" | "EVJFC" | "EVJIA" | "EVJNT" => Status(Reason::CustomsReleased),
        // A declaration, certificate, invoice or licence is missing, or the sender could
        // not be asked for it.
        "EVHNC" | "EVJCC" | "EVJCD" | "EVJCO" | "EVJEM" | "EVJIN" | "EVJML" | "EVJSR" => {
            Status(Reason::CustomsInfoRequired)
        }
        "EVJPA" => Status(Reason::CustomsProhibited),
        "EVJBA" | "EVSUS" => Status(Reason::Security),
        "EVGPD" => Status(Reason::Today),
        // At a Customer Service Point or a Post Office: delivered in Royal
        // Mail's words, ready in the customer's.
        "EVKLC" | "EVKLS" | "EVNAE" | "EVNDA" | "EVNLC" | "EVPLA" => Status(Reason::Ready),
        "EVKNR" => Status(Reason::AttemptGeneric),
        "EVKNA" | "EVNBA" | "EVNSA" | "EVPON" | "EVPXN" => Status(Reason::NotHome),
        "EVKAA" | "EVKSU" | "EVNAA" | "EVNIL" | "EVNIO" | "EVPOA" | "EVPXA" => {
            Status(Reason::Access)
        }
        // Also a safe place, a PO box, and deliveries recorded late.
        "EVKOP" | "EVKSF" | "EVNFS" | "EVNLP" | "EVNPO" => Status(Reason::DeliveredGeneric),
        "EVKSP" => Status(Reason::Signed),
        "EVKDN" | "EVKNS" => Status(Reason::Neighbor),
        "EVNCE" | "EVNCO" | "EVNOC" | "EVNSC" | "EVPLC" | "EVPLF" => Status(Reason::Collected),
        "EVHAP" | "EVNCF" => Status(Reason::PaymentDue),
        "EVSGS" => Status(Reason::RejectedByCarrier),
        "EVNDL" | "EVSGD" => Status(Reason::Disposed),
        // Refused, gone away, address incomplete or unknown, not collected,
        // overweight, not exportable: all of them go back.
        "EVBRA" | "EVBRB" | "EVBRT" | "EVBRW" | "EVBSA" | "EVCPA" | "EVCRA" | "EVCRB" | "EVDRA"
        | "EVDRB" | "EVDRW" | "EVDSA" | "EVDSW" | "EVHCA" | "EVHCR" | "EVHDI" | "EVHID"
        | "EVIPA" | "EVKAI" | "EVKGA" | "EVKRF" | "EVNAB" | "EVNAC" | "EVNAD" | "EVNAI"
        | "EVNGA" | "EVNGL" | "EVNHE" | "EVNHR" | "EVNLA" | "EVNLG" | "EVNLI" | "EVNLR"
        | "EVNRE" | "EVNRF" | "EVNRL" | "EVNRN" | "EVNRO" | "EVNRR" | "EVNRS" | "EVNSI"
        | "EVNUK" | "EVNUL" | "EVNUO" | "EVORR" | "EVORT" | "EVPLI" | "EVPLN" | "EVPLR"
        | "EVPLU" | "EVPLX" | "EVPOG" | "EVPOI" | "EVPOR" | "EVPOU" | "EVPUX" | "EVPXG"
        | "EVPXI" | "EVPXR" | "EVPXU" => Status(Reason::ToSender),
        "EVRTS" => Status(Reason::Received),
        // Export cancelled as the sender or the addressee asked.
        "EVHAR" | "EVHSR" => Status(Reason::Voided),
        // Held as the customer asked, redeliveries that were asked for, what
        // the systems infer or tell each other.
        "ASRXS" | "EVDLS" | "EVNAR" | "EVNCL" | "EVNDS" | "EVNKS" | "EVNOI" | "EVNOU" | "EVNRC"
        | "EVNRT" | "EVNSR" | "EVZAM" | "EVZBF" | "EVZDM" | "EVZDR" | "EVZLM" | "EVZRD"
        | "EVZRM" | "EVZSO" | "RFRXS" | "RNRXS" | "RORXS" | "RPRXS" | "RSRXS" => Note,
        code if is_notification(code) => Note,
        _ => ScanMeaning::Unknown,
    }
}

/// What the category of an item says whose last event has a code that we do not
/// know. Which categories there are is not documented; `IN TRANSIT` stands with
/// everything up to the delivery, so it says too little.
pub(super) fn map_category(category: &str) -> ScanMeaning {
    match category.to_ascii_uppercase().as_str() {
        "DELIVERED" => Status(Reason::DeliveredGeneric),
        _ => ScanMeaning::Unknown,
    }
}

/// Whether it tells that a person was notified: `N`, of what, and how it went.
fn is_notification(code: &str) -> bool {
    let Some((about, outcome)) = code
        .strip_prefix('N')
        .and_then(|rest| rest.split_at_checked(2))
    else {
        return false;
    };
    matches!(about, "DE" | "EP" | "FN" | "LC" | "RD" | "RE" | "SF" | "UN")
        && matches!(outcome, "DF" | "RF" | "RS" | "SF" | "SS")
}
