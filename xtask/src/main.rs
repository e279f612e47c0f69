//! What a developer and CI do with Posthorn: `cargo xtask up | down | test | bench | ci | key | redrive | carrier | dist`.
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
mod dist;
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
    task: DevTask,
}

#[derive(Subcommand)]
enum DevTask {
    /// Build, start and deploy the local stack; a second time: update it.
    Up(up::UpOptions),
    /// Stop the local stack.
    Down,
    /// Run every test, the deployed stack's included.
    Test(test::TestOptions),
    /// Measure size, speed and cost, each beside a baseline of the same run.
    Bench(bench::BenchOptions),
    /// What CI runs: formatting, lints, licences, the template, every test.
    Ci,
    /// API keys of shops.
    #[command(subcommand)]
    Key(key::KeyTask),
    /// Hand what the stream gave up to `evaluate` again, all of it.
    Redrive(redrive::RedriveOptions),
    /// What is known of carriers, tracking numbers and recorded answers.
    Carrier(carrier::CarrierOptions),
    /// Make the release: what a shop deploys without a compiler.
    Dist(dist::DistOptions),
}

fn main() -> ExitCode {
    let done = |()| ExitCode::SUCCESS;
    let result = match Cli::parse().task {
        DevTask::Up(options) => up::run(&options).map(done),
        DevTask::Down => up::stop_stack().map(done),
        DevTask::Test(options) => test::run(&options).map(done),
        DevTask::Bench(options) => bench::run(&options).map(done),
        DevTask::Ci => check::run()
            .and_then(|()| test::run(&test::TestOptions::default()))
            .map(done),
        DevTask::Key(task) => key::run(&task).map(done),
        DevTask::Redrive(options) => redrive::run(&options).map(done),
        DevTask::Carrier(options) => carrier::run(&options),
        DevTask::Dist(options) => dist::run(&options).map(done),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", ui::format_error(&error));
            ExitCode::FAILURE
        }
    }
}
