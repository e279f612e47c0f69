//! What is checked without running anything: formatting, lints, licences, the template.

use crate::{
    aws::REGION,
    cargo,
    command::{command, logged},
    deploy,
    paths::Paths,
    tools::{self, Tools},
    ui::Step,
};
use std::process::Command;

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
    check(&paths, "cfn-lint", "with the serverless rules", lint)
}

fn check(paths: &Paths, label: &'static str, what: &str, command: Command) -> anyhow::Result<()> {
    let step = Step::begin(label, what);
    logged(command, label, paths)?;
    step.done(what);
    Ok(())
}
