//! Where things are: the repository, the target folder, the shared data, a demo ward to copy; and how to skip.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::run::diaban;

/// The repository's top folder.
pub fn repo_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the repository")
}

/// The folder of the binaries of this build, `target/debug` as a rule: above the one of the running test.
pub(crate) fn binary_dir() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the running test");
    let deps = test.parent().expect("a test is in a folder");
    deps.parent().expect("tests are built into a target folder").to_owned()
}

/// Cargo's target folder.
pub fn target_dir() -> PathBuf {
    binary_dir().parent().expect("a profile folder is in the target folder").to_owned()
}

/// A file of the shared test data (`data/` of `DIABAN_SHARED`, by default of `shared` beside the repository), if it is there.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let shared = match std::env::var_os("DIABAN_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => repo_root().parent()?.join("shared"),
    };
    Some(shared.join("data").join(path)).filter(|file| file.exists())
}

/// Says that the test `name` cannot run here. `cargo xtask test` then counts it as skipped; the test must return at once.
pub fn skip(name: &str, reason: &str) {
    eprintln!("SKIP {name}: {reason}");
    let Some(file) = std::env::var_os("DIABAN_SKIPS") else { return };
    let mut list = OpenOptions::new().create(true).append(true).open(file).expect("the file in DIABAN_SKIPS");
    // One write: tests run side by side.
    list.write_all(format!("{name}: {}\n", reason.replace('\n', " ")).as_bytes())
        .expect("a line in DIABAN_SKIPS");
}

/// A copy in `dir` of the demo ward with seed 1, as `demo.gpkg` (and what belongs beside it). It is made once per process.
pub fn demo_copy(dir: &Path) -> PathBuf {
    static ORIGINAL: OnceLock<PathBuf> = OnceLock::new();
    let original = ORIGINAL.get_or_init(make_demo);
    for entry in fs::read_dir(original).expect("the folder of the demo ward") {
        let entry = entry.expect("an entry of the demo ward's folder");
        fs::copy(entry.path(), dir.join(entry.file_name())).expect("a copy of the demo ward");
    }
    dir.join("demo.gpkg")
}

fn make_demo() -> PathBuf {
    let parent = target_dir().join("tmp");
    fs::create_dir_all(&parent).expect("target/tmp");
    remove_leftovers(&parent);
    let dir = parent.join(format!("demo-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("a folder for the demo ward");
    let file = dir.join("demo.gpkg");
    diaban(["demo", "--no-serve", "--seed", "1", "--data", &file.to_string_lossy()]).ok();
    dir
}

/// Demo wards of test processes that have ended.
fn remove_leftovers(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.strip_prefix("demo-")) else { continue };
        if !Path::new("/proc").join(pid).exists() {
            // Another process may be removing it too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
