//! A shipment as an integrator sees it.

use jiff::{Timestamp, civil, tz::Offset};
use posthorn_carriers::{
    CarrierError, CarrierErrorKind, CarrierProfile, Found, TrackingResult, profile::CarrierClock,
};
use posthorn_domain::{
    condition::ShipmentCondition,
    eta::Eta,
    id::{CarrierId, ShipmentIndex},
    journey::{self, NewShipment},
    report::{Alias, Proof},
    scan::{Place, Scan, ScanMeaning},
    shipment::QueryDetails,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::Serialize;

/// What is shown of one shipment; field by field in the order in which a person
/// reads it. Where there is no answer about it, `error` says why, and the other
/// fields are there all the same.
#[derive(Debug, Serialize)]
pub(crate) struct ShipmentOutput {
    /// None if the answer names none and none was given.
    number: Option<String>,
    carrier: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorOutput>,
    status: Option<&'static str>,
    reason: Option<&'static str>,
    delivered: bool,
    eta: Option<Expected>,
    proof: Option<Proved>,
    conditions: Vec<ShipmentCondition>,
    /// Whether this is all that the carrier has: not if further pages follow.
    complete: bool,
    unique_id: Option<String>,
    shipped_on: Option<String>,
    service: Option<String>,
    pieces: Option<u32>,
    is_return: bool,
    aliases: Vec<Other>,
    events: Vec<EventOutput>,
}

/// A failure, as its kind and a message for people.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorOutput {
    kind: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
struct Expected {
    from: String,
    to: String,
    window: Option<[String; 2]>,
}

#[derive(Debug, Serialize)]
struct Proved {
    at: Option<Stamp>,
    received_by: Option<String>,
    left_at: Option<String>,
}

/// A time as the carrier gave it.
#[derive(Debug, Serialize)]
struct Stamp {
    date: String,
    time: Option<String>,
    offset: Option<String>,
}

#[derive(Debug, Serialize)]
struct EventOutput {
    #[serde(flatten)]
    at: Stamp,
    code: String,
    text: String,
    place: Where,
    status: Option<&'static str>,
    reason: Option<&'static str>,
    is_understood: bool,
}

#[derive(Debug, Serialize)]
struct Where {
    city: Option<String>,
    region: Option<String>,
    country: Option<String>,
}

/// Another number of the same shipment, and whose it is, if the carrier says.
#[derive(Debug, Serialize)]
struct Other {
    number: String,
    carrier: Option<String>,
}

/// Whom the reports are about and as of when.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// Who answered.
    pub(crate) profile: &'static CarrierProfile,
    /// When it was asked.
    pub(crate) now: Timestamp,
    /// Whether further pages follow.
    pub(crate) is_complete: bool,
}

impl ShipmentOutput {
    /// Whether there is an answer about a shipment.
    pub(crate) const fn is_report(&self) -> bool {
        self.error.is_none()
    }
}

impl Reader {
    /// Why there is no answer about a number. `reason` is what is known of the
    /// shipment nevertheless.
    pub(crate) fn failure_output(
        &self,
        number: Option<&TrackingNumber>,
        reason: Option<Reason>,
        kind: &'static str,
        message: impl Into<String>,
    ) -> ShipmentOutput {
        ShipmentOutput {
            number: number.map(ToString::to_string),
            carrier: self.profile.id,
            error: Some(ErrorOutput {
                kind,
                message: message.into(),
            }),
            status: reason.map(|reason| reason.to_status().as_str()),
            reason: reason.map(Reason::as_str),
            delivered: false,
            eta: None,
            proof: None,
            conditions: Vec::new(),
            complete: self.is_complete,
            unique_id: None,
            shipped_on: None,
            service: None,
            pieces: None,
            is_return: false,
            aliases: Vec::new(),
            events: Vec::new(),
        }
    }

    /// What an outcome says: of more than one shipment if the number was reused.
    pub(crate) fn outcome_output(
        &self,
        number: Option<&TrackingNumber>,
        outcome: &TrackingResult,
    ) -> Vec<ShipmentOutput> {
        let no_info = Some(Reason::NoInfo);
        let failed =
            |reason, kind, message: &str| vec![self.failure_output(number, reason, kind, message)];
        let unknown = "the carrier does not know the number";
        match outcome {
            TrackingResult::Found(found) if found.is_empty() => {
                failed(no_info, "not_found", unknown)
            }
            // The one that is taken to be meant comes first.
            TrackingResult::Found(found) => Found::newest_first(found.clone())
                .iter()
                .map(|found| self.shipment_output(number, found))
                .collect(),
            TrackingResult::NotFound => failed(no_info, "not_found", unknown),
            TrackingResult::Invalid => failed(
                Some(Reason::InvalidNumber),
                "invalid_number",
                "the carrier cannot have given the number",
            ),
            TrackingResult::NotYet { after, .. } => {
                let seconds = after.as_secs();
                let message = format!("the carrier wants to be asked again in {seconds} s");
                failed(no_info, "not_yet", &message)
            }
            // Nothing was said of the shipment.
            TrackingResult::Failed(failure) => {
                failed(None, failure.kind.as_str(), &failure_message(failure))
            }
        }
    }

    fn shipment_output(&self, number: Option<&TrackingNumber>, found: &Found) -> ShipmentOutput {
        let announced = NewShipment {
            carrier: CarrierId::parse(self.profile.id).expect("a test parses each id"),
            carrier_name: None,
            tracking_number: number.cloned().or_else(|| Some(unknown_number())),
            tracking_url: None,
            items: Vec::new(),
            eta: None,
            origins: Vec::new(),
            query_details: QueryDetails::default(),
        };
        let fresh = journey::register_shipment(ShipmentIndex(1), announced, self.now);
        let shipment = journey::apply_report(&fresh, &found.report, self.now).shipment;
        let status = shipment.current_status();
        let is_there = matches!(status, ShipmentStatus::Delivered | ShipmentStatus::Returned);
        // UPS tells where a shipment is to be left while it is still on its way.
        let proof = found.report.proof.as_ref().filter(|_| is_there);
        ShipmentOutput {
            number: number.map(ToString::to_string),
            carrier: self.profile.id,
            error: None,
            status: Some(status.as_str()),
            reason: Some(shipment.reason.as_str()),
            delivered: status == ShipmentStatus::Delivered,
            // What the carrier said last; the domain forgets it once the journey is over.
            eta: shipment.eta.or(found.report.eta).map(eta_output),
            proof: proof.map(|proof| self.proof_output(proof)),
            conditions: shipment
                .conditions
                .into_iter()
                .filter(is_the_carriers)
                .collect(),
            complete: self.is_complete,
            unique_id: found.unique_id.clone(),
            shipped_on: found.shipped_on.map(|day| day.to_string()),
            service: shipment.service,
            pieces: found.report.pieces,
            is_return: shipment.is_return,
            aliases: shipment.aliases.into_iter().map(alias_output).collect(),
            events: shipment
                .scans
                .iter()
                .map(|scan| self.event_output(scan))
                .collect(),
        }
    }

    fn event_output(&self, scan: &Scan) -> EventOutput {
        let (status, reason) = match scan.meaning {
            ScanMeaning::Status(reason) => {
                (Some(reason.to_status().as_str()), Some(reason.as_str()))
            }
            ScanMeaning::Delay(reason) => (Some("delayed"), Some(reason.as_str())),
            ScanMeaning::Note | ScanMeaning::Unknown | ScanMeaning::Withdrawn => (None, None),
        };
        EventOutput {
            at: self.time_output(scan.time),
            code: scan.code.clone(),
            text: scan.text.clone(),
            place: place_output(&scan.place),
            status,
            reason,
            is_understood: scan.is_understood(),
        }
    }

    fn proof_output(&self, proof: &Proof) -> Proved {
        Proved {
            at: proof.at.map(|at| self.time_output(at)),
            received_by: proof.received_by.clone(),
            left_at: proof.drop_off_location.clone(),
        }
    }

    /// Without the offset that we know only because we know where the carrier's
    /// clock hangs.
    fn time_output(&self, at: ScanTime) -> Stamp {
        let is_given = !matches!(self.profile.clock, CarrierClock::Zone(_));
        Stamp {
            date: at.local_date().to_string(),
            time: at.local_time().map(format_clock),
            offset: at.utc_offset().filter(|_| is_given).map(format_offset),
        }
    }
}

/// Stands for an unknown number: readers want one.
pub(crate) fn unknown_number() -> TrackingNumber {
    TrackingNumber::parse("UNKNOWN").expect("a word of seven letters is a number")
}

fn failure_message(failure: &CarrierError) -> String {
    match failure.kind {
        CarrierErrorKind::RateLimited { after: Some(after) } => {
            format!("{failure}; ask again in {} s", after.as_secs())
        }
        _ => failure.to_string(),
    }
}

/// The others are judged by the clock, and depend on the time of the look.
const fn is_the_carriers(condition: &ShipmentCondition) -> bool {
    match condition {
        ShipmentCondition::Delayed { .. } | ShipmentCondition::ActionRequired { .. } => true,
        ShipmentCondition::Stalled { .. } | ShipmentCondition::EtaMissed { .. } => false,
    }
}

fn place_output(place: &Place) -> Where {
    Where {
        city: place.city.clone(),
        region: place.region.clone(),
        country: place.country.clone(),
    }
}

fn alias_output(alias: Alias) -> Other {
    Other {
        number: alias.number.to_string(),
        carrier: alias.carrier.map(|carrier| carrier.to_string()),
    }
}

fn eta_output(eta: Eta) -> Expected {
    Expected {
        from: eta.from.to_string(),
        to: eta.to.to_string(),
        window: eta
            .window
            .map(|(from, to)| [format_clock(from), format_clock(to)]),
    }
}

fn format_clock(time: civil::Time) -> String {
    time.strftime("%H:%M:%S").to_string()
}

fn format_offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
