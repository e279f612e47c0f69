//! Which of several messages about one change is sent.

use crate::moment::Moment;

/// How much a message weighs: one change is told in one message, the weightiest.
/// What has ended comes first, then what asks the customer for something, then the
/// day, then the way, then what the shop does before.
pub const fn of(moment: Moment) -> u8 {
    match moment {
        Moment::Cancelled => 24,
        Moment::Returned => 23,
        Moment::Delivered => 22,
        Moment::ParcelDelivered => 21,
        Moment::Returning => 20,
        Moment::Exception => 19,
        Moment::CustomsInfoRequired => 18,
        Moment::AttemptFailed => 17,
        Moment::AvailableForPickup => 16,
        Moment::TrackingNumberChanged => 15,
        Moment::OutForDelivery => 14,
        Moment::Appointment => 13,
        Moment::EtaMissed => 12,
        Moment::Delayed => 11,
        Moment::Shipped => 10,
        Moment::BackOnTheWay => 9,
        Moment::Forwarded => 8,
        Moment::EtaRevised => 7,
        Moment::InTransit => 6,
        Moment::PartiallyShipped => 5,
        Moment::PaymentConfirmed => 4,
        Moment::InWarehouse => 3,
        Moment::Processing => 2,
        Moment::OrderReceived => 1,
        // It is about another day.
        Moment::ReviewRequest => 0,
    }
}
