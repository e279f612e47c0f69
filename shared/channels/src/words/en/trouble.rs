//! What goes wrong with parcels, and what to say about it.

use crate::words::TroublePhrases;
use posthorn_domain::status::Reason;

/// What to tell the customer; none if there is nothing to worry about.
/// `has_page` says whether a link leads to the carrier's page about the parcel.
#[expect(clippy::too_many_lines, reason = "a table of texts")]
pub(super) const fn trouble_phrases(reason: Reason, has_page: bool) -> Option<TroublePhrases> {
    let trouble = match reason {
        Reason::CustomsInfoRequired => TroublePhrases {
            headline: "Customs need something from you",
            happened: "Customs are holding your parcel because a document or a detail is missing.",
            next: "It goes on as soon as they have what they need.",
            todo: "Please answer the message that the carrier or customs send you. If you have not had one, or are not sure what is meant, ask us.",
            ask: "",
            short: "customs need a detail from you before it can go on",
        },
        Reason::CustomsProhibited => TroublePhrases {
            headline: "Stopped by customs",
            happened: "Customs are not letting your parcel into the country.",
            next: "As a rule it is sent back to us.",
            todo: "Please get in touch so that we can agree on what to do.",
            ask: "",
            short: "customs will not let it in. Please get in touch",
        },
        Reason::AttemptGeneric => TroublePhrases {
            headline: "Delivery did not work out",
            happened: "The driver came by with your parcel but could not hand it over.",
            next: "The carrier usually tries again on the next working day.",
            todo: hand_over(has_page),
            ask: "",
            short: "delivery did not work out. See how to get it",
        },
        Reason::NotHome => TroublePhrases {
            headline: "Sorry we missed you",
            happened: "The driver came by with your parcel and found nobody to take it.",
            next: "The carrier usually tries again on the next working day, or leaves it at a collection point near you.",
            todo: if has_page {
                "Please look for a card from the driver, or choose another day or place on the carrier's page (follow the tracking number below)."
            } else {
                "Please look for a card from the driver: it says what you can do. If there is none, ask us."
            },
            ask: "",
            short: if has_page {
                "the driver found nobody in. Choose a new day or place"
            } else {
                "the driver found nobody in. See how to get it"
            },
        },
        Reason::Closed => TroublePhrases {
            headline: "The business was closed",
            happened: "The driver came by with your parcel, but the business was closed.",
            next: "The carrier usually tries again on the next working day.",
            todo: hand_over(has_page),
            ask: "",
            short: if has_page {
                "the driver found the business closed. Choose a new day"
            } else {
                "the driver found the business closed. See how to get it"
            },
        },
        Reason::Access => TroublePhrases {
            headline: "The driver could not reach you",
            happened: "The driver came by with your parcel but could not get in, found no safe place to leave it, or could not check who was taking it.",
            next: "The carrier usually tries again on the next working day.",
            todo: "Please tell us how to reach you (door code, floor, a neighbour). Keep some ID at hand.",
            ask: "Tell us how to reach you",
            short: "the driver could not get to you. Tell us how to reach you",
        },
        Reason::ExceptionGeneric => TroublePhrases {
            headline: "The carrier reports a problem",
            happened: "The carrier reports a problem with your parcel and does not say what it is.",
            next: "Your tracking page shows when it moves again.",
            todo: "You need not do anything for now.",
            ask: "",
            short: "the carrier reports a problem. See the latest",
        },
        Reason::Moved => TroublePhrases {
            headline: "Have you moved?",
            happened: "The carrier could not find you at the address on your parcel; it looks as if you have moved.",
            next: "They usually keep it for a few days before it comes back to us.",
            todo: "Please send us your current address, today if you can.",
            ask: "Send us your address",
            short: "the carrier could not find you. Please send us your address",
        },
        Reason::Refused => TroublePhrases {
            headline: "Not accepted at the door",
            happened: "The carrier reports that your parcel was turned away at the door.",
            next: "As a rule it comes back to us then.",
            todo: "If that was a mistake, please tell us soon.",
            ask: "",
            short: "it was turned away at the door. A mistake? Tell us",
        },
        Reason::PaymentDue => TroublePhrases {
            headline: "There is something to pay",
            happened: "The carrier is holding your parcel until duties, taxes or an amount due on delivery are paid.",
            next: "It goes on as soon as that is done.",
            todo: "Please pay only on the carrier's own website, at the counter or at your door, never through a link in a message you did not expect. If the amount surprises you, ask us first.",
            ask: "",
            short: "the carrier is holding it until a charge is paid",
        },
        Reason::BadAddress => TroublePhrases {
            headline: "We need your correct address",
            happened: "The carrier cannot find the address on your parcel.",
            next: "It usually waits at the depot for a few days before it comes back to us.",
            todo: "Please send us the full address: street and number, flat or floor, postcode and town.",
            ask: "Send us the address",
            short: "the carrier cannot find your address. Please send it to us",
        },
        Reason::Unclaimed => TroublePhrases {
            headline: "Still waiting to be collected",
            happened: "Your parcel was not collected in time, or the carrier could not get hold of you.",
            next: "It will soon be sent back to us.",
            todo: "Please collect it today if it is still there, or tell us soon.",
            ask: "",
            short: "not collected yet and soon going back. Please act today",
        },
        Reason::RejectedByCarrier => TroublePhrases {
            headline: "Not taken by the carrier yet",
            happened: "Something about its size, its packing or its papers is not as the carrier wants it.",
            next: "That is ours to put right. Your tracking page shows when it moves again.",
            todo: "You need not do anything.",
            ask: "",
            short: "the carrier would not take it yet",
        },
        Reason::Security => TroublePhrases {
            headline: "Held for a check",
            happened: "The carrier or an authority is holding your parcel for a check.",
            next: "Most parcels are let go within a few days. Your tracking page shows when it moves again.",
            todo: "You need not do anything unless they ask you to.",
            ask: "",
            short: "it is held for a check. See the latest",
        },
        Reason::Damaged => TroublePhrases {
            headline: "Damaged on the way",
            happened: "The carrier tells us that your parcel was damaged on the way. We are sorry.",
            next: "It may still reach you. If it does, please take a photo before you open it.",
            todo: "Please write to us so that we can agree on what to do.",
            ask: "Write to us about it",
            short: "sorry, it was damaged on the way. Please write to us",
        },
        Reason::Lost => TroublePhrases {
            headline: "Reported as lost",
            happened: "The carrier can no longer find your parcel. We are sorry.",
            next: "Now and then one turns up again after that.",
            todo: "Please write to us so that we can agree on what to do.",
            ask: "Write to us about it",
            short: "sorry, the carrier cannot find it. Please write to us",
        },
        Reason::Disposed => TroublePhrases {
            headline: "Cannot be delivered",
            happened: "The carrier could not deliver your parcel and has disposed of it. We are sorry.",
            next: "It will not reach you any more.",
            todo: "Please write to us so that we can agree on what to do.",
            ask: "Write to us about it",
            short: "sorry, the carrier disposed of it. Please write to us",
        },
        Reason::NoInfo
        | Reason::InvalidNumber
        | Reason::Label
        | Reason::Accepted
        | Reason::Moving
        | Reason::ArrivalScan
        | Reason::DepartureScan
        | Reason::DepartedOrigin
        | Reason::ArrivedDestination
        | Reason::Resolved
        | Reason::Forwarded
        | Reason::CustomsProcessing
        | Reason::CustomsReleased
        | Reason::Today
        | Reason::Contacted
        | Reason::Appointment
        | Reason::Ready
        | Reason::DeliveredGeneric
        | Reason::Collected
        | Reason::Signed
        | Reason::CashOnDelivery
        | Reason::Neighbor
        | Reason::ToSender
        | Reason::Received
        | Reason::Voided
        | Reason::Silent => return None,
    };
    Some(trouble)
}

const fn hand_over(has_page: bool) -> &'static str {
    if has_page {
        "Please make sure that somebody can take it in, or choose another day or place on the carrier's page (follow the tracking number below)."
    } else {
        "Please make sure that somebody can take it in. If that is difficult, ask us."
    }
}
