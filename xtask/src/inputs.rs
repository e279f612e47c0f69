//! What a build depends on, as one hash: the same again needs no build.

use crate::{command::workspace_command, paths::Paths};
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders and files that the functions and the laid-out template are made of.
const SOURCES: [&str; 8] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "functions",
    "infra",
    "rust-toolchain.toml",
    "samconfig.toml",
    "shared",
];

/// Parts of them that no function is made of.
const NOT_BUILT: [&str; 3] = ["fixtures", "tests", "local"];

/// Settings of the environment that change what cargo builds.
const VARIABLES: [&str; 4] = ["RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "CC"];

/// The hash, in hexadecimal.
pub(crate) fn hash_inputs(paths: &Paths) -> anyhow::Result<String> {
    let mut hash = Sha256::new();
    let mut compiler = workspace_command("rustc", paths);
    compiler.arg("-vV");
    add_part(
        &mut hash,
        crate::command::run_for_output(compiler)?.as_bytes(),
    );
    let variables =
        std::env::vars_os().filter(|(name, _)| VARIABLES.iter().any(|known| name == known));
    let mut variables: Vec<_> = variables.collect();
    variables.sort();
    for (name, value) in variables {
        add_part(&mut hash, name.as_encoded_bytes());
        add_part(&mut hash, value.as_encoded_bytes());
    }
    for source in SOURCES {
        for file in list_files(&paths.root.join(source))? {
            let content =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            add_part(&mut hash, file.as_os_str().as_encoded_bytes());
            add_part(&mut hash, &content);
        }
    }
    Ok(hex::encode(hash.finalize()))
}

/// With its length before it, so that no two lists of parts look alike.
fn add_part(hash: &mut Sha256, part: &[u8]) {
    hash.update(part.len().to_le_bytes());
    hash.update(part);
}

/// All files at or below `path`, sorted; none if there is nothing.
pub(crate) fn list_files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        entries.push(entry?.path());
    }
    entries.sort();
    let mut all = Vec::new();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default();
        if !NOT_BUILT.iter().any(|skipped| name == *skipped) {
            all.extend(list_files(&entry)?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_from_their_sum() {
        let hash = |parts: &[&str]| {
            let mut hash = Sha256::new();
            for part in parts {
                add_part(&mut hash, part.as_bytes());
            }
            hash.finalize()
        };
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_eq!(hash(&["ab", "c"]), hash(&["ab", "c"]));
    }

    #[test]
    fn sources_count_and_tests_do_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let found = list_files(&root.join("functions/poll")).unwrap();
        let is_there = |name: &str| found.iter().any(|file| file.ends_with(name));
        assert!(is_there("src/lib.rs") && is_there("Cargo.toml"));
        assert!(
            found
                .iter()
                .all(|file| !file.to_string_lossy().contains("tests/"))
        );
    }
}
