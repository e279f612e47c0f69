//! The table: one row per type of notification.
//!
//! To add a type, add a row here; docs/CONTRIBUTING.md says what goes with it. What a row
//! does not name is as in [`NotificationRow::USUAL`].

use crate::{
    codes,
    notification::DeferralReason,
    pace::Urgency::Urgent,
    stage::OrderStage,
    status::{Reason, ShipmentStatus as S},
};

use super::{
    Channel::{Email, Sms},
    row::{
        ActionRequest,
        CapPhase::BeforeHandover,
        Chapter, Coverage, FollowUpDelay, NotificationRow, OrderValidity as Order,
        PageButton::Details,
        Repetition, ShipmentValidity as Shipment, StatusCondition as If,
        Supersession::{Chapter as All, Type as One},
        Tone, TriggerRule as On,
    },
};

/// Declares the types with their codes, and the row of each.
macro_rules! notification_types {
    ($(
        $(#[doc = $line:literal])+
        $variant:ident = $code:literal { $($column:ident: $value:expr),+ $(,)? }
    )+) => {
        codes! {
            /// A type of notification. Each has a template per channel and locale.
            pub enum NotificationType: "notification type" {
                $( $(#[doc = $line])+ $variant = $code, )+
            }
        }

        impl NotificationType {
            /// Its row of the table.
            pub const fn table_row(self) -> &'static NotificationRow {
                match self {
                    $( Self::$variant => {
                        const ROW: &NotificationRow = &NotificationRow {
                            description: concat!($($line),+),
                            $( $column: $value, )+
                            ..NotificationRow::USUAL
                        };
                        ROW
                    } )+
                }
            }
        }
    };
}

use NotificationType as T;

const BEGINNING: Chapter = Chapter::Beginning;
const SENT: Chapter = Chapter::Sent;
const ON_THE_ROAD: Chapter = Chapter::OnTheRoad;
const DAY: Chapter = Chapter::Day;
const AT_THE_DOOR: Chapter = Chapter::AtTheDoor;
const END: Chapter = Chapter::End;

notification_types! {
    /// The order was received.
    OrderReceived = "order_received" {
        triggers: &[On::StageByShop(OrderStage::New)],
        cap: BeforeHandover,
        priority: 10,
        useful_hours: 48,
        chapter: BEGINNING,
        superseded_by: &[
            One(T::Processing), One(T::InWarehouse), One(T::PartiallyShipped),
            All(SENT), All(DAY), All(ON_THE_ROAD), All(AT_THE_DOOR), All(END),
        ],
        order_validity: Order::Before(OrderStage::InTransit),
    }

    /// The order is being packed.
    Processing = "processing" {
        triggers: &[On::StageByShop(OrderStage::Processing)],
        cap: BeforeHandover,
        priority: 20,
        chapter: BEGINNING,
        superseded_by: &[
            One(T::InWarehouse), One(T::PartiallyShipped),
            All(SENT), All(DAY), All(ON_THE_ROAD), All(AT_THE_DOOR), All(END),
        ],
        order_validity: Order::UpTo(OrderStage::PaymentConfirmed),
    }

    /// The order is paid.
    PaymentConfirmed = "payment_confirmed" {
        triggers: &[On::StageByShop(OrderStage::PaymentConfirmed)],
        channels: &[Email, Sms],
        cap: BeforeHandover,
        priority: 40,
        chapter: Chapter::Payment,
        superseded_by: &[One(T::Cancelled), One(T::Returned)],
        order_validity: Order::Before(OrderStage::InTransit),
    }

    /// The order is ready to leave the warehouse.
    InWarehouse = "in_warehouse" {
        triggers: &[On::StageByShop(OrderStage::InWarehouse)],
        channels: &[],
        cap: BeforeHandover,
        priority: 30,
        chapter: BEGINNING,
        superseded_by: &[
            One(T::PartiallyShipped),
            All(SENT), All(DAY), All(ON_THE_ROAD), All(AT_THE_DOOR), All(END),
        ],
        order_validity: Order::UpTo(OrderStage::InWarehouse),
    }

    /// The order has a shipment with a number.
    Shipped = "shipped" {
        triggers: &[On::Registration],
        channels: &[Email, Sms],
        priority: 100,
        useful_hours: 72,
        resend_after_hours: 8,
        coverage: Coverage::SameWrite,
        chapter: SENT,
        superseded_by: &[
            One(T::TrackingNumberChanged), All(ON_THE_ROAD), All(AT_THE_DOOR), All(END),
        ],
        order_validity: Order::AnyShipment,
        shipment_validity: Shipment::NotYetArriving,
    }

    /// Part of the order is on its way, the rest follows.
    PartiallyShipped = "partially_shipped" {
        triggers: &[On::Stage(OrderStage::PartiallyShipped)],
        channels: &[],
        priority: 50,
        useful_hours: 72,
        resend_after_hours: 8,
        chapter: BEGINNING,
        superseded_by: &[All(SENT), All(ON_THE_ROAD), All(AT_THE_DOOR), All(END)],
        order_validity: Order::At(OrderStage::PartiallyShipped),
        is_of_part: true,
    }

    /// The tracking number was corrected.
    TrackingNumberChanged = "tracking_number_changed" {
        triggers: &[On::NumberCorrection],
        repetition: Repetition::EachValue,
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 150,
        useful_hours: 72,
        resend_after_hours: 1,
        chapter: SENT,
        superseded_by: &[One(T::TrackingNumberChanged), All(END)],
        shipment_validity: Shipment::SameNumber,
    }

    /// The shipment moves for the first time.
    InTransit = "in_transit" {
        triggers: &[On::Status(&[S::PickedUp, S::InTransit, S::Customs], If::BoundForCustomer)],
        channels: &[],
        priority: 60,
        useful_hours: 48,
        coverage: Coverage::OnTheRoad,
        superseded_by: &[
            One(T::BackOnTheWay), One(T::Forwarded), One(T::CustomsInfoRequired),
            All(AT_THE_DOOR), All(END),
        ],
        shipment_validity: Shipment::OnTheRoadUntroubled,
    }

    /// A problem is solved, and the shipment moves again.
    BackOnTheWay = "back_on_the_way" {
        triggers: &[On::Reason(&[Reason::Resolved], If::ProblemReported)],
        repetition: Repetition::EachChange,
        priority: 90,
        superseded_by: &[
            One(T::BackOnTheWay), One(T::CustomsInfoRequired), All(AT_THE_DOOR), All(END),
        ],
        shipment_validity: Shipment::OnTheRoad,
    }

    /// The shipment goes to another address.
    Forwarded = "forwarded" {
        triggers: &[On::Reason(&[Reason::Forwarded], If::None)],
        priority: 80,
        useful_hours: 48,
        superseded_by: &[All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::OnTheRoad,
    }

    /// Customs need something from the customer.
    CustomsInfoRequired = "customs_info_required" {
        triggers: &[On::Reason(&[Reason::CustomsInfoRequired], If::None)],
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 180,
        useful_hours: 72,
        resend_after_hours: 1,
        asks: ActionRequest::Always,
        superseded_by: &[
            One(T::InTransit), One(T::BackOnTheWay), All(AT_THE_DOOR), All(END),
        ],
        shipment_validity: Shipment::Reason(Reason::CustomsInfoRequired),
        tone: Tone::Trouble,
        button: Details,
    }

    /// The shipment arrives today.
    OutForDelivery = "out_for_delivery" {
        // That the recipient was contacted says of no day.
        triggers: &[On::Reason(&[Reason::Today], If::None)],
        repetition: Repetition::EachDay,
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 140,
        resend_after_hours: 1,
        coverage: Coverage::SameDay,
        chapter: AT_THE_DOOR,
        superseded_by: &[One(T::BackOnTheWay), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::OnTheVehicle,
    }

    /// A delivery time is agreed.
    Appointment = "appointment" {
        triggers: &[On::Reason(&[Reason::Appointment], If::None)],
        repetition: Repetition::EachDay,
        priority: 130,
        resend_after_hours: 1,
        chapter: AT_THE_DOOR,
        superseded_by: &[One(T::BackOnTheWay), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::Reason(Reason::Appointment),
    }

    /// The shipment waits to be collected.
    AvailableForPickup = "available_for_pickup" {
        triggers: &[On::Status(&[S::AvailableForPickup], If::None)],
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 160,
        useful_hours: 72,
        resend_after_hours: 1,
        asks: ActionRequest::Always,
        coverage: Coverage::SamePlace,
        chapter: AT_THE_DOOR,
        superseded_by: &[One(T::BackOnTheWay), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::Status(S::AvailableForPickup),
    }

    /// The carrier could not deliver the shipment.
    AttemptFailed = "attempt_failed" {
        triggers: &[On::Status(&[S::AttemptFailed], If::None)],
        repetition: Repetition::EachDay,
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 170,
        useful_hours: 48,
        resend_after_hours: 1,
        asks: ActionRequest::Always,
        chapter: AT_THE_DOOR,
        superseded_by: &[One(T::BackOnTheWay), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::StatusOfDay(S::AttemptFailed),
        tone: Tone::Trouble,
    }

    /// Something went wrong with the shipment.
    Exception = "exception" {
        triggers: &[On::Status(&[S::Exception], If::ReportedToCustomer)],
        repetition: Repetition::EachReason,
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 190,
        useful_hours: 72,
        resend_after_hours: 1,
        asks: ActionRequest::ByReason,
        chapter: AT_THE_DOOR,
        superseded_by: &[All(ON_THE_ROAD), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::SameReason,
        tone: Tone::Trouble,
        button: Details,
    }

    /// The shipment will be late.
    Delayed = "delayed" {
        triggers: &[On::Delay],
        repetition: Repetition::EachValue,
        channels: &[Email, Sms],
        urgency: Urgent,
        priority: 110,
        resend_after_hours: 1,
        chapter: DAY,
        superseded_by: &[All(DAY), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::SameDelay,
        tone: Tone::Late,
    }

    /// The shipment arrives on another day.
    EtaRevised = "eta_revised" {
        triggers: &[On::EtaRevision],
        repetition: Repetition::EachValue,
        priority: 70,
        useful_hours: 12,
        resend_after_hours: 1,
        chapter: DAY,
        superseded_by: &[All(DAY), All(AT_THE_DOOR), All(END)],
        shipment_validity: Shipment::SameEta,
    }

    /// The shipment, or the order, did not arrive on the expected day.
    EtaMissed = "eta_missed" {
        triggers: &[On::EtaMiss],
        repetition: Repetition::EachValue,
        priority: 120,
        resend_after_hours: 1,
        awaits: Some(DeferralReason::ExpectedDay),
        chapter: DAY,
        superseded_by: &[All(DAY), All(AT_THE_DOOR), All(END)],
        order_validity: Order::Overdue,
        shipment_validity: Shipment::Overdue,
        tone: Tone::Late,
    }

    /// Part of the order has arrived, and the rest was not sent yet; also, where the shop
    /// asks for it, each shipment of several.
    ParcelDelivered = "parcel_delivered" {
        triggers: &[On::Status(&[S::Delivered], If::ArrivesAlone)],
        priority: 210,
        useful_hours: 72,
        chapter: END,
        superseded_by: &[One(T::Delivered), One(T::Returning), One(T::Returned)],
        shipment_validity: Shipment::Status(S::Delivered),
        button: Details,
        is_of_part: true,
    }

    /// All of the order has arrived.
    Delivered = "delivered" {
        triggers: &[On::Stage(OrderStage::Delivered)],
        repetition: Repetition::EachTime,
        urgency: Urgent,
        priority: 220,
        useful_hours: 72,
        chapter: END,
        superseded_by: &[One(T::Returning), One(T::Returned)],
        outlives: &[OrderStage::Delivered],
        order_validity: Order::At(OrderStage::Delivered),
        button: Details,
    }

    /// Some days after delivery: a request for a review.
    ReviewRequest = "review_request" {
        triggers: &[On::FollowUp(T::Delivered, FollowUpDelay::Review)],
        repetition: Repetition::EachTime,
        // It is about another day, so that nothing outranks it and it outranks nothing.
        priority: 0,
        useful_hours: 168,
        resend_after_hours: 24,
        awaits: Some(DeferralReason::PlannedDay),
        chapter: Chapter::Afterwards,
        superseded_by: &[One(T::Returning), One(T::Returned), One(T::Cancelled)],
        outlives: &[OrderStage::Delivered],
        order_validity: Order::Reviewable(OrderStage::Delivered),
        button: Details,
    }

    /// The goods are on their way back to the shop.
    Returning = "returning" {
        triggers: &[
            On::StageByShop(OrderStage::Returning), On::Status(&[S::Returning], If::None),
        ],
        priority: 200,
        useful_hours: 72,
        resend_after_hours: 8,
        chapter: END,
        superseded_by: &[One(T::Returned)],
        outlives: &[OrderStage::Delivered, OrderStage::Returning, OrderStage::Returned],
        order_validity: Order::At(OrderStage::Returning),
        shipment_validity: Shipment::Status(S::Returning),
        button: Details,
    }

    /// The goods are back at the shop.
    Returned = "returned" {
        triggers: &[
            On::StageByShop(OrderStage::Returned), On::Status(&[S::Returned], If::None),
        ],
        priority: 230,
        useful_hours: 168,
        resend_after_hours: 8,
        chapter: END,
        outlives: &[
            OrderStage::Delivered, OrderStage::Cancelled,
            OrderStage::Returning, OrderStage::Returned,
        ],
        order_validity: Order::At(OrderStage::Returned),
        shipment_validity: Shipment::Status(S::Returned),
        button: Details,
    }

    /// The order will not be sent.
    Cancelled = "cancelled" {
        triggers: &[On::StageByShop(OrderStage::Cancelled)],
        cap: BeforeHandover,
        urgency: Urgent,
        priority: 240,
        useful_hours: 168,
        chapter: END,
        outlives: &[OrderStage::Cancelled],
        order_validity: Order::At(OrderStage::Cancelled),
        button: Details,
    }
}
