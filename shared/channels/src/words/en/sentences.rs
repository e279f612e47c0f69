//! Headlines, and what they are about.

use super::{English, dates, trouble};
use crate::{
    outlook::{Outlook, WhyBack},
    words::{Back, Which, Words as _},
};
use jiff::civil::Date;
use posthorn_domain::{
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

/// One sentence that answers "where is it?".
pub(super) fn headline(words: English, outlook: &Outlook, today: Date) -> String {
    match outlook {
        Outlook::Stage(stage) => at_stage(*stage).to_owned(),
        Outlook::Announced => words.announced().to_owned(),
        Outlook::Untracked => words.untracked().to_owned(),
        Outlook::Status(reason) => at_status(words, *reason).to_owned(),
        Outlook::ToCome => "Still to be sent".to_owned(),
        Outlook::Arriving {
            eta,
            is_late: false,
        } => format!("Arriving {}", dates::on_day(eta, today)),
        Outlook::Arriving { eta, is_late: true } => {
            format!("Running late, now expected {}", dates::on_day(eta, today))
        }
        Outlook::Overdue(eta) => format!("Was expected {}", dates::by_day(eta, today)),
        Outlook::Late => "Running later than expected".to_owned(),
        Outlook::Silent => "No news from the carrier for a while".to_owned(),
        Outlook::Ready => at_stage(OrderStage::AvailableForPickup).to_owned(),
        Outlook::Trouble(reason) => match trouble::of(*reason, false) {
            Some(trouble) => trouble.headline.to_owned(),
            None => words.scan(*reason).to_owned(),
        },
        Outlook::Back { is_there, .. } => {
            let stage = if *is_there {
                OrderStage::Returned
            } else {
                OrderStage::Returning
            };
            at_stage(stage).to_owned()
        }
        Outlook::Delivered { on, how, .. } => {
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
pub(super) fn in_full(words: English, outlook: &Outlook, today: Date) -> String {
    match outlook {
        Outlook::Arriving {
            eta,
            is_late: false,
        } => format!("Arriving {}", dates::eta(eta, today).phrase),
        Outlook::Arriving { eta, is_late: true } => {
            format!(
                "Running late, now expected {}",
                dates::eta(eta, today).phrase
            )
        }
        Outlook::Back { why, .. } => {
            let back = back(*why).happened;
            format!("{}. {back}", headline(words, outlook, today))
        }
        Outlook::Stage(_)
        | Outlook::Announced
        | Outlook::Untracked
        | Outlook::Status(_)
        | Outlook::ToCome
        | Outlook::Overdue(_)
        | Outlook::Late
        | Outlook::Silent
        | Outlook::Ready
        | Outlook::Trouble(_)
        | Outlook::Delivered { .. } => headline(words, outlook, today),
    }
    .trim_end_matches(['.', ' '])
    .to_owned()
}

/// A headline, of what: `Parcel 1 of 2: arriving Thursday`.
pub(super) fn titled(which: Which, headline: &str) -> String {
    let title = match which {
        Which::Only | Which::All => return headline.to_owned(),
        Which::Part | Which::Rest | Which::Some(_) | Which::One { .. } => {
            parcel(which, "parcel", "order")
        }
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
pub(super) fn parcel(which: Which, parcel: &str, order: &str) -> String {
    match which {
        Which::Only => format!("your {parcel}"),
        Which::All => format!("your {order}"),
        Which::Part => format!("part of your {order}"),
        Which::Rest => format!("the rest of your {order}"),
        Which::Some(n) => format!("{n} {parcel}s"),
        Which::One {
            position,
            of: Some(of),
        } => format!("{parcel} {position} of {of}"),
        Which::One { position, of: None } => format!("{parcel} {position}"),
    }
}

/// The same of an order that has a name of its own: `part of your order #1001`.
pub(super) fn of_order(which: Which, order: &str) -> String {
    match which {
        Which::Only | Which::All => order.to_owned(),
        Which::Part => format!("part of {order}"),
        Which::Rest => format!("the rest of {order}"),
        Which::Some(_) | Which::One { .. } => {
            format!("{} of {order}", parcel(which, "parcel", "order"))
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
    match reason.status() {
        ShipmentStatus::InTransit if reason == Reason::Resolved => "On its way to you again",
        ShipmentStatus::InTransit if reason == Reason::Forwarded => words.scan(reason),
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
        | ShipmentStatus::Expired => words.scan(reason),
    }
}

/// Why something goes back, and what may be done; nothing is promised in the
/// shop's name.
pub(super) const fn back(why: WhyBack) -> Back {
    let (happened, next) = match why {
        WhyBack::SentBack => (
            "",
            "Our return terms say what happens once it is here. If you have questions, write to us.",
        ),
        WhyBack::Refused => (
            "The carrier reports that it was refused at the door.",
            "If that was a mistake, please tell us soon.",
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
    Back { happened, next }
}
