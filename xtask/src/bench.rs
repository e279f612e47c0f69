//! Builds what is measured, deploys a stack, and hands over to `posthorn-bench`;
//! and before that to `posthorn-bench-carriers`, which needs no stack.

use crate::{
    cargo,
    command::{command, logged, shown},
    deploy,
    paths::Paths,
    peers,
    test::{on_a_stack, tell},
    tools::Tools,
    ui::Step,
};
use clap::{Args, ValueEnum};

/// Bootstraps to measure beside the functions, each a crate of its own.
const BASELINES: [&str; 2] = ["hello", "default-sdk"];

/// What to measure.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Only this, which needs no stack; several times for several.
    #[arg(long, ignore_case = true)]
    only: Vec<Measure>,
}

/// What can be measured without a stack.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Measure {
    /// How fast the carrier of a number is told.
    #[value(name = "P4")]
    P4,
    /// How fast an answer becomes a report.
    #[value(name = "P5")]
    P5,
}

/// Measures everything and prints the tables.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    carriers(&paths, &options.only)?;
    if options.only.is_empty() {
        functions(&paths)
    } else {
        Ok(())
    }
}

/// The carriers' code beside what others use.
fn carriers(paths: &Paths, only: &[Measure]) -> anyhow::Result<()> {
    let package = ["--release", "--package", "posthorn-bench-carriers"];
    let step = Step::begin("release", "compiling the carriers");
    let mut release = cargo::compile(paths, &["build"])?;
    release.args(package);
    logged(release, "bench-carriers", paths)?;
    step.done("carriers built");
    let scratch = paths.tools.join("baselines");
    std::fs::create_dir_all(&scratch)?;
    let mut bench = cargo::compile(paths, &["run", "--quiet"])?;
    bench
        .args(package)
        .env("POSTHORN_BENCH_SCRATCH", scratch)
        .env(
            "POSTHORN_BENCH_ANSWERS",
            paths.root.join("shared/carriers/fixtures"),
        );
    peers::tell(&mut bench, paths);
    bench.arg("--");
    for measure in only {
        bench.arg(format!("{measure:?}"));
    }
    shown(bench, "the bench of the carriers")
}

/// The functions and the stack.
fn functions(paths: &Paths) -> anyhow::Result<()> {
    let tools = Tools::install(paths)?;
    let step = Step::begin("release", "compiling the functions");
    let mut release = cargo::compile(paths, &["build", "--release"])?;
    for function in cargo::functions(paths)? {
        release.args(["--package", &function]);
    }
    logged(release, "bench-release", paths)?;
    step.done("functions built");
    let baselines = paths.tools.join("baselines");
    for name in BASELINES {
        let step = Step::begin("baseline", "compiling");
        let manifest = format!("xtask/bench/baselines/{name}/Cargo.toml");
        let mut baseline = command("cargo", paths);
        baseline
            .args(["build", "--release", "--locked", "--manifest-path"])
            .arg(paths.root.join(manifest))
            .arg("--target-dir")
            .arg(&baselines)
            // Outside the workspace, whose .cargo/config.toml spares our functions
            // the jitter entropy: a baseline is what others get.
            .current_dir("/");
        logged(baseline, &format!("bench-{name}"), paths)?;
        step.done(name);
    }
    deploy::build(paths, &tools)?;
    on_a_stack(paths, &tools, |stack, profile| {
        let mut bench = cargo::compile(paths, &["run", "--quiet", "--package", "posthorn-bench"])?;
        tell(&mut bench, &tools, stack, profile)?;
        bench
            .env("POSTHORN_BENCH_BOOTSTRAPS", cargo::release(paths)?)
            .env("POSTHORN_BENCH_BASELINES", baselines.join("release"))
            .env("POSTHORN_BENCH_EVENTS", paths.root.join("tests/events"))
            .env("POSTHORN_BENCH_SCRATCH", &baselines);
        shown(bench, "the bench")
    })
}
