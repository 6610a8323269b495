//! The import mappings of the product, embedded from `data/mappings`.

use model::{Mapping, parse_mapping};

/// File names and texts; a test keeps the list equal to the folder.
macro_rules! embedded {
    ($($name:literal)*) => {
        &[$((concat!($name, ".toml"), include_str!(concat!("../../../data/mappings/", $name, ".toml")))),*]
    };
}

const FILES: &[(&str, &str)] = embedded!("calgary-permits" "police-uk" "vn-wards-2025" "vn-wards-until-2025");

/// The mappings of `data/mappings`, by file name.
///
/// # Errors
/// A sentence about the first file that is not a mapping.
pub fn builtin_mappings() -> Result<Vec<Mapping>, String> {
    FILES.iter().map(|(file, text)| parse_mapping(file, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded_and_good() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/mappings");
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .filter(|n| std::path::Path::new(n).extension().is_some_and(|e| e == "toml"))
            .collect();
        names.sort();
        assert_eq!(names, FILES.iter().map(|(n, _)| *n).collect::<Vec<_>>());
        let layers = crate::layers::builtin_layers().unwrap();
        for mapping in builtin_mappings().unwrap() {
            let def = layers.iter().find(|d| d.id.as_str() == mapping.layer).unwrap();
            for (name, rules) in &mapping.fields {
                let field = def.field(name).unwrap_or_else(|| panic!("{}: {name}", mapping.name));
                for code in rules.codes.iter().flat_map(|c| c.values()).chain(&rules.otherwise) {
                    assert!(code.is_empty() || field.code(code).is_some(), "{}: {code}", mapping.name);
                }
                for other in rules.end.iter().chain(&rules.precision) {
                    assert!(def.field(other).is_some(), "{}: {other}", mapping.name);
                }
            }
        }
    }
}
