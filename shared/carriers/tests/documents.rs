//! The tables of carriers in the documents are those that the code makes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use posthorn_carriers::{
    ALL, CarrierProfile,
    profile::{CredentialField, Period, PollMode, Quota, Unit, Verifier},
};
use std::{fmt::Write as _, fs, path::PathBuf, time::Duration};

const BEGIN: &str = "<!-- carriers: UPDATE_CARRIERS=1 cargo test -p posthorn-carriers -->\n";
const END: &str = "<!-- end of carriers -->\n";

fn profiles() -> impl Iterator<Item = &'static CarrierProfile> {
    ALL.iter().map(|carrier| carrier.carrier_profile())
}

/// Compares what stands between the marks of a document with `made`, or writes it.
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test, not of the product"
)]
fn check(document: &str, made: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(document);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var("UPDATE_CARRIERS").is_ok() {
        return fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
    }
    assert!(
        written == made,
        "{document} is out of date: run UPDATE_CARRIERS=1 cargo test -p posthorn-carriers"
    );
}

fn asked(profile: &CarrierProfile) -> String {
    let numbers = match profile.batch {
        1 => "one number a call".to_owned(),
        batch => format!("{batch} numbers a call"),
    };
    match profile.mode {
        PollMode::Never => "never".to_owned(),
        _ if profile.base_url.is_empty() => "computed".to_owned(),
        PollMode::Ask => numbers,
        PollMode::Ticket { .. } => format!("{numbers}, by ticket"),
        PollMode::RegisterThenPush => format!("{numbers}, registered once"),
    }
}

fn pushes(profile: &CarrierProfile) -> &'static str {
    match profile.push.map(|push| push.verifier) {
        None => "–",
        Some(
            Verifier::HmacSha256 { .. }
            | Verifier::Sha256Suffix { .. }
            | Verifier::RsaSha256Jwks { .. },
        ) => "signed",
        Some(Verifier::SharedHeader(_)) => "with our secret",
        Some(Verifier::SecretPath) => "as a hint to ask",
        Some(Verifier::SecretPathOrSignature { .. }) => "signed if agreed, else as a hint to ask",
    }
}

fn fields(profile: &CarrierProfile) -> String {
    let names: Vec<String> = profile
        .credentials
        .iter()
        .filter(|field| field.is_required)
        .map(|field| format!("`{}`", field.name))
        .collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    names.join(", ")
}

#[test]
fn the_readme_lists_every_carrier() {
    let mut table = "\n| id | carrier | asked after | pushes | credentials |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for profile in profiles() {
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} |",
            profile.id,
            profile.name,
            asked(profile),
            pushes(profile),
            fields(profile)
        )
        .unwrap();
    }
    check("README.md", &(table + "\n"));
}

#[test]
fn a_carrier_with_credentials_says_what_they_take() {
    for profile in profiles() {
        let is_locked = profile.credentials.iter().any(|field| field.is_required);
        assert_eq!(is_locked, !profile.needs.is_empty(), "{}", profile.id);
    }
}

#[test]
fn the_list_of_credentials_is_that_of_the_profiles() {
    let mut text = "\n".to_owned();
    for profile in profiles().filter(|profile| !profile.base_url.is_empty()) {
        section(&mut text, profile);
    }
    check("docs/CARRIERS.md", &text);
}

fn section(text: &mut String, profile: &CarrierProfile) {
    let id = profile.id;
    write!(text, "### {} (`{id}`)\n\n", profile.name).unwrap();
    let required: Vec<&CredentialField> = profile
        .credentials
        .iter()
        .filter(|field| field.is_required)
        .collect();
    if !profile.needs.is_empty() {
        write!(text, "Needs {}.\n\n", profile.needs).unwrap();
    }
    if !profile.credentials.is_empty() {
        text.push_str("| field | where to get it |\n| --- | --- |\n");
        for field in profile.credentials {
            let optional = match (field.is_required, field.is_of_webhook) {
                (true, _) => "",
                (false, true) => " (of the webhook)",
                (false, false) => " (optional)",
            };
            writeln!(text, "| `{}`{optional} | {} |", field.name, field.help).unwrap();
        }
        text.push('\n');
    }
    let of_webhook: Vec<String> = profile
        .credentials
        .iter()
        .filter(|field| field.is_of_webhook)
        .map(|field| format!("\"{}\": \"…\"", field.name))
        .collect();
    let example: Vec<String> = required
        .iter()
        .map(|field| format!("\"{}\": \"…\"", field.name))
        .collect();
    if !example.is_empty() {
        write!(
            text,
            "Parameter `/posthorn/<stack>/carriers/{id}`: `{{ {} }}`\n\n",
            example.join(", ")
        )
        .unwrap();
    }
    if !of_webhook.is_empty() {
        write!(
            text,
            "Parameter of the webhook `/posthorn/<stack>/webhooks/{id}`: `{{ {} }}`\n\n",
            of_webhook.join(", ")
        )
        .unwrap();
    }
    write!(text, "Asked: {}", asked(profile)).unwrap();
    let quotas: Vec<String> = profile.quotas.iter().map(quota).collect();
    if !quotas.is_empty() {
        write!(text, "; it allows {}", quotas.join(" and ")).unwrap();
    }
    write!(
        text,
        "; one number at most every {}; it forgets a parcel after {} days.",
        duration(profile.min_interval),
        profile.retention_days
    )
    .unwrap();
    if let Some(push) = profile.push {
        write!(text, " Pushes: {}", pushes(profile)).unwrap();
        text.push_str(
            match (push.is_by_hand, push.subscribe_batch, profile.mode) {
                (_, Some(_), _) | (false, ..) => "; each parcel is subscribed to",
                (true, None, PollMode::RegisterThenPush) => {
                    "; a parcel is registered when it is first asked after"
                }
                (true, None, _) => "; one webhook is for all parcels",
            },
        );
        if let Some(batch) = push.subscribe_batch {
            let numbers = if batch == 1 { "number" } else { "numbers" };
            write!(text, ", {batch} {numbers} a call").unwrap();
            match push.lifetime {
                Some(lifetime) => write!(text, ", again every {}", duration(lifetime)).unwrap(),
                None => text.push_str(", once"),
            }
        }
        text.push('.');
        if push.is_by_hand {
            text.push_str(
                " The webhook itself is [set up by hand](OPERATIONS.md#let-a-carrier-tell-by-itself).",
            );
        }
    }
    text.push_str("\n\n");
}

fn quota(quota: &Quota) -> String {
    let unit = match quota.unit {
        Unit::Calls => "calls",
        Unit::Numbers => "numbers",
    };
    let period = match quota.period {
        Period::DayGmt => "a day (GMT)".to_owned(),
        Period::Rolling(length) => format!("in {}", duration(length)),
    };
    let unit = if quota.limit == 1 {
        unit.trim_end_matches('s')
    } else {
        unit
    };
    format!("{} {unit} {period}", quota.limit)
}

/// `30 s`, `15 min`, `6 h`, `14 days`.
fn duration(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds % 86_400 == 0 && seconds > 86_400 => {
            format!("{} days", seconds / 86_400)
        }
        seconds if seconds % 3_600 == 0 && seconds > 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 && seconds > 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
