//! API keys: made, shown once, stored as a hash.

use crate::{
    aws::REGION,
    command::{run_for_output, workspace_command},
    paths::Paths,
    stack::Stack,
    tools::Tools,
    ui::ConsoleStep,
    up,
};
use anyhow::{Context as _, bail};
use clap::Subcommand;
use std::process::Command;

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyTask {
    /// Make a key for a shop and print it, this one time.
    Create {
        /// Id of the shop that the key signs in.
        #[arg(long)]
        shop: String,
        /// What you call the key.
        #[arg(long, default_value = "made by cargo xtask")]
        label: String,
        /// Stack on AWS, with the credentials of your environment; without it, the local stack.
        #[arg(long)]
        stack: Option<String>,
    },
}

/// Runs the task.
pub(crate) fn run(task: &KeyTask) -> anyhow::Result<()> {
    let KeyTask::Create { shop, label, stack } = task;
    let paths = Paths::find()?;
    let tools = Tools::install(&paths)?;
    let key = if let Some(name) = stack {
        create_key(key_script(&paths, &tools, name, shop, label))?
    } else {
        let Some(found) = Stack::find(&paths, up::NAME) else {
            bail!(
                "no local stack is running: start it with `cargo xtask up`, or name a stack on AWS with `--stack`"
            );
        };
        let profile = crate::deploy::StackProfile::load_profile(&paths)?;
        let mut script = key_script(&paths, &tools, &profile.stack_name, shop, label);
        use_local_stack(&mut script, &found);
        create_key(script)?
    };
    println!("\n  {key}\n\n  Keep it: only its hash is stored.");
    Ok(())
}

/// A key for `shop` on the local stack.
pub(crate) fn create_local(
    paths: &Paths,
    tools: &Tools,
    stack: &Stack,
    stack_name: &str,
    shop: &str,
) -> anyhow::Result<String> {
    let step = ConsoleStep::begin_step("key", "making");
    let mut script = key_script(paths, tools, stack_name, shop, "made by cargo xtask up");
    use_local_stack(&mut script, stack);
    let key = create_key(script)?;
    step.done(&format!("made for the shop `{shop}`"));
    Ok(key)
}

fn key_script(paths: &Paths, tools: &Tools, stack: &str, shop: &str, label: &str) -> Command {
    let mut script = workspace_command(tools.sam_python(), paths);
    script
        .arg(paths.root.join("infra/local/create_key.py"))
        .args(["--stack", stack, "--shop", shop, "--label", label]);
    script
}

/// Turns the script away from AWS.
fn use_local_stack(script: &mut Command, stack: &Stack) {
    script
        .env("AWS_ENDPOINT_URL", &stack.emulator.endpoint)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN")
        .env("NO_PROXY", "127.0.0.1,localhost");
}

fn create_key(script: Command) -> anyhow::Result<String> {
    let text = run_for_output(script).context("the key was not made")?;
    Ok(text.trim().to_owned())
}
