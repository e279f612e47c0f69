//! Builds what is measured, deploys a stack, and hands over to `posthorn-bench`.

use crate::{
    cargo,
    command::{command, logged, shown},
    deploy,
    paths::Paths,
    test::{on_a_stack, tell},
    tools::Tools,
    ui::Step,
};

/// Bootstraps to measure beside the functions, each a crate of its own.
const BASELINES: [&str; 2] = ["hello", "default-sdk"];

/// Measures everything and prints the tables.
pub(crate) fn run() -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let step = Step::begin("release", "compiling the functions");
    let mut release = cargo::compile(&paths, &["build", "--release"])?;
    for function in cargo::functions(&paths)? {
        release.args(["--package", &function]);
    }
    logged(release, "bench-release", &paths)?;
    step.done("functions built");
    let baselines = paths.tools.join("baselines");
    for name in BASELINES {
        let step = Step::begin("baseline", "compiling");
        let manifest = format!("xtask/bench/baselines/{name}/Cargo.toml");
        let mut baseline = command("cargo", &paths);
        baseline
            .args(["build", "--release", "--locked", "--manifest-path"])
            .arg(paths.root.join(manifest))
            .arg("--target-dir")
            .arg(&baselines)
            // Outside the workspace, whose .cargo/config.toml spares our functions
            // the jitter entropy: a baseline is what others get.
            .current_dir("/");
        logged(baseline, &format!("bench-{name}"), &paths)?;
        step.done(name);
    }
    deploy::build(&paths, &tools)?;
    on_a_stack(&paths, &tools, |stack, profile| {
        let mut bench = cargo::compile(&paths, &["run", "--quiet", "--package", "posthorn-bench"])?;
        tell(&mut bench, &tools, stack, profile)?;
        bench
            .env("POSTHORN_BENCH_BOOTSTRAPS", cargo::release(&paths)?)
            .env("POSTHORN_BENCH_BASELINES", baselines.join("release"))
            .env("POSTHORN_BENCH_EVENTS", paths.root.join("tests/events"))
            .env("POSTHORN_BENCH_SCRATCH", &baselines);
        shown(bench, "the bench")
    })
}
