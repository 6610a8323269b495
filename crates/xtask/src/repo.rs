//! Where things are: the repository, its web app and the target folder this very program was built into.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The places every command works in.
#[derive(Clone)]
pub(crate) struct Repo {
    /// The repository's top folder.
    pub(crate) root: PathBuf,
    /// The web app.
    pub(crate) web: PathBuf,
    /// Cargo's target folder, also home of the Python tools.
    pub(crate) target: PathBuf,
    /// The folder of the built binaries, `target/debug` as a rule.
    pub(crate) binaries: PathBuf,
}

impl Repo {
    /// Finds the places from the manifest (root) and from the running program (target).
    pub(crate) fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.ancestors().nth(2).context("crates/xtask has no repository above it")?.to_owned();
        // Read now: a build may replace the file of the running program later.
        let program = std::env::current_exe().context("the path of the running program")?;
        let binaries = program.parent().context("the program has no folder")?.to_owned();
        let target = binaries.parent().context("the program is not in a target folder")?.to_owned();
        Ok(Self { web: root.join("web"), root, target, binaries })
    }

    /// The virtual environment with the Python tools.
    pub(crate) fn python_env(&self) -> PathBuf {
        self.target.join("py")
    }

    /// The same places with the optimised binaries.
    pub(crate) fn optimised(&self) -> Self {
        Self { binaries: self.target.join("release"), ..self.clone() }
    }

    /// The server binary.
    pub(crate) fn diaban(&self) -> PathBuf {
        self.binaries.join("diaban")
    }
}
