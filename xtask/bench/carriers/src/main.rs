//! What the carriers' code costs, beside what others use for the same, in the
//! same run. Started by `cargo xtask bench`, which installs the others, builds
//! this with optimisation and passes on which measures are wanted.
//!
//! Processor time, so that a busy machine changes little.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table on the terminal is what this program is for"
)]

mod answers;
mod peers;
mod recognise;
#[path = "../../src/table.rs"]
mod table;

use peers::Peers;
use std::{fs, time::Duration};

fn main() -> anyhow::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let peers = Peers::from_env()?;
    if wanted.is_empty() || wanted.iter().any(|measure| measure == "P4") {
        recognise::report_recognition(&peers)?;
    }
    if wanted.is_empty() || wanted.iter().any(|measure| measure == "P5") {
        answers::report_answers(&peers)?;
    }
    Ok(())
}

/// The processor time of this thread.
fn cpu_time() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(Duration::from_nanos(nanoseconds))
}

/// `3,140,000`: three digits of a rate are enough.
fn format_thousands(rate: f64) -> String {
    let unit = 10_f64.powf(rate.max(1.0).log10().floor() - 2.0).max(1.0);
    let text = format!("{:.0}", (rate / unit).round() * unit);
    let mut shown = String::new();
    for (index, digit) in text.chars().enumerate() {
        if index > 0 && (text.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}
