//! P1, P2, P3 and P7: the bootstraps on this machine, each beside the smallest
//! Rust bootstrap and one on the SDK's default features.

use super::{
    BenchPaths, Bootstrap, Cloud, CpuShare, FUNCTIONS, RUNS, ResultTable, Runtime, WARM_EVENTS,
    bootstrap_variables, median_cold,
};
use anyhow::Context as _;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

struct Subject {
    name: String,
    binary: PathBuf,
    event: Vec<u8>,
}

fn list_subjects(paths: &BenchPaths) -> anyhow::Result<Vec<Subject>> {
    let plain = |name: &str| Subject {
        name: format!("{name} (baseline)"),
        binary: paths.baselines.join(name),
        event: b"{}".to_vec(),
    };
    let mut subjects = vec![plain("hello"), plain("default-sdk")];
    for (name, event) in FUNCTIONS {
        let file = paths.events.join(event);
        subjects.push(Subject {
            name: name.to_owned(),
            binary: paths.bootstraps.join(name),
            event: std::fs::read(&file)
                .with_context(|| format!("cannot read {}", file.display()))?,
        });
    }
    Ok(subjects)
}

fn format_ms(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

fn format_ratio(baseline: Duration, own: Duration) -> String {
    format!("{:.1}×", baseline.as_secs_f64() / own.as_secs_f64())
}

/// Measures and prints.
pub(crate) async fn report_local(
    paths: &BenchPaths,
    cloud: &Cloud,
    certificate: &Path,
) -> anyhow::Result<()> {
    let subjects = list_subjects(paths)?;
    cold_paths(&subjects, cloud, certificate).await?;
    measure_sizes(&subjects, paths, cloud, certificate).await
}

async fn cold_paths(subjects: &[Subject], cloud: &Cloud, certificate: &Path) -> anyhow::Result<()> {
    let share = CpuShare::of_128_mb();
    let mut table = ResultTable::new(
        "P1, P2  cold path: INIT and the first event, with its first TLS request (median)",
        &[
            "bootstrap",
            "P1 CPU",
            "default SDK / this",
            "P2 wall at a 128 MB share",
            "default SDK / this",
        ],
    );
    let mut measured = Vec::new();
    for subject in subjects {
        eprintln!("  cold path of {} …", subject.name);
        let free = median_cold(
            &subject.binary,
            &subject.event,
            cloud,
            certificate,
            None,
            RUNS,
        )
        .await?;
        let limited = match &share {
            Some(share) => Some(
                median_cold(
                    &subject.binary,
                    &subject.event,
                    cloud,
                    certificate,
                    Some(share),
                    5,
                )
                .await?,
            ),
            None => None,
        };
        measured.push((subject, free, limited));
    }
    let (_, default_free, default_limited) = measured[1];
    for (subject, free, limited) in &measured {
        let (wall, wall_ratio) = match (limited, default_limited) {
            (Some(limited), Some(default)) => (
                format_ms(limited.wall),
                format_ratio(default.wall, limited.wall),
            ),
            _ => ("no control groups here".to_owned(), "–".to_owned()),
        };
        table.add_row([
            subject.name.clone(),
            format_ms(free.cpu),
            format_ratio(default_free.cpu, free.cpu),
            wall,
            wall_ratio,
        ]);
    }
    table.print_table();
    println!(
        "\nTargets: P1 ≤ 7 ms and ≥ 4× less than the default SDK; P2 ≤ 80 ms. `hello` makes no TLS request."
    );
    Ok(())
}

async fn measure_sizes(
    subjects: &[Subject],
    paths: &BenchPaths,
    cloud: &Cloud,
    certificate: &Path,
) -> anyhow::Result<()> {
    let mut table = ResultTable::new(
        "P3, P7  size, memory and the processor time of a warm event",
        &[
            "bootstrap",
            "P3 zip",
            "P3 peak memory after 1,000 events",
            "P7 CPU per warm event",
            "hello / this",
        ],
    );
    let mut empty = None;
    for subject in subjects {
        eprintln!("  {WARM_EVENTS} events through {} …", subject.name);
        let zip = zipped_size(&subject.binary, &paths.scratch).await?;
        let runtime = Runtime::serve(subject.event.clone().into()).await?;
        let variables = bootstrap_variables(&runtime, cloud, certificate);
        let bootstrap = Bootstrap::start(&subject.binary, &variables, None).await?;
        runtime.run_events(1).await?;
        let before = bootstrap.cpu_time()?;
        runtime.run_events(WARM_EVENTS).await?;
        let events = u32::try_from(WARM_EVENTS).unwrap_or(u32::MAX);
        let each = bootstrap.cpu_time()?.saturating_sub(before) / events;
        let memory = bootstrap.peak_memory_kib()?;
        bootstrap.stop().await?;
        let hello = *empty.get_or_insert(each);
        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
        let (zip, memory) = (zip as f64 / 1e6, memory as f64 / 1024.0);
        table.add_row([
            subject.name.clone(),
            format!("{zip:.2} MB"),
            format!("{memory:.1} MiB"),
            format!("{:.3} ms", each.as_secs_f64() * 1e3),
            format_ratio(hello, each),
        ]);
    }
    table.print_table();
    println!("\nTargets: zip ≤ 3 MB, peak ≤ 16 MiB, a request through ingest ≤ 1 ms CPU.");
    Ok(())
}

/// Size of the bootstrap as Lambda gets it: deflated in a zip.
async fn zipped_size(binary: &Path, scratch: &Path) -> anyhow::Result<u64> {
    let archive = scratch.join("bootstrap.zip");
    let program = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED) as z: z.write(sys.argv[1], 'bootstrap')";
    let status = tokio::process::Command::new("python3")
        .args(["-c", program])
        .arg(binary)
        .arg(&archive)
        .status()
        .await
        .context("cannot run python3")?;
    anyhow::ensure!(status.success(), "cannot zip {}", binary.display());
    Ok(tokio::fs::metadata(&archive).await?.len())
}
