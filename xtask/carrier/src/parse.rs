//! What a recorded answer of a carrier means.

use crate::{
    print_line,
    recorded::{File, SOME_DAY, is_error},
    report::{Reader, ShipmentOutput, unknown_number},
};
use anyhow::Context as _;
use bytes::Bytes;
use clap::Args;
use http::{HeaderMap, Response, StatusCode};
use jiff::{Timestamp, tz::Offset};
use posthorn_carriers::{
    ALL, Carrier, CarrierErrorKind, CarrierRequest, Exchange, ParsedResponse, TrackingQuery,
    TrackingResult, find_carrier, recorded::RecordedResponse,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::{path::PathBuf, process::ExitCode};

/// The answer, and what was asked.
#[derive(Debug, Args)]
pub(crate) struct ParseOptions {
    /// Id of the carrier, as `ups`.
    carrier: String,
    /// A body as it came (JSON or XML), or a whole answer that begins with its
    /// status line.
    file: PathBuf,
    /// The number that was asked for; several times for several.
    #[arg(long = "number")]
    numbers: Vec<String>,
    /// The HTTP status of a bare body; else 200, or what the body says itself.
    #[arg(long)]
    status: Option<u16>,
    /// When it was asked, as `2026-11-18T20:00:00Z`; else the day of the last scan.
    #[arg(long)]
    asked_at: Option<Timestamp>,
}

/// What is said of a number; none if the number is unknown.
type Said = (Option<TrackingNumber>, TrackingResult);

/// Prints the report, or the list of reports.
pub(crate) fn run(options: &ParseOptions) -> anyhow::Result<ExitCode> {
    let carrier = named_carrier(&options.carrier)?;
    let bytes = std::fs::read(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let given: Vec<TrackingNumber> = options
        .numbers
        .iter()
        .map(|text| TrackingNumber::parse(text).with_context(|| format!("`{text}`")))
        .collect::<Result<_, _>>()?;
    let file = File {
        bytes: &bytes,
        status: options.status,
        asked_at: options.asked_at,
    };
    let RecordedResponse { call, mut response } = file
        .read_response()
        .with_context(|| options.file.display().to_string())?;
    let numbers = queried_numbers(carrier, &call, &response, given);
    let mut read = read_response(carrier, &call, &response, &numbers);
    if read.is_nonsense() {
        if let Some(said) = read_push(carrier, &call, response.body(), &numbers) {
            read = said;
        } else if file.is_bare() && is_error(response.body()) {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            read = self::read_response(carrier, &call, &response, &numbers);
        }
    }
    let asked_at = (call.asked_at != SOME_DAY).then_some(call.asked_at);
    let shown = read.to_output(carrier, options.asked_at.or(asked_at));
    let text = match shown.as_slice() {
        [one] => serde_json::to_string_pretty(one)?,
        several => serde_json::to_string_pretty(several)?,
    };
    print_line(&text)?;
    Ok(if shown.iter().any(ShipmentOutput::is_report) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn named_carrier(id: &str) -> anyhow::Result<&'static dyn Carrier> {
    let known = CarrierId::parse(id).ok().and_then(|id| find_carrier(&id));
    known.with_context(|| {
        let ids: Vec<&str> = ALL
            .iter()
            .map(|carrier| carrier.carrier_profile().id)
            .collect();
        format!(
            "`{id}` is no carrier of ours: expected one of {}",
            ids.join(", ")
        )
    })
}

/// What was asked for: as the options say, as the file says, or as the answer
/// itself names its shipments.
fn queried_numbers(
    carrier: &dyn Carrier,
    call: &CarrierRequest,
    response: &Response<Bytes>,
    given: Vec<TrackingNumber>,
) -> Vec<TrackingNumber> {
    if !given.is_empty() {
        return given;
    }
    if call.queries.is_empty() {
        return carrier.answered_numbers(response);
    }
    let asked = call.queries.iter();
    asked.map(|wanted| wanted.number.clone()).collect()
}

/// The call, asking for `numbers`; those that it asked for keep what it knew of them.
fn with_numbers(call: &CarrierRequest, numbers: &[TrackingNumber]) -> CarrierRequest {
    let wanted = numbers.iter().map(|number| {
        let known = call.queries.iter().find(|wanted| wanted.number == *number);
        known
            .cloned()
            .unwrap_or_else(|| TrackingQuery::new(number.clone(), call.asked_at))
    });
    CarrierRequest {
        queries: wanted.collect(),
        ..call.clone()
    }
}

/// All that an answer says.
#[derive(Default)]
struct Read {
    /// Of each number.
    said: Vec<Said>,
    /// What it says of numbers of which the carrier would say more.
    unfinished: Vec<Said>,
    /// Why nothing can be said of a number before something else is asked.
    unasked: Vec<(TrackingNumber, String)>,
}

/// Reads the answer as one to a question for `numbers`, or, if the carrier takes
/// one at a time, as one to a question for each.
fn read_response(
    carrier: &dyn Carrier,
    call: &CarrierRequest,
    response: &Response<Bytes>,
    numbers: &[TrackingNumber],
) -> Read {
    if numbers.is_empty() {
        let answer = carrier.parse_response(
            &without_next(with_numbers(call, &[unknown_number()])),
            response,
        );
        let said = answer.outcomes.into_iter();
        return Read {
            said: said.map(|(_, outcome)| (None, outcome)).collect(),
            ..Read::default()
        };
    }
    let at_once = carrier.carrier_profile().batch.max(1);
    let mut read = Read::default();
    for numbers in numbers.chunks(at_once) {
        let ParsedResponse { outcomes, next } =
            carrier.parse_response(&with_numbers(call, numbers), response);
        let said = outcomes.into_iter();
        read.said
            .extend(said.map(|(number, outcome)| (Some(number), outcome)));
        for next in &next {
            for wanted in &next.queries {
                read.take_unfinished(carrier, call, response, &wanted.number, next);
            }
        }
    }
    let place = |number: &TrackingNumber| numbers.iter().position(|known| known == number);
    read.said
        .sort_by_key(|(number, _)| number.as_ref().and_then(place));
    read
}

/// The same question, after which no further one can be asked.
fn without_next(call: CarrierRequest) -> CarrierRequest {
    CarrierRequest {
        is_last: true,
        ..call
    }
}

/// What the body says if it is not an answer but a push, of the numbers that
/// were asked for, if any were.
fn read_push(
    carrier: &dyn Carrier,
    call: &CarrierRequest,
    body: &Bytes,
    numbers: &[TrackingNumber],
) -> Option<Read> {
    let said = carrier.parse_push(&HeaderMap::new(), body).ok()?;
    let is_asked = |number: &TrackingNumber| {
        call.queries.is_empty() && (numbers.is_empty() || numbers.contains(number))
    };
    let said: Vec<Said> = said
        .into_iter()
        .filter(|(number, _)| is_asked(number))
        .map(|(number, outcome)| (Some(number), outcome))
        .collect();
    (!said.is_empty()).then(|| Read {
        said,
        ..Read::default()
    })
}

impl Read {
    /// Reads the answer about a number as if it were the last one.
    fn take_unfinished(
        &mut self,
        carrier: &dyn Carrier,
        call: &CarrierRequest,
        response: &Response<Bytes>,
        number: &TrackingNumber,
        next: &CarrierRequest,
    ) {
        let call = without_next(with_numbers(call, std::slice::from_ref(number)));
        let outcomes = carrier.parse_response(&call, response).outcomes;
        let known = outcomes
            .into_iter()
            .find(|(_, outcome)| matches!(outcome, TrackingResult::Found(_)));
        if let Some((number, outcome)) = known {
            self.unfinished.push((Some(number), outcome));
        } else {
            self.unasked.push((number.clone(), describe_question(next)));
        }
    }

    /// Whether nothing of it could be read.
    fn is_nonsense(&self) -> bool {
        self.unfinished.is_empty()
            && self.unasked.is_empty()
            && self.said.iter().all(|(_, outcome)| match outcome {
                TrackingResult::Failed(failure) => failure.kind == CarrierErrorKind::Unreadable,
                TrackingResult::Found(_)
                | TrackingResult::NotFound
                | TrackingResult::Invalid
                | TrackingResult::NotYet { .. } => false,
            })
    }

    fn to_output(&self, carrier: &dyn Carrier, asked_at: Option<Timestamp>) -> Vec<ShipmentOutput> {
        let reader = Reader {
            profile: carrier.carrier_profile(),
            now: asked_at
                .or_else(|| self.last_scan())
                .unwrap_or(Timestamp::UNIX_EPOCH),
            is_complete: true,
        };
        let in_part = Reader {
            is_complete: false,
            ..reader
        };
        let of = |reader: Reader| {
            move |(number, outcome): &Said| reader.outcome_output(number.as_ref(), outcome)
        };
        let mut shown: Vec<ShipmentOutput> = self.said.iter().flat_map(of(reader)).collect();
        shown.extend(self.unfinished.iter().flat_map(of(in_part)));
        shown.extend(self.unasked.iter().map(|(number, question)| {
            let message = format!("the answer is not all of it, the next question is {question}");
            in_part.failure_output(Some(number), None, "unfinished", message)
        }));
        if shown.is_empty() {
            let name = carrier.carrier_profile().name;
            let message = format!("{name} says nothing of a shipment in this answer");
            shown.push(reader.failure_output(None, None, "unreadable", message));
        }
        shown
    }

    fn last_scan(&self) -> Option<Timestamp> {
        self.said
            .iter()
            .chain(&self.unfinished)
            .filter_map(|(_, outcome)| match outcome {
                TrackingResult::Found(found) => Some(found),
                _ => None,
            })
            .flatten()
            .flat_map(|found| &found.report.scans)
            .filter_map(|scan| Offset::UTC.to_timestamp(scan.time.order_key()).ok())
            .max()
    }
}

fn describe_question(next: &CarrierRequest) -> String {
    match &next.exchange {
        Exchange::Send(request) => format!("{} {}", request.method(), request.uri().path()),
        Exchange::Known(_) => "itself".to_owned(),
    }
}
