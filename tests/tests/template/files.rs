//! The files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What is made, not written.
const MADE: [&str; 6] = [
    "target",
    ".git",
    ".aws-sam",
    ".tools",
    "node_modules",
    "__pycache__",
];

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package lies in the workspace")
        .to_owned()
}

/// The text of the file at `path`, seen from the root.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Paths, seen from the root, of all files below `folder` that end in one of `endings`.
pub(crate) fn below(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(&root().join(folder), endings, &mut found);
    found.sort();
    found
}

/// Names of the folders directly in `folder`.
pub(crate) fn folders(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = entries(&root().join(folder))
        .into_iter()
        .filter(|path| path.is_dir())
        .map(|path| name_of(&path))
        .collect();
    names.sort();
    names
}

fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        if path.is_dir() {
            if !MADE.contains(&name_of(&path).as_str()) {
                walk(&path, endings, found);
            }
        } else if endings
            .iter()
            .any(|ending| name_of(&path).ends_with(ending))
        {
            let seen_from_root = path
                .strip_prefix(root())
                .expect("it was found below the root");
            found.push(seen_from_root.to_owned());
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder can be listed").path())
        .collect()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
