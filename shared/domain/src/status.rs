//! Where a shipment stands: fourteen statuses, each with a reason.

use crate::codes;

codes! {
    /// Where one shipment stands, in the vocabulary that all carriers map onto.
    pub enum ShipmentStatus: "shipment status" {
        /// We know the number, the carrier does not yet.
        Pending = "pending",
        /// The carrier has the label's data but not the shipment.
        InfoReceived = "info_received",
        /// The carrier has the shipment.
        PickedUp = "picked_up",
        /// On its way between depots.
        InTransit = "in_transit",
        /// In the hands of customs.
        Customs = "customs",
        /// On the vehicle that delivers it.
        OutForDelivery = "out_for_delivery",
        /// Waiting at a shop, locker or post office.
        AvailableForPickup = "available_for_pickup",
        /// Delivery was tried and failed.
        AttemptFailed = "attempt_failed",
        /// Something went wrong that does not resolve itself.
        Exception = "exception",
        /// On its way back to the sender.
        Returning = "returning",
        /// Back at the sender.
        Returned = "returned",
        /// With the recipient.
        Delivered = "delivered",
        /// Will not be sent.
        Cancelled = "cancelled",
        /// Silent for so long that we no longer ask; any news reopens it.
        Expired = "expired",
    }
}

impl ShipmentStatus {
    /// How far along the shipment is; a late scan of a lower rank does not move it back.
    pub const fn progress_rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::InfoReceived => 1,
            Self::PickedUp => 2,
            Self::InTransit | Self::Customs => 3,
            Self::Exception => 4,
            Self::OutForDelivery | Self::AvailableForPickup | Self::AttemptFailed => 5,
            Self::Returning => 6,
            Self::Returned => 7,
            Self::Delivered | Self::Cancelled | Self::Expired => 8,
        }
    }

    /// Whether it goes, or went, back to the sender.
    pub const fn is_backward(self) -> bool {
        matches!(self, Self::Returning | Self::Returned)
    }

    /// Whether the journey is over, as far as we can know.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Returned | Self::Delivered | Self::Cancelled | Self::Expired
        )
    }
}

codes! {
    /// Why a shipment has its status: `status.reason`, one code for each thing that carriers tell.
    pub enum Reason: "status reason" {
        /// The carrier knows nothing yet.
        NoInfo = "pending.no_info",
        /// The carrier rejects the number.
        InvalidNumber = "pending.invalid_number",
        /// The carrier has the label's data.
        Label = "info_received.label",
        /// Acceptance scan.
        Accepted = "picked_up.accepted",
        /// On the way.
        Moving = "in_transit.moving",
        /// Arrived at a depot.
        ArrivalScan = "in_transit.arrival_scan",
        /// Left a depot.
        DepartureScan = "in_transit.departure_scan",
        /// Left the country of origin.
        DepartedOrigin = "in_transit.departed_origin",
        /// In the country of destination.
        ArrivedDestination = "in_transit.arrived_destination",
        /// A problem is solved.
        Resolved = "in_transit.resolved",
        /// Redirected to another address.
        Forwarded = "in_transit.forwarded",
        /// Clearance has begun.
        CustomsProcessing = "customs.processing",
        /// Clearance is done.
        CustomsReleased = "customs.released",
        /// Customs miss documents.
        CustomsInfoRequired = "customs.info_required",
        /// Customs do not let it in.
        CustomsProhibited = "customs.prohibited",
        /// On the vehicle today.
        Today = "out_for_delivery.today",
        /// The recipient was contacted.
        Contacted = "out_for_delivery.contacted",
        /// A slot is fixed.
        Appointment = "out_for_delivery.appointment",
        /// Ready at the pick-up point.
        Ready = "available_for_pickup.ready",
        /// The attempt failed, no reason given.
        AttemptGeneric = "attempt_failed.generic",
        /// The recipient was not in.
        NotHome = "attempt_failed.not_home",
        /// The business was closed.
        Closed = "attempt_failed.closed",
        /// No access, no safe place, or the identity check failed.
        Access = "attempt_failed.access",
        /// Delivered.
        DeliveredGeneric = "delivered.generic",
        /// Collected by the customer.
        Collected = "delivered.picked_up",
        /// Signed for.
        Signed = "delivered.signed",
        /// Paid on delivery.
        CashOnDelivery = "delivered.cod",
        /// Left with another person.
        Neighbor = "delivered.neighbor",
        /// Something is wrong, not said what.
        ExceptionGeneric = "exception.generic",
        /// The recipient has moved.
        Moved = "exception.moved",
        /// The recipient refused it.
        Refused = "exception.refused",
        /// Held until duties or cash are paid.
        PaymentDue = "exception.payment_due",
        /// The address is wrong.
        BadAddress = "exception.bad_address",
        /// Not collected in time, or the recipient cannot be reached.
        Unclaimed = "exception.unclaimed",
        /// It breaks the carrier's rules or its data is wrong.
        RejectedByCarrier = "exception.rejected_by_carrier",
        /// Held by security or an authority.
        Security = "exception.security",
        /// Damaged.
        Damaged = "exception.damaged",
        /// Lost.
        Lost = "exception.lost",
        /// Destroyed or discarded.
        Disposed = "exception.disposed",
        /// Going back to the sender.
        ToSender = "returning.to_sender",
        /// The sender has it.
        Received = "returned.received",
        /// The label was voided.
        Voided = "cancelled.voided",
        /// No news for too long.
        Silent = "expired.silent",
    }
}

impl Reason {
    /// The reason that says no more than `status` does: the first declared.
    pub fn least_of(status: ShipmentStatus) -> Self {
        let mut reasons = Self::ALL.iter().copied();
        reasons
            .find(|reason| reason.to_status() == status)
            .expect("a test finds a reason of each status")
    }

    /// Whether it only says that the shipment moves from depot to depot.
    pub const fn is_plain_movement(self) -> bool {
        matches!(
            self,
            Self::Moving
                | Self::ArrivalScan
                | Self::DepartureScan
                | Self::DepartedOrigin
                | Self::ArrivedDestination
        )
    }

    /// The status of which this is a reason: the part before the dot.
    pub const fn to_status(self) -> ShipmentStatus {
        match self {
            Self::NoInfo | Self::InvalidNumber => ShipmentStatus::Pending,
            Self::Label => ShipmentStatus::InfoReceived,
            Self::Accepted => ShipmentStatus::PickedUp,
            Self::Moving
            | Self::ArrivalScan
            | Self::DepartureScan
            | Self::DepartedOrigin
            | Self::ArrivedDestination
            | Self::Resolved
            | Self::Forwarded => ShipmentStatus::InTransit,
            Self::CustomsProcessing
            | Self::CustomsReleased
            | Self::CustomsInfoRequired
            | Self::CustomsProhibited => ShipmentStatus::Customs,
            Self::Today | Self::Contacted | Self::Appointment => ShipmentStatus::OutForDelivery,
            Self::Ready => ShipmentStatus::AvailableForPickup,
            Self::AttemptGeneric | Self::NotHome | Self::Closed | Self::Access => {
                ShipmentStatus::AttemptFailed
            }
            Self::DeliveredGeneric
            | Self::Collected
            | Self::Signed
            | Self::CashOnDelivery
            | Self::Neighbor => ShipmentStatus::Delivered,
            Self::ExceptionGeneric
            | Self::Moved
            | Self::Refused
            | Self::PaymentDue
            | Self::BadAddress
            | Self::Unclaimed
            | Self::RejectedByCarrier
            | Self::Security
            | Self::Damaged
            | Self::Lost
            | Self::Disposed => ShipmentStatus::Exception,
            Self::ToSender => ShipmentStatus::Returning,
            Self::Received => ShipmentStatus::Returned,
            Self::Voided => ShipmentStatus::Cancelled,
            Self::Silent => ShipmentStatus::Expired,
        }
    }
}

codes! {
    /// Why a shipment is late: an overlay, never a status.
    pub enum DelayReason: "delay reason" {
        /// Clearance takes longer.
        Customs = "delayed.customs",
        /// An unforeseen event.
        External = "delayed.external",
        /// Sorting, vehicle, misroute, capacity.
        Carrier = "delayed.carrier",
        /// Storm, snow, flood.
        Weather = "delayed.weather",
        /// A late flight.
        Flight = "delayed.flight",
    }
}

codes! {
    /// Who has to act before a shipment moves on.
    pub enum Actor: "actor" {
        /// The recipient.
        Customer = "customer",
        /// The shop.
        Staff = "staff",
    }
}

impl Reason {
    /// Who must act, if a person must.
    pub const fn action_required(self) -> Option<Actor> {
        match self {
            Self::CustomsInfoRequired
            | Self::Ready
            | Self::NotHome
            | Self::Closed
            | Self::Access
            | Self::Moved
            | Self::PaymentDue
            | Self::BadAddress
            | Self::Unclaimed => Some(Actor::Customer),
            Self::InvalidNumber
            | Self::CustomsProhibited
            | Self::RejectedByCarrier
            | Self::Security
            | Self::Damaged
            | Self::Lost
            | Self::Disposed
            | Self::Silent => Some(Actor::Staff),
            _ => None,
        }
    }
}

impl Reason {
    /// Whether this is a problem of which the customer is told; the others
    /// concern the shop's staff only.
    pub const fn is_told_to_customer(self) -> bool {
        match self.to_status() {
            ShipmentStatus::AttemptFailed => true,
            ShipmentStatus::Exception => !matches!(
                self,
                Self::Refused | Self::RejectedByCarrier | Self::Security
            ),
            _ => matches!(self, Self::CustomsInfoRequired),
        }
    }
}
