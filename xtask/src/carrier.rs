//! What an integrator asks of the carriers: a program of its own, so that
//! `cargo xtask` need not compile their HTTP client first.

use crate::{cargo, paths::Paths};
use anyhow::Context as _;
use clap::Args;
use std::process::ExitCode;

/// What is asked: passed on as it is.
#[derive(Debug, Args)]
pub(crate) struct CarrierOptions {
    /// `list`, `recognise` or `parse`, and what belongs to it.
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "list | recognise <number>… | parse <carrier> <file>"
    )]
    arguments: Vec<String>,
}

/// Runs the program, in the caller's folder.
pub(crate) fn run(options: &CarrierOptions) -> anyhow::Result<ExitCode> {
    let paths = Paths::find()?;
    let mut program =
        cargo::compile_command(&paths, &["run", "--quiet", "--package", "posthorn-carrier"])?;
    program
        .arg("--manifest-path")
        .arg(paths.root.join("Cargo.toml"))
        .arg("--")
        .args(&options.arguments)
        .current_dir(std::env::current_dir().context("there is no current folder")?);
    let status = program.status().context("cannot run cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
