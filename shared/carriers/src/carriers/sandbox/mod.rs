//! A carrier without shipments: its numbers name a scenario and walk it.
//!
//! `SANDBOX-STRAIGHT-0001` is picked up, carried and delivered in fifty hours
//! of the scenario, counted from its registration; the setting `pace` says how
//! many seconds of the scenario pass in one second of the clock. Integrators
//! test against it, in production too, which is why only orders that are
//! marked as tests may use it.

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, Found, TrackingResult},
    profile::{CarrierClock, CarrierProfile, CredentialField},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::{SignedDuration, civil::Date, tz::Offset};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Place, Scan, ScanMeaning},
    status::{DelayReason, Reason},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox;

/// What each number begins with.
pub(crate) const PREFIX: &str = "SANDBOX";

/// Whether `number` is made for the sandbox carrier, and known to no other.
pub fn is_test_number(number: &TrackingNumber) -> bool {
    number.as_str().starts_with(PREFIX)
}

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    credentials: &[CredentialField::optional_field(
        "pace",
        "seconds of the scenario in one second of the clock; 1 if not set",
    )],
    batch: 25,
    min_interval: Duration::from_mins(1),
    clock: CarrierClock::Offset,
    ..CarrierProfile::with_name("sandbox", "Sandbox")
};

/// The scenarios, as numbers name them.
pub(crate) const NAMES: &[&str] = &[
    "STRAIGHT",
    "DELAYED",
    "EXCEPTION",
    "RETURNED",
    "LOST",
    "OUTOFORDER",
    "DUPLICATES",
    "PICKUP",
    "ATTEMPT",
];

/// What happens: at which hour of the scenario, under which code, where.
#[derive(Clone, Copy)]
struct ScenarioStep(u32, &'static str, &'static str);

const START: &[ScenarioStep] = &[
    ScenarioStep(0, "LABEL", ""),
    ScenarioStep(4, "PICKED_UP", "Leipzig"),
    ScenarioStep(8, "DEPARTED", "Leipzig"),
    ScenarioStep(20, "ARRIVED", "Erfurt"),
];
const MIDDLE: &[ScenarioStep] = &[
    ScenarioStep(26, "DEPARTED", "Erfurt"),
    ScenarioStep(38, "ARRIVED", "Hamburg"),
    ScenarioStep(44, "OUT_FOR_DELIVERY", "Hamburg"),
];

/// The steps after [`START`].
fn scenario_steps(name: &str) -> Option<Vec<ScenarioStep>> {
    let rest: &[&[ScenarioStep]] = match name {
        "STRAIGHT" | "OUTOFORDER" | "DUPLICATES" => {
            &[MIDDLE, &[ScenarioStep(50, "DELIVERED", "Hamburg")]]
        }
        "DELAYED" => &[&[
            ScenarioStep(26, "DELAYED_WEATHER", "Erfurt"),
            ScenarioStep(50, "DEPARTED", "Erfurt"),
            ScenarioStep(62, "ARRIVED", "Hamburg"),
            ScenarioStep(68, "OUT_FOR_DELIVERY", "Hamburg"),
            ScenarioStep(74, "DELIVERED", "Hamburg"),
        ]],
        "EXCEPTION" => &[&[
            ScenarioStep(26, "BAD_ADDRESS", "Erfurt"),
            ScenarioStep(50, "RESOLVED", "Erfurt"),
            ScenarioStep(62, "ARRIVED", "Hamburg"),
            ScenarioStep(68, "OUT_FOR_DELIVERY", "Hamburg"),
            ScenarioStep(74, "DELIVERED", "Hamburg"),
        ]],
        "RETURNED" => &[
            MIDDLE,
            &[
                ScenarioStep(47, "REFUSED", "Hamburg"),
                ScenarioStep(52, "RETURNING", "Hamburg"),
                ScenarioStep(70, "ARRIVED", "Leipzig"),
                ScenarioStep(90, "DELIVERED", "Leipzig"),
            ],
        ],
        "LOST" => &[&[
            ScenarioStep(26, "DEPARTED", "Erfurt"),
            ScenarioStep(100, "LOST", ""),
        ]],
        "PICKUP" => &[
            &MIDDLE[..2],
            &[
                ScenarioStep(46, "READY", "Hamburg"),
                ScenarioStep(70, "COLLECTED", "Hamburg"),
            ],
        ],
        "ATTEMPT" => &[
            MIDDLE,
            &[
                ScenarioStep(46, "NOT_HOME", "Hamburg"),
                ScenarioStep(68, "OUT_FOR_DELIVERY", "Hamburg"),
                ScenarioStep(72, "DELIVERED", "Hamburg"),
            ],
        ],
        _ => return None,
    };
    Some(
        START
            .iter()
            .chain(rest.iter().copied().flatten())
            .copied()
            .collect(),
    )
}

fn map_meaning(code: &str) -> ScanMeaning {
    ScanMeaning::Status(match code {
        "LABEL" => Reason::Label,
        "PICKED_UP" => Reason::Accepted,
        "DEPARTED" => Reason::DepartureScan,
        "ARRIVED" => Reason::ArrivalScan,
        "OUT_FOR_DELIVERY" => Reason::Today,
        "DELIVERED" => Reason::DeliveredGeneric,
        "DELAYED_WEATHER" => return ScanMeaning::Delay(DelayReason::Weather),
        "BAD_ADDRESS" => Reason::BadAddress,
        "RESOLVED" => Reason::Resolved,
        "REFUSED" => Reason::Refused,
        "RETURNING" => Reason::ToSender,
        "LOST" => Reason::Lost,
        "READY" => Reason::Ready,
        "COLLECTED" => Reason::Collected,
        "NOT_HOME" => Reason::NotHome,
        _ => return ScanMeaning::Unknown,
    })
}

#[derive(Serialize, Deserialize)]
struct SandboxShipment {
    number: TrackingNumber,
    #[serde(default)]
    events: Option<Vec<SandboxEvent>>,
    #[serde(default)]
    expected: Option<Date>,
}

#[derive(Clone, Serialize, Deserialize)]
struct SandboxEvent {
    at: ScanTime,
    code: String,
    city: String,
}

impl Carrier for Sandbox {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        wanted
            .chunks(PROFILE.batch)
            .map(|wanted| {
                let shipments: Vec<SandboxShipment> = wanted
                    .iter()
                    .map(|wanted| shipment_at(wanted, context))
                    .collect();
                let body = serde_json::to_vec(&shipments).expect("shipments are plain JSON");
                CarrierRequest::already_answered(
                    Response::new(body.into()),
                    wanted.to_vec(),
                    context.now,
                )
            })
            .collect()
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        if response.status() == StatusCode::NOT_FOUND {
            return call.same_for_all(&TrackingResult::NotFound);
        }
        if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
            return call.same_for_all(&failure.into());
        }
        let Ok(shipments) = serde_json::from_slice::<Vec<SandboxShipment>>(response.body()) else {
            return call.same_for_all(
                &CarrierError::unreadable_response("expected a list of shipments").into(),
            );
        };
        let is_wanted = |shipment: &SandboxShipment| {
            call.queries
                .iter()
                .any(|wanted| wanted.number == shipment.number)
        };
        ParsedResponse {
            outcomes: shipments
                .into_iter()
                .filter(is_wanted)
                .map(shipment_result)
                .collect(),
            next: Vec::new(),
        }
    }
}

/// What the sandbox knows of a number at the time of asking.
fn shipment_at(wanted: &TrackingQuery, context: &RequestContext<'_>) -> SandboxShipment {
    let pace = context.access.get_field("pace").parse().ok();
    let pace: f64 = pace
        .filter(|pace: &f64| pace.is_finite() && *pace > 0.0)
        .unwrap_or(1.0);
    let name = wanted
        .number
        .as_str()
        .trim_start_matches(PREFIX)
        .trim_end_matches(|c: char| c.is_ascii_digit());
    let Some(steps) = scenario_steps(name) else {
        return SandboxShipment {
            number: wanted.number.clone(),
            events: None,
            expected: None,
        };
    };
    let at = |hours: u32| wanted.registered_at + from_hours(f64::from(hours) / pace);
    let mut events: Vec<SandboxEvent> = steps
        .iter()
        // Out of order: a depot that sends its scans twenty hours late.
        .map(|step| {
            (
                step,
                if name == "OUTOFORDER" && step.0 % 8 == 4 {
                    step.0 + 20
                } else {
                    step.0
                },
            )
        })
        .filter(|(_, seen)| *seen == 0 || at(*seen) <= context.now)
        .map(|(step, _)| SandboxEvent {
            at: ScanTime::from_zoned(Offset::UTC.to_datetime(at(step.0)), Offset::UTC),
            code: step.1.to_owned(),
            city: step.2.to_owned(),
        })
        .collect();
    if name == "DUPLICATES" {
        events.extend(events.clone());
    }
    let last_hour = steps.last().map_or(0, |step| step.0);
    let is_late = events.iter().any(|event| event.code == "DELAYED_WEATHER");
    // Expected on the clock of the scenario: a promise of days is one at any pace.
    let promised = if name == "DELAYED" && !is_late {
        50
    } else {
        last_hour
    };
    let expected = wanted.registered_at + from_hours(f64::from(promised));
    SandboxShipment {
        number: wanted.number.clone(),
        expected: (name != "LOST").then(|| Offset::UTC.to_datetime(expected).date()),
        events: Some(events),
    }
}

/// So many hours, in whole seconds.
fn from_hours(hours: f64) -> SignedDuration {
    // Saturates: a pace near zero lets nothing happen in our lifetime.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the bounds are far below i64"
    )]
    let seconds = (hours * 3600.0).clamp(0.0, 3.0e9) as i64;
    SignedDuration::from_secs(seconds)
}

fn shipment_result(shipment: SandboxShipment) -> (TrackingNumber, TrackingResult) {
    let Some(events) = shipment.events else {
        return (shipment.number, TrackingResult::NotFound);
    };
    let scans: Vec<Scan> = events
        .into_iter()
        .enumerate()
        .map(|(index, event)| Scan {
            time: event.at,
            meaning: map_meaning(&event.code),
            text: event.code.replace('_', " ").to_lowercase(),
            place: Place {
                country: (!event.city.is_empty()).then(|| "DE".to_owned()),
                city: (!event.city.is_empty()).then_some(event.city),
                region: None,
            },
            code: event.code,
            sequence: u32::try_from(index).unwrap_or(u32::MAX),
            is_inferred: false,
        })
        .collect();
    let is = |reason| move |scan: &Scan| scan.meaning == ScanMeaning::Status(reason);
    let is_over = scans.iter().any(is(Reason::DeliveredGeneric));
    let report = Report {
        eta: shipment
            .expected
            .filter(|_| !is_over)
            .map(|day| Eta::on_day(day, EtaSource::Carrier)),
        is_return: scans.iter().any(is(Reason::ToSender)),
        service: Some("Sandbox".to_owned()),
        scans,
        ..Report::default()
    };
    (
        shipment.number,
        TrackingResult::Found(vec![Found::new(report)]),
    )
}
