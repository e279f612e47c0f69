//! What an integrator asks of the carriers, without a stack: started by
//! `cargo xtask carrier list | recognise | parse`.
mod list;
mod parse;
mod recognise;
mod recorded;
mod report;

use clap::{Parser, Subcommand};
use serde_json::json;
use std::{
    io::{ErrorKind, Write as _},
    process::ExitCode,
};

/// Shows what Posthorn knows of carriers, numbers and answers.
#[derive(Parser)]
#[command(bin_name = "cargo xtask carrier", disable_help_subcommand = true)]
struct CarrierCli {
    #[command(subcommand)]
    task: CarrierTask,
}

#[derive(Subcommand)]
enum CarrierTask {
    /// What each carrier supports.
    List(list::ListOptions),
    /// Whose numbers these are: one line of JSON each.
    Recognise(recognise::RecogniseOptions),
    /// What a recorded answer of a carrier means.
    Parse(parse::ParseOptions),
}

fn main() -> ExitCode {
    let result = match CarrierCli::parse().task {
        CarrierTask::List(options) => list::run(&options),
        CarrierTask::Recognise(options) => recognise::run(&options),
        CarrierTask::Parse(options) => parse::run(&options),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let message = format!("{error:#}");
            let error = json!({"error": {"kind": "usage", "message": message}});
            // If its reader is gone, the code still tells.
            drop(print_line(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// Prints a line. Its reader may stop at any time, for example `head`.
fn print_line(line: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}
