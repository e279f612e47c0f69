//! An order: what was bought, where it stands and how it got there.

use crate::{
    codes,
    id::{OrderKey, TrackingToken},
    stage::{OrderStage, StageSource},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

codes! {
    /// How an order reaches its customer.
    pub enum DeliveryMethod: "delivery method" {
        /// A carrier brings it.
        Shipping = "shipping",
        /// The shop brings it itself.
        LocalDelivery = "local_delivery",
        /// The customer collects it at the shop.
        Pickup = "pickup",
        /// It was sold over the counter: the customer has it.
        Retail = "retail",
        /// Nothing is sent: downloads, gift cards, services.
        Digital = "digital",
    }
}

impl DeliveryMethod {
    /// Whether a tracking number can be expected.
    pub const fn has_tracking(self) -> bool {
        matches!(self, Self::Shipping)
    }

    /// Whether nothing will be on its way to the customer.
    pub const fn is_without_delivery(self) -> bool {
        matches!(self, Self::Retail | Self::Digital)
    }
}

/// One line of an order or a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The shop's id of the line, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// How many.
    pub quantity: u32,
}

/// A step in the life of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageChange {
    /// The stage it came to.
    pub stage: OrderStage,
    /// When.
    pub at: Timestamp,
    /// Who moved it.
    pub by: StageSource,
    /// What the shop says to the customer about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An order without anything personal: who bought it is a
/// [`crate::contact::Contact`], kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Shop and order id.
    #[serde(flatten)]
    pub key: OrderKey,
    /// What the customer calls it, as `#1001`.
    pub number: String,
    /// The unguessable part of its tracking link.
    pub token: TrackingToken,
    /// Where it stands.
    pub stage: OrderStage,
    /// How it got there, oldest first.
    pub stages: Vec<StageChange>,
    /// What was bought.
    pub items: Vec<OrderItem>,
    /// The day the shop promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Date>,
    /// The customer's language, a BCP 47 tag.
    pub locale: String,
    /// How it reaches its customer.
    #[serde(default = "default_method", skip_serializing_if = "is_shipping")]
    pub delivery_method: DeliveryMethod,
    /// When a storefront said first that it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// The zone in which the customer's days begin, an IANA name, as far as it was
    /// known when the order came in; none: the shop's. It says where a person
    /// lives no more precisely than that, and the page has to know what "today" is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether it is a test: only then may the sandbox carrier carry it.
    #[serde(default)]
    pub is_test: bool,
    /// How many shipments it has.
    pub n_shipments: u16,
    /// When the customer placed it.
    pub placed_at: Timestamp,
    /// When we first heard of it.
    pub created_at: Timestamp,
    /// As of when a storefront says what it says of it; what it said before
    /// changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Timestamp>,
    /// Counts its changes; a write is conditional on it.
    pub version: u64,
    /// Whether a stored shipment of it could not be read: then neither its stage nor
    /// its completeness follows from the others. It is never stored.
    #[serde(skip)]
    pub has_unreadable_shipments: bool,
}

/// Why a shop may not set a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It follows from the shipments and from nothing else.
    #[error("the stage `{0}` follows from the shipments and cannot be set")]
    FollowsFromShipments(OrderStage),
    /// A shipment is under way; its carrier says how far.
    #[error("the order is `{now}` already and cannot go back to `{wanted}`")]
    GoesBack {
        /// Where it stands.
        now: OrderStage,
        /// What was asked for.
        wanted: OrderStage,
    },
    /// The order is over.
    #[error("the order is `{now}`, which cannot become `{wanted}`")]
    IsOver {
        /// Where it stands.
        now: OrderStage,
        /// What was asked for.
        wanted: OrderStage,
    },
    /// Nothing was sent that could come back.
    #[error("the order is `{now}`, so there is nothing that could come back")]
    NothingSent {
        /// Where it stands.
        now: OrderStage,
    },
}

/// The most steps that an order's history keeps, besides the first.
const KEPT_STEPS: usize = 99;

/// The most bytes of comments that it keeps: an item of the table holds 400 KB, half of
/// which the line items may take. An order that has grown beyond that could not be
/// moved any more, and its record would hold up all others of its shard.
const KEPT_COMMENTS: usize = 64 * 1024;

impl Order {
    /// Moves the order to `stage` and writes it into the history; says whether
    /// that changed anything. The same stage again is no change, unless it comes
    /// with a comment, which goes into the history.
    ///
    /// A payment after the hand-over, for example on delivery, moves nothing: it
    /// is written into the history once.
    pub fn set_stage(
        &mut self,
        stage: OrderStage,
        by: StageSource,
        comment: Option<String>,
        at: Timestamp,
    ) -> Result<bool, StageError> {
        if stage == self.stage && comment.is_none() {
            return Ok(false);
        }
        if by == StageSource::Shop && is_late_payment(self.stage, stage) {
            return Ok(self.note_payment(comment, at));
        }
        if by == StageSource::Shop && stage != self.stage {
            may_be_set(self.stage, stage)?;
        }
        // A comment on a stage is no move: the one who moved it there did.
        let by = if stage == self.stage {
            self.moved_by()
        } else {
            by
        };
        self.stage = stage;
        self.push_stage(StageChange {
            stage,
            at,
            by,
            comment,
        });
        Ok(true)
    }

    fn note_payment(&mut self, comment: Option<String>, at: Timestamp) -> bool {
        let stage = OrderStage::PaymentConfirmed;
        let mut known = self.stages.iter().filter(|change| change.stage == stage);
        if known.any(|known| comment.is_none() || known.comment == comment) {
            return false;
        }
        self.push_stage(StageChange {
            stage,
            at,
            by: StageSource::Shop,
            comment,
        });
        true
    }

    fn push_stage(&mut self, change: StageChange) {
        self.stages.push(change);
        if self.stages.len() > KEPT_STEPS + 1 {
            self.stages.remove(1);
        }
        let mut room = KEPT_COMMENTS;
        for change in self.stages.iter_mut().rev() {
            let length = change.comment.as_ref().map_or(0, String::len);
            if length > room {
                change.comment = None;
            }
            room = room.saturating_sub(length);
        }
        self.version += 1;
    }

    /// The steps that moved the order, the latest first: without payments that came
    /// after the hand-over.
    fn stage_moves(&self) -> impl Iterator<Item = &StageChange> {
        let is_noted = |index: usize| {
            let stage = self.stages[index].stage;
            let mut before = self.stages[..index].iter().rev();
            let before = before.find(|change| change.stage != OrderStage::PaymentConfirmed);
            before.is_some_and(|before| is_late_payment(before.stage, stage))
        };
        let all = self.stages.iter().enumerate().rev();
        all.filter(move |(index, _)| !is_noted(*index))
            .map(|(_, change)| change)
    }

    /// Who moved it to where it stands.
    pub fn moved_by(&self) -> StageSource {
        self.stage_moves()
            .next()
            .map_or(StageSource::Shop, |change| change.by)
    }

    /// The last stage that the shop set, its shipments aside.
    pub fn stage_by_shop(&self) -> Option<OrderStage> {
        let mut moves = self.stage_moves();
        moves
            .find(|change| change.by == StageSource::Shop)
            .map(|change| change.stage)
    }

    /// Since when it stands where it does.
    pub fn stage_since(&self) -> Timestamp {
        self.stage_moves()
            .take_while(|change| change.stage == self.stage)
            .last()
            .map_or(self.created_at, |change| change.at)
    }

    /// What the shop says to the customer about where it stands, if anything.
    pub fn shop_comment(&self) -> Option<&str> {
        self.stage_moves()
            .take_while(|change| change.stage == self.stage)
            .find_map(|change| change.comment.as_deref())
    }

    /// How often it has come to `stage`; a comment is no coming.
    pub fn times_at(&self, stage: OrderStage) -> usize {
        let mut later = None;
        let mut times = 0;
        for change in self.stage_moves() {
            if change.stage == stage && later != Some(stage) {
                times += 1;
            }
            later = Some(change.stage);
        }
        times
    }

    /// What the customer calls it, with a `#` before a bare number: `#1001`.
    pub fn public_number(&self) -> String {
        if self.number.starts_with(|c: char| c.is_ascii_digit()) {
            format!("#{}", self.number)
        } else {
            self.number.clone()
        }
    }
}

const fn default_method() -> DeliveryMethod {
    DeliveryMethod::Shipping
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_shipping(method: &DeliveryMethod) -> bool {
    matches!(method, DeliveryMethod::Shipping)
}

/// Whether `wanted` is a payment for what was handed over already.
const fn is_late_payment(now: OrderStage, wanted: OrderStage) -> bool {
    matches!(wanted, OrderStage::PaymentConfirmed) && now.is_shipped()
}

/// Which stage a shop may set when.
fn may_be_set(now: OrderStage, wanted: OrderStage) -> Result<(), StageError> {
    use OrderStage as S;
    if !wanted.is_set_by_shop() {
        return Err(StageError::FollowsFromShipments(wanted));
    }
    let over = Err(StageError::IsOver { now, wanted });
    match (now, wanted) {
        (S::Cancelled | S::Delivered, S::Returning | S::Returned)
        | (S::Returning, S::Returned | S::Delivered) => Ok(()),
        (S::Cancelled | S::Delivered | S::Returning | S::Returned, _) => over,
        (_, S::Delivered | S::Cancelled) => Ok(()),
        (_, S::Returning | S::Returned) if now.is_shipped() => Ok(()),
        (_, S::Returning | S::Returned) => Err(StageError::NothingSent { now }),
        (_, S::New) => Err(StageError::GoesBack { now, wanted }),
        _ if now.is_shipped() => Err(StageError::GoesBack { now, wanted }),
        _ => Ok(()),
    }
}
