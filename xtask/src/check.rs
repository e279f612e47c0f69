//! What is checked without running anything: formatting, lints, licences, the template.

use crate::{
    aws::REGION,
    cargo,
    command::{run_for_output, run_logged, workspace_command},
    deploy,
    paths::Paths,
    tools::{self, Tools},
    ui::ConsoleStep,
};
use anyhow::Context as _;
use std::{fs, path::PathBuf, process::Command};

/// Runs every check; the first that fails ends it.
pub(crate) fn run() -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let deny = tools::cargo_deny(&paths)?;

    let fmt = cargo::cargo_command(&paths, &["fmt", "--all", "--check"]);
    run_check(&paths, "format", "cargo fmt", fmt)?;

    let mut clippy = cargo::compile_command(&paths, &["clippy", "--workspace", "--all-targets"])?;
    clippy.args(["--", "--deny", "warnings"]);
    run_check(&paths, "lints", "cargo clippy", clippy)?;

    let mut licences = workspace_command(deny, &paths);
    licences.args(["check", "bans", "licenses", "sources"]);
    run_check(&paths, "deny", "cargo deny", licences)?;

    let mut validate = deploy::sam_command(&paths, &tools);
    validate
        .args([
            "validate",
            "--lint",
            "--template-file",
            "infra/template.yaml",
        ])
        .args(["--region", REGION]);
    run_check(&paths, "validate", "sam validate --lint", validate)?;

    let mut lint = workspace_command(tools.sam_program("cfn-lint"), &paths);
    lint.args(["--append-rules", "cfn_lint_serverless.rules", "--"])
        .args(["infra/template.yaml", "infra/alarms.yaml"]);
    run_check(&paths, "cfn-lint", "with the serverless rules", lint)?;

    let expanded = expand_template(&paths, &tools)?;
    let mut checkov = workspace_command(tools::install_checkov(&paths)?, &paths);
    checkov
        .args(["--config-file", "infra/checkov.yaml", "--file"])
        .args(["infra/template.yaml", "infra/alarms.yaml"])
        .arg(expanded);
    run_check(&paths, "checkov", "as written and as expanded", checkov)
}

/// The template as the SAM transform leaves it.
fn expand_template(paths: &Paths, tools: &Tools) -> anyhow::Result<PathBuf> {
    let mut expand = workspace_command(tools.sam_python(), paths);
    expand
        .args(["-B", "infra/local/expand.py", "infra/template.yaml"])
        .env("AWS_DEFAULT_REGION", REGION);
    let file = paths.tools.join("expanded.json");
    fs::write(&file, run_for_output(expand)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn run_check(
    paths: &Paths,
    label: &'static str,
    what: &str,
    command: Command,
) -> anyhow::Result<()> {
    let step = ConsoleStep::begin_step(label, what);
    run_logged(command, label, paths)?;
    step.done(what);
    Ok(())
}
