//! One line for each step on the terminal, with progress while it takes long.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A terminal sees progress each second; a log, each half minute.
const LIVE_TICK: Duration = Duration::from_secs(1);
const LOG_TICK: Duration = Duration::from_secs(30);

/// A step under way; it ends with [`ConsoleStep::done`], or in silence when dropped.
pub(crate) struct ConsoleStep {
    label: &'static str,
    started: Instant,
    ticker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl ConsoleStep {
    /// Begins a step: `label` names it, `doing` says what happens.
    pub(crate) fn begin_step(label: &'static str, doing: &str) -> Self {
        let (stop, stopped) = mpsc::channel();
        let live = std::io::stdout().is_terminal();
        let doing = doing.to_owned();
        let started = Instant::now();
        let thread = std::thread::spawn(move || {
            let tick = if live { LIVE_TICK } else { LOG_TICK };
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                let seconds = started.elapsed().as_secs();
                if live {
                    print!("\r\x1b[K  {label:<11} {doing} … {seconds} s");
                    flush_output();
                } else {
                    println!("  {label:<11} {doing} … {seconds} s");
                }
            }
            if live {
                print!("\r\x1b[K");
                flush_output();
            }
        });
        Self {
            label,
            started,
            ticker: Some((stop, thread)),
        }
    }

    /// Ends the step: `what` says what there is now.
    pub(crate) fn done(mut self, what: &str) {
        self.stop_spinner();
        let seconds = self.started.elapsed().as_secs_f64();
        println!("  {:<11} {what:<52} {seconds:>6.1} s", self.label);
    }

    fn stop_spinner(&mut self) {
        if let Some((stop, thread)) = self.ticker.take() {
            drop(stop);
            // A ticker that panicked has nothing more to say.
            drop(thread.join());
        }
    }
}

impl Drop for ConsoleStep {
    fn drop(&mut self) {
        self.stop_spinner();
    }
}

/// A step whose own output is the point, such as a run of tests.
pub(crate) fn run_loudly<T>(
    label: &str,
    what: &str,
    run: impl FnOnce() -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    println!("  {label:<11} {what}");
    let started = Instant::now();
    let result = run()?;
    let seconds = started.elapsed().as_secs_f64();
    println!("  {label:<11} {:<52} {seconds:>6.1} s", "passed");
    Ok(result)
}

/// An error as a person should see it: what failed, then why, each on a line.
pub(crate) fn format_error(error: &anyhow::Error) -> String {
    let lines: Vec<String> = error.chain().map(ToString::to_string).collect();
    format!("\nerror: {}", lines.join("\n       "))
}

fn flush_output() {
    // A closed terminal is noticed at the next line.
    drop(std::io::stdout().flush());
}
