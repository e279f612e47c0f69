//! What a carrier's answer means for a number, and what to do about a failure.

use crate::reading::{cleaned::clean_report, words};
use http::{HeaderMap, Response, StatusCode, header::RETRY_AFTER};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
};
use posthorn_domain::{clocks::ScanClocks, report::Report, scan::ScanMeaning};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// What an answer says about one number.
#[derive(Debug, Clone, PartialEq)]
pub enum TrackingResult {
    /// The carrier knows it. Several shipments if the number was reused.
    Found(Vec<Found>),
    /// The carrier does not know the number, or no longer.
    NotFound,
    /// The carrier cannot have given this number.
    Invalid,
    /// The answer is being prepared: a ticket is pending, a registration is under way.
    NotYet {
        /// When to ask again.
        after: Duration,
        /// What to ask with.
        ticket: Option<String>,
    },
    /// There is no answer.
    Failed(CarrierError),
}

/// One shipment that a carrier knows under a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What the carrier says about it.
    pub report: Report,
    /// The carrier's own unique id of it, where it has one.
    pub unique_id: Option<String>,
    /// The day it was sent.
    pub shipped_on: Option<Date>,
}

/// How long before its registration a shipment may have been seen last and still
/// be the one that was meant; carriers reuse numbers from three months on.
const REUSE_WINDOW: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long before its registration the journey of a shipment may have begun whose
/// carrier is not certain: what began earlier is likely to be another shipment.
const HEAD_START: SignedDuration = SignedDuration::from_hours(14 * 24);

impl Found {
    /// A shipment without an id of its own. Every report of a carrier passes here, and is
    /// cleaned of what queues refuse.
    pub fn new(report: Report) -> Self {
        Self {
            report: clean_report(report),
            unique_id: None,
            shipped_on: None,
        }
    }

    /// Of several shipments under one number, the one registered at `registered_at`:
    /// the one with the newest scan, unless even that had it long before.
    pub fn select_meant(found: Vec<Self>, registered_at: Timestamp) -> Option<Self> {
        let newest = Self::newest_first(found).into_iter().next()?;
        let registered_on = jiff::tz::Offset::UTC.to_datetime(registered_at).date();
        let is_stale = newest
            .last_day()
            .is_some_and(|day| registered_on.duration_since(day) > REUSE_WINDOW);
        (!is_stale).then_some(newest)
    }

    /// The same where it is not certain that the shipment is this carrier's: one
    /// of which the carrier tells something, and whose journey did not begin
    /// long before.
    pub fn select_confirmed(found: Vec<Self>, registered_at: Timestamp) -> Option<Self> {
        let registered_on = jiff::tz::Offset::UTC.to_datetime(registered_at).date();
        Self::select_meant(found, registered_at).filter(|meant| {
            let report = &meant.report;
            let is_known = !report.scans.is_empty() || report.reported_status.is_some();
            let is_older = meant
                .first_day()
                .is_some_and(|day| registered_on.duration_since(day) > HEAD_START);
            is_known && !is_older
        })
    }

    /// Several shipments under one number, by their newest scan; one that was never
    /// scanned by the day it was sent.
    pub fn newest_first(mut found: Vec<Self>) -> Vec<Self> {
        found.sort_by_cached_key(|found| std::cmp::Reverse(found.newest_activity()));
        found
    }

    fn newest_activity(&self) -> (Option<DateTime>, Option<Date>) {
        let clocks = ScanClocks::from_scans(&self.report.scans);
        let scans = self.report.scans.iter();
        let scans = scans.filter(|scan| scan.meaning != ScanMeaning::Withdrawn);
        let newest = scans.map(|scan| clocks.moment_of(scan)).max();
        let sent = self
            .shipped_on
            .map(|day| day.to_datetime(jiff::civil::Time::midnight()));
        (newest.or(sent), self.shipped_on)
    }

    fn first_day(&self) -> Option<Date> {
        let scans = self.report.scans.iter().map(|scan| scan.time.local_date());
        scans.chain(self.shipped_on).min()
    }

    fn last_day(&self) -> Option<Date> {
        let last_scan = self
            .report
            .scans
            .iter()
            .map(|scan| scan.time.local_date())
            .max();
        last_scan.max(self.shipped_on)
    }

    /// A hash of what the answer says, equal for equal news: the order of the
    /// scans and whatever else an answer holds (its own time, a request id) do
    /// not count. 16 hexadecimal digits.
    pub fn response_hash(&self) -> String {
        let mut report = self.report.clone();
        for scan in &mut report.scans {
            scan.sequence = 0;
        }
        report.scans.sort_by(|a, b| {
            (a.time, &a.code, &a.text, &a.place.city).cmp(&(
                b.time,
                &b.code,
                &b.text,
                &b.place.city,
            ))
        });
        let text =
            serde_json::to_vec(&(&report, &self.unique_id)).expect("a report has only string keys");
        hex::encode(&Sha256::digest(text)[..8])
    }
}

/// Why there is no answer. The message is for staff and never holds a secret
/// or a piece of what the carrier sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CarrierError {
    /// What kind.
    pub kind: CarrierErrorKind,
    message: String,
}

/// The kinds of failure, told apart by what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierErrorKind {
    /// Too many questions.
    RateLimited {
        /// How long to wait, if the carrier says.
        after: Option<Duration>,
    },
    /// The credentials are wrong or outdated.
    Unauthorized,
    /// The credentials are right and may not do this.
    Denied,
    /// The carrier refuses this question: asking it again changes nothing.
    Rejected,
    /// Our own count says that what the carrier allows is used up; it was not asked.
    OutOfQuota {
        /// How long to wait.
        after: Duration,
    },
    /// The carrier or the way to it is down.
    Unavailable,
    /// An answer that cannot be read: a page for browsers, cut JSON, nothing.
    Unreadable,
}

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CarrierRetry {
    /// Something has to be corrected by hand first.
    Never,
    /// Not before this has passed.
    After(Duration),
    /// Soon.
    Soon,
}

impl CarrierErrorKind {
    /// What to do next.
    pub const fn retry_advice(self) -> CarrierRetry {
        match self {
            Self::RateLimited { after: Some(after) } | Self::OutOfQuota { after } => {
                CarrierRetry::After(after)
            }
            Self::RateLimited { after: None } => CarrierRetry::After(Duration::from_mins(1)),
            Self::Unauthorized | Self::Denied | Self::Rejected => CarrierRetry::Never,
            Self::Unavailable | Self::Unreadable => CarrierRetry::Soon,
        }
    }

    /// The kind as a word, for logs and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::OutOfQuota { .. } => "out_of_quota",
            Self::Unauthorized => "unauthorized",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::Unavailable => "unavailable",
            Self::Unreadable => "unreadable",
        }
    }
}

impl CarrierError {
    /// A failure of a kind.
    pub fn new(kind: CarrierErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The credentials are wrong.
    pub fn unauthorized_access(message: impl Into<String>) -> Self {
        Self::new(CarrierErrorKind::Unauthorized, message)
    }

    /// The question is refused.
    pub fn rejected_request(message: impl Into<String>) -> Self {
        Self::new(CarrierErrorKind::Rejected, message)
    }

    /// The carrier is down.
    pub fn unavailable_carrier(message: impl Into<String>) -> Self {
        Self::new(CarrierErrorKind::Unavailable, message)
    }

    /// The answer is nonsense.
    pub fn unreadable_response(message: impl Into<String>) -> Self {
        Self::new(CarrierErrorKind::Unreadable, message)
    }

    /// What an HTTP status means wherever a carrier does not say otherwise;
    /// none for a success. 404 is left to the carrier: here it is a refusal. A refusal
    /// that says in words that a token does not hold, or that it passes, is no mere
    /// refusal.
    pub fn of_status<B: AsRef<[u8]>>(response: &Response<B>, now: Timestamp) -> Option<Self> {
        let status = response.status();
        let kind = match status {
            status if status.is_success() => return None,
            StatusCode::TOO_MANY_REQUESTS => CarrierErrorKind::RateLimited {
                after: retry_after(response.headers(), now),
            },
            StatusCode::UNAUTHORIZED => CarrierErrorKind::Unauthorized,
            StatusCode::FORBIDDEN => CarrierErrorKind::Denied,
            StatusCode::REQUEST_TIMEOUT => CarrierErrorKind::Unavailable,
            status if status.is_server_error() => CarrierErrorKind::Unavailable,
            status if status.is_client_error() => CarrierErrorKind::Rejected,
            // A redirect of an API leads to a page for browsers.
            _ => CarrierErrorKind::Unreadable,
        };
        let kind = words::kind_of(status, response.body().as_ref()).unwrap_or(kind);
        Some(Self::new(kind, format!("the carrier answered {status}")))
    }
}

/// The wait that a `Retry-After` header asks for, in seconds or as a date;
/// between a second and a day.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = if let Ok(seconds) = text.parse::<u64>() {
        seconds
    } else {
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        u64::try_from(until.as_second() - now.as_second()).unwrap_or_default()
    };
    Some(Duration::from_secs(seconds.clamp(1, 24 * 60 * 60)))
}

/// A carrier's code as far as it may stand in a [`CarrierError`]: what could be no
/// code, but words about a person, is left out.
pub fn plain_code(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        .take(48)
        .collect()
}

impl From<CarrierError> for TrackingResult {
    fn from(failure: CarrierError) -> Self {
        Self::Failed(failure)
    }
}
