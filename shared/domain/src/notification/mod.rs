//! One message to one recipient, from the decision to its fate.
//!
//! SES and SNS take no idempotency token, so a lost answer and a retry would
//! send twice. The states here, with the claim in between, are what prevents
//! it (docs/adr/0003-exactly-once.md).
//!
//! Everything here decides and does nothing: each step takes the notification as it
//! was read and gives the notification to write, on condition that its
//! [`Notification::revision`] has not moved meanwhile.

mod basis;
mod claim;
mod refusal;
mod settle;
mod state;

pub use basis::NotificationBasis;

use crate::{
    codes,
    id::{OrderKey, ShipmentIndex},
    notification_type::{Channel, NotificationType},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Which message this is: a hash of what caused it and whom it goes to, so a
/// retry finds it again. 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NotificationId(pub String);

impl std::fmt::Display for NotificationId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A moment of an order or shipment, told apart from the same moment another time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NotificationTrigger {
    /// What kind of moment.
    pub notification_type: NotificationType,
    /// Which shipment; none if about the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<ShipmentIndex>,
    /// Tells repetitions apart that shall be told again: the new number, the
    /// new ETA, the day of the attempt. Empty for what is told once.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub repeat: String,
}

impl NotificationId {
    /// The id of the message about `occasion` to `recipient` on `channel`, of the order
    /// that was created at `created_at`: an order that was erased and is posted again
    /// under the same id is another, whose customer has heard nothing yet.
    pub fn derive_id(
        order: &OrderKey,
        created_at: Timestamp,
        occasion: &NotificationTrigger,
        channel: Channel,
        recipient: &str,
    ) -> Self {
        let shipment = occasion.shipment.map_or(0, |shipment| shipment.0);
        let identity = format!(
            "{order}\n{created_at}\n{shipment}\n{}\n{}\n{channel}\n{recipient}",
            occasion.notification_type, occasion.repeat
        );
        Self(hex::encode(&Sha256::digest(identity)[..16]))
    }
}

codes! {
    /// Why a message was not sent on purpose.
    pub enum SuppressionReason: "suppression" {
        /// The shop has this moment switched off for this channel.
        SwitchedOff = "switched_off",
        /// The address that was given is none that a message can be sent to.
        NoUsableAddress = "no_usable_address",
        /// The customer has not agreed to this channel.
        NoConsent = "no_consent",
        /// The telephone number is none to which texts go.
        TakesNoTexts = "takes_no_texts",
        /// The address bounced, complained or opted out.
        AddressSuppressed = "address_suppressed",
        /// A later state has overtaken it.
        Overtaken = "overtaken",
        /// Another message tells it as well.
        Merged = "merged",
        /// It would have come too late to be of use.
        TooLate = "too_late",
        /// The customer got enough messages in this hour.
        Cap = "cap",
        /// The customer has answered a text with STOP.
        Stop = "stop",
        /// The address was corrected; the message went to the new one.
        AddressChanged = "address_changed",
        /// The shop has sent as many texts as it may on a day.
        TextLimit = "text_limit",
        /// All shops together have sent as many texts as the account may on a day.
        AccountTextLimit = "account_text_limit",
        /// The number is of a country to which the shop sends no texts.
        TextCountry = "text_country",
    }
}

codes! {
    /// Why a message waits.
    pub enum DeferralReason: "deferral" {
        /// At this hour no text message is sent to the recipient.
        QuietHours = "quiet_hours",
        /// The customer got enough messages in this minute or hour.
        Cap = "cap",
        /// The customer got another message about the order a moment ago, or a
        /// weightier one about the same event is being sent.
        Spacing = "spacing",
        /// It is meant for a day that lies ahead.
        PlannedDay = "planned_day",
        /// The day on which it is expected is not over.
        ExpectedDay = "expected_day",
        /// The number of a shipment without one may follow soon.
        TrackingNumber = "tracking_number",
        /// The provider did not take it, or never said that it did.
        Provider = "provider",
    }
}

/// Where a message stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum NotificationState {
    /// Not now: quiet hours, a cap, a moment that lies ahead, or a provider that
    /// did not take it.
    Deferred {
        /// When it is due.
        until: Timestamp,
        /// Why it waits.
        reason: DeferralReason,
    },
    /// A worker has it.
    Claimed {
        /// The worker's random token: it knows its own claim again by it.
        token: String,
        /// Until when no other worker may take it.
        lease_until: Timestamp,
    },
    /// The provider took it.
    Sent {
        /// The provider's message id; empty if we only know from its event.
        provider_id: String,
        /// When.
        at: Timestamp,
    },
    /// It may or may not have been sent. Never sent again at once.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// Not sent, on purpose.
    Suppressed {
        /// Why.
        reason: SuppressionReason,
        /// When.
        at: Timestamp,
    },
    /// Not sent: certainly not accepted, and no more tries. Or taken by the
    /// provider and not delivered, as it has told since.
    Failed {
        /// In the provider's words, without the address.
        reason: String,
        /// When.
        at: Timestamp,
        /// Whether the provider had taken it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        was_taken: bool,
    },
    /// Reached the recipient's server or handset.
    Delivered {
        /// When.
        at: Timestamp,
    },
    /// Came back.
    Bounced {
        /// Whether for good.
        is_permanent: bool,
        /// When.
        at: Timestamp,
    },
    /// The recipient called it spam.
    Complained {
        /// When.
        at: Timestamp,
    },
}

/// A message in the ledger: what was decided, why, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whose order.
    #[serde(flatten)]
    pub order: OrderKey,
    /// About what.
    #[serde(flatten)]
    pub trigger: NotificationTrigger,
    /// By which channel.
    pub channel: Channel,
    /// To whom, masked.
    pub recipient: String,
    /// Id of the fact that caused it.
    pub fact: String,
    /// What it says, as far as others have to know it.
    #[serde(flatten, default)]
    pub basis: NotificationBasis,
    /// Where it stands.
    #[serde(flatten)]
    pub state: NotificationState,
    /// How often it was tried.
    pub attempts: u32,
    /// How many of these tries were certainly not accepted and may be later.
    #[serde(default, skip_serializing_if = "is_none")]
    pub refusals: u32,
    /// After this it is of no use to the recipient.
    pub useful_until: Timestamp,
    /// When it was decided on.
    pub created_at: Timestamp,
    /// Every state it was in, oldest first, the present one last. Refusals one
    /// after the other are one line, for there may be hundreds.
    pub history: Vec<NotificationEntry>,
}

/// One entry of a message's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationEntry {
    /// When.
    pub at: Timestamp,
    /// The state's name, with its reason: `suppressed: no_consent`.
    pub what: String,
}

/// A message as it was decided on, before anything became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationDraft {
    /// Its id.
    pub id: NotificationId,
    /// Whose order.
    pub order: OrderKey,
    /// About what.
    pub trigger: NotificationTrigger,
    /// By which channel.
    pub channel: Channel,
    /// To whom, masked.
    pub recipient: String,
    /// Id of the fact that caused it.
    pub fact: String,
    /// What it would say now, as far as others have to know it.
    pub basis: NotificationBasis,
    /// After this it is of no use to the recipient.
    pub useful_until: Timestamp,
}

/// What a worker that wants to send a message finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// It can be ours: write this, and once it is written, send.
    Won(Notification),
    /// It is ours already; only the answer to our write was lost. Send.
    Ours(Notification),
    /// Another worker has it until then. Come back after that.
    Busy {
        /// The end of its lease.
        until: Timestamp,
    },
    /// It is not yet due, or it is not known whether it was sent and it is sent
    /// again then; the sweep comes back to it, and again if our clock is behind.
    /// Nothing to do.
    Later {
        /// When it is due.
        until: Timestamp,
    },
    /// Its worker died with it: write this. It may or may not have been sent.
    Lost(Notification),
    /// Its fate is known, or only the provider can still tell it. Nothing to do.
    Settled,
}

/// What a provider tells of a message afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderEvent {
    /// It took it.
    Sent {
        /// Its id of the message.
        provider_id: String,
    },
    /// It reached the recipient's server or handset.
    Delivered,
    /// It did not reach the handset.
    Undelivered {
        /// In the provider's words.
        reason: String,
    },
    /// An automatic answer came back ("out of office"): it has arrived.
    Answered {
        /// The provider's id of the message.
        provider_id: String,
    },
    /// It came back.
    Bounced {
        /// Whether for good.
        is_permanent: bool,
    },
    /// The recipient called it spam.
    Complained,
}

/// How often a message is sent at most whose fate is unknown each time: once more.
/// Tries that were certainly not accepted do not count: throttling and a paused
/// account pass, and no message must be lost to them.
pub const MOST_ATTEMPTS: u32 = 2;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_none(refusals: &u32) -> bool {
    *refusals == 0
}
