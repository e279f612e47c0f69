//! What the columns of the table of notification types mean.

use jiff::SignedDuration;

use crate::{
    notification::DeferralReason,
    pace::Urgency,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

use super::{Channel, NotificationType};

/// A row of the table: all that is particular to one type of notification.
#[derive(Debug, Clone, Copy)]
pub struct NotificationRow {
    /// What it reports, from the type's documentation.
    pub description: &'static str,
    /// The changes that cause it.
    pub triggers: &'static [TriggerRule],
    /// When it is sent again for the same shipment or order.
    pub repetition: Repetition,
    /// To whom it goes.
    pub addressee: Addressee,
    /// The channels where the shop has not chosen others; none: it is off.
    pub channels: &'static [Channel],
    /// Which cap counts it.
    pub cap: CapPhase,
    /// Whether it goes before others and passes the caps.
    pub urgency: Urgency,
    /// Of several notifications about one change only the one of the highest priority is
    /// sent; no two types have the same. In steps of ten, so that a new type fits between.
    pub priority: u8,
    /// For how many hours after the change it is useful to the recipient.
    pub useful_hours: u16,
    /// How many hours an e-mail of unknown fate waits for the provider's event before it
    /// is sent again.
    pub resend_after_hours: u8,
    /// Whether it asks the customer to act; such a message waits for no other.
    pub asks: ActionRequest,
    /// Which other shipments a row of it reports as well.
    pub coverage: Coverage,
    /// Why it waits, if it is planned for a day ahead.
    pub awaits: Option<DeferralReason>,
    /// The part of an order's life that it belongs to.
    pub chapter: Chapter,
    /// The later notifications that make it pointless.
    pub superseded_by: &'static [Supersession],
    /// The ends of an order after which it is still sent.
    pub outlives: &'static [OrderStage],
    /// Until when it is true, if it is about an order.
    pub order_validity: OrderValidity,
    /// Until when it is true, if it is about one shipment.
    pub shipment_validity: ShipmentValidity,
    /// Its colour, and whether it describes a problem.
    pub tone: Tone,
    /// What its button says.
    pub button: PageButton,
    /// Whether it is about a part of the order, and shows the items of that part only.
    pub is_of_part: bool,
}

/// A change that causes a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerRule {
    /// The order comes to this stage, by the shop or by its shipments.
    Stage(OrderStage),
    /// The shop sets this stage.
    StageByShop(OrderStage),
    /// A shipment comes to one of these statuses, for whichever reason no other type names.
    Status(&'static [ShipmentStatus], StatusCondition),
    /// A shipment comes to its status by one of these reasons.
    Reason(&'static [Reason], StatusCondition),
    /// A shipment is registered, or its number becomes known.
    Registration,
    /// The number or the carrier of a shipment is corrected.
    NumberCorrection,
    /// The carrier reports a delay.
    Delay,
    /// The carrier reports another day.
    EtaRevision,
    /// The expected day has passed.
    EtaMiss,
    /// It follows some days after a notification of this type, at ten in the morning.
    FollowUp(NotificationType, FollowUpDelay),
}

/// How many days after the change a follow-up is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowUpDelay {
    /// As many as the shop sets in `review_after_days`, if it has a page for reviews.
    Review,
    /// Always as many.
    Days(u8),
}

/// What else must hold for a status to trigger a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusCondition {
    /// Nothing.
    None,
    /// The customer was told of a problem, and not yet that it is solved.
    ProblemReported,
    /// It is still on its way to the customer: neither refused nor prohibited by customs.
    BoundForCustomer,
    /// The reason is one for customers, and not for the shop's staff.
    ReportedToCustomer,
    /// No notification about the whole order reports the arrival.
    ArrivesAlone,
}

/// When a notification is sent again for the same shipment or order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    /// Never.
    Once,
    /// Each time that the order comes to the stage again.
    EachTime,
    /// On each new day.
    EachDay,
    /// For each other reason.
    EachReason,
    /// For each change.
    EachChange,
    /// For each other value: number, ETA, delay.
    EachValue,
}

/// To whom a notification goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee {
    /// The customer of the order.
    Customer,
}

/// Which cap counts a message: before the goods are handed over a shop has much to say
/// within a minute, in delivery a message an hour is much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapPhase {
    /// `caps.before_handover_per_minute`.
    BeforeHandover,
    /// `caps.in_delivery_per_hour`.
    InDelivery,
}

/// Whether a notification asks the customer to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionRequest {
    /// No.
    Never,
    /// Yes.
    Always,
    /// If the shipment's reason does.
    ByReason,
}

/// Which shipments besides its own a notification reports: their rows say what a
/// notification of their own would say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// None.
    Own,
    /// Those that were registered in the same write.
    SameWrite,
    /// Those between depots.
    OnTheRoad,
    /// Those that come on the same day.
    SameDay,
    /// Those that wait at the same place.
    SamePlace,
}

/// A part of an order's life; what belongs to a later part mostly makes an earlier
/// notification pointless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chapter {
    /// Before any shipment.
    Beginning,
    /// The payment, which is independent of the rest.
    Payment,
    /// The number is known.
    Sent,
    /// Between depots.
    OnTheRoad,
    /// The expected day.
    Day,
    /// Where the customer gets it, or should have.
    AtTheDoor,
    /// It arrived, or never will.
    End,
    /// After the end.
    Afterwards,
}

/// A later notification that makes an earlier one pointless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Supersession {
    /// Any of this chapter.
    Chapter(Chapter),
    /// Those of this type.
    Type(NotificationType),
}

/// Until when a notification about an order is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderValidity {
    /// It is about one shipment and never about an order.
    Never,
    /// Until the order has come as far as this stage.
    Before(OrderStage),
    /// Until the order has come further than this stage.
    UpTo(OrderStage),
    /// While the order is at this stage.
    At(OrderStage),
    /// While the order is at this stage and the shop has a page for reviews.
    Reviewable(OrderStage),
    /// While it holds for one of the shipments that were registered together.
    AnyShipment,
    /// While the day is over and something is still awaited.
    Overdue,
}

/// Until when a notification about one shipment is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShipmentValidity {
    /// It is about an order and never about one shipment.
    Never,
    /// Until it has moved further than between depots, or its number is another.
    NotYetArriving,
    /// While it has this number and its journey goes on.
    SameNumber,
    /// While it is between depots.
    OnTheRoad,
    /// While it is between depots without a problem for the customer.
    OnTheRoadUntroubled,
    /// While it has this reason.
    Reason(Reason),
    /// While it has the reason that was reported.
    SameReason,
    /// While it has this status.
    Status(ShipmentStatus),
    /// While it has this status since the day that was reported.
    StatusOfDay(ShipmentStatus),
    /// While it is on the vehicle of that day.
    OnTheVehicle,
    /// While the delay has this reason and leads to this day.
    SameDelay,
    /// While it is expected on this day and not called late.
    SameEta,
    /// While this day is over and it is still awaited.
    Overdue,
}

/// The tone of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// In the colour of the order's stage.
    Usual,
    /// It is late.
    Late,
    /// Something is wrong, and the message describes what.
    Trouble,
}

/// What the button of a message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageButton {
    /// It leads to where the shipment is now.
    Track,
    /// There is nothing to track: it leads to the details.
    Details,
}

impl NotificationRow {
    /// What most types have; a row of the table names what differs.
    pub(super) const USUAL: Self = Self {
        description: "",
        triggers: &[],
        repetition: Repetition::Once,
        addressee: Addressee::Customer,
        channels: &[Channel::Email],
        cap: CapPhase::InDelivery,
        urgency: Urgency::Usual,
        priority: 0,
        useful_hours: 24,
        resend_after_hours: 4,
        asks: ActionRequest::Never,
        coverage: Coverage::Own,
        awaits: None,
        chapter: Chapter::OnTheRoad,
        superseded_by: &[],
        outlives: &[],
        order_validity: OrderValidity::Never,
        shipment_validity: ShipmentValidity::Never,
        tone: Tone::Usual,
        button: PageButton::Track,
        is_of_part: false,
    };

    /// For how long after the change it is useful.
    pub const fn useful_for(&self) -> SignedDuration {
        SignedDuration::from_hours(self.useful_hours as i64)
    }

    /// How long an e-mail of unknown fate waits for the provider's event.
    pub const fn resend_after(&self) -> SignedDuration {
        SignedDuration::from_hours(self.resend_after_hours as i64)
    }
}
