//! The real template, built and deployed by the real SAM, onto the emulator.

use crate::{
    aws::REGION,
    cargo,
    command::{run_logged, workspace_command},
    paths::Paths,
    stack::Stack,
    tools::Tools,
    ui::ConsoleStep,
};
use anyhow::Context as _;
use std::{collections::BTreeMap, process::Command};
use toml::Table;

/// The profile of samconfig.toml for the local stack.
const PROFILE: &str = "local";

/// What samconfig.toml says of the local stack.
#[derive(Debug, Clone)]
pub(crate) struct StackProfile {
    /// Name of the CloudFormation stack.
    pub(crate) stack_name: String,
    parameters: Vec<String>,
}

/// A deployed stack's outputs.
pub(crate) type Outputs = BTreeMap<String, String>;

impl StackProfile {
    /// Reads the profile.
    pub(crate) fn load_profile(paths: &Paths) -> anyhow::Result<Self> {
        let file = paths.root.join("samconfig.toml");
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let config: Table = text
            .parse()
            .with_context(|| format!("{} is not TOML", file.display()))?;
        Self::from_table(&config).with_context(|| {
            format!(
                "{} lacks stack_name or parameter_overrides of [{PROFILE}]",
                file.display()
            )
        })
    }

    fn from_table(config: &Table) -> Option<Self> {
        let profile = config.get(PROFILE)?;
        let global = profile.get("global")?.get("parameters")?;
        let parameters = global.get("parameter_overrides")?.as_array()?;
        Some(Self {
            stack_name: global.get("stack_name")?.as_str()?.to_owned(),
            parameters: parameters
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// A parameter's value.
    pub(crate) fn find_parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
    }

    /// The profile with a parameter set.
    pub(crate) fn with_parameter(mut self, name: &str, value: &str) -> Self {
        let prefix = format!("{name}=");
        self.parameters
            .retain(|parameter| !parameter.starts_with(&prefix));
        self.parameters.push(format!("{prefix}{value}"));
        self
    }
}

/// Compiles the functions and lays out what is deployed, unless that was done
/// from the very same sources.
pub(crate) fn build_functions(paths: &Paths, tools: &Tools) -> anyhow::Result<()> {
    let step = ConsoleStep::begin_step("functions", "compiling");
    let inputs = crate::inputs::hash_inputs(paths)?;
    let built_from = build_folder(paths).join("inputs");
    if std::fs::read_to_string(&built_from).is_ok_and(|built| built == inputs) {
        step.done("built (nothing has changed)");
        return Ok(());
    }
    let mut sam = sam_command(paths, tools);
    sam.arg("build")
        .args(config_arguments(paths))
        .arg("--build-dir")
        .arg(build_folder(paths))
        .arg("--parameter-overrides")
        .arg(format!("Architecture={}", cargo::host_architecture()?))
        // The light profile: quick to compile, and what the tests want to debug.
        .env("SAM_BUILD_MODE", "debug");
    cargo::share_artifacts(&mut sam);
    run_logged(sam, "sam-build", paths)?;
    pack_functions(paths, tools)?;
    std::fs::write(&built_from, inputs)
        .with_context(|| format!("cannot write {}", built_from.display()))?;
    step.done("built");
    Ok(())
}

/// Packs the functions where [`deploy_stack`] finds them.
fn pack_functions(paths: &Paths, tools: &Tools) -> anyhow::Result<()> {
    let mut pack = workspace_command(tools.sam_python(), paths);
    pack.arg("infra/local/pack.py")
        .arg(build_folder(paths))
        .arg(paths.tools.join("packed"));
    run_logged(pack, "pack", paths)
}

/// Deploys what [`build_functions`] laid out, unless that is deployed already.
pub(crate) fn deploy_stack(
    paths: &Paths,
    tools: &Tools,
    stack: &mut Stack,
    profile: &StackProfile,
) -> anyhow::Result<Outputs> {
    let step = ConsoleStep::begin_step("stack", "deploying infra/template.yaml");
    let profile = profile
        .clone()
        .with_parameter("Architecture", cargo::host_architecture()?)
        .with_parameter("PublicUrl", &stack.api);
    let built =
        std::fs::read_to_string(build_folder(paths).join("inputs")).context("nothing was built")?;
    let wanted = format!("{built} {}", profile.parameters.join(" "));
    if stack.deployed_hash() == wanted {
        let outputs = stack.emulator.stack_outputs(&profile.stack_name)?;
        step.done("deployed (nothing has changed)");
        return Ok(outputs);
    }
    // After a deployment that does not end, its state is unknown.
    stack.remember_deployment("")?;
    let mut sam = sam_command(paths, tools);
    sam.arg("deploy")
        .args(config_arguments(paths))
        .arg("--template-file")
        .arg(build_folder(paths).join("template.yaml"))
        .args([
            "--resolve-s3",
            "--no-confirm-changeset",
            "--no-fail-on-empty-changeset",
            "--no-progressbar",
        ])
        .arg("--parameter-overrides")
        .args(&profile.parameters)
        .env("AWS_ENDPOINT_URL", &stack.emulator.endpoint);
    run_logged(sam, "sam-deploy", paths)?;
    if let Some(sender) = profile.find_parameter("SenderIdentity") {
        stack.emulator.verify_sender(sender)?;
    }
    let outputs = stack.emulator.stack_outputs(&profile.stack_name)?;
    stack.remember_deployment(&wanted)?;
    step.done("deployed");
    Ok(outputs)
}

/// `sam`, which sees nothing of the developer's own AWS settings.
pub(crate) fn sam_command(paths: &Paths, tools: &Tools) -> Command {
    let mut sam = workspace_command(tools.sam_program("sam"), paths);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            sam.env_remove(name);
        }
    }
    sam.env("PATH", tools.search_path())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1")
        .env("NO_PROXY", "127.0.0.1,localhost")
        .env("SAM_CLI_TELEMETRY", "0")
        .env("__SAM_CLI_APP_DIR", paths.tools.join("sam-home"));
    sam
}

/// SAM looks for its configuration beside the template, which the build has moved.
fn config_arguments(paths: &Paths) -> [String; 4] {
    let file = paths.root.join("samconfig.toml").display().to_string();
    [
        "--config-file".to_owned(),
        file,
        "--config-env".to_owned(),
        PROFILE.to_owned(),
    ]
}

fn build_folder(paths: &Paths) -> std::path::PathBuf {
    paths.tools.join("build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_replaced_not_repeated() {
        let config = r#"
            [local.global.parameters]
            stack_name = "posthorn"
            parameter_overrides = ["A=1", "B=2"]
        "#;
        let profile = StackProfile::from_table(&config.parse().unwrap())
            .unwrap()
            .with_parameter("A", "3");
        assert_eq!(profile.stack_name, "posthorn");
        assert_eq!(profile.parameters, ["B=2", "A=3"]);
        assert_eq!(profile.find_parameter("A"), Some("3"));
    }
}
