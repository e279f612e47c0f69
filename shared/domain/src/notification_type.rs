//! The types of notification, one row of a table each, and the channels that carry them.
//!
//! [`table`] has the rows, [`row`] says what its columns mean. All rules about a message
//! read its row; no other file lists the types.

mod row;
mod table;

pub use row::{
    ActionRequest, Addressee, CapPhase, Chapter, Coverage, FollowUpDelay, NotificationRow,
    OrderValidity, PageButton, Repetition, ShipmentValidity, StatusCondition, Supersession, Tone,
    TriggerRule,
};
pub use table::NotificationType;

use crate::{
    codes,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

codes! {
    /// A way to reach a customer.
    pub enum Channel: "channel" {
        /// E-mail through SES.
        Email = "email",
        /// Text message through SNS.
        Sms = "sms",
    }
}

impl NotificationType {
    /// Returns the types with a trigger that `fits`, in the order of the table.
    pub fn find_triggered(
        fits: impl Fn(&TriggerRule) -> bool,
    ) -> impl Iterator<Item = NotificationType> {
        let mut types = Self::ALL.iter().copied();
        std::iter::from_fn(move || types.find(|one| one.table_row().triggers.iter().any(&fits)))
    }

    /// Whether a notification of this type is pointless once the customer was sent one of
    /// type `later`, which reports a later change.
    pub fn is_superseded_by(self, later: Self) -> bool {
        let row = self.table_row();
        row.superseded_by.iter().any(|by| match by {
            Supersession::Chapter(chapter) => later.table_row().chapter == *chapter,
            Supersession::Type(one) => *one == later,
        })
    }

    /// The stage whose arrival triggers it: the shop's comment on that stage belongs to it.
    pub fn order_stage(self) -> Option<OrderStage> {
        let mut triggers = self.table_row().triggers.iter();
        triggers.find_map(|trigger| match trigger {
            TriggerRule::Stage(stage) | TriggerRule::StageByShop(stage) => Some(*stage),
            _ => None,
        })
    }

    /// Returns the reason that it reports of a shipment: `current`, if that triggers it, or
    /// else the first one that does.
    pub fn reported_reason(self, current: Option<Reason>) -> Option<Reason> {
        let triggers = self.table_row().triggers;
        let reports = |reason: &Reason| triggers.iter().any(|trigger| trigger.has_reason(*reason));
        let mut all = Reason::ALL.iter().copied();
        current.filter(reports).or_else(|| all.find(reports))
    }

    /// Whether it reports that the goods go back to the shop.
    pub fn is_about_return(self) -> bool {
        let mut triggers = self.table_row().triggers.iter();
        triggers.any(|trigger| match trigger {
            TriggerRule::Status(statuses, _) => statuses.iter().any(|one| one.is_backward()),
            _ => false,
        })
    }

    /// What it reports, as a sentence.
    pub const fn describe_type(self) -> &'static str {
        self.table_row().description.trim_ascii()
    }
}

impl TriggerRule {
    /// Whether a shipment that comes to its status by `reason` may trigger it.
    pub fn has_reason(&self, reason: Reason) -> bool {
        let status: ShipmentStatus = reason.to_status();
        match self {
            Self::Status(statuses, _) => statuses.contains(&status),
            Self::Reason(reasons, _) => reasons.contains(&reason),
            _ => false,
        }
    }
}
