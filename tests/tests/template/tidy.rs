//! Habits that no lint knows.

use crate::files;
use std::path::{Path, PathBuf};

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
        // Where the clock is turned, nobody waits.
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
