//! What of the sources goes into the release as text: template, settings, changelog.

use super::Architecture;
use anyhow::{Context as _, ensure};
use std::collections::BTreeMap;

/// The template that refers to packed functions beside it.
///
/// `sam deploy` uploads a zip as it is, and so needs neither a compiler nor
/// `sam build`. The architecture is that of the zips and can no longer be chosen.
pub(crate) fn package_template(
    template: &str,
    architecture: Architecture,
    version: &str,
) -> anyhow::Result<String> {
    let mut packaged = String::with_capacity(template.len());
    let mut is_architecture = false;
    for line in template.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        let entry = line.trim_start();
        if entry == "Metadata: { BuildMethod: rust-cargolambda }" {
            continue;
        }
        if entry.ends_with(':') {
            is_architecture = entry == "Architecture:";
        }
        let written = if let Some(function) = entry.strip_prefix("CodeUri: ../functions/") {
            format!("{indent}CodeUri: functions/{function}.zip")
        } else if let Some(text) = entry.strip_prefix("Description: Posthorn follows") {
            format!("{indent}Description: Posthorn {version} follows{text}")
        } else if is_architecture && entry.starts_with("Default:") {
            format!("{indent}Default: {architecture}")
        } else if is_architecture && entry.starts_with("AllowedValues:") {
            format!("{indent}AllowedValues: [{architecture}]")
        } else {
            line.to_owned()
        };
        packaged.push_str(&written);
        packaged.push('\n');
    }
    ensure!(
        !packaged.contains("../") && !packaged.contains("BuildMethod"),
        "infra/template.yaml refers to sources in a way that `cargo xtask dist` does not know"
    );
    Ok(packaged)
}

/// The settings of a deployment, for a template that lies beside them.
///
/// The profile of the local stack is left out: it comes last and is for sources only.
pub(crate) fn package_settings(settings: &str) -> anyhow::Result<String> {
    let end = settings
        .find("# The local stack of")
        .context("samconfig.toml no longer says where the local stack's profile begins")?;
    let settings = settings[..end]
        .replace("infra/template.yaml", "template.yaml")
        .replace(".aws-sam/build/template.yaml", "template.yaml");
    Ok(settings.trim_end().to_owned() + "\n")
}

/// The changelog of a release, out of its fragments by file name, what asks for
/// work first.
pub(crate) fn gather_changelog(version: &str, fragments: &BTreeMap<String, String>) -> String {
    let mut changelog = format!("# Posthorn {version}\n");
    for (kind, title) in [
        ("breaking", "What you have to do"),
        ("feature", "New"),
        ("fix", "Mended"),
    ] {
        let ending = format!(".{kind}.md");
        let mut entries = fragments
            .iter()
            .filter(|(name, _)| name.ends_with(&ending))
            .map(|(_, text)| format!("- {}", text.trim().replace('\n', "\n  ")))
            .peekable();
        if entries.peek().is_some() {
            changelog.extend(["\n## ", title, "\n\n"]);
            changelog.extend(entries.map(|entry| entry + "\n"));
        }
    }
    changelog
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn read(path: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        std::fs::read_to_string(root.join(path)).unwrap()
    }

    #[test]
    fn each_function_of_the_template_is_a_zip_beside_it() {
        let source = read("infra/template.yaml");
        let packaged = package_template(&source, Architecture::X86_64, "1.2.3").unwrap();
        let functions = source.matches("AWS::Serverless::Function").count();
        assert_eq!(packaged.matches("CodeUri: functions/").count(), functions);
        assert_eq!(packaged.matches(".zip\n").count(), functions);
        assert!(packaged.contains("Description: Posthorn 1.2.3 follows"));
        assert!(packaged.contains("AllowedValues: [x86_64]"));
        assert!(!packaged.contains("AllowedValues: [arm64, x86_64]"));
    }

    #[test]
    fn a_reference_that_is_not_known_is_refused() {
        let source = "      CodeUri: ../elsewhere/ingest\n";
        package_template(source, Architecture::Arm64, "1.2.3").unwrap_err();
    }

    #[test]
    fn the_settings_name_the_template_beside_them() {
        let settings = package_settings(&read("samconfig.toml")).unwrap();
        let table: toml::Table = settings.parse().unwrap();
        assert!(table.get("local").is_none());
        for profile in ["default", "staging", "prod"] {
            for command in ["global", "deploy"] {
                let parameters = &table[profile][command]["parameters"];
                assert_eq!(parameters["template_file"].as_str(), Some("template.yaml"));
            }
        }
    }

    #[test]
    fn what_asks_for_work_comes_first() {
        let fragments = [
            ("README.md", "How to write a fragment."),
            ("keys.feature.md", "Keys have\nnames.\n"),
            ("tables.breaking.md", "Deploy twice."),
        ];
        let fragments = fragments
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
        assert_eq!(
            gather_changelog("1.2.3", &fragments),
            "# Posthorn 1.2.3\n\n\
             ## What you have to do\n\n- Deploy twice.\n\n\
             ## New\n\n- Keys have\n  names.\n"
        );
    }
}
