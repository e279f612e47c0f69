//! Metrics, as lines in CloudWatch's embedded metric format.
//!
//! CloudWatch reads them out of the log, so a metric costs one line and no
//! request. By hand and not with `metrique`, because it is one shape of line
//! (docs/adr/0009-metrics-are-log-lines.md). Each distinct set of dimensions is a metric
//! that AWS charges for by the month: what has many values is a property of
//! the line, to be found with Logs Insights, and not a dimension.

use std::io;

use jiff::Timestamp;
use posthorn_domain::{
    id::CarrierId,
    moment::{Channel, Moment},
};
use serde_json::{Map, Value, json};
use tracing::warn;

use crate::clock;

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
    /// A carrier was asked and did not answer as it should.
    CarrierFailed {
        /// Which carrier.
        carrier: &'a CarrierId,
        /// The kind of failure.
        kind: &'static str,
    },
    /// A message was sent.
    NoticeSent {
        /// How.
        channel: Channel,
        /// About what.
        moment: Moment,
    },
    /// A message was not sent on purpose.
    NoticeSuppressed {
        /// How it would have been sent.
        channel: Channel,
        /// About what it would have been.
        moment: Moment,
        /// Why not.
        reason: &'a str,
    },
    /// A message is put off: quiet hours, a cap, a provider that asks to wait.
    NoticeDeferred {
        /// How it will be sent.
        channel: Channel,
        /// About what it will be.
        moment: Moment,
    },
    /// A provider did not take a message, which is tried again later.
    NoticeRefused {
        /// How it will be sent.
        channel: Channel,
        /// About what it will be.
        moment: Moment,
    },
    /// A message could not be sent, or nobody knows whether it was.
    NoticeFailed {
        /// How it would have been sent.
        channel: Channel,
        /// About what it would have been.
        moment: Moment,
        /// Why not.
        reason: &'a str,
    },
    /// How long it took from a change of status to the message about it.
    StatusToNoticeSeconds {
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
    /// A record lies in the quarantine queue.
    Quarantined {
        /// The function that could not process it.
        function: &'static str,
    },
}

struct Line<'a> {
    name: &'static str,
    unit: &'static str,
    value: f64,
    dimension: (&'static str, &'a str),
    properties: Vec<(&'static str, String)>,
}

/// Writes the line of `metric` to standard output, as of now.
pub fn emit(metric: Metric<'_>) {
    if let Err(error) = write(metric, clock::now(), &mut io::stdout().lock()) {
        warn!(error.kind = %error.kind(), "Could not write a metric");
    }
}

fn write(metric: Metric<'_>, now: Timestamp, out: &mut impl io::Write) -> io::Result<()> {
    let line = metric.line();
    let (dimension, dimension_value) = line.dimension;
    let mut object: Map<String, Value> = line
        .properties
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    object.insert(dimension.to_owned(), json!(dimension_value));
    object.insert(line.name.to_owned(), json!(line.value));
    object.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Posthorn",
                "Dimensions": [[dimension]],
                "Metrics": [{"Name": line.name, "Unit": line.unit}],
            }],
        }),
    );
    writeln!(out, "{}", Value::Object(object))
}

impl<'a> Metric<'a> {
    fn line(self) -> Line<'a> {
        match self {
            Self::UnknownCarrierCode { carrier, code } => count(
                "UnknownCarrierCode",
                ("carrier", carrier.as_str()),
                vec![("code", plain(code))],
            ),
            Self::UnknownField { route, field } => count(
                "UnknownField",
                ("route", route),
                vec![("field", plain(field))],
            ),
            Self::CarrierFailed { carrier, kind } => count(
                "CarrierFailed",
                ("carrier", carrier.as_str()),
                vec![("kind", kind.to_owned())],
            ),
            Self::NoticeSent { channel, moment } => count(
                "NoticesSent",
                ("channel", channel.as_str()),
                vec![("moment", moment.to_string())],
            ),
            Self::NoticeSuppressed {
                channel,
                moment,
                reason,
            } => count(
                "NoticesSuppressed",
                ("channel", channel.as_str()),
                vec![("moment", moment.to_string()), ("reason", plain(reason))],
            ),
            Self::NoticeFailed {
                channel,
                moment,
                reason,
            } => count(
                "NoticesFailed",
                ("channel", channel.as_str()),
                vec![("moment", moment.to_string()), ("reason", plain(reason))],
            ),
            Self::NoticeDeferred { channel, moment } => count(
                "NoticesDeferred",
                ("channel", channel.as_str()),
                vec![("moment", moment.to_string())],
            ),
            Self::NoticeRefused { channel, moment } => count(
                "NoticesRefused",
                ("channel", channel.as_str()),
                vec![("moment", moment.to_string())],
            ),
            Self::MailEvent { kind, whose } => count(
                "MailEvents",
                ("whose", whose),
                vec![("kind", kind.to_owned())],
            ),
            Self::StatusToNoticeSeconds { channel, seconds } => Line {
                unit: "Seconds",
                value: seconds,
                ..count(
                    "StatusToNoticeSeconds",
                    ("channel", channel.as_str()),
                    vec![],
                )
            },
            Self::UnreadableEntry { index } => count("UnreadableEntries", ("index", index), vec![]),
            Self::Quarantined { function } => count("Quarantined", ("function", function), vec![]),
        }
    }
}

fn count<'a>(
    name: &'static str,
    dimension: (&'static str, &'a str),
    properties: Vec<(&'static str, String)>,
) -> Line<'a> {
    Line {
        name,
        unit: "Count",
        value: 1.0,
        dimension,
        properties,
    }
}

/// A code or name as others gave it, unless it could be anything else: a
/// caller may use an address for the name of a field, or a person's name, which
/// mostly has a space.
fn plain(text: &str) -> String {
    let is_plain = text.len() <= 64
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '[' | ']'));
    if is_plain { text } else { "(not a plain name)" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufRead as _;

    fn line_of(metric: Metric<'_>) -> Value {
        let mut out = Vec::new();
        write(metric, Timestamp::UNIX_EPOCH, &mut out).unwrap();
        assert_eq!(out.lines().count(), 1);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_metric_is_one_line_that_cloudwatch_understands() {
        let carrier = CarrierId::parse("ups").unwrap();
        let line = line_of(Metric::UnknownCarrierCode {
            carrier: &carrier,
            code: "XX",
        });
        assert_eq!(
            line,
            json!({
                "UnknownCarrierCode": 1.0,
                "carrier": "ups",
                "code": "XX",
                "_aws": {
                    "Timestamp": 0,
                    "CloudWatchMetrics": [{
                        "Namespace": "Posthorn",
                        "Dimensions": [["carrier"]],
                        "Metrics": [{"Name": "UnknownCarrierCode", "Unit": "Count"}],
                    }],
                },
            })
        );
    }

    #[test]
    fn a_field_named_like_an_address_or_a_person_is_counted_but_not_repeated() {
        for field in ["ann@example.com", "Anna Miller"] {
            let line = line_of(Metric::UnknownField {
                route: "POST /v1/orders",
                field,
            });
            assert_eq!(line["field"], "(not a plain name)");
        }
    }
}
