//! What others use for what the carriers' code does, installed beside the other
//! tools, pinned by hash. A machine that cannot install one measures without it.

use crate::{
    command::{run_logged, workspace_command},
    paths::Paths,
    tools,
    ui::ConsoleStep,
};
use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The folder with their names, hashes and our scripts for them.
const FOLDER: &str = "xtask/bench/peers";

/// Tells `program` where they are, or why they are not there.
pub(crate) fn set_variables(program: &mut Command, paths: &Paths) {
    let folder = paths.root.join(FOLDER);
    let step = ConsoleStep::begin_step("peers", "installing what others use");
    let python = |name: &str, requirements: &str| {
        tools::create_environment(paths, name, &folder.join(requirements))
            .map(|environment| environment.join("bin/python"))
    };
    let karrio = python("peers-karrio", "requirements-karrio.txt");
    let python = python("peers", "requirements.txt");
    let node = node_modules(paths, &folder);
    step.done("ready, or said why not");
    program.env("POSTHORN_BENCH_PEERS", &folder);
    for (name, place) in [
        ("POSTHORN_BENCH_KARRIO", karrio),
        ("POSTHORN_BENCH_PYTHON", python),
        ("POSTHORN_BENCH_NODE", node),
    ] {
        match place {
            Ok(place) => program.env(name, place),
            Err(error) => program.env(format!("{name}_MISSING"), first_line(&error)),
        };
    }
}

fn first_line(error: &anyhow::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// The folder `node_modules` of the lock file, made anew when that changed.
fn node_modules(paths: &Paths, folder: &Path) -> anyhow::Result<PathBuf> {
    let names = ["package.json", "package-lock.json"];
    let lock = fs::read(folder.join("package-lock.json")).context("there is no lock file")?;
    let wanted = hex::encode(Sha256::digest(&lock));
    let place = paths.tools.join("peers-node");
    let stamp = place.join("stamp");
    if !fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        let mut npm = workspace_command("npm", paths);
        if npm.arg("--version").output().is_err() {
            bail!("Node.js with npm is not installed");
        }
        fs::create_dir_all(&place)?;
        for name in names {
            fs::copy(folder.join(name), place.join(name))?;
        }
        let mut npm = workspace_command("npm", paths);
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&place);
        run_logged(npm, "npm-peers", paths).context("npm could not install the lock file")?;
        fs::write(&stamp, wanted)?;
    }
    Ok(place.join("node_modules"))
}
