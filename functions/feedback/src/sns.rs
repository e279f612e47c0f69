//! What SNS writes into CloudWatch Logs about a text, once each.

use aws_lambda_events::cloudwatch_logs::LogsEvent;
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// What became of a text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeliveryReport {
    /// SNS's id of the message.
    pub(crate) message_id: String,
    /// When SNS took it.
    pub(crate) taken_at: Timestamp,
    /// The number, as E.164.
    pub(crate) number: String,
    /// Whether it reached the handset.
    pub(crate) is_delivered: bool,
    /// The network's words.
    pub(crate) response: String,
}

/// Shows no number.
impl std::fmt::Debug for DeliveryReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Report")
            .field("message_id", &self.message_id)
            .field("is_delivered", &self.is_delivered)
            .finish_non_exhaustive()
    }
}

impl DeliveryReport {
    /// Whether the recipient has answered an earlier text with STOP.
    pub(crate) fn is_opt_out(&self) -> bool {
        !self.is_delivered && self.response.to_lowercase().contains("opted out")
    }
}

/// The reports in a batch of log lines, and how many lines were none. SNS writes
/// one line for each text, from any sender of the account.
pub(crate) fn parse_log_lines(event: &LogsEvent) -> (Vec<DeliveryReport>, usize) {
    let data = &event.aws_logs.data;
    if data.message_type != "DATA_MESSAGE" {
        // CloudWatch tries from time to time whether the destination accepts data.
        return (Vec::new(), 0);
    }
    let read: Vec<Option<DeliveryReport>> = data
        .log_events
        .iter()
        .map(|entry| parse_report(&entry.message))
        .collect();
    let n_unreadable = read.iter().filter(|report| report.is_none()).count();
    (read.into_iter().flatten().collect(), n_unreadable)
}

fn parse_report(line: &str) -> Option<DeliveryReport> {
    let line: SnsLogLine = serde_json::from_str(line).ok()?;
    let at: DateTime = line.notification.timestamp.trim().parse().ok()?;
    Some(DeliveryReport {
        message_id: line.notification.message_id,
        taken_at: at.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        number: line.delivery.destination,
        is_delivered: line.status.eq_ignore_ascii_case("SUCCESS"),
        response: line.delivery.provider_response.unwrap_or_default(),
    })
}

/// As published in SNS's developer guide.
#[derive(Deserialize)]
struct SnsLogLine {
    notification: SnsNotification,
    delivery: SnsDelivery,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnsNotification {
    message_id: String,
    /// `2016-06-28 00:40:34.558`, in UTC.
    timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SnsDelivery {
    destination: String,
    #[serde(default)]
    provider_response: Option<String>,
}
