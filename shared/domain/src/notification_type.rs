//! The moments at which a customer may hear from the shop.

use crate::codes;

codes! {
    /// A moment in the life of an order that is worth a message. Each has a
    /// template per channel and locale.
    pub enum NotificationType: "moment" {
        /// The order is in.
        OrderReceived = "order_received",
        /// It is being packed.
        Processing = "processing",
        /// It is paid.
        PaymentConfirmed = "payment_confirmed",
        /// It is ready to leave.
        InWarehouse = "in_warehouse",
        /// It has a parcel with a number.
        Shipped = "shipped",
        /// Some of it is on its way, the rest follows.
        PartiallyShipped = "partially_shipped",
        /// The number was corrected.
        TrackingNumberChanged = "tracking_number_changed",
        /// First movement.
        InTransit = "in_transit",
        /// A problem is solved and it moves again.
        BackOnTheWay = "back_on_the_way",
        /// It goes to another address.
        Forwarded = "forwarded",
        /// Customs need something from the customer.
        CustomsInfoRequired = "customs_info_required",
        /// It comes today.
        OutForDelivery = "out_for_delivery",
        /// A slot is fixed.
        Appointment = "appointment",
        /// It waits to be collected.
        AvailableForPickup = "available_for_pickup",
        /// The delivery was tried and failed.
        AttemptFailed = "attempt_failed",
        /// Something went wrong.
        Exception = "exception",
        /// It will be late.
        Delayed = "delayed",
        /// It comes on another day.
        EtaRevised = "eta_revised",
        /// It did not come on the day.
        EtaMissed = "eta_missed",
        /// A part has arrived, and the rest was not sent yet; also, where the shop
        /// asks for it, each parcel of several.
        ParcelDelivered = "parcel_delivered",
        /// All of it has arrived.
        Delivered = "delivered",
        /// Some days later: how was it?
        ReviewRequest = "review_request",
        /// It is going back.
        Returning = "returning",
        /// It is back at the shop.
        Returned = "returned",
        /// It will not be sent.
        Cancelled = "cancelled",
    }
}

codes! {
    /// A way to reach a customer.
    pub enum Channel: "channel" {
        /// E-mail through SES.
        Email = "email",
        /// Text message through SNS.
        Sms = "sms",
    }
}
