//! What each carrier supports.

use crate::print_line;
use clap::Args;
use posthorn_carriers::{
    ALL, CarrierProfile,
    profile::{Auth, Period, PollMode, Quota, Unit, Verifier},
    recognise::format::{self, Owner},
};
use serde::Serialize;
use std::{process::ExitCode, time::Duration};

/// How to show it.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// As a list of JSON objects.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct CarrierRow {
    id: &'static str,
    name: &'static str,
    auth: &'static str,
    credentials: Vec<&'static str>,
    mode: &'static str,
    batch: usize,
    quotas: Vec<String>,
    min_interval_s: u64,
    retention_days: u16,
    push: Option<&'static str>,
    formats: Vec<&'static str>,
    tracking_url: Option<&'static str>,
    tools: Vec<&'static str>,
}

/// Prints the list.
pub(crate) fn run(options: &ListOptions) -> anyhow::Result<ExitCode> {
    let rows: Vec<CarrierRow> = ALL
        .iter()
        .map(|carrier| carrier_row(carrier.carrier_profile()))
        .collect();
    if options.json {
        print_line(&serde_json::to_string_pretty(&rows)?)?;
    } else {
        print_rows(&rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn carrier_row(profile: &'static CarrierProfile) -> CarrierRow {
    let formats: Vec<&'static str> = format::all_formats()
        .filter(|format| format.owner == Owner::Carrier(profile.id))
        .map(|format| format.name)
        .collect();
    let is_asked = profile.mode != PollMode::Never;
    let tools = [
        ("recognise", !formats.is_empty()),
        ("parse", is_asked),
        ("poll", is_asked),
        ("push", profile.push.is_some()),
    ];
    CarrierRow {
        id: profile.id,
        name: profile.name,
        auth: describe_auth(profile.auth),
        credentials: profile.credentials.iter().map(|field| field.name).collect(),
        mode: match profile.mode {
            PollMode::Ask => "ask",
            PollMode::Ticket { .. } => "ticket",
            PollMode::RegisterThenPush => "register",
            PollMode::Never => "never",
        },
        batch: profile.batch,
        quotas: profile.quotas.iter().map(describe_quota).collect(),
        min_interval_s: profile.min_interval.as_secs(),
        retention_days: profile.retention_days,
        push: profile.push.map(|push| describe_verifier(push.verifier)),
        formats,
        tracking_url: profile.tracking_url,
        tools: tools
            .into_iter()
            .filter(|(_, is_there)| *is_there)
            .map(|(name, _)| name)
            .collect(),
    }
}

const fn describe_auth(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "none",
        Auth::OAuth2 { .. } => "oauth2",
        Auth::Header { .. } => "header",
        Auth::Basic { .. } => "basic",
        Auth::Headers(_) => "headers",
        Auth::Query(..) => "query",
        Auth::Body => "body",
        Auth::Login => "login",
    }
}

const fn describe_verifier(verifier: Verifier) -> &'static str {
    match verifier {
        Verifier::HmacSha256 { .. } => "hmac_sha256",
        Verifier::Sha256Suffix { .. } => "sha256",
        Verifier::RsaSha256Jwks { .. } => "rsa_sha256",
        Verifier::SharedHeader(_) => "shared_header",
        Verifier::SecretPath => "secret_path",
        Verifier::SecretPathOrSignature { .. } => "secret_path_or_signature",
    }
}

fn describe_quota(quota: &Quota) -> String {
    let unit = match quota.unit {
        Unit::Calls => "calls",
        Unit::Numbers => "numbers",
    };
    let period = match quota.period {
        Period::DayGmt => "day".to_owned(),
        Period::Rolling(length) => describe_duration(length),
    };
    format!("{} {unit}/{period}", quota.limit)
}

fn describe_duration(length: Duration) -> String {
    match length.as_secs() {
        86_400 => "day".to_owned(),
        3_600 => "h".to_owned(),
        60 => "min".to_owned(),
        1 => "s".to_owned(),
        seconds if seconds > 0 && seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}

fn print_rows(rows: &[CarrierRow]) -> anyhow::Result<()> {
    let mut table = vec![
        [
            "ID",
            "CARRIER",
            "AUTH",
            "MODE",
            "BATCH",
            "PUSH",
            "QUOTA",
            "RETENTION",
            "TOOLS",
        ]
        .map(str::to_owned),
    ];
    let or_dash = |text: String| {
        if text.is_empty() {
            "–".to_owned()
        } else {
            text
        }
    };
    table.extend(rows.iter().map(|row| {
        [
            row.id.to_owned(),
            row.name.to_owned(),
            row.auth.to_owned(),
            row.mode.to_owned(),
            row.batch.to_string(),
            row.push.unwrap_or("–").to_owned(),
            or_dash(row.quotas.join(", ")),
            format!("{} days", row.retention_days),
            or_dash(row.tools.join(" ")),
        ]
    }));
    let widths: [usize; 9] = std::array::from_fn(|column| {
        let cells = table.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    });
    for row in table {
        let line: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        print_line(line.join("  ").trim_end())?;
    }
    Ok(())
}
