//! What a developer and CI do with Posthorn: `cargo xtask up | down | test | bench | ci | key | redrive | carrier`.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a terminal is what this program is for"
)]

mod aws;
mod bench;
mod cargo;
mod carrier;
mod check;
mod command;
mod demo;
mod deploy;
mod inputs;
mod key;
mod network;
mod paths;
mod peers;
mod redrive;
mod samples;
mod stack;
mod test;
mod tools;
mod ui;
mod up;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs and tests Posthorn on this machine.
#[derive(Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build, start and deploy the local stack; a second time: update it.
    Up(up::Options),
    /// Stop the local stack.
    Down,
    /// Run every test, the deployed stack's included.
    Test(test::Options),
    /// Measure size, speed and cost, each beside a baseline of the same run.
    Bench(bench::Options),
    /// What CI runs: formatting, lints, licences, the template, every test.
    Ci,
    /// API keys of shops.
    #[command(subcommand)]
    Key(key::Task),
    /// Hand what the stream gave up to `evaluate` again, all of it.
    Redrive(redrive::Options),
    /// What is known of carriers, tracking numbers and recorded answers.
    Carrier(carrier::Options),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let result = match Cli::parse().task {
        Task::Up(options) => up::run(&options).map(done),
        Task::Down => up::down().map(done),
        Task::Test(options) => test::run(&options).map(done),
        Task::Bench(options) => bench::run(&options).map(done),
        Task::Ci => check::run()
            .and_then(|()| test::run(&test::Options::default()))
            .map(done),
        Task::Key(task) => key::run(&task).map(done),
        Task::Redrive(options) => redrive::run(&options).map(done),
        Task::Carrier(options) => carrier::run(&options),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", ui::error(&error));
            ExitCode::FAILURE
        }
    }
}
