//! P5: from a carrier's answer to a report, beside karrio's mappers from Python,
//! on the recorded answers in which both find as many events.

use crate::{cpu_time, format_thousands, peers::Peers, table::ResultTable};
use anyhow::Context as _;
use posthorn_carriers::{ALL, Carrier, TrackingResult, recorded::RecordedResponse};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long each carrier is measured.
const SECONDS: Duration = Duration::from_secs(1);

/// A recorded answer that tells of events.
struct Recording {
    case: String,
    recorded: RecordedResponse,
    n_events: usize,
}

/// Measures and prints.
pub(crate) fn report_answers(peers: &Peers) -> anyhow::Result<()> {
    let mut carriers = Vec::new();
    for carrier in ALL.iter().copied() {
        carriers.push((carrier, load_recordings(peers, carrier)?));
    }
    eprintln!("  the recorded answers, both ways …");
    let mut table = ResultTable::new(
        "P5  from an answer to a report: recorded answers in which both find as many events",
        &[
            "carrier",
            "karrio's package",
            "answers",
            "Posthorn, a second of CPU",
            "karrio",
            "Posthorn / karrio",
            "target",
        ],
    );
    let karrio = match peers.run_karrio("answers.py", &hand_over(peers, &carriers)?)? {
        Ok(value) => value,
        Err(reason) => {
            println!("\nP5  not measured, no karrio: {reason}");
            return Ok(());
        }
    };
    let mut ratios = Vec::new();
    for (carrier, recordings) in &carriers {
        if let Some(peer) = karrio.get(carrier.carrier_profile().id) {
            ratios.extend(compare_carrier(&mut table, *carrier, recordings, peer)?);
        }
    }
    let n_ratios = f64::from(u32::try_from(ratios.len())?);
    let mean = (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / n_ratios).exp();
    table.add_row(
        [
            "geometric mean",
            "",
            "",
            "",
            "",
            &format_ratio(mean),
            "≥ 30×",
        ]
        .map(str::to_owned),
    );
    table.print_table();
    left_out(&karrio);
    Ok(())
}

/// The answers of `carrier` that tell of events.
fn load_recordings(peers: &Peers, carrier: &dyn Carrier) -> anyhow::Result<Vec<Recording>> {
    let mut found = Vec::new();
    for path in list_files(&peers.answers_folder().join(carrier.carrier_profile().id)) {
        let file = fs::read(&path)?;
        let recorded = RecordedResponse::parse(&file)
            .with_context(|| format!("{} is no recorded answer", path.display()))?;
        let n_events = count_events(carrier, &recorded);
        if n_events > 0 {
            let case = path.file_stem().unwrap_or_default().to_string_lossy();
            found.push(Recording {
                case: case.into_owned(),
                recorded,
                n_events,
            });
        }
    }
    Ok(found)
}

/// The recorded answers in `folder`, which need not be there.
fn list_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "http")
        })
        .collect();
    files.sort();
    files
}

fn count_events(carrier: &dyn Carrier, recorded: &RecordedResponse) -> usize {
    let answer = carrier.parse_response(&recorded.call, &recorded.response);
    let found = answer
        .outcomes
        .iter()
        .flat_map(|(_, outcome)| match outcome {
            TrackingResult::Found(found) => found.as_slice(),
            _ => &[],
        });
    found.map(|found| found.report.scans.len()).sum()
}

/// Writes the bodies, and a list of them, for the other side.
fn hand_over(
    peers: &Peers,
    carriers: &[(&dyn Carrier, Vec<Recording>)],
) -> anyhow::Result<PathBuf> {
    let folder = peers.file_path("answers");
    fs::create_dir_all(&folder)?;
    let mut lines = Vec::new();
    for (carrier, recordings) in carriers {
        let id = carrier.carrier_profile().id;
        for recording in recordings {
            let case = &recording.case;
            let body = folder.join(format!("{id}.{case}"));
            fs::write(&body, recording.recorded.response.body())?;
            let asked = recording.recorded.call.queries.first();
            let number = asked.map(|wanted| wanted.number.as_str());
            lines.push(format!(
                "{id}\t{case}\t{}\t{}\t{}",
                number.unwrap_or_default(),
                recording.n_events,
                body.display()
            ));
        }
    }
    let list = peers.file_path("answers.txt");
    fs::write(&list, lines.join("\n"))?;
    Ok(list)
}

/// Adds the row of one carrier, and gives the ratio if there is one.
fn compare_carrier(
    table: &mut ResultTable,
    carrier: &dyn Carrier,
    recordings: &[Recording],
    peer: &Value,
) -> anyhow::Result<Option<f64>> {
    let name = peer["peer"].as_str().unwrap_or_default();
    let package = format!("karrio-{}", name.replace('_', "-"));
    let both: Vec<&RecordedResponse> = recordings
        .iter()
        .filter(|recording| {
            let cases = peer["cases"].as_array().into_iter().flatten();
            cases.into_iter().any(|case| *case == *recording.case)
        })
        .map(|recording| &recording.recorded)
        .collect();
    let count = format!("{} of {}", both.len(), recordings.len());
    let mut row = vec![carrier.carrier_profile().id.to_owned(), package, count];
    let ratio = if let Some(theirs) = peer["per_second"].as_f64() {
        let own = measure_rate(carrier, &both)?;
        row.extend([
            format_thousands(own),
            format_thousands(theirs),
            format_ratio(own / theirs),
        ]);
        Some(own / theirs)
    } else {
        row.extend(["", "reads none of them", ""].map(str::to_owned));
        None
    };
    row.push("≥ 20×".to_owned());
    table.add_row(row);
    Ok(ratio)
}

/// How many answers a second.
fn measure_rate(carrier: &dyn Carrier, answers: &[&RecordedResponse]) -> anyhow::Result<f64> {
    let begun = cpu_time()?;
    let mut done: u32 = 0;
    loop {
        for _ in 0..100 {
            for recorded in answers {
                black_box(carrier.parse_response(&recorded.call, black_box(&recorded.response)));
            }
            done += u32::try_from(answers.len())?;
        }
        let spent = cpu_time()?.saturating_sub(begun);
        if spent >= SECONDS {
            return Ok(f64::from(done) / spent.as_secs_f64());
        }
    }
}

fn format_ratio(ratio: f64) -> String {
    format!("{ratio:.0}×")
}

/// Says which answers are left out and why.
fn left_out(karrio: &Value) {
    println!("\nLeft out, for what karrio does with them:");
    for (id, peer) in karrio.as_object().into_iter().flatten() {
        let mut cases_by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (case, reason) in peer["left_out"].as_object().into_iter().flatten() {
            let reason = reason.as_str().unwrap_or_default();
            cases_by_reason.entry(reason).or_default().push(case);
        }
        for (reason, cases) in cases_by_reason {
            println!("  {id}, {reason}: {}", cases.join(", "));
        }
    }
}
