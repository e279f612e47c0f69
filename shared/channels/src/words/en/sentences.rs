//! Headlines, and what they are about.

use super::{English, dates, trouble};
use crate::{
    shipment_summary::{OrderSummary, WhyBack},
    words::{PhraseSubject, Phrases as _, ReturnPhrases},
};
use jiff::civil::Date;
use posthorn_domain::{
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

/// One sentence that answers "where is it?".
pub(super) fn order_headline(words: English, outlook: &OrderSummary, today: Date) -> String {
    match outlook {
        OrderSummary::Stage(stage) => at_stage(*stage).to_owned(),
        OrderSummary::Announced => words.announced_stage().to_owned(),
        OrderSummary::Untracked => words.untracked_text().to_owned(),
        OrderSummary::Status(reason) => at_status(words, *reason).to_owned(),
        OrderSummary::ToCome => "Still to be sent".to_owned(),
        OrderSummary::Arriving {
            eta,
            is_late: false,
        } => format!("Arriving {}", dates::on_day(eta, today)),
        OrderSummary::Arriving { eta, is_late: true } => {
            format!("Running late, now expected {}", dates::on_day(eta, today))
        }
        OrderSummary::Overdue(eta) => format!("Was expected {}", dates::by_day(eta, today)),
        OrderSummary::Late => "Running later than expected".to_owned(),
        OrderSummary::Silent => "No news from the carrier for a while".to_owned(),
        OrderSummary::Ready => at_stage(OrderStage::AvailableForPickup).to_owned(),
        OrderSummary::Trouble(reason) => match trouble::trouble_phrases(*reason, false) {
            Some(trouble) => trouble.headline.to_owned(),
            None => words.scan_text(*reason).to_owned(),
        },
        OrderSummary::Back { is_there, .. } => {
            let stage = if *is_there {
                OrderStage::Returned
            } else {
                OrderStage::Returning
            };
            at_stage(stage).to_owned()
        }
        OrderSummary::Delivered { on, how, .. } => {
            let came = if *how == Some(Reason::Collected) {
                "Collected"
            } else {
                "Delivered"
            };
            match on {
                Some(day) => format!("{came} {}", dates::past_day(*day, today)),
                None => came.to_owned(),
            }
        }
    }
}

/// A headline with all that is known of the day.
pub(super) fn in_full(words: English, outlook: &OrderSummary, today: Date) -> String {
    match outlook {
        OrderSummary::Arriving {
            eta,
            is_late: false,
        } => format!("Arriving {}", dates::format_eta(eta, today).phrase),
        OrderSummary::Arriving { eta, is_late: true } => {
            format!(
                "Running late, now expected {}",
                dates::format_eta(eta, today).phrase
            )
        }
        OrderSummary::Back { why, .. } => {
            let back = return_phrases(*why).happened;
            format!("{}. {back}", order_headline(words, outlook, today))
        }
        OrderSummary::Stage(_)
        | OrderSummary::Announced
        | OrderSummary::Untracked
        | OrderSummary::Status(_)
        | OrderSummary::ToCome
        | OrderSummary::Overdue(_)
        | OrderSummary::Late
        | OrderSummary::Silent
        | OrderSummary::Ready
        | OrderSummary::Trouble(_)
        | OrderSummary::Delivered { .. } => order_headline(words, outlook, today),
    }
    .trim_end_matches(['.', ' '])
    .to_owned()
}

/// A headline, of what: `Parcel 1 of 2: arriving Thursday`.
pub(super) fn titled_headline(which: PhraseSubject, headline: &str) -> String {
    let title = match which {
        PhraseSubject::Only | PhraseSubject::All => return headline.to_owned(),
        PhraseSubject::Part
        | PhraseSubject::Rest
        | PhraseSubject::Some(_)
        | PhraseSubject::One { .. } => subject_name(which, "parcel", "order"),
    };
    format!(
        "{}: {}",
        with_first(&title, char::to_ascii_uppercase),
        with_first(headline, char::to_ascii_lowercase)
    )
}

fn with_first(text: &str, change: impl Fn(&char) -> char) -> String {
    let mut characters = text.chars();
    let first = characters.next();
    first
        .map(|first| change(&first))
        .into_iter()
        .chain(characters)
        .collect()
}

/// `your parcel`, `part of your order`, `parcel 1 of 2`.
pub(super) fn subject_name(which: PhraseSubject, parcel: &str, order: &str) -> String {
    match which {
        PhraseSubject::Only => format!("your {parcel}"),
        PhraseSubject::All => format!("your {order}"),
        PhraseSubject::Part => format!("part of your {order}"),
        PhraseSubject::Rest => format!("the rest of your {order}"),
        PhraseSubject::Some(n) => format!("{n} {parcel}s"),
        PhraseSubject::One {
            position,
            of: Some(of),
        } => format!("{parcel} {position} of {of}"),
        PhraseSubject::One { position, of: None } => format!("{parcel} {position}"),
    }
}

/// The same of an order that has a name of its own: `part of your order #1001`.
pub(super) fn of_order(which: PhraseSubject, order: &str) -> String {
    match which {
        PhraseSubject::Only | PhraseSubject::All => order.to_owned(),
        PhraseSubject::Part => format!("part of {order}"),
        PhraseSubject::Rest => format!("the rest of {order}"),
        PhraseSubject::Some(_) | PhraseSubject::One { .. } => {
            format!("{} of {order}", subject_name(which, "parcel", "order"))
        }
    }
}

const fn at_stage(stage: OrderStage) -> &'static str {
    match stage {
        OrderStage::New => "We have your order",
        OrderStage::Processing => "We are packing your order",
        OrderStage::PaymentConfirmed => "Payment received, packing comes next",
        OrderStage::InWarehouse => "Packed and ready to leave",
        OrderStage::HandedToCarrier => "Handed over to the carrier",
        OrderStage::PartiallyShipped => "The first part is being sent",
        OrderStage::InTransit => "On its way to you",
        OrderStage::OutForDelivery => "Out for delivery",
        OrderStage::AvailableForPickup => "Ready for you to collect",
        OrderStage::PartiallyDelivered => "Some of it has arrived",
        OrderStage::Delivered => "Delivered",
        OrderStage::Cancelled => "This order was cancelled",
        OrderStage::Returning => "On its way back to the shop",
        OrderStage::Returned => "Back at the shop",
    }
}

/// A parcel of which no day is known.
fn at_status(words: English, reason: Reason) -> &'static str {
    match reason.to_status() {
        ShipmentStatus::InTransit if reason == Reason::Resolved => "On its way to you again",
        ShipmentStatus::InTransit if reason == Reason::Forwarded => words.scan_text(reason),
        ShipmentStatus::InTransit => at_stage(OrderStage::InTransit),
        ShipmentStatus::Pending
        | ShipmentStatus::InfoReceived
        | ShipmentStatus::PickedUp
        | ShipmentStatus::Customs
        | ShipmentStatus::OutForDelivery
        | ShipmentStatus::AvailableForPickup
        | ShipmentStatus::AttemptFailed
        | ShipmentStatus::Exception
        | ShipmentStatus::Returning
        | ShipmentStatus::Returned
        | ShipmentStatus::Delivered
        | ShipmentStatus::Cancelled
        | ShipmentStatus::Expired => words.scan_text(reason),
    }
}

/// Why something goes back, and what may be done; nothing is promised in the
/// shop's name.
pub(super) const fn return_phrases(why: WhyBack) -> ReturnPhrases {
    let (happened, next) = match why {
        WhyBack::SentBack => (
            "",
            "Our return terms say what happens once it is here. If you have questions, write to us.",
        ),
        WhyBack::Refused => (
            "The carrier reports that it was refused at the door.",
            "If you would still like to have it, please tell us soon.",
        ),
        WhyBack::Unclaimed => (
            "It was not collected in time.",
            "If you would still like to have it, please tell us soon.",
        ),
        WhyBack::BadAddress => (
            "The carrier could not find you at the address on it.",
            "If you would still like to have it, please send us the right address.",
        ),
        WhyBack::Customs => (
            "Customs did not let it into the country.",
            "Please get in touch so that we can agree on what to do.",
        ),
        WhyBack::Damaged => (
            "It was damaged on the way. We are sorry.",
            "Please get in touch so that we can agree on what to do.",
        ),
        WhyBack::NotHandedOver => (
            "The carrier could not hand it over.",
            "If you would still like to have it, please tell us soon.",
        ),
        WhyBack::Unknown => (
            "",
            "If that surprises you, or you have questions, write to us.",
        ),
    };
    ReturnPhrases { happened, next }
}
