//! Hands what the stream gave up to `evaluate` again.

use crate::{
    command::{run_shown, workspace_command},
    paths::Paths,
    tools::Tools,
};
use clap::Args;

/// Follows all pointers in `EvaluateDlq` of a stack on AWS.
#[derive(Debug, Args)]
pub(crate) struct RedriveOptions {
    /// Stack on AWS, with the credentials of your environment.
    #[arg(long)]
    stack: String,
    /// Read and count the records; hand in and delete nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Runs the script that does it.
pub(crate) fn run(options: &RedriveOptions) -> anyhow::Result<()> {
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let mut script = workspace_command(tools.sam_python(), &paths);
    script
        .arg(paths.root.join("infra/local/redrive.py"))
        .args(["--stack", &options.stack]);
    if options.dry_run {
        script.arg("--dry-run");
    }
    run_shown(script, "the redrive")
}
