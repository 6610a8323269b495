//! The layers of the product, embedded from `data/layers`.

use std::sync::Arc;

use model::{DefinitionError, LayerDef, parse_layer};

/// File names and texts; a test keeps the list equal to the folder.
macro_rules! embedded {
    ($($name:literal)*) => {
        &[$((concat!($name, ".toml"), include_str!(concat!("../../../data/layers/", $name, ".toml")))),*]
    };
}

const FILES: &[(&str, &str)] = embedded!(
    "activities" "assets" "base" "documents" "groups" "hotspots" "incidents" "places" "planning" "posts"
    "programmes" "projects" "sites" "tasks" "unit_classes" "units" "views" "violations" "wards" "zones"
);

/// The definitions of `data/layers`, by file name.
///
/// # Errors
/// The first fault of a file.
pub fn builtin_layers() -> Result<Vec<Arc<LayerDef>>, DefinitionError> {
    FILES.iter().map(|(file, text)| parse_layer(file, text).map(Arc::new)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_and_good() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/layers");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|n| std::path::Path::new(n).extension().is_some_and(|e| e == "toml"))
            .collect();
        names.sort();
        assert_eq!(names, FILES.iter().map(|(n, _)| *n).collect::<Vec<_>>());
        for (def, (file, _)) in builtin_layers().unwrap().iter().zip(FILES) {
            assert_eq!(format!("{}.toml", def.id), *file);
        }
    }
}
