//! Habits that no lint knows.

use crate::files;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    path::{Path, PathBuf},
};

fn sources() -> Vec<PathBuf> {
    files::below("", &[".rs", ".py"])
}

/// This test has to spell what it forbids.
fn is_this_test(path: &Path) -> bool {
    path.starts_with("tests/tests/template")
}

#[test]
fn no_source_is_longer_than_five_hundred_lines() {
    let too_long: Vec<_> = sources()
        .into_iter()
        .map(|path| (files::read(&path).lines().count(), path))
        .filter(|(n_lines, _)| *n_lines > 500)
        .collect();
    assert!(too_long.is_empty(), "cut along a seam: {too_long:?}");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        "TODO",
        "FIXME",
        "XXX:",
        "todo!(",
        "unimplemented!(",
        "#[ignore",
    ];
    for path in sources().into_iter().filter(|path| !is_this_test(path)) {
        let text = files::read(&path);
        for mark in marks {
            assert!(!text.contains(mark), "{} has {mark}", path.display());
        }
    }
}

#[test]
fn a_test_waits_for_a_condition_and_not_for_a_time() {
    for path in sources().into_iter().filter(|path| !is_this_test(path)) {
        let text = files::read(&path);
        // Where the clock is turned, no time is lost.
        let is_the_waiting_itself =
            path.ends_with("tests/src/wait.rs") || text.contains("start_paused = true");
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        if is_test
            && !is_the_waiting_itself
            && path.extension().is_some_and(|extension| extension == "rs")
        {
            assert!(!text.contains("sleep("), "{} sleeps", path.display());
        }
    }
}

#[test]
fn every_package_inherits_the_lints_the_licence_and_the_edition() {
    for folder in ["shared", "functions"] {
        for package in files::folders(folder) {
            let manifest = files::read(format!("{folder}/{package}/Cargo.toml"));
            assert!(
                manifest.contains("[lints]\nworkspace = true"),
                "{folder}/{package} has lints of its own"
            );
            for inherited in ["edition", "license", "rust-version", "version"] {
                assert!(
                    manifest.contains(&format!("{inherited}.workspace = true")),
                    "{folder}/{package}: {inherited}"
                );
            }
        }
    }
}

#[test]
fn dependencies_point_one_way() {
    let forbidden = [
        (
            "shared/domain",
            &[
                "posthorn-platform",
                "posthorn-carriers",
                "posthorn-channels",
                "aws-",
                "tokio",
                "reqwest",
            ][..],
        ),
        (
            "shared/carriers",
            &[
                "posthorn-platform",
                "posthorn-channels",
                "aws-config",
                "aws-sdk-",
                "aws-smithy-",
                "lambda_",
            ],
        ),
        (
            "shared/channels",
            &["posthorn-platform", "posthorn-carriers", "lambda_"],
        ),
        (
            "shared/platform",
            &["posthorn-carriers", "posthorn-channels"],
        ),
    ];
    for (package, names) in forbidden {
        let manifest = files::read(format!("{package}/Cargo.toml"));
        let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
        let dependencies = dependencies.split("\n[").next().unwrap();
        for name in names {
            let is_there = dependencies.lines().any(|line| line.starts_with(name));
            assert!(!is_there, "{package} depends on {name}");
        }
    }
}

#[test]
fn the_licence_is_apache_2() {
    let licence = files::read("LICENSE");
    assert!(licence.contains("Apache License") && licence.contains("Version 2.0, January 2004"));
    assert!(files::read("Cargo.toml").contains("license = \"Apache-2.0\""));
}

/// The code that is compiled into functions and tools, without its tests.
fn production_sources() -> impl Iterator<Item = PathBuf> {
    files::below("", &[".rs"]).into_iter().filter(|path| {
        let is_test = path.components().any(|part| {
            ["tests", "fuzz", "baselines"]
                .map(OsStr::new)
                .contains(&part.as_os_str())
        });
        !is_test && !path.ends_with("tests.rs")
    })
}

/// Whether `path` describes the bodies of one carrier or storefront. Their types
/// have the names of the API that they read.
fn is_wire_file(path: &Path) -> bool {
    path.starts_with("shared/carriers/src/carriers")
        || path
            .strip_prefix("shared/storefronts/src")
            .is_ok_and(|inside| inside.components().count() > 1)
}

/// The name that `line` declares with one of `keywords`, if it stands at its beginning.
fn declared<'a>(line: &'a str, keywords: &[&str]) -> Option<&'a str> {
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(')')?.1.trim_start(),
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let line = line.strip_prefix("const ").unwrap_or(line);
    let rest = keywords
        .iter()
        .find_map(|keyword| line.strip_prefix(keyword)?.strip_prefix(' '))?;
    let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
    Some(&rest[..end.unwrap_or(rest.len())])
}

#[test]
fn a_type_has_a_name_of_its_own() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for path in production_sources().filter(|path| !is_wire_file(path)) {
        for line in files::read(&path).lines() {
            if let Some(name) = declared(line, &["struct", "enum", "trait", "type", "union"]) {
                places
                    .entry(name.to_owned())
                    .or_default()
                    .push(path.clone());
            }
        }
    }
    assert!(places.len() > 500, "only {} types are found", places.len());
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "say what each is of: {places:#?}");
}

#[test]
fn a_constructor_says_what_it_takes() {
    for path in sources().into_iter().filter(|path| !is_this_test(path)) {
        let text = files::read(&path);
        let is_of = text
            .lines()
            .any(|line| declared(line.trim_start(), &["fn", "async fn"]) == Some("of"));
        assert!(
            !is_of,
            "{}: `of` is `new`, `with_…` or `from_…`",
            path.display()
        );
    }
}

#[test]
fn no_snapshot_waits_for_review() {
    let waiting = files::below("", &[".snap.new", ".pending-snap"]);
    assert!(waiting.is_empty(), "review these: {waiting:?}");
}

/// Where customers and carriers speak, in their own words.
const OTHERS_WORDS: [&str; 10] = [
    "functions/track/templates",
    "functions/track/tests/snapshots",
    "shared/carriers/fixtures",
    "shared/carriers/tests/snapshots",
    "shared/carriers/src/reading/phrases",
    "shared/carriers/src/carriers/seventeen_track/codes.rs",
    "shared/channels/src/words",
    "shared/channels/templates",
    "shared/channels/tests/snapshots",
    "tests/src/seventeen_track.rs",
];

#[test]
fn a_sentence_names_its_subject() {
    let vague = ["somebody", "nobody", "whoever", "anybody", "everybody"];
    let endings = [
        ".rs", ".py", ".md", ".json", ".yaml", ".yml", ".toml", ".html", ".txt", ".snap",
    ];
    let paths = files::below("", &endings);
    let is_ours = |path: &PathBuf| !OTHERS_WORDS.iter().any(|others| path.starts_with(others));
    for path in paths.into_iter().filter(is_ours) {
        if is_this_test(&path) {
            continue;
        }
        for (number, line) in files::read(&path).lines().enumerate() {
            let line = line.to_lowercase();
            let mut words = line.split(|character: char| !character.is_alphabetic());
            let found = words.find(|word| vague.contains(word));
            assert!(
                found.is_none(),
                "{}:{} says {found:?}: name the carrier, the customer, the operator …",
                path.display(),
                number + 1
            );
        }
    }
}
