//! What a recorded answer of a carrier means.

use crate::{
    report::{self, Shown},
    show,
};
use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::Args;
use http::{Request, Response, StatusCode, header::CONTENT_TYPE};
use jiff::{Timestamp, tz::Offset};
use posthorn_carriers::{
    ALL, Call, Carrier, Exchange, Fit, Outcome, Wanted, find, fit, recorded::Recorded,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

/// The answer, and what was asked.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Id of the carrier, as `ups`.
    carrier: String,
    /// A body as it came (JSON or XML), or a whole answer that begins with its
    /// status line.
    file: PathBuf,
    /// The number that was asked for; several times for several.
    #[arg(long = "number")]
    numbers: Vec<String>,
    /// The HTTP status of a bare body.
    #[arg(long, default_value_t = 200)]
    status: u16,
    /// When it was asked, as `2026-11-18T20:00:00Z`; else the day of the last scan.
    #[arg(long)]
    asked_at: Option<Timestamp>,
}

/// More words than this are not tried as numbers.
const MOST_WORDS: usize = 3_000;

/// Prints the report, or the list of reports.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let carrier = carrier(&options.carrier)?;
    let file = std::fs::read(&options.file)
        .with_context(|| format!("cannot read {}", options.file.display()))?;
    let given: Vec<TrackingNumber> = options
        .numbers
        .iter()
        .map(|text| TrackingNumber::parse(text).with_context(|| format!("`{text}`")))
        .collect::<Result<_, _>>()?;
    let Recorded { call, response } = recorded(&file, options)?;
    let wanted = if !given.is_empty() {
        given
    } else if call.wanted.is_empty() {
        looked_for(carrier, &call, &response, options)?
    } else {
        call.wanted
            .iter()
            .map(|wanted| wanted.number.clone())
            .collect()
    };
    let call = asking(&call, &wanted);
    let answer = carrier.parse(&call, &response);
    let now = options
        .asked_at
        .or_else(|| (call.asked_at != Timestamp::UNIX_EPOCH).then_some(call.asked_at))
        .or_else(|| last_scan(&answer.outcomes))
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let mut shown: Vec<Shown> = answer
        .outcomes
        .iter()
        .flat_map(|(number, outcome)| report::of(&carrier.id(), number, outcome, now))
        .collect();
    for next in &answer.next {
        let numbers = next.wanted.iter().map(|wanted| &wanted.number);
        shown.extend(numbers.map(|number| unfinished(number, next)));
    }
    if shown.is_empty() {
        bail!(
            "{} says nothing of the number in this answer",
            carrier.profile().name
        );
    }
    let text = match shown.as_slice() {
        [one] => serde_json::to_string_pretty(one)?,
        several => serde_json::to_string_pretty(several)?,
    };
    show(&text)?;
    Ok(if shown.iter().any(Shown::is_failure) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn carrier(id: &str) -> anyhow::Result<&'static dyn Carrier> {
    let known = CarrierId::parse(id).ok().and_then(|id| find(&id));
    known.with_context(|| {
        let ids: Vec<&str> = ALL.iter().map(|carrier| carrier.profile().id).collect();
        format!(
            "`{id}` is no carrier of ours: expected one of {}",
            ids.join(", ")
        )
    })
}

/// The answer in the file. A whole answer may lack our own headers.
fn recorded(file: &[u8], options: &Options) -> anyhow::Result<Recorded> {
    if !file.starts_with(b"HTTP/") {
        let body = Bytes::copy_from_slice(file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file));
        let kind = if body.trim_ascii_start().starts_with(b"<") {
            "text/xml"
        } else {
            "application/json"
        };
        let status = StatusCode::from_u16(options.status).context("--status")?;
        let response = Response::builder()
            .status(status)
            .header(CONTENT_TYPE, kind)
            .body(body)
            .context("a status and a body make an answer")?;
        let call = Call::send(
            Request::new(Bytes::new()),
            Vec::new(),
            options.asked_at.unwrap_or(Timestamp::UNIX_EPOCH),
        );
        return Ok(Recorded { call, response });
    }
    let end = file
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(file.len().saturating_sub(1));
    let (line, rest) = file.split_at((end + 1).min(file.len()));
    let head_end = rest
        .windows(2)
        .position(|pair| pair == b"\n\n" || pair == b"\n\r")
        .unwrap_or(rest.len());
    let head = String::from_utf8_lossy(&rest[..head_end]).to_lowercase();
    let mut whole = line.to_vec();
    if !head.contains("posthorn-asked-at:") {
        let at = options.asked_at.unwrap_or(Timestamp::UNIX_EPOCH);
        whole.extend(format!("posthorn-asked-at: {at}\n").bytes());
    }
    whole.extend(rest);
    Recorded::parse(&whole).with_context(|| options.file.display().to_string())
}

/// The call, asking for `numbers`; those that it asked for keep what it knew of them.
fn asking(call: &Call, numbers: &[TrackingNumber]) -> Call {
    let wanted = numbers.iter().map(|number| {
        let known = call.wanted.iter().find(|wanted| wanted.number == *number);
        known
            .cloned()
            .unwrap_or_else(|| Wanted::new(number.clone(), call.asked_at))
    });
    Call {
        wanted: wanted.collect(),
        ..call.clone()
    }
}

/// The numbers that the answer speaks of: the name of the file, or the words of
/// its body, if the carrier makes a parcel of them.
fn looked_for(
    carrier: &dyn Carrier,
    call: &Call,
    response: &Response<Bytes>,
    options: &Options,
) -> anyhow::Result<Vec<TrackingNumber>> {
    let is_found = |number: &TrackingNumber| {
        let call = asking(call, std::slice::from_ref(number));
        let answer = carrier.parse(&call, response);
        answer.outcomes.iter().any(|(of, outcome)| {
            of == number && matches!(outcome, Outcome::Found(found) if !found.is_empty())
        })
    };
    let named = options.file.file_stem().and_then(|stem| stem.to_str());
    let named = named.and_then(|stem| TrackingNumber::parse(stem).ok());
    if let Some(number) = named
        && fit(carrier.profile(), &number) == Fit::Fits
        && is_found(&number)
    {
        return Ok(vec![number]);
    }
    let words = words(response.body());
    let (likely, others): (Vec<_>, Vec<_>) = words
        .into_iter()
        .partition(|number| fit(carrier.profile(), number) == Fit::Fits);
    for group in [likely, others] {
        let found: Vec<TrackingNumber> = group
            .into_iter()
            .filter(|number| is_found(number))
            .collect();
        match found.as_slice() {
            [] => {}
            [_] => return Ok(found),
            several if are_told_apart(carrier, call, response, several) => return Ok(found),
            several => {
                let shown: Vec<&str> = several.iter().take(8).map(TrackingNumber::as_str).collect();
                bail!(
                    "the answer may be about any of {}: say which by `--number`",
                    shown.join(", ")
                )
            }
        }
    }
    // A failure concerns whatever was asked for.
    let unknown = TrackingNumber::parse("UNKNOWN").context("a word is a number")?;
    let answer = carrier.parse(&asking(call, std::slice::from_ref(&unknown)), response);
    let is_failure = answer.outcomes.iter().any(|(_, outcome)| match outcome {
        Outcome::Failed(failure) => failure.kind != posthorn_carriers::ErrorKind::Unreadable,
        Outcome::NotFound | Outcome::Invalid | Outcome::NotYet { .. } | Outcome::Found(_) => false,
    });
    if is_failure {
        return Ok(vec![unknown]);
    }
    bail!("no number of the answer is found in it: say what was asked for by `--number`")
}

/// Whether the answer has a parcel for each number when all are asked for, and
/// not the same one for all.
fn are_told_apart(
    carrier: &dyn Carrier,
    call: &Call,
    response: &Response<Bytes>,
    numbers: &[TrackingNumber],
) -> bool {
    let answer = carrier.parse(&asking(call, numbers), response);
    let stranger = TrackingNumber::parse("STRANGER").ok();
    let strange = stranger.map(|number| carrier.parse(&asking(call, &[number]), response));
    let takes_any = strange.is_some_and(|answer| {
        let mut outcomes = answer.outcomes.iter();
        outcomes.any(|(_, outcome)| matches!(outcome, Outcome::Found(_)))
    });
    !takes_any
        && numbers.iter().all(|number| {
            answer
                .outcomes
                .iter()
                .any(|(of, outcome)| of == number && matches!(outcome, Outcome::Found(_)))
        })
}

/// The words of a body that may be tracking numbers, each once.
fn words(body: &[u8]) -> BTreeSet<TrackingNumber> {
    String::from_utf8_lossy(body)
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| (8..=40).contains(&word.len()))
        .filter(|word| word.bytes().any(|byte| byte.is_ascii_digit()))
        .filter_map(|word| TrackingNumber::parse(word).ok())
        .take(MOST_WORDS)
        .collect()
}

fn last_scan(outcomes: &[(TrackingNumber, Outcome)]) -> Option<Timestamp> {
    outcomes
        .iter()
        .filter_map(|(_, outcome)| match outcome {
            Outcome::Found(found) => Some(found),
            _ => None,
        })
        .flatten()
        .flat_map(|found| &found.report.scans)
        .filter_map(|scan| Offset::UTC.to_timestamp(scan.time.order_key()).ok())
        .max()
}

fn unfinished(number: &TrackingNumber, next: &Call) -> Shown {
    let question = match &next.exchange {
        Exchange::Send(request) => format!("{} {}", request.method(), request.uri().path()),
        Exchange::Known(_) => "itself".to_owned(),
    };
    let message = format!("the answer is not all of it, the next question is {question}");
    Shown::failure(number, "unfinished", message)
}
