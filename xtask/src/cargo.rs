//! How cargo is called, so that what one task built serves the others.
//!
//! The functions are compiled by `sam build`, through `cargo lambda build`, which
//! always names a target triple and, unless told otherwise, compiles C with zig.
//! Artifacts with a triple lie in `target/<triple>/debug`, those without in
//! `target/debug`, and another C compiler is another fingerprint for `aws-lc-sys`.
//! So every call here names the host's triple, and cargo-lambda is told to use
//! plain cargo. Measured: after `cargo lambda build`, `cargo build` of the same
//! packages compiles nothing.
//!
//! Features are the other half. Cargo unites the features of the packages that
//! one call selects, and the functions alone differ in some of tokio, tower and
//! `serde_json`: each of seven builds compiled 69 crates anew. Hence
//! `[workspace.metadata.lambda.build]` in the root Cargo.toml selects all
//! functions in every `cargo lambda build`, and all tests run with the one
//! selection `--workspace`. These two sets differ by the development
//! dependencies, and are compiled once each.

use crate::{
    command::workspace_command,
    paths::{Paths, find_variable},
};
use anyhow::{Context as _, bail};
use serde_json::Value;
use std::{path::PathBuf, process::Command};

/// A cargo command for the workspace; `arguments` begin with the subcommand.
pub(crate) fn cargo_command(paths: &Paths, arguments: &[&str]) -> Command {
    let mut cargo = workspace_command("cargo", paths);
    cargo.args(arguments);
    cargo
}

/// A cargo command whose artifacts are shared with `sam build`.
pub(crate) fn compile_command(paths: &Paths, arguments: &[&str]) -> anyhow::Result<Command> {
    let mut cargo = cargo_command(paths, arguments);
    cargo.args(["--locked", "--target", &host_triple(paths)?]);
    Ok(cargo)
}

/// What makes `cargo lambda build` share artifacts with [`compile_command`].
pub(crate) fn share_artifacts(command: &mut Command) {
    command.env("CARGO_LAMBDA_COMPILER", "cargo");
}

/// The triple of this machine.
fn host_triple(paths: &Paths) -> anyhow::Result<String> {
    let mut rustc = workspace_command("rustc", paths);
    rustc.arg("-vV");
    let text = crate::command::run_for_output(rustc)?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .context("`rustc -vV` names no host")
}

/// Fails with the remedy when this machine cannot build the functions or run them.
pub(crate) fn must_build(paths: &Paths) -> anyhow::Result<()> {
    host_architecture()?;
    let compiler = find_variable("CC").unwrap_or_else(|| "cc".to_owned());
    let program = compiler.split_whitespace().next().unwrap_or_default();
    let mut asked = workspace_command(program, paths);
    asked.arg("--version");
    if crate::command::run_for_output(asked).is_err() {
        bail!(
            "no C compiler was found (`{program}`), and the functions' TLS needs one: install it (Debian and Ubuntu: `apt install gcc libc6-dev`; Fedora: `dnf install gcc`)"
        );
    }
    Ok(())
}

/// The processor of this machine, as CloudFormation calls it.
pub(crate) fn host_architecture() -> anyhow::Result<&'static str> {
    if !cfg!(target_os = "linux") {
        bail!(
            "the local stack runs the functions as they run on Lambda, and so needs Linux: use a Linux machine, WSL or a container"
        );
    }
    Ok(if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    })
}

/// Where cargo puts release builds of [`compile_command`].
pub(crate) fn release_folder(paths: &Paths) -> anyhow::Result<PathBuf> {
    let target = workspace_metadata(paths)?["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .context("cargo names no target folder")?;
    Ok(target.join(host_triple(paths)?).join("release"))
}

/// Packages of the functions.
pub(crate) fn list_functions(paths: &Paths) -> anyhow::Result<Vec<String>> {
    let metadata = workspace_metadata(paths)?;
    let names = metadata["metadata"]["lambda"]["build"]["packages"]
        .as_array()
        .context("the root Cargo.toml names no functions to build")?;
    Ok(names
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect())
}

/// What cargo says of the workspace.
fn workspace_metadata(paths: &Paths) -> anyhow::Result<Value> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--offline",
    ];
    let text = crate::command::run_for_output(cargo_command(paths, &arguments))?;
    Ok(serde_json::from_str(&text)?)
}

/// Names of the integration tests of `package`.
pub(crate) fn integration_tests(paths: &Paths, package: &str) -> anyhow::Result<Vec<String>> {
    let metadata = workspace_metadata(paths)?;
    let targets = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|found| found["name"] == package)
        .flat_map(|found| found["targets"].as_array().into_iter().flatten())
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str())
        .map(str::to_owned)
        .collect();
    Ok(targets)
}
