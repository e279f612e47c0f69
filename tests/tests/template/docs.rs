//! The documentation: about what is there, with links that lead somewhere.

use crate::{files, sam};
use posthorn_domain::settings::Settings;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

#[test]
fn each_function_is_explained() {
    for document in ["README.md", "docs/ARCHITECTURE.md", "docs/OPERATIONS.md"] {
        let text = files::read(document);
        for function in sam::system().functions() {
            assert!(
                text.contains(&format!("`{}`", function.package())),
                "{document} does not speak of `{}`",
                function.package()
            );
        }
    }
}

#[test]
fn each_table_and_parameter_is_explained() {
    let template = sam::system();
    let architecture = files::read("docs/ARCHITECTURE.md");
    for table in template.of_kind("AWS::DynamoDB::Table") {
        assert!(
            architecture.contains(&format!("`{}`", table.id)),
            "docs/ARCHITECTURE.md does not speak of `{}`",
            table.id
        );
    }
    let readme = files::read("README.md");
    for name in template.part("/Parameters").as_object().unwrap().keys() {
        assert!(
            readme.contains(&format!("`{name}`")),
            "README.md does not speak of `{name}`"
        );
    }
}

/// The first two cells of each row below `heading` of `document`, without the
/// marks of code. A cell may name several things.
fn rows(document: &str, heading: &str) -> BTreeMap<String, String> {
    let text = files::read(document);
    let section = text.split_once(heading).map_or("", |(_, section)| section);
    let table = section.lines().skip_while(|line| !line.starts_with('|'));
    let mut rows = BTreeMap::new();
    for line in table.skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let names = cells[1].split(", ");
        let is_list = names.clone().count() > 1;
        let values: Vec<_> = cells[2].split(", ").collect();
        for (n, name) in names.enumerate() {
            let value = if is_list { values[n] } else { cells[2] };
            rows.insert(name.replace('`', ""), value.replace('`', ""));
        }
    }
    rows
}

#[test]
fn each_setting_of_a_shop_is_explained_with_its_default() {
    let mut defaults = BTreeMap::new();
    let settings = serde_json::to_value(Settings::default()).unwrap();
    for (name, value) in settings.as_object().unwrap() {
        match value.as_object().filter(|parts| !parts.is_empty()) {
            Some(parts) => defaults.extend(
                parts
                    .iter()
                    .map(|(part, value)| (format!("{name}.{part}"), told(value))),
            ),
            None => drop(defaults.insert(name.clone(), told(value))),
        }
    }
    assert_eq!(rows("docs/SETTINGS.md", "# Settings of a shop"), defaults);
}

/// A default as the document has it.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => "–".to_owned(),
    }
}

#[test]
fn a_link_in_a_document_leads_to_a_file() {
    for document in files::below("", &[".md"]) {
        let text = files::read(&document);
        let folder = document.parent().unwrap_or(Path::new(""));
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            if path.contains("://") || path.starts_with("mailto:") || path.contains(' ') {
                continue;
            }
            let file = if path.is_empty() {
                document.clone()
            } else {
                folder.join(path)
            };
            assert!(
                files::root().join(&file).exists(),
                "{} links to {path}",
                document.display()
            );
            if !anchor.is_empty() && file.extension().is_some_and(|extension| extension == "md") {
                assert!(
                    anchors(&files::read(&file)).contains(anchor),
                    "{} links to {target}",
                    document.display()
                );
            }
        }
    }
}

/// The anchors that GitHub makes of a document's headings.
fn anchors(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

#[test]
fn a_decision_that_a_comment_points_to_is_written_down() {
    for path in files::below("", &[".rs", ".toml", ".yaml", ".py", ".md"]) {
        for rest in files::read(&path).split("docs/adr/").skip(1) {
            let name: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
                .collect();
            if Path::new(&name)
                .extension()
                .is_some_and(|extension| extension == "md")
            {
                let decision = files::root().join("docs/adr").join(&name);
                assert!(
                    decision.exists(),
                    "{} points to docs/adr/{name}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn each_decision_is_in_the_list_and_fits_a_page() {
    let architecture = files::read("docs/ARCHITECTURE.md");
    for path in files::below("docs/adr", &[".md"]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            architecture.contains(&format!("(adr/{name})")),
            "docs/ARCHITECTURE.md does not list {name}"
        );
        let text = files::read(&path);
        assert!(text.lines().count() <= 60, "{name} is longer than a page");
        for heading in ["## Context", "## Decision", "## Consequences"] {
            assert!(text.contains(heading), "{name} lacks {heading:?}");
        }
    }
}

#[test]
fn each_function_has_sample_events() {
    for function in sam::system().functions() {
        let events: Vec<_> = files::below("tests/events", &[".json"])
            .into_iter()
            .filter(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                name.starts_with(&format!("{}-", function.package()))
            })
            .collect();
        assert!(
            !events.is_empty(),
            "tests/events has no {}-….json",
            function.package()
        );
        for path in events {
            let event: Result<Value, _> = serde_json::from_str(&files::read(&path));
            assert!(event.is_ok(), "{}: {event:?}", path.display());
        }
    }
}

#[test]
fn a_change_is_noted_in_a_fragment_with_a_kind() {
    for path in files::below("changelog.d", &[".md"]) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_fragment = ["feature", "fix", "breaking"]
            .iter()
            .any(|kind| name.ends_with(&format!(".{kind}.md")));
        assert!(
            is_fragment || name == "README.md",
            "{name} is neither .feature.md, .fix.md nor .breaking.md"
        );
    }
}
