//! English.

mod dates;
mod places;
mod sentences;
mod trouble;

use crate::{
    shipment_summary::{OrderSummary, WhyBack},
    text,
    words::{
        CheckedSource, DelayPhrases, EtaWords, Labels, PhraseSubject, Phrases, ReturnPhrases,
        SourceName, TroublePhrases,
    },
};
use jiff::civil::{Date, Time};
use posthorn_domain::{
    eta::Eta,
    stage::OrderStage,
    status::{DelayReason, Reason},
};

/// English, as it is understood on both sides of the Atlantic.
#[derive(Debug, Clone, Copy)]
pub struct English;

static LABELS: Labels = Labels {
    dir: "ltr",
    hello: "Hi",
    hello_without_name: "Hello,",
    track: "Track your parcel",
    details: "See the details",
    view_order: "View your order",
    review: "Leave a review",
    order: "Order",
    expected: "Expected",
    was_expected: "Was expected",
    sorry: "We are sorry.",
    unsubscribe: "Stop these emails",
    carrier: "Carrier",
    some_carrier: ("the carrier", "The carrier"),
    tracking_number: "Tracking number",
    contents: "Items",
    more_items: "more",
    note: "A note from",
    questions: "Questions?",
    reply: "Just reply to this email; we are happy to help.",
    write_to: "Write to us:",
    help_page: "Visit our help page",
    why: "You are getting this because you placed this order with",
    progress: "Progress",
    step: "Step",
    of: "of",
};

impl Phrases for English {
    fn stage_name(&self, stage: OrderStage) -> &'static str {
        match stage {
            OrderStage::New => "Order received",
            OrderStage::Processing => "Being packed",
            OrderStage::PaymentConfirmed => "Payment received",
            OrderStage::InWarehouse => "Ready to leave",
            OrderStage::HandedToCarrier => "With the carrier",
            OrderStage::PartiallyShipped => "Partly shipped",
            OrderStage::InTransit => "On its way",
            OrderStage::OutForDelivery => "Out for delivery",
            OrderStage::AvailableForPickup => "Ready to collect",
            OrderStage::PartiallyDelivered => "Partly delivered",
            OrderStage::Delivered => "Delivered",
            OrderStage::Cancelled => "Cancelled",
            OrderStage::Returning => "On its way back",
            OrderStage::Returned => "Returned",
        }
    }

    fn partial_stage_name(&self, stage: OrderStage) -> &'static str {
        match stage {
            OrderStage::InTransit => "Part of it on its way",
            OrderStage::OutForDelivery => "Part of it out for delivery",
            OrderStage::AvailableForPickup => "Part of it ready to collect",
            stage => self.stage_name(stage),
        }
    }

    fn announced_stage(&self) -> &'static str {
        "Ready for the carrier"
    }

    fn untracked_text(&self) -> &'static str {
        "Sent without tracking"
    }

    fn scan_text(&self, reason: Reason) -> &'static str {
        match reason {
            Reason::NoInfo => "Waiting for news from the carrier",
            Reason::InvalidNumber => "The carrier does not know this number",
            Reason::Label => "The carrier has been told to expect it",
            Reason::Accepted => "Handed over to the carrier",
            Reason::Moving => "On its way",
            Reason::ArrivalScan => "Arrived at a depot",
            Reason::DepartureScan => "Left the depot",
            Reason::DepartedOrigin => "Left the country of origin",
            Reason::ArrivedDestination => "Arrived in the destination country",
            Reason::Resolved => "Moving again",
            Reason::Forwarded => "Redirected to another address",
            Reason::CustomsProcessing => "Going through customs",
            Reason::CustomsReleased => "Released by customs",
            Reason::CustomsInfoRequired => "Customs need more information",
            Reason::CustomsProhibited => "Stopped by customs",
            Reason::Today => "Out for delivery",
            Reason::Contacted => "The carrier got in touch about delivery",
            Reason::Appointment => "Delivery slot agreed",
            Reason::Ready => "Ready to collect",
            Reason::AttemptGeneric => "Delivery attempted without success",
            Reason::NotHome => "Delivery attempted, nobody was there",
            Reason::Closed => "Delivery attempted, the business was closed",
            Reason::Access => "Delivery attempted, the driver could not get in",
            Reason::DeliveredGeneric => "Delivered",
            Reason::Collected => "Collected",
            Reason::Signed => "Delivered and signed for",
            Reason::CashOnDelivery => "Delivered and paid for",
            Reason::Neighbor => "Left with a neighbour or somebody else nearby",
            Reason::ExceptionGeneric => "The carrier reports a problem",
            Reason::Moved => "The recipient seems to have moved",
            Reason::Refused => "Not accepted at the door",
            Reason::PaymentDue => "Held until a charge is paid",
            Reason::BadAddress => "The address could not be found",
            Reason::Unclaimed => "Not collected in time",
            Reason::RejectedByCarrier => "Not accepted by the carrier",
            Reason::Security => "Held for a check",
            Reason::Damaged => "Damaged on the way",
            Reason::Lost => "Reported as lost",
            Reason::Disposed => "Disposed of by the carrier",
            Reason::ToSender => "On its way back to the shop",
            Reason::Received => "Back at the shop",
            Reason::Voided => "Label cancelled",
            Reason::Silent => "No news for a long time",
        }
    }

    fn delay_phrases(&self, reason: DelayReason) -> DelayPhrases {
        let (sentence, short) = match reason {
            DelayReason::Customs => (
                "Customs clearance of your parcel is taking longer than usual.",
                "slow customs clearance",
            ),
            DelayReason::External => (
                "Something nobody could foresee is holding your parcel up.",
                "something unforeseen",
            ),
            DelayReason::Carrier => (
                "A hold-up in the carrier's network is keeping your parcel back.",
                "a hold-up at the carrier",
            ),
            DelayReason::Weather => (
                "Bad weather on the route is holding your parcel up.",
                "bad weather",
            ),
            DelayReason::Flight => (
                "The flight that your parcel is booked on is late.",
                "a late flight",
            ),
        };
        DelayPhrases { sentence, short }
    }

    fn trouble_phrases(&self, reason: Reason, has_page: bool) -> Option<TroublePhrases> {
        trouble::trouble_phrases(reason, has_page)
    }

    fn order_headline(&self, outlook: &OrderSummary, today: Date) -> String {
        sentences::order_headline(*self, outlook, today)
    }

    fn titled_headline(&self, which: PhraseSubject, headline: &str) -> String {
        sentences::titled_headline(which, headline)
    }

    fn in_full(&self, outlook: &OrderSummary, today: Date) -> String {
        sentences::in_full(*self, outlook, today)
    }

    fn return_phrases(&self, why: WhyBack) -> ReturnPhrases {
        sentences::return_phrases(why)
    }

    fn country_name(&self, code: &str) -> Option<&'static str> {
        places::country_name(code)
    }

    fn format_date(&self, date: Date, today: Date) -> String {
        dates::format_date(date, today)
    }

    fn format_time(&self, time: Time) -> String {
        dates::format_time(time)
    }

    fn format_eta(&self, eta: &Eta, today: Date) -> EtaWords {
        dates::format_eta(eta, today)
    }

    fn subject_name(&self, which: PhraseSubject) -> String {
        sentences::subject_name(which, "parcel", "order")
    }

    fn parcel_of_order(&self, which: PhraseSubject, number: &str) -> String {
        sentences::of_order(which, &format!("order {number}"))
    }

    fn possessive_subject(&self, which: PhraseSubject, number: &str) -> String {
        sentences::of_order(which, &format!("your order {number}"))
    }

    fn cancelled_text(&self, is_sent: bool) -> &'static str {
        if is_sent {
            "If you have questions, about a payment for example, write to us."
        } else {
            "It will not be sent. If you have questions, about a payment for example, write to us."
        }
    }

    fn unnamed_scan(&self) -> &'static str {
        "Handled by the carrier"
    }

    fn drop_off_text(&self, at: &str) -> String {
        self.left_at_known_place(at)
            .unwrap_or_else(|| format!("here: {}", text::calm_text(at, 60)))
    }

    fn left_at_known_place(&self, at: &str) -> Option<String> {
        let at = text::calm_text(at, 60);
        let known = at.to_lowercase();
        let known = known
            .trim_start_matches("left ")
            .trim_start_matches("at ")
            .trim_start_matches("with ")
            .trim_start_matches("the ");
        Some(match known {
            "front door" | "door" | "frontdoor" => "at the front door".to_owned(),
            "back door" | "side door" | "reception" | "front desk" | "concierge" | "mailroom"
            | "mail room" | "office" | "gatehouse" => format!("at the {known}"),
            "porch" | "patio" | "deck" => format!("on the {known}"),
            "garage" | "mailbox" | "mail box" | "letterbox" | "locker" | "parcel locker"
            | "garden" | "shed" => format!("in the {known}"),
            "neighbor" | "neighbour" => "with a neighbour".to_owned(),
            _ => return None,
        })
    }

    fn told_by(&self, teller: SourceName<'_>) -> String {
        match teller {
            SourceName::Shop => "reported by the shop".to_owned(),
            SourceName::Correction => "corrected by the shop".to_owned(),
            SourceName::Named(name) => format!("reported by {name}"),
            SourceName::Aggregator(name) => format!("via {name}"),
            SourceName::Carrier(name) => format!("from {name}"),
        }
    }

    fn checked_text(
        &self,
        checked: CheckedSource<'_>,
        date: Date,
        time: Time,
        today: Date,
    ) -> String {
        let time = dates::format_time(time);
        let when = if date == today {
            format!("today at {time}")
        } else {
            format!("on {} at {time}", dates::format_date(date, today))
        };
        match checked {
            CheckedSource::With("") => format!("Checked with the carrier {when}."),
            CheckedSource::With(name) => format!("Checked with {name} {when}."),
            CheckedSource::Via(name) => format!("Checked via {name} {when}."),
            CheckedSource::Told(SourceName::Shop | SourceName::Correction) => {
                format!("These updates come from the shop, the last one {when}.")
            }
            CheckedSource::Told(
                SourceName::Named(name) | SourceName::Aggregator(name) | SourceName::Carrier(name),
            ) => format!("These updates come from {name}, the last one {when}."),
        }
    }

    fn labels(&self) -> &'static Labels {
        &LABELS
    }
}
