//! P4: whose number is this, beside `tracking-numbers` from Python and
//! `ts-tracking-number` from Node.js.

use crate::{cpu_time, format_thousands, peers::Peers, table::ResultTable};
use posthorn_carriers::{
    Clues,
    recognise::format::{self, NumberFormat},
    recognise_number,
};
use posthorn_domain::tracking_number::TrackingNumber;
use serde_json::Value;
use std::{fs, hint::black_box, time::Duration};

/// Formats that all three know, so that all have the same work.
const FORMATS: [&str; 14] = [
    "S10",
    "UPS 1Z",
    "FedEx 12",
    "FedEx Ground 15",
    "FedEx Ground Economy 20",
    "FedEx Ground 96",
    "FedEx 34",
    "USPS 20",
    "USPS 22",
    "USPS 420 30",
    "DHL Express waybill",
    "DHL Express air waybill",
    "OnTrac C",
    "Amazon",
];

/// Numbers of each format; a fourth of them with a wrong check digit.
const OF_EACH: usize = 100;

/// How long the own recogniser is measured.
const SECONDS: Duration = Duration::from_secs(2);

/// Measures and prints.
pub(crate) fn report_recognition(peers: &Peers) -> anyhow::Result<()> {
    let numbers = sample_numbers();
    let file = peers.file_path("numbers.txt");
    fs::write(&file, numbers.join("\n"))?;
    eprintln!("  {} tracking numbers, three ways …", numbers.len());
    let (own, found) = measure_rate(&numbers)?;
    let mut table = ResultTable::new(
        &format!(
            "P4  whose number is this: {} numbers of {} formats, one in four mistyped",
            numbers.len(),
            FORMATS.len()
        ),
        &[
            "recogniser",
            "numbers a second of CPU",
            "Posthorn / this",
            "carrier found",
            "target",
        ],
    );
    table.add_row([
        "Posthorn, every candidate".to_owned(),
        format_thousands(own),
        "1.0×".to_owned(),
        found.to_string(),
        String::new(),
    ]);
    let peers = [
        (
            "tracking-numbers 0.1.8 (PyPI)",
            peers.run_python("recognise.py", &file)?,
            "≥ 15×",
        ),
        (
            "ts-tracking-number 1.0.17 (npm)",
            peers.run_node("recognise.js", &file)?,
            "≥ 45×",
        ),
    ];
    for (name, result, target) in peers {
        match result {
            Ok(value) => {
                let rate = value["per_second"].as_f64().unwrap_or_default();
                table.add_row([
                    name.to_owned(),
                    format_thousands(rate),
                    format!("{:.0}×", own / rate),
                    found_by(&value),
                    target.to_owned(),
                ]);
            }
            Err(reason) => table.add_row([
                name.to_owned(),
                format!("not measured: {reason}"),
                String::new(),
                String::new(),
                target.to_owned(),
            ]),
        }
    }
    table.print_table();
    println!("\nThe others stop at the first carrier that matches.");
    Ok(())
}

fn found_by(value: &Value) -> String {
    value["found"].as_u64().unwrap_or_default().to_string()
}

/// The same numbers each time.
fn sample_numbers() -> Vec<String> {
    let mut state = 0x5eed_u64;
    let mut seed = || -> Vec<u8> {
        let bytes = (0..48).map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        });
        bytes.collect()
    };
    let mut numbers = Vec::new();
    for index in 0..OF_EACH {
        for name in FORMATS {
            let found: Option<&NumberFormat> =
                format::all_formats().find(|format| format.name == name);
            let Some(mut number) = found.and_then(|format| format.made_up(&seed())) else {
                continue;
            };
            if index % 4 == 3
                && let Some(last) = number.rfind(|character: char| character.is_ascii_digit())
            {
                let digit = (number.as_bytes()[last] - b'0' + 1) % 10;
                number.replace_range(last..=last, &digit.to_string());
            }
            numbers.push(number);
        }
    }
    numbers
}

/// How many a second, and for how many there was a candidate.
fn measure_rate(numbers: &[String]) -> anyhow::Result<(f64, usize)> {
    let clues = Clues::default();
    let candidates = |text: &String| {
        TrackingNumber::parse(black_box(text)).map(|number| recognise_number(&number, &clues))
    };
    let found = numbers
        .iter()
        .filter(|text| candidates(text).is_ok_and(|found| !found.is_empty()))
        .count();
    let begun = cpu_time()?;
    let mut done: u32 = 0;
    loop {
        for _ in 0..20 {
            for text in numbers {
                black_box(candidates(text).is_ok_and(|found| !found.is_empty()));
            }
            done += u32::try_from(numbers.len())?;
        }
        let spent = cpu_time()?.saturating_sub(begun);
        if spent >= SECONDS {
            return Ok((f64::from(done) / spent.as_secs_f64(), found));
        }
    }
}
