//! Where things lie.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The folders that the tasks work in.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    /// The workspace.
    pub(crate) root: PathBuf,
    /// What the tasks install and keep: `.tools/`, or what `POSTHORN_TOOLS` names.
    pub(crate) tools: PathBuf,
}

impl Paths {
    /// The workspace that this program was built from.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask lies in a workspace")?
            .to_owned();
        let tools =
            find_variable("POSTHORN_TOOLS").map_or_else(|| root.join(".tools"), PathBuf::from);
        std::fs::create_dir_all(tools.join("logs"))
            .with_context(|| format!("cannot make the folder {}", tools.display()))?;
        Ok(Self { root, tools })
    }

    /// The log of one step.
    pub(crate) fn log_path(&self, name: &str) -> PathBuf {
        self.tools.join("logs").join(format!("{name}.log"))
    }

    /// `path` as a person in the workspace would write it.
    pub(crate) fn display_path(&self, path: &Path) -> String {
        path.strip_prefix(&self.root)
            .unwrap_or(path)
            .display()
            .to_string()
    }
}

/// A variable of the environment, unless it is empty.
#[expect(
    clippy::disallowed_methods,
    reason = "no function's settings: a developer's own"
)]
pub(crate) fn find_variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
