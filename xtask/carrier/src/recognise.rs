//! Whose numbers these are.

use crate::print_line;
use clap::Args;
use posthorn_carriers::{Clues, recognise::MatchReason, recognise_number, rejected_carriers};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;

/// The numbers, and what else is known.
#[derive(Debug, Args)]
pub(crate) struct RecogniseOptions {
    /// Tracking numbers as people type them.
    #[arg(required = true)]
    numbers: Vec<String>,
    /// What a storefront calls the carrier, as `Deutsche Post`.
    #[arg(long)]
    hint: Option<String>,
    /// Where a storefront's tracking link leads.
    #[arg(long)]
    url: Option<String>,
    /// Where the shop or the customer is, as `DE`.
    #[arg(long)]
    country: Option<String>,
    /// How many shipments the shop sends with whom, as `fedex=95,ups=5`.
    #[arg(long, value_delimiter = ',', value_parser = parse_share)]
    mix: Vec<(String, u32)>,
}

fn parse_share(text: &str) -> Result<(String, u32), String> {
    text.split_once('=')
        .and_then(|(carrier, count)| Some((carrier.to_owned(), count.parse().ok()?)))
        .ok_or_else(|| format!("expected a carrier and a count as `ups=5`, got `{text}`"))
}

#[derive(Serialize)]
struct MatchLine<'a> {
    number: &'a str,
    candidates: Vec<MatchOutput>,
    rejected: Vec<RejectedOutput>,
}

#[derive(Serialize)]
struct MatchOutput {
    carrier: &'static str,
    format: Option<&'static str>,
    confidence: u8,
    checksum: Option<bool>,
    reasons: Vec<MatchReason>,
}

/// A carrier whose shape the number has, but not its check digit.
#[derive(Serialize)]
struct RejectedOutput {
    carrier: &'static str,
    format: &'static str,
    checksum: bool,
    reasons: Vec<MatchReason>,
}

/// Prints a line for each number.
pub(crate) fn run(options: &RecogniseOptions) -> anyhow::Result<ExitCode> {
    let mix: Vec<(&str, u32)> = options
        .mix
        .iter()
        .map(|(carrier, count)| (carrier.as_str(), *count))
        .collect();
    let clues = Clues {
        carrier_name: options.hint.as_deref(),
        url: options.url.as_deref(),
        country: options.country.as_deref(),
        shop_country: None,
        mix: &mix,
    };
    let mut code = ExitCode::SUCCESS;
    for text in &options.numbers {
        match TrackingNumber::parse(text) {
            Ok(number) => print_line(&serde_json::to_string(&match_line(&number, &clues))?)?,
            Err(error) => {
                let error = json!({"kind": "invalid_number", "message": error.to_string()});
                print_line(&json!({"number": text, "error": error}).to_string())?;
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn match_line<'a>(number: &'a TrackingNumber, clues: &Clues<'_>) -> MatchLine<'a> {
    let candidates = recognise_number(number, clues)
        .into_iter()
        .map(|found| MatchOutput {
            carrier: found.carrier,
            format: found.format,
            confidence: found.confidence,
            checksum: found.checksum,
            reasons: found.reasons.iter().collect(),
        })
        .collect();
    let rejected = rejected_carriers(number, clues)
        .into_iter()
        .map(|found| RejectedOutput {
            carrier: found.carrier,
            format: found.format,
            checksum: false,
            reasons: found.reasons.iter().collect(),
        })
        .collect();
    MatchLine {
        number: number.as_str(),
        candidates,
        rejected,
    }
}
