//! What is checked without running anything: formatting, lints, licences, the template.

use crate::{
    aws::REGION,
    cargo,
    command::{command, logged, output},
    deploy,
    paths::Paths,
    tools::{self, Tools},
    ui::Step,
};
use anyhow::Context as _;
use std::{fs, path::PathBuf, process::Command};

/// Runs every check; the first that fails ends it.
pub(crate) fn run() -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let deny = tools::cargo_deny(&paths)?;

    let fmt = cargo::cargo(&paths, &["fmt", "--all", "--check"]);
    check(&paths, "format", "cargo fmt", fmt)?;

    let mut clippy = cargo::compile(&paths, &["clippy", "--workspace", "--all-targets"])?;
    clippy.args(["--", "--deny", "warnings"]);
    check(&paths, "lints", "cargo clippy", clippy)?;

    let mut licences = command(deny, &paths);
    licences.args(["check", "bans", "licenses", "sources"]);
    check(&paths, "deny", "cargo deny", licences)?;

    let mut validate = deploy::sam(&paths, &tools);
    validate
        .args([
            "validate",
            "--lint",
            "--template-file",
            "infra/template.yaml",
        ])
        .args(["--region", REGION]);
    check(&paths, "validate", "sam validate --lint", validate)?;

    let mut lint = command(tools.sam_program("cfn-lint"), &paths);
    lint.args(["--append-rules", "cfn_lint_serverless.rules", "--"])
        .args(["infra/template.yaml", "infra/alarms.yaml"]);
    check(&paths, "cfn-lint", "with the serverless rules", lint)?;

    let expanded = expanded(&paths, &tools)?;
    let mut checkov = command(tools::checkov(&paths)?, &paths);
    checkov
        .args(["--config-file", "infra/checkov.yaml", "--file"])
        .args(["infra/template.yaml", "infra/alarms.yaml"])
        .arg(expanded);
    check(&paths, "checkov", "as written and as expanded", checkov)
}

/// The template as the SAM transform leaves it.
fn expanded(paths: &Paths, tools: &Tools) -> anyhow::Result<PathBuf> {
    let mut expand = command(tools.sam_python(), paths);
    expand
        .args(["-B", "infra/local/expand.py", "infra/template.yaml"])
        .env("AWS_DEFAULT_REGION", REGION);
    let file = paths.tools.join("expanded.json");
    fs::write(&file, output(expand)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

fn check(paths: &Paths, label: &'static str, what: &str, command: Command) -> anyhow::Result<()> {
    let step = Step::begin(label, what);
    logged(command, label, paths)?;
    step.done(what);
    Ok(())
}
