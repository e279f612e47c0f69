//! Which of several messages about one change is sent.

use crate::notification_type::NotificationType;

/// The priority of a message: of several messages about one change only the highest is sent.
/// What has ended comes first, then what asks the customer for something, then the
/// day, then the way, then what the shop does before.
pub const fn notification_priority(notification_type: NotificationType) -> u8 {
    match notification_type {
        NotificationType::Cancelled => 24,
        NotificationType::Returned => 23,
        NotificationType::Delivered => 22,
        NotificationType::ParcelDelivered => 21,
        NotificationType::Returning => 20,
        NotificationType::Exception => 19,
        NotificationType::CustomsInfoRequired => 18,
        NotificationType::AttemptFailed => 17,
        NotificationType::AvailableForPickup => 16,
        NotificationType::TrackingNumberChanged => 15,
        NotificationType::OutForDelivery => 14,
        NotificationType::Appointment => 13,
        NotificationType::EtaMissed => 12,
        NotificationType::Delayed => 11,
        NotificationType::Shipped => 10,
        NotificationType::BackOnTheWay => 9,
        NotificationType::Forwarded => 8,
        NotificationType::EtaRevised => 7,
        NotificationType::InTransit => 6,
        NotificationType::PartiallyShipped => 5,
        NotificationType::PaymentConfirmed => 4,
        NotificationType::InWarehouse => 3,
        NotificationType::Processing => 2,
        NotificationType::OrderReceived => 1,
        // It is about another day.
        NotificationType::ReviewRequest => 0,
    }
}
