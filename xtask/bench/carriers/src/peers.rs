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
            scripts: require_variable("POSTHORN_BENCH_PEERS")?.into(),
            scratch: require_variable("POSTHORN_BENCH_SCRATCH")?.into(),
            answers: require_variable("POSTHORN_BENCH_ANSWERS")?.into(),
            karrio: installed_path("POSTHORN_BENCH_KARRIO"),
            python: installed_path("POSTHORN_BENCH_PYTHON"),
            node: installed_path("POSTHORN_BENCH_NODE"),
        })
    }

    /// A file for what all are given.
    pub(crate) fn file_path(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }

    /// The folder of recorded answers, with a folder for each carrier.
    pub(crate) fn answers_folder(&self) -> &Path {
        &self.answers
    }

    /// Runs a script of ours by the Python that has tracking-numbers; it prints
    /// one JSON value.
    pub(crate) fn run_python(
        &self,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        self.run_script(&self.python, script, file)
    }

    /// Runs a script of ours by the Python that has karrio; it prints one JSON value.
    pub(crate) fn run_karrio(
        &self,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        self.run_script(&self.karrio, script, file)
    }

    fn run_script(
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
        json_output(command).map(Ok)
    }

    /// Runs a script of ours by Node.js, which prints one JSON value.
    pub(crate) fn run_node(
        &self,
        script: &str,
        file: &Path,
    ) -> anyhow::Result<Result<Value, String>> {
        let Ok(modules) = &self.node else {
            return Ok(self.node.clone().map(|_| Value::Null));
        };
        let mut command = Command::new("node");
        command
            .arg(self.scripts.join(script))
            .arg(file)
            .env("NODE_PATH", modules);
        json_output(command).map(Ok)
    }
}

fn json_output(mut command: Command) -> anyhow::Result<Value> {
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
fn find_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn require_variable(name: &str) -> anyhow::Result<String> {
    find_variable(name)
        .with_context(|| format!("{name} is not set: start me with `cargo xtask bench`"))
}

/// What `name` says, or why it is not there, which `name` with `_MISSING` says.
fn installed_path(name: &str) -> Result<PathBuf, String> {
    find_variable(name).map(PathBuf::from).ok_or_else(|| {
        find_variable(&format!("{name}_MISSING")).unwrap_or_else(|| "is not installed".to_owned())
    })
}
