//! The programs that others use, as `cargo xtask bench` installed them.

use anyhow::Context as _;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Where the others are, or why they are not there.
#[derive(Debug)]
pub(crate) struct Peers {
    scripts: PathBuf,
    scratch: PathBuf,
    answers: PathBuf,
    karrio: Result<PathBuf, String>,
    python: Result<PathBuf, String>,
    node: Result<PathBuf, String>,
}

impl Peers {
    /// As `cargo xtask bench` says.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        Ok(Self {
            scripts: required("POSTHORN_BENCH_PEERS")?.into(),
            scratch: required("POSTHORN_BENCH_SCRATCH")?.into(),
            answers: required("POSTHORN_BENCH_ANSWERS")?.into(),
            karrio: installed("POSTHORN_BENCH_KARRIO"),
            python: installed("POSTHORN_BENCH_PYTHON"),
            node: installed("POSTHORN_BENCH_NODE"),
        })
    }

    /// A file for what all are given.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }

    /// The folder of recorded answers, with a folder for each carrier.
    pub(crate) fn answers(&self) -> &Path {
        &self.answers
    }

    /// Runs a script of ours by the Python that has tracking-numbers; it prints
    /// one JSON value.
    pub(crate) fn python(
        &self,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        self.script(&self.python, script, file)
    }

    /// Runs a script of ours by the Python that has karrio; it prints one JSON value.
    pub(crate) fn karrio(
        &self,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        self.script(&self.karrio, script, file)
    }

    fn script(
        &self,
        python: &Result<PathBuf, String>,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        let python = match python {
            Ok(python) => python,
            Err(reason) => return Ok(Err(reason.clone())),
        };
        let mut command = Command::new(python);
        command.arg(self.scripts.join(script)).arg(file);
        output(command).map(Ok)
    }

    /// Runs a script of ours by Node.js, which prints one JSON value.
    pub(crate) fn node(&self, script: &str, file: &Path) -> anyhow::Result<Result<Value, String>> {
        let Ok(modules) = &self.node else {
            return Ok(self.node.clone().map(|_| Value::Null));
        };
        let mut command = Command::new("node");
        command
            .arg(self.scripts.join(script))
            .arg(file)
            .env("NODE_PATH", modules);
        output(command).map(Ok)
    }
}

fn output(mut command: Command) -> anyhow::Result<Value> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    anyhow::ensure!(
        output.status.success(),
        "{program} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    serde_json::from_slice(&output.stdout).with_context(|| format!("{program} printed no JSON"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask tells this program where things lie by variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn required(name: &str) -> anyhow::Result<String> {
    variable(name).with_context(|| format!("{name} is not set: start me with `cargo xtask bench`"))
}

/// What `name` says, or why it is not there, which `name` with `_MISSING` says.
fn installed(name: &str) -> Result<PathBuf, String> {
    variable(name).map(PathBuf::from).ok_or_else(|| {
        variable(&format!("{name}_MISSING")).unwrap_or_else(|| "is not installed".to_owned())
    })
}
