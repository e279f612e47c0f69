//! The shapes that SES publishes: of each event only what we use.

use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Wire {
    pub(super) mail: Mail,
    #[serde(flatten)]
    pub(super) detail: Detail,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mail {
    pub(super) timestamp: Timestamp,
    pub(super) message_id: String,
    #[serde(default)]
    pub(super) destination: Vec<String>,
    #[serde(default)]
    pub(super) tags: WireTags,
}

#[derive(Default, Deserialize)]
pub(super) struct WireTags {
    #[serde(default, rename = "posthorn-order")]
    pub(super) order: Vec<String>,
    #[serde(default, rename = "posthorn-notice")]
    pub(super) notice: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "eventType")]
pub(super) enum Detail {
    Send,
    Delivery {
        delivery: Delivery,
    },
    Bounce {
        bounce: Bounce,
    },
    Complaint {
        complaint: Complaint,
    },
    Reject {
        reject: Reject,
    },
    #[serde(rename = "Rendering Failure")]
    RenderingFailure,
    DeliveryDelay,
    Open,
    Click,
    Subscription,
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
pub(super) struct Delivery {
    pub(super) timestamp: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Bounce {
    #[serde(rename = "bounceType")]
    pub(super) kind: String,
    #[serde(default, rename = "bouncedRecipients")]
    pub(super) recipients: Vec<Recipient>,
    pub(super) timestamp: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Complaint {
    #[serde(default, rename = "complaintFeedbackType")]
    pub(super) kind: Option<String>,
    #[serde(default, rename = "complainedRecipients")]
    pub(super) recipients: Vec<Recipient>,
    pub(super) timestamp: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Reject {
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Recipient {
    pub(super) email_address: String,
}
