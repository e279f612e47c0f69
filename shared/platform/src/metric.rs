//! Metrics, as lines in CloudWatch's embedded metric format.
//!
//! CloudWatch reads them out of the log, so a metric costs one line and no
//! request. By hand and not with `metrique`, because it is one shape of line
//! (docs/adr/0009-metrics-are-log-lines.md). Each distinct set of dimensions is a metric
//! that AWS charges for by the month: what has many values is a property of
//! the line, to be found with Logs Insights, and not a dimension.
//!
//! Each stack has a namespace of its own, which `POSTHORN_METRICS` names, so that
//! one stack's trouble raises no alarm of another. Without it the lines are
//! written all the same, and CloudWatch makes no metric of them.

use std::io;

use jiff::Timestamp;
use posthorn_domain::{
    id::{CarrierId, ShopId},
    notification_type::{Channel, NotificationType},
};
use serde_json::{Map, Value, json};
use tracing::warn;

use crate::{clock, config::Config};

/// Something worth counting. It has no room for personal data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric<'a> {
    /// A carrier used a code that we have no word for.
    UnknownCarrierCode {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// The code.
        code: &'a str,
    },
    /// A request held a field that we do not know.
    UnknownField {
        /// The route, as `POST /v1/orders`.
        route: &'static str,
        /// The field's path; anything but a plain name is not repeated.
        field: &'a str,
    },
    /// What a shop sent was taken, with a warning.
    InputWarning {
        /// Where it came from: `api`, or the id of a storefront.
        source: &'static str,
        /// The warning's code, for example `invalid_phone`.
        code: &'static str,
    },
    /// A carrier was asked and did not answer as it should.
    CarrierFailed {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// The kind of failure.
        kind: &'static str,
    },
    /// A carrier told us by itself, or should have.
    Push(PushMetric<'a>),
    /// How much of what a carrier allows is used.
    QuotaUsed {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// In percent, of the quota that is nearest its limit.
        percent: u32,
    },
    /// Shipments were sent to be asked after, and what their carrier allows was
    /// used up by others.
    ShipmentsHeldBack {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// How many.
        count: usize,
    },
    /// More is due of a carrier than it allows, by so much that slots of
    /// shipments were left out for a period.
    TurnsSkipped {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// How many slots.
        count: u64,
    },
    /// What a sweep came to.
    Polling(PollingMetric),
    /// A carrier that gave no answer time and again is left alone; counted each
    /// minute.
    CarrierPaused {
        /// Which carrier.
        carrier: &'a CarrierId,
    },
    /// What became of a notification.
    Notification {
        /// What became of it.
        fate: NotificationFate,
        /// How it was or would have been sent.
        channel: Channel,
        /// What it is about.
        notification_type: NotificationType,
        /// Why it was not sent, or not yet.
        reason: Option<&'a str>,
    },
    /// A text was held back: the shop's number for a day is reached, or it is for
    /// a country to which the shop sends none.
    TextHeldBack {
        /// Whose.
        shop: &'a ShopId,
        /// Why.
        reason: &'a str,
    },
    /// SNS reported what became of a text.
    TextEvent {
        /// What: `delivered`, `failed`, `stop`.
        kind: &'static str,
        /// Whose text: `ours` or `foreign`.
        whose: &'static str,
    },
    /// How long it took from a change of status to the message about it.
    StatusToNotificationSeconds {
        /// How it was sent.
        channel: Channel,
        /// Seconds.
        seconds: f64,
    },
    /// The provider reported something about a mail.
    MailEvent {
        /// What: `delivered`, `bounced`, `complained`, `open`, `unknown` …
        kind: &'static str,
        /// Whose mail: `ours` or `foreign`.
        whose: &'static str,
    },
    /// An entry of an index makes no sense, and what it stands for is not done.
    UnreadableEntry {
        /// Which index.
        index: &'static str,
    },
    /// A message was left out that its queue will never take.
    UnsendableMessage {
        /// The name of the queue.
        queue: &'a str,
    },
    /// Something that was stored cannot be read in part, and the rest is used.
    UnreadableField {
        /// What it is: `settings`, `schedule`.
        item: &'static str,
        /// Where.
        field: &'a str,
    },
    /// A record lies in the quarantine queue.
    Quarantined {
        /// The function that could not process it.
        function: &'static str,
    },
}

/// How polling goes, as each sweep sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollingMetric {
    /// For how many minutes a shipment has been due whose carrier would have let us
    /// ask. Written by each sweep that comes to its end.
    LagMinutes(u32),
    /// So many shipments were sent to be polled.
    Queued(usize),
    /// So many shipments are polled at all, as last counted.
    Active(u64),
    /// So many shipments at least were due and not polled, because the schedule did
    /// not know of them.
    Unwatched(u64),
}

/// What carriers tell by themselves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PushMetric<'a> {
    /// A push came.
    Received {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// What became of it: `recorded`, `unchanged`, `unknown`, `asked`,
        /// `unreadable`.
        outcome: &'static str,
    },
    /// A push came that does not prove where it comes from.
    Rejected {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// Why.
        reason: &'static str,
    },
    /// We had to ask for what a carrier should have told by itself.
    Missed {
        /// Which carrier.
        carrier: &'a CarrierId,
    },
}

struct MetricLine<'a> {
    name: &'static str,
    unit: &'static str,
    value: f64,
    /// None where all that is told apart is told apart by the properties.
    dimension: Option<(&'static str, &'a str)>,
    properties: Vec<(&'static str, String)>,
}

/// Writes the line of `metric` to standard output, as of now.
pub fn emit_metric(metric: Metric<'_>) {
    let namespace = Config::for_function("Globals").find_setting("POSTHORN_METRICS");
    let written = write_metric(
        metric,
        namespace.as_deref(),
        clock::now(),
        &mut io::stdout().lock(),
    );
    if let Err(error) = written {
        warn!(error.kind = %error.kind(), "Could not write a metric");
    }
}

fn write_metric(
    metric: Metric<'_>,
    namespace: Option<&str>,
    now: Timestamp,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let line = metric.line();
    let mut object: Map<String, Value> = line
        .properties
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    if let Some((dimension, value)) = line.dimension {
        object.insert(dimension.to_owned(), json!(value));
    }
    object.insert(line.name.to_owned(), json!(line.value));
    if let Some(namespace) = namespace {
        let dimensions: Vec<&str> = line.dimension.map(|(name, _)| name).into_iter().collect();
        object.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": namespace,
                    "Dimensions": [dimensions],
                    "Metrics": [{"Name": line.name, "Unit": line.unit}],
                }],
            }),
        );
    }
    writeln!(out, "{}", Value::Object(object))
}

impl<'a> Metric<'a> {
    #[expect(clippy::too_many_lines, reason = "one arm for each metric")]
    fn line(self) -> MetricLine<'a> {
        match self {
            Self::UnknownCarrierCode { carrier, code } => count_line(
                "UnknownCarrierCode",
                None,
                vec![("carrier", carrier.to_string()), ("code", plain_text(code))],
            ),
            Self::UnknownField { route, field } => count_line(
                "UnknownField",
                None,
                vec![("route", route.to_owned()), ("field", plain_text(field))],
            ),
            Self::InputWarning { source, code } => count_line(
                "InputWarnings",
                ("code", code),
                vec![("source", source.to_owned())],
            ),
            Self::CarrierFailed { carrier, kind } => count_line(
                "CarrierFailed",
                ("carrier", carrier.as_str()),
                vec![("kind", kind.to_owned())],
            ),
            Self::Push(push) => push.line(),
            Self::QuotaUsed { carrier, percent } => MetricLine {
                unit: "Percent",
                value: f64::from(percent),
                ..count_line("QuotaUsed", ("carrier", carrier.as_str()), vec![])
            },
            Self::ShipmentsHeldBack {
                carrier,
                count: shipments,
            } => MetricLine {
                value: to_float(shipments),
                ..count_line("ShipmentsHeldBack", ("carrier", carrier.as_str()), vec![])
            },
            // One alarm for all carriers: these are properties.
            Self::TurnsSkipped {
                carrier,
                count: turns,
            } => MetricLine {
                value: to_float(turns),
                ..count_line(
                    "TurnsSkipped",
                    ("function", "sweep"),
                    vec![("carrier", carrier.to_string())],
                )
            },
            Self::Polling(polling) => polling.line(),
            Self::CarrierPaused { carrier } => count_line(
                "CarrierPaused",
                ("function", "sweep"),
                vec![("carrier", carrier.to_string())],
            ),
            Self::Notification {
                fate,
                channel,
                notification_type,
                reason,
            } => {
                let mut properties = vec![("notification_type", notification_type.to_string())];
                properties.extend(reason.map(|reason| ("reason", plain_text(reason))));
                count_line(
                    fate.metric_name(),
                    ("channel", channel.as_str()),
                    properties,
                )
            }
            Self::MailEvent { kind, whose } => count_line(
                "MailEvents",
                ("kind", kind),
                vec![("whose", whose.to_owned())],
            ),
            Self::TextEvent { kind, whose } => count_line(
                "TextEvents",
                ("kind", kind),
                vec![("whose", whose.to_owned())],
            ),
            // One alarm for all shops: here the shop is a property.
            Self::TextHeldBack { shop, reason } => count_line(
                "TextsHeldBack",
                ("function", "dispatch"),
                vec![("shop", shop.to_string()), ("reason", plain_text(reason))],
            ),
            Self::StatusToNotificationSeconds { channel, seconds } => MetricLine {
                unit: "Seconds",
                value: seconds,
                ..count_line(
                    "StatusToNotificationSeconds",
                    ("channel", channel.as_str()),
                    vec![],
                )
            },
            Self::UnreadableEntry { index } => {
                count_line("UnreadableEntries", ("index", index), vec![])
            }
            // One alarm for all queues and fields: these are properties.
            Self::UnsendableMessage { queue } => count_line(
                "UnsendableMessages",
                None,
                vec![("queue", plain_text(queue))],
            ),
            Self::UnreadableField { item, field } => count_line(
                "UnreadableFields",
                None,
                vec![("item", item.to_owned()), ("field", plain_text(field))],
            ),
            Self::Quarantined { function } => {
                count_line("Quarantined", ("function", function), vec![])
            }
        }
    }
}

impl PollingMetric {
    fn line(self) -> MetricLine<'static> {
        let (name, value) = match self {
            Self::LagMinutes(minutes) => ("PollLagMinutes", f64::from(minutes)),
            Self::Queued(shipments) => ("ShipmentsQueued", to_float(shipments)),
            Self::Active(shipments) => ("ShipmentsActive", to_float(shipments)),
            Self::Unwatched(shipments) => ("ShipmentsUnwatched", to_float(shipments)),
        };
        MetricLine {
            value,
            ..count_line(name, ("function", "sweep"), vec![])
        }
    }
}

impl<'a> PushMetric<'a> {
    /// One alarm for all carriers each: there the carrier is a property.
    fn line(self) -> MetricLine<'a> {
        match self {
            Self::Received { carrier, outcome } => count_line(
                "PushesReceived",
                ("carrier", carrier.as_str()),
                vec![("outcome", outcome.to_owned())],
            ),
            Self::Rejected { carrier, reason } => count_line(
                "PushesRejected",
                ("function", "receive"),
                vec![
                    ("carrier", carrier.to_string()),
                    ("reason", reason.to_owned()),
                ],
            ),
            Self::Missed { carrier } => count_line(
                "PushesMissed",
                ("function", "poll"),
                vec![("carrier", carrier.to_string())],
            ),
        }
    }
}

/// What became of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationFate {
    /// It was sent.
    Sent,
    /// It was not sent, by decision.
    Suppressed,
    /// It waits: quiet hours, a cap, or the provider asked to wait.
    Deferred,
    /// The provider did not take it; it is tried again later.
    Refused,
    /// It is not known yet whether it was sent. That is settled later.
    Unknown,
    /// It can never be sent.
    Failed,
}

impl NotificationFate {
    const fn metric_name(self) -> &'static str {
        match self {
            Self::Sent => "NotificationsSent",
            Self::Suppressed => "NotificationsSuppressed",
            Self::Deferred => "NotificationsDeferred",
            Self::Refused => "NotificationsRefused",
            Self::Unknown => "NotificationsUnknown",
            Self::Failed => "NotificationsFailed",
        }
    }
}

fn to_float(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}

fn count_line<'a>(
    name: &'static str,
    dimension: impl Into<Option<(&'static str, &'a str)>>,
    properties: Vec<(&'static str, String)>,
) -> MetricLine<'a> {
    MetricLine {
        name,
        unit: "Count",
        value: 1.0,
        dimension: dimension.into(),
        properties,
    }
}

/// A code or name as others gave it, unless it could be anything else: a
/// caller may use an address for the name of a field, or a person's name, which
/// mostly has a space.
fn plain_text(text: &str) -> String {
    let is_plain = text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']'));
    if is_plain { text } else { "(not a plain name)" }.to_owned()
}

#[cfg(test)]
mod tests;
