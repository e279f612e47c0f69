//! A parcel as an integrator sees it.

use jiff::Timestamp;
use posthorn_carriers::{ErrorKind, Failure, Found, Outcome};
use posthorn_domain::{
    eta::Eta,
    id::{CarrierId, ShipmentNumber},
    journey::{self, Announced},
    report::Alias,
    scan::{Meaning, Place, Scan},
    shipment::Hints,
    status::ShipmentStatus,
    tracking_number::TrackingNumber,
};
use serde::Serialize;

/// What is shown of one number.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Shown {
    /// A parcel.
    Parcel(Box<Parcel>),
    /// Why there is none.
    Failure {
        /// The number.
        number: String,
        /// Why.
        error: Error,
    },
}

/// A failure, as its kind and a message for people.
#[derive(Debug, Serialize)]
pub(crate) struct Error {
    kind: &'static str,
    message: String,
}

impl Shown {
    /// A failure.
    pub(crate) fn failure(
        number: &TrackingNumber,
        kind: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self::Failure {
            number: number.to_string(),
            error: Error {
                kind,
                message: message.into(),
            },
        }
    }

    /// Whether there is no parcel.
    pub(crate) const fn is_failure(&self) -> bool {
        matches!(self, Self::Failure { .. })
    }
}

/// What an outcome says about `number`: more than one parcel if it was reused.
pub(crate) fn of(
    carrier: &CarrierId,
    number: &TrackingNumber,
    outcome: &Outcome,
    now: Timestamp,
) -> Vec<Shown> {
    let failed = |kind, message: &str| vec![Shown::failure(number, kind, message)];
    let unknown = "the carrier does not know the number";
    match outcome {
        Outcome::Found(found) if found.is_empty() => failed("not_found", unknown),
        Outcome::Found(found) => found
            .iter()
            .map(|found| Shown::Parcel(Box::new(parcel(carrier, number, found, now))))
            .collect(),
        Outcome::NotFound => failed("not_found", unknown),
        Outcome::Invalid => failed("invalid_number", "the carrier cannot have given the number"),
        Outcome::NotYet { after, .. } => failed(
            "not_yet",
            &format!(
                "the carrier wants to be asked again in {} s",
                after.as_secs()
            ),
        ),
        Outcome::Failed(failure) => failed(failure.kind.as_str(), &message(failure)),
    }
}

fn message(failure: &Failure) -> String {
    match failure.kind {
        ErrorKind::RateLimited { after: Some(after) } => {
            format!("{failure}; ask again in {} s", after.as_secs())
        }
        _ => failure.to_string(),
    }
}

/// A parcel; field by field in the order in which a person reads it.
#[derive(Debug, Serialize)]
pub(crate) struct Parcel {
    number: String,
    carrier: String,
    status: &'static str,
    reason: &'static str,
    delivered: bool,
    eta: Option<Expected>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<u32>,
    is_return: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<Alias>,
    events: Vec<Event>,
}

#[derive(Debug, Serialize)]
struct Expected {
    from: String,
    to: String,
    window: Option<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Event {
    date: String,
    time: Option<String>,
    offset: Option<String>,
    code: String,
    text: String,
    place: Place,
    status: Option<&'static str>,
    reason: Option<&'static str>,
    is_understood: bool,
}

fn parcel(carrier: &CarrierId, number: &TrackingNumber, found: &Found, now: Timestamp) -> Parcel {
    let announced = Announced {
        carrier: carrier.clone(),
        carrier_name: None,
        tracking_number: number.clone(),
        tracking_url: None,
        items: Vec::new(),
        eta: None,
        origin: None,
        hints: Hints::default(),
    };
    let fresh = journey::register(ShipmentNumber(1), announced, now);
    let shipment = journey::advance(&fresh, &found.report, now).shipment;
    let status = shipment.status();
    Parcel {
        number: number.to_string(),
        carrier: carrier.to_string(),
        status: status.as_str(),
        reason: shipment.reason.as_str(),
        delivered: status == ShipmentStatus::Delivered,
        // What the carrier said last; the domain forgets it once the journey is over.
        eta: shipment.eta.or(found.report.eta).map(expected),
        unique_id: found.unique_id.clone(),
        shipped_on: found.shipped_on.map(|day| day.to_string()),
        service: shipment.service,
        pieces: found.report.pieces,
        is_return: shipment.is_return,
        aliases: shipment.aliases,
        events: shipment.scans.iter().map(event).collect(),
    }
}

fn expected(eta: Eta) -> Expected {
    Expected {
        from: eta.from.to_string(),
        to: eta.to.to_string(),
        window: eta.window.map(|(from, to)| [clock(from), clock(to)]),
    }
}

fn event(scan: &Scan) -> Event {
    let (status, reason) = match scan.meaning {
        Meaning::Status(reason) => (Some(reason.status().as_str()), Some(reason.as_str())),
        Meaning::Delay(reason) => (Some("delayed"), Some(reason.as_str())),
        Meaning::Note | Meaning::Unknown => (None, None),
    };
    Event {
        date: scan.time.date().to_string(),
        time: scan.time.time().map(clock),
        offset: scan.time.offset().map(offset),
        code: scan.code.clone(),
        text: scan.text.clone(),
        place: scan.place.clone(),
        status,
        reason,
        is_understood: scan.meaning != Meaning::Unknown,
    }
}

fn clock(time: jiff::civil::Time) -> String {
    time.strftime("%H:%M:%S").to_string()
}

fn offset(offset: jiff::tz::Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
