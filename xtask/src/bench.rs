//! Builds what is measured, deploys a stack, and hands over to `posthorn-bench`;
//! and before that to `posthorn-bench-carriers`, which needs no stack.

use crate::{
    cargo,
    command::{run_logged, run_shown, workspace_command},
    deploy,
    paths::Paths,
    peers,
    test::{on_a_stack, set_stack_variables},
    tools::Tools,
    ui::ConsoleStep,
};
use clap::{Args, ValueEnum};

/// Bootstraps to measure beside the functions, each a crate of its own.
const BASELINES: [&str; 2] = ["hello", "default-sdk"];

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct BenchOptions {
    /// Only this; several times for several.
    #[arg(long, ignore_case = true)]
    only: Vec<Measure>,
}

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// The bootstraps: cold path, size, memory, processor time (P1, P2, P3, P7).
    #[value(name = "P1")]
    P1,
    /// How fast the carrier of a number is told.
    #[value(name = "P4")]
    P4,
    /// How fast an answer becomes a report.
    #[value(name = "P5")]
    P5,
    /// What a shipment's life costs (C1, C2), on a stack.
    #[value(name = "C1")]
    C1,
}

/// Measures everything and prints the tables.
pub(crate) fn run(options: &BenchOptions) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let is_wanted = |measure| options.only.is_empty() || options.only.contains(&measure);
    if is_wanted(Measure::P4) || is_wanted(Measure::P5) {
        bench_carriers(&paths, &options.only)?;
    }
    if is_wanted(Measure::P1) {
        bench_bootstraps(&paths)?;
    }
    if is_wanted(Measure::C1) {
        bench_life(&paths)?;
    }
    Ok(())
}

/// The carriers' code beside what others use.
fn bench_carriers(paths: &Paths, only: &[Measure]) -> anyhow::Result<()> {
    let package = ["--release", "--package", "posthorn-bench-carriers"];
    let step = ConsoleStep::begin_step("release", "compiling the carriers");
    let mut release = cargo::compile_command(paths, &["build"])?;
    release.args(package);
    run_logged(release, "bench-carriers", paths)?;
    step.done("carriers built");
    let scratch = paths.tools.join("baselines");
    std::fs::create_dir_all(&scratch)?;
    let mut bench = cargo::compile_command(paths, &["run", "--quiet"])?;
    bench
        .args(package)
        .env("POSTHORN_BENCH_SCRATCH", scratch)
        .env(
            "POSTHORN_BENCH_ANSWERS",
            paths.root.join("shared/carriers/fixtures"),
        );
    peers::set_variables(&mut bench, paths);
    bench.arg("--");
    for measure in only {
        bench.arg(format!("{measure:?}"));
    }
    run_shown(bench, "the bench of the carriers")
}

/// The bootstraps of the functions beside those of others.
fn bench_bootstraps(paths: &Paths) -> anyhow::Result<()> {
    let step = ConsoleStep::begin_step("release", "compiling the functions");
    let mut release = cargo::compile_command(paths, &["build", "--release"])?;
    for function in cargo::list_functions(paths)? {
        release.args(["--package", &function]);
    }
    run_logged(release, "bench-release", paths)?;
    step.done("functions built");
    let baselines = paths.tools.join("baselines");
    for name in BASELINES {
        let step = ConsoleStep::begin_step("baseline", "compiling");
        let manifest = format!("xtask/bench/baselines/{name}/Cargo.toml");
        let mut baseline = workspace_command("cargo", paths);
        baseline
            .args(["build", "--release", "--locked", "--manifest-path"])
            .arg(paths.root.join(manifest))
            .arg("--target-dir")
            .arg(&baselines)
            // Outside the workspace, whose .cargo/config.toml spares our functions
            // the jitter entropy: a baseline is what others get.
            .current_dir("/")
            // Nor by way of this program's own environment, which cargo set from it.
            .env_remove("AWS_LC_SYS_NO_JITTER_ENTROPY");
        run_logged(baseline, &format!("bench-{name}"), paths)?;
        step.done(name);
    }
    let mut bench =
        cargo::compile_command(paths, &["run", "--quiet", "--package", "posthorn-bench"])?;
    bench
        .args(["--", "P1"])
        .env("POSTHORN_BENCH_BOOTSTRAPS", cargo::release_folder(paths)?)
        .env("POSTHORN_BENCH_BASELINES", baselines.join("release"))
        .env("POSTHORN_BENCH_EVENTS", paths.root.join("tests/events"))
        .env("POSTHORN_BENCH_SCRATCH", &baselines);
    run_shown(bench, "the bench of the bootstraps")
}

/// The life of a shipment on the deployed stack.
fn bench_life(paths: &Paths) -> anyhow::Result<()> {
    let tools = Tools::install(paths)?;
    deploy::build_functions(paths, &tools)?;
    on_a_stack(paths, &tools, |stack, profile| {
        let mut bench =
            cargo::compile_command(paths, &["run", "--quiet", "--package", "posthorn-bench"])?;
        set_stack_variables(&mut bench, &tools, stack, profile)?;
        bench.args(["--", "C1"]);
        run_shown(bench, "the bench of a life")
    })
}
