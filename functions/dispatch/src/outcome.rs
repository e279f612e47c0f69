//! What came of a notification in one go, for the log and the metrics.

use std::fmt;

use jiff::Timestamp;
use posthorn_domain::{
    notification::{DeferralReason, SuppressionReason},
    notification_type::{Channel, NotificationType},
};
use posthorn_platform::metric::{self, Metric, NotificationFate};

/// What came of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// The provider took it.
    Sent,
    /// Not sent, on purpose.
    Suppressed(SuppressionReason),
    /// Not now.
    Deferred(DeferralReason),
    /// Nothing was decided: its provider takes it then at the earliest.
    Waits(Timestamp),
    /// It may or may not have been sent.
    Unknown,
    /// Not sent, and no more tries.
    Failed(SendFailure),
    /// Its fate is in other hands, or known.
    Nothing,
}

/// Why a notification failed; its history has the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendFailure {
    /// Its template could not be rendered.
    Unwritten,
    /// The provider did not take it.
    Refused,
}

impl SendFailure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unwritten => "unwritten",
            Self::Refused => "refused",
        }
    }
}

impl SendOutcome {
    /// Counts it.
    pub(crate) fn count_outcome(&self, channel: Channel, notification_type: NotificationType) {
        let (fate, reason) = match self {
            Self::Sent => (NotificationFate::Sent, None),
            Self::Suppressed(reason) => (NotificationFate::Suppressed, Some(reason.as_str())),
            Self::Deferred(reason) => (NotificationFate::Deferred, Some(reason.as_str())),
            Self::Unknown => (NotificationFate::Unknown, None),
            Self::Failed(reason) => (NotificationFate::Failed, Some(reason.as_str())),
            Self::Waits(_) | Self::Nothing => return,
        };
        metric::emit_metric(Metric::Notification {
            fate,
            channel,
            notification_type,
            reason,
        });
    }
}

impl fmt::Display for SendOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent => f.write_str("sent"),
            Self::Suppressed(reason) => write!(f, "suppressed: {reason}"),
            Self::Deferred(reason) => write!(f, "deferred: {reason}"),
            Self::Waits(until) => write!(f, "waits for its provider until {until:.0}"),
            Self::Unknown => f.write_str("unknown"),
            Self::Failed(reason) => write!(f, "failed: {}", reason.as_str()),
            Self::Nothing => f.write_str("nothing to do"),
        }
    }
}
