//! The shapes that SES publishes: of each event only what we use.

use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct SesEnvelope {
    pub(super) mail: Mail,
    #[serde(flatten)]
    pub(super) detail: SesDetail,
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
    #[serde(default, rename = "posthorn-notification")]
    pub(super) notification: Vec<String>,
}

#[derive(Deserialize)]
#[serde(tag = "eventType")]
pub(super) enum SesDetail {
    Send,
    Delivery {
        delivery: SesDelivery,
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
pub(super) struct SesDelivery {
    pub(super) timestamp: Timestamp,
}

#[derive(Deserialize)]
pub(super) struct Bounce {
    #[serde(rename = "bounceType")]
    pub(super) kind: String,
    #[serde(default, rename = "bounceSubType")]
    pub(super) sub_kind: Option<String>,
    #[serde(default, rename = "bouncedRecipients")]
    pub(super) recipients: Vec<Recipient>,
    pub(super) timestamp: Timestamp,
}

impl Bounce {
    /// Whether it is none: SES takes an automatic answer for a bounce, too. It is
    /// transient, of the kind that says nothing, and no delivery has failed: a
    /// server that did not take a mail says so, with a status of 4 or 5.
    pub(super) fn is_automatic_answer(&self) -> bool {
        let is = |text: &Option<String>, word: &str| {
            text.as_deref()
                .is_some_and(|text| text.eq_ignore_ascii_case(word))
        };
        let has_failed = |recipient: &Recipient| {
            let status = recipient.status.as_deref().unwrap_or_default();
            is(&recipient.action, "failed")
                || is(&recipient.action, "delayed")
                || status.starts_with(['4', '5'])
                || recipient.diagnostic_code.is_some()
        };
        let is_general = ["General", "AutoReply", "OutOfOffice"]
            .iter()
            .any(|word| is(&self.sub_kind, word));
        self.kind == "Transient" && is_general && !self.recipients.iter().any(has_failed)
    }
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
    #[serde(default)]
    pub(super) action: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default)]
    pub(super) diagnostic_code: Option<String>,
}
