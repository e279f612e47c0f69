//! The tools that the tasks use, each installed once into the tool folder.

use crate::{
    cargo,
    command::{failure_text, run_for_output, run_logged, workspace_command},
    paths::{Paths, find_variable},
    ui::ConsoleStep,
};
use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

const CARGO_ABOUT: &str = "0.9.3";
const CARGO_CYCLONEDX: &str = "0.5.9";
const CARGO_DENY: &str = "0.20.2";

/// What asks a Python for its version; that of a newer one may differ in all else.
const VERSION: &str = "import sys; print(*sys.version_info[:2])";

/// The installed tools.
#[derive(Debug, Clone)]
pub(crate) struct Tools {
    emulator: PathBuf,
    sam: PathBuf,
}

impl Tools {
    /// Installs what is missing.
    pub(crate) fn install(paths: &Paths) -> anyhow::Result<Self> {
        let step = ConsoleStep::begin_step("tools", "installing");
        // Another task may be installing the same at this moment.
        let lock = File::create(paths.tools.join("lock"))?;
        lock.lock()?;
        let emulator =
            create_environment(paths, "emulator", &requirements_path(paths, "emulator"))?;
        let sam = create_environment(paths, "sam", &requirements_path(paths, "sam"))?;
        step.done("ready");
        Ok(Self { emulator, sam })
    }

    /// The Python that has the emulator.
    pub(crate) fn emulator_python(&self) -> PathBuf {
        self.emulator.join("bin/python")
    }

    /// The Python that has SAM's boto3.
    pub(crate) fn sam_python(&self) -> PathBuf {
        self.sam.join("bin/python")
    }

    /// A program of the SAM tools.
    pub(crate) fn sam_program(&self, name: &str) -> PathBuf {
        self.sam.join("bin").join(name)
    }

    /// `PATH` with the SAM tools first: `sam` looks for `cargo-lambda` there.
    pub(crate) fn search_path(&self) -> String {
        let rest = find_variable("PATH").unwrap_or_default();
        format!("{}:{rest}", self.sam.join("bin").display())
    }
}

/// cargo-deny, which checks licences and sources.
pub(crate) fn cargo_deny(paths: &Paths) -> anyhow::Result<PathBuf> {
    build_tool(paths, "cargo-deny", CARGO_DENY, &[])
}

/// cargo-cyclonedx, which writes bills of materials.
pub(crate) fn cargo_cyclonedx(paths: &Paths) -> anyhow::Result<PathBuf> {
    build_tool(paths, "cargo-cyclonedx", CARGO_CYCLONEDX, &[])
}

/// cargo-about, which gathers the licences of what is linked in.
pub(crate) fn cargo_about(paths: &Paths) -> anyhow::Result<PathBuf> {
    // Unoptimised it compares texts for a quarter of an hour.
    let features = ["--features", "cli", "--config", "profile.dev.opt-level=2"];
    build_tool(paths, "cargo-about", CARGO_ABOUT, &features)
}

/// A tool of cargo, built once: no registry has it ready-made.
fn build_tool(
    paths: &Paths,
    name: &'static str,
    version: &str,
    features: &[&str],
) -> anyhow::Result<PathBuf> {
    let root = paths.tools.join(format!("{name}-{version}"));
    let program = root.join("bin").join(name);
    if !program.exists() {
        let step = ConsoleStep::begin_step("tools", &format!("building {name}"));
        let root = root.display().to_string();
        let package = format!("{name}@{version}");
        let mut install =
            cargo::cargo_command(paths, &["install", "--locked", "--root", &root, &package]);
        install.args(features);
        // A debug build is quick enough, and is made in a third of the time.
        install.args(["--debug", "--config", "profile.dev.debug=false"]);
        install.current_dir(&paths.tools);
        run_logged(install, &format!("{name}-install"), paths)?;
        step.done(&format!("{name} built"));
    }
    Ok(program)
}

/// checkov, which only `cargo xtask ci` needs: 300 MB, installed in a minute.
pub(crate) fn install_checkov(paths: &Paths) -> anyhow::Result<PathBuf> {
    let step = ConsoleStep::begin_step("tools", "installing checkov");
    let lock = File::create(paths.tools.join("lock"))?;
    lock.lock()?;
    let folder = create_environment(paths, "checkov", &requirements_path(paths, "checkov"))?;
    step.done("checkov ready");
    Ok(folder.join("bin/checkov"))
}

/// What is installed, each with its hashes.
fn requirements_path(paths: &Paths, name: &str) -> PathBuf {
    let file = format!("infra/local/requirements-{name}.txt");
    paths.root.join(file)
}

/// The virtual environment `name`, made anew when its requirements changed.
pub(crate) fn create_environment(
    paths: &Paths,
    name: &str,
    requirements: &Path,
) -> anyhow::Result<PathBuf> {
    let text = fs::read(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let wanted = hex::encode(Sha256::digest(&text));
    let folder = paths.tools.join(name);
    let stamp = folder.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    create_folder(paths, &folder)?;
    install(paths, name, &folder, requirements)?;
    fs::write(&stamp, wanted)?;
    Ok(folder)
}

fn create_folder(paths: &Paths, folder: &Path) -> anyhow::Result<()> {
    let python = find_python(paths)?;
    let mut venv = workspace_command(&python, paths);
    venv.args(["-m", "venv"]).arg(folder);
    run_logged(venv, "venv", paths).with_context(|| {
        format!("{python} cannot make virtual environments: install its venv module (Debian and Ubuntu: `apt install python3-venv`)")
    })
}

fn install(paths: &Paths, name: &str, folder: &Path, requirements: &Path) -> anyhow::Result<()> {
    let log = format!("pip-{name}");
    let mut pip = workspace_command(folder.join("bin/python"), paths);
    // The file names every package with its hash: there is nothing to resolve.
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ])
    .args(["--no-deps", "--require-hashes", "--requirement"])
    .arg(requirements);
    if run_logged(pip, &log, paths).is_ok() {
        return Ok(());
    }
    let path = paths.log_path(&log);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let offline = [
        "NewConnectionError",
        "ConnectionError",
        "ConnectTimeout",
        "Temporary failure in name resolution",
    ];
    if offline.iter().any(|sign| text.contains(sign)) {
        bail!(
            "pip cannot reach the package index: connect this machine or point pip to a mirror (PIP_INDEX_URL), then try again; the log is {}",
            paths.display_path(&path)
        );
    }
    bail!("{}", failure_text(&log, &path, paths))
}

/// A Python of version 3.10 or later.
fn find_python(paths: &Paths) -> anyhow::Result<String> {
    let candidates = [
        "python3",
        "python",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ];
    for candidate in find_variable("POSTHORN_PYTHON")
        .iter()
        .map(String::as_str)
        .chain(candidates)
    {
        let mut asked = workspace_command(candidate, paths);
        asked.args(["-c", VERSION]);
        let Ok(version) = run_for_output(asked) else {
            continue;
        };
        let mut numbers = version
            .split_whitespace()
            .filter_map(|number| number.parse::<u32>().ok());
        if (numbers.next(), numbers.next()) >= (Some(3), Some(10)) {
            return Ok(candidate.to_owned());
        }
    }
    bail!(
        "no Python of version 3.10 or later was found: install one (Debian and Ubuntu: `apt install python3 python3-venv`), or name one in POSTHORN_PYTHON"
    )
}
