//! What there is to say of an order, once for all media: the page, mails and
//! texts render the same summary and cannot contradict each other.

use crate::{
    shipment_summary::{self, OrderSummary, WhyBack},
    text,
    words::{PhraseSubject, Phrases},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::ShipmentIndex,
    order::Order,
    rollup,
    shipment::Shipment,
    stage::OrderStage,
    status::ShipmentStatus,
};
use std::{cmp::Reverse, slice};

/// Where an order and each of its parcels stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderOverview {
    /// The day in the recipient's zone of which it holds.
    pub today: Date,
    /// The order's stage by its parcels.
    pub stage: OrderStage,
    /// Whether no carrier has seen any of its parcels.
    pub is_only_announced: bool,
    /// Whether some of its parcels have not come as far as its stage.
    pub is_stage_of_part: bool,
    /// The day that the shop promised, of an order that is in no parcel yet.
    pub promised: Option<Eta>,
    /// The next event: what the headline says.
    pub next: SummaryRow,
    /// A row per parcel, and one for what is in none; the next event first.
    pub rows: Vec<SummaryRow>,
}

/// What there is to say of a parcel, or of an order without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryRow {
    /// Which parcel; none if about the order, or about what is not sent yet.
    pub shipment: Option<ShipmentIndex>,
    /// How it is told from the others.
    pub which: PhraseSubject,
    /// Where it stands.
    pub outlook: OrderSummary,
}

impl OrderOverview {
    /// The summary of `order` at `now`, which is a day in the recipient's `zone`.
    pub fn summarise_order(
        order: &Order,
        shipments: &[Shipment],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Self {
        let today = zone.to_datetime(now).date();
        let stage = shipment_summary::stage_by_shipments(order, shipments);
        let rows = shipment_rows(order, shipments, today, zone);
        Self {
            today,
            stage,
            is_only_announced: shipment_summary::is_only_announced(shipments),
            is_stage_of_part: shipment_summary::is_stage_of_part(stage, shipments),
            promised: match promised_summary(order, today) {
                Some(OrderSummary::Arriving { eta, .. }) if rows.is_empty() && !is_over(stage) => {
                    Some(eta)
                }
                _ => None,
            },
            next: next_row(order, shipments, stage, &rows, today, zone),
            rows,
        }
    }

    /// What it says of a parcel; of the order if it holds no such parcel.
    pub fn shipment_row(&self, shipment: Option<ShipmentIndex>) -> &SummaryRow {
        let mut rows = self.rows.iter();
        let of_parcel = rows.find(|row| shipment.is_some() && row.shipment == shipment);
        of_parcel.unwrap_or(&self.next)
    }

    /// Whether there are several things to tell apart; of a cancelled order there is one.
    pub const fn has_rows(&self) -> bool {
        self.rows.len() > 1 && !matches!(self.stage, OrderStage::Cancelled)
    }

    /// Whether any of it is something that the customer has to know or to do.
    pub fn is_amber(&self) -> bool {
        !is_over(self.stage)
            && (self.next.outlook.is_amber() || self.rows.iter().any(|row| row.outlook.is_amber()))
    }

    /// When the next of it is expected.
    pub const fn next_eta(&self) -> Option<Eta> {
        match &self.next.outlook {
            OrderSummary::Arriving { eta, .. } => Some(*eta),
            _ => None,
        }
    }

    /// Whether any of it is still to reach the customer.
    pub fn has_more_to_come(&self) -> bool {
        let is_coming = |row: &SummaryRow| {
            !matches!(
                row.outlook,
                OrderSummary::Delivered { .. } | OrderSummary::Back { .. }
            )
        };
        !is_over(self.stage) && self.rows.iter().any(is_coming)
    }

    /// Of how many other parcels the same is to be said as of `row`.
    pub fn n_alike(&self, row: &SummaryRow) -> usize {
        let is_alike =
            |other: &&SummaryRow| other.shipment != row.shipment && other.outlook == row.outlook;
        self.rows.iter().filter(is_alike).count()
    }

    /// The stage in words. A label alone brings an order to the carrier's stage.
    pub fn stage_in_words(&self, words: &dyn Phrases) -> &'static str {
        match self.stage {
            OrderStage::HandedToCarrier if self.is_only_announced => words.announced_stage(),
            stage if self.is_stage_of_part => words.partial_stage_name(stage),
            stage => words.stage_name(stage),
        }
    }
}

impl SummaryRow {
    /// As a headline: `Arriving Thursday`, or `Parcel 1 of 2: arriving Thursday`.
    pub fn to_headline(&self, words: &dyn Phrases, today: Date) -> String {
        words.titled_headline(self.which, &words.order_headline(&self.outlook, today))
    }
}

fn shipment_rows(
    order: &Order,
    shipments: &[Shipment],
    today: Date,
    zone: &TimeZone,
) -> Vec<SummaryRow> {
    let stage = shipment_summary::stage_by_shipments(order, shipments);
    let mut rows: Vec<SummaryRow> = shipment_summary::sent_out(shipments)
        .map(|parcel| SummaryRow {
            shipment: Some(parcel.shipment),
            which: shipment_summary::phrase_subject(order, parcel, shipments),
            outlook: match parcel.current_status() {
                ShipmentStatus::Delivered
                | ShipmentStatus::Returning
                | ShipmentStatus::Returned => None,
                // Of its end the shop alone has told.
                ShipmentStatus::Pending
                | ShipmentStatus::InfoReceived
                | ShipmentStatus::PickedUp
                | ShipmentStatus::InTransit
                | ShipmentStatus::Customs
                | ShipmentStatus::OutForDelivery
                | ShipmentStatus::AvailableForPickup
                | ShipmentStatus::AttemptFailed
                | ShipmentStatus::Exception
                | ShipmentStatus::Cancelled
                | ShipmentStatus::Expired => {
                    ending_summary(order, slice::from_ref(parcel), stage, zone)
                }
            }
            .unwrap_or_else(|| shipment_summary::of_parcel(order, parcel, today, zone)),
        })
        .collect();
    if !is_over(stage) && !rows.is_empty() && !rollup::is_all_sent(order, shipments) {
        rows.push(SummaryRow {
            shipment: None,
            which: PhraseSubject::Rest,
            outlook: promised_summary(order, today).unwrap_or(OrderSummary::ToCome),
        });
    }
    rows.sort_by_key(|row| {
        (
            row_urgency(&row.outlook, today),
            row.shipment.is_none(),
            row.shipment,
        )
    });
    rows
}

/// Whether nothing of an order is still to come.
const fn is_over(stage: OrderStage) -> bool {
    matches!(
        stage,
        OrderStage::Delivered
            | OrderStage::Cancelled
            | OrderStage::Returning
            | OrderStage::Returned
    )
}

/// What comes next comes first: what the customer has to do, what is due today,
/// what was due, what will come and when, what has come, what goes back.
///
/// Of what has come, the latest first.
fn row_urgency(
    outlook: &OrderSummary,
    today: Date,
) -> (u8, Option<(Date, Date)>, Option<Reverse<Date>>) {
    let (rank, by) = summary_rank(outlook, today);
    let came = match outlook {
        OrderSummary::Delivered { on, .. } => on.map(Reverse),
        _ => None,
    };
    (rank, by, came)
}

fn summary_rank(outlook: &OrderSummary, today: Date) -> (u8, Option<(Date, Date)>) {
    let by = |eta: &Eta| Some((eta.to, eta.from));
    match outlook {
        OrderSummary::Trouble(_) => (0, None),
        OrderSummary::Arriving { eta, .. } if eta.to == today => (1, by(eta)),
        OrderSummary::Ready => (2, None),
        OrderSummary::Overdue(eta) => (3, by(eta)),
        OrderSummary::Arriving { eta, .. } => (4, by(eta)),
        OrderSummary::Late => (5, None),
        OrderSummary::Silent => (6, None),
        OrderSummary::Status(reason) => (7 + (9 - reason.to_status().progress_rank().min(9)), None),
        OrderSummary::Announced | OrderSummary::Untracked => (20, None),
        OrderSummary::Stage(_) | OrderSummary::ToCome => (21, None),
        OrderSummary::Delivered { .. } => (22, None),
        OrderSummary::Back { .. } => (23, None),
    }
}

/// What the headline speaks of.
fn next_row(
    order: &Order,
    shipments: &[Shipment],
    stage: OrderStage,
    rows: &[SummaryRow],
    today: Date,
    zone: &TimeZone,
) -> SummaryRow {
    let of_order = |outlook| SummaryRow {
        shipment: None,
        which: if rows.len() > 1 {
            PhraseSubject::All
        } else {
            PhraseSubject::Only
        },
        outlook,
    };
    if let Some(end) = ending_summary(order, shipments, stage, zone) {
        return of_order(end);
    }
    match rows {
        [first, others @ ..] if others.iter().all(|row| row.outlook == first.outlook) => {
            match others {
                [] => first.clone(),
                _ => of_order(first.outlook.clone()),
            }
        }
        [first, ..] => first.clone(),
        [] => of_order(without_parcel(order, stage, today)),
    }
}

/// What the end of an order says of these of its parcels; none while it goes on.
fn ending_summary(
    order: &Order,
    shipments: &[Shipment],
    stage: OrderStage,
    zone: &TimeZone,
) -> Option<OrderSummary> {
    match stage {
        OrderStage::Cancelled => Some(OrderSummary::Stage(stage)),
        OrderStage::Returning | OrderStage::Returned => Some(OrderSummary::Back {
            is_there: stage == OrderStage::Returned,
            why: why_back(order, shipments),
        }),
        OrderStage::Delivered => {
            let parcels: Vec<&Shipment> = shipment_summary::on_the_way_out(shipments).collect();
            let only = match parcels.as_slice() {
                [parcel] if parcel.current_status() == ShipmentStatus::Delivered => Some(*parcel),
                _ => None,
            };
            Some(OrderSummary::Delivered {
                on: shipment_summary::delivered_on(order, &parcels, zone),
                how: only
                    .map(|parcel| parcel.reason)
                    .or_else(|| shipment_summary::all_collected(&parcels)),
                left_at: only.and_then(|parcel| parcel.drop_off_location.clone()),
            })
        }
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse
        | OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::InTransit
        | OrderStage::OutForDelivery
        | OrderStage::AvailableForPickup
        | OrderStage::PartiallyDelivered => None,
    }
}

/// Of an order without a parcel: its promise once that is past, or once it was
/// sent; its stage before.
fn without_parcel(order: &Order, stage: OrderStage, today: Date) -> OrderSummary {
    promised_summary(order, today)
        .filter(|outlook| stage.is_shipped() || matches!(outlook, OrderSummary::Overdue(_)))
        .unwrap_or(OrderSummary::Stage(stage))
}

/// What the shop's promise says.
fn promised_summary(order: &Order, today: Date) -> Option<OrderSummary> {
    let eta = Eta::on_day(order.promised?, EtaSource::Store);
    Some(if eta.to < today {
        OrderSummary::Overdue(eta)
    } else {
        OrderSummary::Arriving {
            eta,
            is_late: false,
        }
    })
}

/// Why an order goes back: the reason of the first of its parcels that has one.
pub fn why_back(order: &Order, shipments: &[Shipment]) -> WhyBack {
    let mut reasons = shipments
        .iter()
        .filter(|parcel| parcel.is_return || parcel.current_status().is_backward())
        .map(|parcel| shipment_summary::why_back(order, parcel));
    let known = reasons.find(|why| *why != WhyBack::Unknown);
    let was_delivered = || {
        let mut stages = order.stages.iter();
        stages.any(|change| change.stage == OrderStage::Delivered)
    };
    match known {
        Some(why) => why,
        None if was_delivered() => WhyBack::SentBack,
        None => WhyBack::Unknown,
    }
}

/// What is in a parcel, in a few words: `Tent, 2 × Stove`.
pub fn describe_contents(parcel: &Shipment) -> String {
    let titles: Vec<String> = parcel
        .items
        .iter()
        .map(|item| match item.quantity {
            1 => item.title.clone(),
            n => format!("{n} × {}", item.title),
        })
        .collect();
    text::one_line(&titles.join(", "), 80)
}
