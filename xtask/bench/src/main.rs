//! What Posthorn costs: time, memory, size and AWS operations, each beside a
//! baseline measured in the same run. Started by `cargo xtask bench`, which
//! builds everything first and passes on where it lies.
//!
//! Processor time is what the kernel counts for the process, so a busy machine
//! changes little; wall time is used only under a processor share (P2), where
//! it is the share that makes it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on the terminal is what this program is for"
)]

mod bootstrap;
mod cloud;
mod cost;
mod local;
mod runtime;
mod table;

use anyhow::Context as _;
use bootstrap::{Bootstrap, CpuShare};
use cloud::Cloud;
use runtime::Runtime;
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use table::ResultTable;

/// Functions whose cold path is measured, with the event that each gets.
const FUNCTIONS: [(&str, &str); 9] = [
    ("ingest", "ingest-order.json"),
    ("sweep", "sweep-minute.json"),
    ("poll", "poll-sandbox.json"),
    ("evaluate", "evaluate-shipment.json"),
    ("dispatch", "dispatch-fact.json"),
    ("feedback", "feedback-delivery.json"),
    ("receive", "receive-ups.json"),
    ("track", "track-page.json"),
    ("unsubscribe", "unsubscribe-page.json"),
];

/// Runs of each cold path, of which the median counts.
const RUNS: usize = 15;

/// Events for memory and for the processor time of one warm request.
const WARM_EVENTS: u64 = 1_000;

/// Where things lie, as `cargo xtask bench` says.
#[derive(Debug)]
struct BenchPaths {
    bootstraps: PathBuf,
    baselines: PathBuf,
    events: PathBuf,
    scratch: PathBuf,
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask tells this program where things lie by variables"
)]
fn require_variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .with_context(|| format!("{name} is not set: start me with `cargo xtask bench`"))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if std::env::args().any(|argument| argument == "C1") {
        return cost::report_cost().await;
    }
    let paths = BenchPaths {
        bootstraps: require_variable("POSTHORN_BENCH_BOOTSTRAPS")?.into(),
        baselines: require_variable("POSTHORN_BENCH_BASELINES")?.into(),
        events: require_variable("POSTHORN_BENCH_EVENTS")?.into(),
        scratch: require_variable("POSTHORN_BENCH_SCRATCH")?.into(),
    };
    let certificate = paths.scratch.join("cloud.pem");
    let cloud = cloud::serve(&certificate).await?;
    local::report_local(&paths, &cloud, &certificate).await
}

/// Variables that every bootstrap gets: the fake cloud and all names it may ask for.
fn bootstrap_variables(
    runtime: &Runtime,
    cloud: &Cloud,
    certificate: &Path,
) -> Vec<(String, String)> {
    let queue = format!("{}/000000000000/queue", cloud.endpoint);
    [
        ("AWS_LAMBDA_RUNTIME_API", runtime.address.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_ENDPOINT_URL", cloud.endpoint.as_str()),
        ("SSL_CERT_FILE", certificate.to_str().unwrap_or_default()),
        ("POSTHORN_ORDERS", "Orders"),
        ("POSTHORN_NOTIFICATIONS", "Notifications"),
        ("POSTHORN_CONTACTS", "Contacts"),
        ("POSTHORN_IDEMPOTENCY", "Idempotency"),
        ("POSTHORN_SETTINGS", "Settings"),
        ("POSTHORN_BUS", "bus"),
        ("POSTHORN_POLL_QUEUE", queue.as_str()),
        ("POSTHORN_DISPATCH_QUEUE", queue.as_str()),
        ("POSTHORN_QUARANTINE_QUEUE", queue.as_str()),
        ("POSTHORN_PARAMETERS", "/posthorn/bench"),
        ("POSTHORN_TRACK_URL", "https://track.example"),
        ("POSTHORN_PUSH_URL", "https://api.example/v1/push"),
        ("POSTHORN_POLL_SHARDS", "1"),
        ("POSTHORN_SANDBOX_PACE", "1"),
        ("POSTHORN_CONFIGURATION_SET", "posthorn"),
        ("RUST_LOG", "info"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Cold path of one bootstrap: from its start to its first answer.
#[derive(Debug, Clone, Copy)]
struct Cold {
    cpu: Duration,
    wall: Duration,
}

/// Starts `binary`, gives it one event and measures until it has answered.
async fn measure_cold_start(
    binary: &Path,
    event: &[u8],
    cloud: &Cloud,
    certificate: &Path,
    share: Option<&CpuShare>,
) -> anyhow::Result<Cold> {
    let runtime = Runtime::serve(event.to_vec().into()).await?;
    let variables = bootstrap_variables(&runtime, cloud, certificate);
    let start = Instant::now();
    let bootstrap = Bootstrap::start(binary, &variables, share).await?;
    runtime
        .run_events(1)
        .await
        .with_context(|| format!("{}", binary.display()))?;
    let measured = Cold {
        wall: start.elapsed(),
        cpu: bootstrap.cpu_time()?,
    };
    bootstrap.stop().await?;
    Ok(measured)
}

/// Median of `RUNS` cold paths.
async fn median_cold(
    binary: &Path,
    event: &[u8],
    cloud: &Cloud,
    certificate: &Path,
    share: Option<&CpuShare>,
    runs: usize,
) -> anyhow::Result<Cold> {
    let mut measured = Vec::with_capacity(runs);
    for _ in 0..runs {
        measured.push(measure_cold_start(binary, event, cloud, certificate, share).await?);
    }
    measured.sort_by_key(|cold| if share.is_some() { cold.wall } else { cold.cpu });
    Ok(measured[runs / 2])
}
