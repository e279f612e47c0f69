//! Where an order stands, from the shop's and the customer's view.

use crate::codes;

codes! {
    /// Where an order stands: moved by the shop, or derived from its shipments.
    pub enum OrderStage: "order stage" {
        /// Just placed.
        New = "new",
        /// Being picked and packed.
        Processing = "processing",
        /// Paid; may come before or after `processing`.
        PaymentConfirmed = "payment_confirmed",
        /// Ready to leave the warehouse.
        InWarehouse = "in_warehouse",
        /// A shipment is with the carrier.
        HandedToCarrier = "handed_to_carrier",
        /// Some items are, some are not.
        PartiallyShipped = "partially_shipped",
        /// On its way.
        InTransit = "in_transit",
        /// On the vehicle.
        OutForDelivery = "out_for_delivery",
        /// Waiting to be collected.
        AvailableForPickup = "available_for_pickup",
        /// Some shipments have arrived, some have not.
        PartiallyDelivered = "partially_delivered",
        /// All of it has arrived.
        Delivered = "delivered",
        /// Will not be sent.
        Cancelled = "cancelled",
        /// Coming back.
        Returning = "returning",
        /// Back at the shop.
        Returned = "returned",
    }
}

codes! {
    /// The colour of a stage on the page.
    pub enum StageColour: "colour" {
        /// New.
        Grey = "grey",
        /// In the shop's hands.
        Blue = "blue",
        /// In the carrier's hands.
        Green = "green",
        /// Waiting for the customer.
        Orange = "orange",
        /// Arrived.
        Teal = "teal",
        /// Cancelled.
        DarkGrey = "dark_grey",
        /// Going back.
        Purple = "purple",
    }
}

impl OrderStage {
    /// The step on a progress bar of seven; none where the order left the line.
    pub const fn progress_step(self) -> Option<u8> {
        match self {
            Self::New => Some(1),
            Self::Processing | Self::PaymentConfirmed => Some(2),
            Self::InWarehouse => Some(3),
            Self::HandedToCarrier | Self::PartiallyShipped => Some(4),
            Self::InTransit => Some(5),
            Self::OutForDelivery | Self::AvailableForPickup | Self::PartiallyDelivered => Some(6),
            Self::Delivered => Some(7),
            Self::Cancelled | Self::Returning | Self::Returned => None,
        }
    }

    /// How far along the line it is; an order does not go back to a lower
    /// level. Stages that left the line stand above it.
    pub const fn progress_level(self) -> u8 {
        match self {
            Self::New => 1,
            Self::Processing | Self::PaymentConfirmed => 2,
            Self::InWarehouse => 3,
            Self::HandedToCarrier | Self::PartiallyShipped => 4,
            Self::InTransit => 5,
            Self::OutForDelivery | Self::AvailableForPickup => 6,
            Self::PartiallyDelivered => 7,
            Self::Delivered => 8,
            Self::Cancelled | Self::Returning | Self::Returned => 9,
        }
    }

    /// Whether a carrier has it, or had.
    pub const fn is_shipped(self) -> bool {
        matches!(self.progress_level(), 4..=8) || matches!(self, Self::Returning | Self::Returned)
    }

    /// The colour on the page.
    pub const fn stage_colour(self) -> StageColour {
        match self {
            Self::New => StageColour::Grey,
            Self::Processing | Self::PaymentConfirmed | Self::InWarehouse => StageColour::Blue,
            Self::HandedToCarrier
            | Self::PartiallyShipped
            | Self::InTransit
            | Self::OutForDelivery => StageColour::Green,
            Self::AvailableForPickup => StageColour::Orange,
            Self::PartiallyDelivered | Self::Delivered => StageColour::Teal,
            Self::Cancelled => StageColour::DarkGrey,
            Self::Returning | Self::Returned => StageColour::Purple,
        }
    }

    /// Whether a shop or ERP may set it; the others follow from the shipments.
    pub const fn is_set_by_shop(self) -> bool {
        matches!(
            self,
            Self::New
                | Self::Processing
                | Self::PaymentConfirmed
                | Self::InWarehouse
                | Self::Cancelled
                | Self::Returning
                | Self::Returned
                | Self::Delivered
        )
    }

    /// Whether the order is over.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled | Self::Returned)
    }
}

codes! {
    /// Who moved an order to its stage.
    pub enum StageSource: "source of a stage" {
        /// The shop, its ERP or its storefront.
        Shop = "shop",
        /// Its shipments.
        Shipments = "shipments",
    }
}
