//! The launcher of the emulator: started, found again, stopped.

use crate::{
    aws::{Emulator, REGION},
    command::workspace_command,
    network,
    paths::Paths,
    tools::Tools,
    ui::ConsoleStep,
};
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Something that starts in a second gets this long on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(50);

/// What the state file holds.
#[derive(Debug, Serialize, Deserialize)]
struct StackState {
    pid: u64,
    port: u16,
    api_port: u16,
    /// What was deployed onto it last; empty while that is unknown.
    #[serde(default)]
    deployed: String,
}

/// A running launcher.
#[derive(Debug)]
pub(crate) struct Stack {
    /// The emulator that it runs.
    pub(crate) emulator: Emulator,
    /// Where the deployed API answers, as a storefront would call it.
    pub(crate) api: String,
    /// Where it listens.
    pub(crate) port: u16,
    state: StackState,
    state_file: PathBuf,
    /// Only of a launcher that ends with this program: it holds its standard input.
    child: Option<Child>,
}

/// How a launcher is started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start<'a> {
    /// Folder of its own below the tool folder, and name of its log.
    pub(crate) name: &'a str,
    /// Where it listens.
    pub(crate) port: u16,
    /// Whether it outlives this program.
    pub(crate) detach: bool,
    /// Name of the CloudFormation stack, and so of the API.
    pub(crate) api_name: &'a str,
}

impl Stack {
    /// The launcher that an earlier program started under `name`, if it still runs.
    pub(crate) fn find(paths: &Paths, name: &str) -> Option<Self> {
        let state_file = state_file(paths, name);
        let state: StackState =
            serde_json::from_str(&fs::read_to_string(&state_file).ok()?).ok()?;
        let emulator = Emulator::new(state.port);
        let health = emulator.get_control("health").ok()?;
        (health["pid"] == state.pid).then(|| Self {
            emulator,
            api: api_url(state.api_port),
            port: state.port,
            state,
            state_file,
            child: None,
        })
    }

    /// Starts a launcher and waits until it answers.
    pub(crate) fn start(paths: &Paths, tools: &Tools, start: Start<'_>) -> anyhow::Result<Self> {
        network::must_be_free(start.port)?;
        let step = ConsoleStep::begin_step("emulator", "starting");
        let folder = paths.tools.join(start.name);
        fs::create_dir_all(&folder)?;
        let log_path = paths.log_path(start.name);
        let log = File::create(&log_path)?;
        let api_port = match start.port.checked_add(1) {
            Some(next) if network::must_be_free(next).is_ok() => next,
            _ => network::free_port()?,
        };

        let mut launcher = workspace_command(tools.emulator_python(), paths);
        launcher
            .arg(paths.root.join("infra/local/launcher.py"))
            .args(["--port", &start.port.to_string(), "--region", REGION])
            .args(["--api-port", &api_port.to_string()])
            .args(["--api-name", start.api_name, "--state-dir"])
            .arg(&folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C ends this program; the launcher then ends by itself, in its own time.
            .process_group(0);
        if !start.detach {
            launcher.arg("--with-parent").stdin(Stdio::piped());
        }
        let mut child = launcher.spawn().context("cannot start the emulator")?;
        let emulator = Emulator::new(start.port);
        wait_for(&mut child, &emulator)
            .with_context(|| crate::command::failure_text(start.name, &log_path, paths))?;

        let state = StackState {
            pid: u64::from(child.id()),
            port: start.port,
            api_port,
            deployed: String::new(),
        };
        let state_file = state_file(paths, start.name);
        fs::write(&state_file, serde_json::to_string(&state)?)?;
        step.done(&emulator.endpoint);
        Ok(Self {
            emulator,
            api: api_url(api_port),
            port: start.port,
            state,
            state_file,
            child: (!start.detach).then_some(child),
        })
    }

    /// What was deployed onto it last, as [`Stack::remember`] was told.
    pub(crate) fn deployed_hash(&self) -> &str {
        &self.state.deployed
    }

    /// Remembers what is deployed onto it, for as long as it runs.
    pub(crate) fn remember_deployment(&mut self, deployed: &str) -> anyhow::Result<()> {
        deployed.clone_into(&mut self.state.deployed);
        fs::write(&self.state_file, serde_json::to_string(&self.state)?)
            .with_context(|| format!("cannot write {}", self.state_file.display()))
    }

    /// Whether this program holds the launcher's life.
    pub(crate) fn is_ours(&self) -> bool {
        self.child.is_some()
    }

    /// Waits until the launcher ends, which it should not.
    pub(crate) fn watch_until_end(mut self) -> anyhow::Result<()> {
        let Some(child) = &mut self.child else {
            return Ok(());
        };
        let status = wait_for_exit(child)?;
        bail!("the emulator ended ({status})")
    }

    /// Stops the launcher and waits until it is gone.
    pub(crate) fn stop(mut self) -> anyhow::Result<()> {
        self.emulator.post_control("stop", &serde_json::json!({}))?;
        if let Some(mut child) = self.child.take() {
            child.wait()?;
        }
        let begun = Instant::now();
        while self.emulator.get_control("health").is_ok() {
            if begun.elapsed() > PATIENCE {
                bail!("the emulator at {} does not end", self.emulator.endpoint);
            }
            thread::sleep(PAUSE);
        }
        fs::remove_file(&self.state_file).context("cannot remove the state file")
    }
}

/// Removes what programs left behind that were interrupted: stacks named `prefix` and their id.
pub(crate) fn forget_ended(paths: &Paths, prefix: &str) -> anyhow::Result<()> {
    for entry in fs::read_dir(&paths.tools)? {
        let path = entry?.path();
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else {
            continue;
        };
        let Some(pid) = name.strip_prefix(prefix) else {
            continue;
        };
        if Path::new("/proc").join(pid).exists() {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Waits for a child that lives as long as its standard input is open:
/// [`Child::wait`] alone would close it first, and so end what it waits for.
fn wait_for_exit(child: &mut Child) -> io::Result<ExitStatus> {
    let held = child.stdin.take();
    let status = child.wait();
    drop(held);
    status
}

fn wait_for(child: &mut Child, emulator: &Emulator) -> anyhow::Result<()> {
    let begun = Instant::now();
    while emulator.get_control("health").is_err() {
        if let Some(status) = child.try_wait()? {
            bail!("the emulator ended at once ({status})");
        }
        if begun.elapsed() > PATIENCE {
            child.kill()?;
            bail!("the emulator did not answer within a minute");
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn api_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn state_file(paths: &Paths, name: &str) -> PathBuf {
    paths.tools.join(format!("{name}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn who_watches_a_child_does_not_end_it() {
        // `cat` ends with its input, and is ended with status 124 if it has not.
        let mut child = Command::new("timeout")
            .args(["0.2", "cat"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        assert_eq!(wait_for_exit(&mut child).unwrap().code(), Some(124));
    }
}
