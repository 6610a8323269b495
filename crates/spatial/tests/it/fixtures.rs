//! The suite of valid and invalid tiles that writers of decoders share (`@mapbox/mvt-fixtures`), before the reader of
//! `fast-mvt`: what is valid is read, nothing makes it panic, and what it lets pass is known.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use fast_mvt::MvtReaderRef;

/// Invalid by the suite, and read all the same: no geometry (004), kinds of values nobody knows (011, 026), two layers of
/// one name (015), a second geometry (030), a line that stands still (046).
const LET_PASS: [&str; 6] = ["004", "011", "015", "026", "030", "046"];

/// Valid by the suite, and refused: geometry of an unknown kind (016, 039), and one that names a place and promises half a
/// thousand million (057).
const REFUSED: [&str; 3] = ["016", "039", "057"];

fn suite() -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/node_modules/@mapbox/mvt-fixtures/fixtures");
    let Ok(entries) = folder.read_dir() else {
        let _ = writeln!(std::io::stderr(), "SKIPPED: the packages of web/ are not installed");
        return Vec::new();
    };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Reads everything that is in a tile; the id of each feature, and how many properties it has.
fn read(bytes: &[u8]) -> Result<Vec<(u64, usize)>, String> {
    let reader = MvtReaderRef::new(bytes).map_err(|e| e.to_string())?;
    let mut all = Vec::new();
    for layer in reader.layers() {
        for feature in layer.features() {
            feature.geometry().map_err(|e| e.to_string())?;
            let properties = feature.properties_vec().map_err(|e| e.to_string())?;
            all.push((feature.id().unwrap_or(0), properties.len()));
        }
    }
    Ok(all)
}

#[test]
fn fixtures_behave_in_fast_mvt() {
    let (mut passed, mut refused, mut read_right) = (Vec::new(), Vec::new(), 0);
    let all = suite();
    for fixture in &all {
        let name = fixture.file_name().unwrap().to_str().unwrap().to_owned();
        let json = |file: &str| -> serde_json::Value {
            serde_json::from_str(&std::fs::read_to_string(fixture.join(file)).unwrap()).unwrap()
        };
        let found = read(&std::fs::read(fixture.join("tile.mvt")).unwrap());
        match (json("info.json")["validity"]["v2"] == true, found) {
            (true, Ok(found)) => {
                let told = json("tile.json");
                let layers = told["layers"].as_array().into_iter().flatten();
                let features = layers.flat_map(|l| l["features"].as_array().unwrap());
                let tags = |f: &serde_json::Value| f["tags"].as_array().map_or(0, |tags| tags.len() / 2);
                let told: Vec<_> = features.map(|f| (f["id"].as_u64().unwrap_or(0), tags(f))).collect();
                assert_eq!(found, told, "{name}");
                read_right += 1;
            }
            (true, Err(_)) => refused.push(name),
            (false, Ok(_)) => passed.push(name),
            (false, Err(_)) => {}
        }
    }
    if !all.is_empty() {
        assert_eq!(passed, LET_PASS);
        assert_eq!(refused, REFUSED);
        assert!(read_right > 40, "{read_right} fixtures read");
    }
}
