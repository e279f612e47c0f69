//! Every test: of the workspace, of the local emulator, and of the deployed stack.

use crate::{
    cargo,
    command::{run_shown, workspace_command},
    deploy::{self, StackProfile},
    network,
    paths::Paths,
    stack::{self, Stack, Start},
    tools::Tools,
    ui,
};
use clap::Args;
use std::process::Command;

/// The package whose tests look at the deployed stack from outside.
const SYSTEM: &str = "posthorn-tests";

/// What to test.
#[derive(Debug, Default, Args)]
pub(crate) struct TestOptions {
    /// Only tests whose name contains one of these.
    filter: Vec<String>,
}

/// Runs the tests; the stack that it starts is stopped whatever happens.
pub(crate) fn run(options: &TestOptions) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    cargo::must_build(&paths)?;
    let tools = Tools::install(&paths)?;
    ui::run_loudly("workspace", "cargo test", || {
        test_workspace(&paths, options)
    })?;
    if options.filter.is_empty() {
        ui::run_loudly("emulator", "infra/local/tests", || {
            test_launcher(&paths, &tools)
        })?;
    }
    deploy::build_functions(&paths, &tools)?;
    on_a_stack(&paths, &tools, |stack, profile| {
        test_system(&paths, &tools, stack, profile, options)
    })
}

/// Deploys a stack of its own, so that no test meets the one that a developer
/// works with, and stops it whatever `work` comes to.
pub(crate) fn on_a_stack(
    paths: &Paths,
    tools: &Tools,
    work: impl FnOnce(&Stack, &StackProfile) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let profile = StackProfile::load_profile(paths)?;
    stack::forget_ended(paths, "test-")?;
    let name = format!("test-{}", std::process::id());
    let mut stack = Stack::start(
        paths,
        tools,
        Start {
            name: &name,
            port: network::free_port()?,
            detach: false,
            api_name: &profile.stack_name,
        },
    )?;
    // The clock stands still: who measures or tests calls the sweep itself.
    let still = profile
        .clone()
        .with_parameter("SweepState", "DISABLED")
        .with_parameter("Carriers", "ups,17track");
    let worked =
        deploy::deploy_stack(paths, tools, &mut stack, &still).and_then(|_| work(&stack, &profile));
    let stopped = stack.stop();
    worked?;
    stopped?;
    std::fs::remove_dir_all(paths.tools.join(&name))?;
    Ok(())
}

/// Tells `program` where the stack is.
pub(crate) fn set_stack_variables(
    program: &mut Command,
    tools: &Tools,
    stack: &Stack,
    profile: &StackProfile,
) -> anyhow::Result<()> {
    let ups = format!("127.0.0.1:{}", network::free_port()?);
    program
        .env("POSTHORN_TEST_ENDPOINT", &stack.emulator.endpoint)
        .env("POSTHORN_TEST_API", &stack.api)
        .env("POSTHORN_TEST_STACK", &profile.stack_name)
        .env("POSTHORN_TEST_UPS", ups)
        .env("POSTHORN_TEST_PATH", tools.search_path());
    Ok(())
}

fn test_workspace(paths: &Paths, options: &TestOptions) -> anyhow::Result<()> {
    let mut test = cargo::compile_command(
        paths,
        &["test", "--workspace", "--exclude", SYSTEM, "--no-fail-fast"],
    )?;
    apply_filter(&mut test, options);
    run_shown(test, "cargo test")
}

fn test_launcher(paths: &Paths, tools: &Tools) -> anyhow::Result<()> {
    let mut test = workspace_command(tools.emulator_python(), paths);
    test.args([
        "-B",
        "-m",
        "unittest",
        "discover",
        "-s",
        "infra/local/tests",
    ]);
    run_shown(test, "the emulator's test")
}

fn test_system(
    paths: &Paths,
    tools: &Tools,
    stack: &Stack,
    profile: &StackProfile,
    options: &TestOptions,
) -> anyhow::Result<()> {
    ui::run_loudly("system", "cargo test, from outside", || {
        // Selected by target, not by package, so that the features stay those of the workspace.
        let mut test = cargo::compile_command(paths, &["test", "--workspace", "--no-fail-fast"])?;
        for name in cargo::integration_tests(paths, SYSTEM)? {
            test.args(["--test", &name]);
        }
        apply_filter(&mut test, options);
        if options.filter.is_empty() {
            test.arg("--");
        }
        // They share the emulator's faults and queues.
        test.arg("--test-threads=1");
        set_stack_variables(&mut test, tools, stack, profile)?;
        run_shown(test, "a system test")
    })
}

fn apply_filter(test: &mut Command, options: &TestOptions) {
    if !options.filter.is_empty() {
        test.arg("--").args(&options.filter);
    }
}
