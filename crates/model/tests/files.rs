//! The layer and mapping files of the repository are good and agree with one another.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

use model::{FieldType, Lang, LayerDef, Purpose, parse_layer, parse_mapping};

fn files(folder: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(folder);
    let mut all: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(p).unwrap()))
        .collect();
    all.sort();
    all
}

fn layers() -> Vec<LayerDef> {
    files("layers")
        .iter()
        .map(|(name, text)| parse_layer(name, text).unwrap_or_else(|e| panic!("{e}")))
        .collect()
}

#[test]
fn every_layer_file_is_good_and_named_after_its_layer() {
    let all = layers();
    let names: Vec<&str> = all.iter().map(|l| l.id.as_str()).collect();
    let needed = "wards units unit_classes zones incidents violations hotspots projects sites planning assets groups \
                  posts places activities programmes tasks documents base views";
    for needed in needed.split_whitespace() {
        assert!(names.contains(&needed), "{needed} is missing");
    }
    for purpose in [Purpose::Base, Purpose::Views] {
        assert_eq!(all.iter().filter(|l| l.purpose == purpose).count(), 1, "{purpose:?}");
    }
    for ((file, _), layer) in files("layers").iter().zip(&all) {
        assert_eq!(file, &format!("{}.toml", layer.id));
    }
}

#[test]
fn everything_has_a_title_in_both_languages() {
    for layer in layers() {
        for field in &layer.fields {
            for lang in [Lang::Vi, Lang::En] {
                assert!(!field.title.get(lang).is_empty(), "{}.{}", layer.id, field.name);
            }
            for code in &field.codes {
                assert!(
                    !code.vi.is_empty() && !code.en.is_empty(),
                    "{}.{}.{}",
                    layer.id,
                    field.name,
                    code.code
                );
            }
        }
    }
}

#[test]
fn references_and_derived_fields_point_to_something() {
    let all = layers();
    let find = |id: &str| all.iter().find(|l| l.id.as_str() == id);
    for layer in &all {
        for field in &layer.fields {
            if field.kind == FieldType::Ref {
                let to = field.layer.as_deref().unwrap_or_default();
                assert!(find(to).is_some(), "{}.{} refers to {to}", layer.id, field.name);
            }
            if let Some((from, name)) = &field.from {
                assert!(find(from).and_then(|l| l.field(name)).is_some(), "{}.{}", layer.id, field.name);
            }
        }
    }
}

#[test]
fn mappings_fill_fields_that_exist_with_codes_that_exist() {
    let all = layers();
    for (file, text) in files("mappings") {
        let mapping = parse_mapping(&file, &text).unwrap();
        assert_eq!(file, format!("{}.toml", mapping.name));
        let layer = all.iter().find(|l| l.id.as_str() == mapping.layer).expect(&file);
        for (name, field) in &mapping.fields {
            let def = layer.field(name).unwrap_or_else(|| panic!("{file}: no field {name}"));
            let words = field.codes.iter().flat_map(|c| c.values()).chain(&field.otherwise);
            for code in words.filter(|c| !c.is_empty() && def.kind == FieldType::Code) {
                assert!(def.code(code).is_some(), "{file}: {name} has no code {code}");
            }
            for extra in [&field.end, &field.precision].into_iter().flatten() {
                assert!(layer.field(extra).is_some(), "{file}: no field {extra}");
            }
        }
    }
}
