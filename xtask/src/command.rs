//! Running other programs: their output in a log, on the terminal what matters when they fail.

use crate::paths::Paths;
use anyhow::{Context as _, bail};
use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

/// Lines of a failed program's log that are shown.
const SHOWN: usize = 25;

/// What `cargo run` adds for this program and no other should see.
const OF_CARGO_RUN: [&str; 6] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_BIN_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
];

/// A command that runs in the workspace as if a person had started it.
pub(crate) fn workspace_command(program: impl AsRef<Path>, paths: &Paths) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(&paths.root).stdin(Stdio::null());
    for name in OF_CARGO_RUN {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs `command` with its output in the log `name`; fails with what went wrong.
pub(crate) fn run_logged(mut command: Command, name: &str, paths: &Paths) -> anyhow::Result<()> {
    let path = paths.log_path(name);
    let log = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if status.success() {
        return Ok(());
    }
    bail!("{}", failure_text(name, &path, paths));
}

/// Runs `command` and gives what it printed; fails with what it complained of.
pub(crate) fn run_for_output(mut command: Command) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{program} failed: {}",
            complaint.trim().lines().last().unwrap_or_default()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs `command` with its output on the terminal.
pub(crate) fn run_shown(mut command: Command, what: &str) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        bail!("{what} failed: see above");
    }
    Ok(())
}

/// What is said of a program that failed: its first error or the end of its log, and where the rest lies.
pub(crate) fn failure_text(name: &str, log: &Path, paths: &Paths) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    // A compiler's first error says more than its last.
    let from = lines
        .iter()
        .position(|line| line.trim_start().starts_with("error"))
        .unwrap_or(lines.len().saturating_sub(SHOWN));
    let tail = lines[from..(from + SHOWN).min(lines.len())].join("\n       ");
    format!(
        "{name} failed; the whole log is {}\n\n       {tail}",
        paths.display_path(log)
    )
}
