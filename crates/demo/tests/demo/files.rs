//! The layer and mapping files: codes are exactly those of the project's list, mappings fit their layers.

use crate::support::{layer, layers};
use model::{LayerDef, Role, parse_mapping};

fn codes<'a>(def: &'a LayerDef, field: &str) -> Vec<&'a str> {
    def.field(field).unwrap().codes.iter().map(|c| c.code.as_str()).collect()
}

#[test]
fn code_lists_are_those_fixed_for_everyone() {
    let fixed: [(&str, &str, &str); 14] = [
        ("unit_classes", "class", "drug_free low_complexity has_drug_problem key not_assessed"),
        ("zones", "class", "drug_free low_complexity has_drug_problem key not_assessed"),
        ("unit_classes", "grade", "I II III"),
        (
            "violations",
            "state",
            "found reminded recorded decided fixing enforced fixed rechecked unfounded transferred",
        ),
        (
            "violations",
            "category",
            "sidewalk_encroachment street_vending illegal_parking unpermitted_construction \
             construction_contrary_to_permit land_encroachment littering_dumping site_hygiene advertising noise \
             infrastructure_damage other",
        ),
        (
            "incidents",
            "category",
            "theft burglary robbery violence public_order drugs damage vehicle fraud weapons other",
        ),
        ("incidents", "found_by", "citizen patrol other unknown"),
        (
            "sites",
            "permit_state",
            "none_recorded applied issued adjusted extended expired cancelled refused exempt",
        ),
        ("sites", "progress_state", "not_started building paused completed"),
        ("sites", "violation_state", "none suspected recorded resolved"),
        (
            "projects",
            "stage",
            "preparation approved site_clearance tendering construction acceptance settled stopped",
        ),
        ("units", "kind", "to ban"),
        ("hotspots", "kind", "hot_spot irrational_point"),
        ("hotspots", "state", "open acting resolved verified relapsed"),
    ];
    for (name, field, list) in fixed {
        assert_eq!(codes(layer(name), field), list.split_whitespace().collect::<Vec<_>>(), "{name}.{field}");
    }
}

#[test]
fn violations_move_as_fixed_for_everyone() {
    let def = layer("violations");
    let workflow = def.workflow("state").unwrap();
    let allowed = [
        ("found", "reminded recorded unfounded transferred"),
        ("reminded", "fixed recorded"),
        ("recorded", "decided"),
        ("decided", "fixing enforced"),
        ("fixing", "fixed"),
        ("enforced", "fixed"),
        ("fixed", "rechecked fixing"),
        ("rechecked", ""),
        ("unfounded", ""),
        ("transferred", ""),
    ];
    let states = codes(def, "state");
    assert_eq!(allowed.len(), states.len());
    for (from, to) in allowed {
        let to: Vec<&str> = to.split_whitespace().collect();
        for state in &states {
            assert_eq!(workflow.allows(from, state), to.contains(state), "{from} to {state}");
        }
    }
    assert_eq!(workflow.ends, ["rechecked", "unfounded", "transferred"]);
}

#[test]
fn zones_carry_what_the_design_names_and_planners_see_less() {
    let own: Vec<&str> =
        layer("zones").fields.iter().filter(|f| !f.system).map(|f| f.name.as_str()).collect();
    let wanted = "unit code name kind class grade ruleset decision_no decision_date security_title \
                  predecessors successors";
    assert_eq!(own, wanted.split_whitespace().collect::<Vec<_>>());
    for def in layers() {
        assert_eq!(def.visible(Role::Planner), def.id.as_str() != "incidents", "{}", def.id);
        assert!(def.visible(Role::Analyst) && !def.visible(Role::Public), "{}", def.id);
        for field in def.fields.iter().filter(|f| !f.internal) {
            let hidden = [
                "users_recorded",
                "use_places",
                "arrests",
                "plants",
                "on_route",
                "evidence",
                "staff_count",
                "shift_hours",
                "equipment",
            ];
            let hidden = hidden.contains(&field.name.as_str())
                || field.name == "internal_note"
                    && !matches!(def.id.as_str(), "sites" | "projects" | "planning")
                || def.id.as_str() == "incidents";
            assert_eq!(field.visible(Role::Planner), !hidden, "{}.{}", def.id, field.name);
        }
    }
}

#[test]
fn mappings_fill_fields_that_exist_with_codes_that_exist() {
    let files = [
        ("police-uk", include_str!("../../../../data/mappings/police-uk.toml")),
        ("calgary-permits", include_str!("../../../../data/mappings/calgary-permits.toml")),
        ("vn-wards-2025", include_str!("../../../../data/mappings/vn-wards-2025.toml")),
        ("vn-wards-until-2025", include_str!("../../../../data/mappings/vn-wards-until-2025.toml")),
    ];
    for (name, text) in files {
        let mapping = parse_mapping(&format!("{name}.toml"), text).unwrap();
        assert_eq!(mapping.name, name);
        let def = layer(&mapping.layer);
        for (field, how) in &mapping.fields {
            let target = def.field(field).unwrap_or_else(|| panic!("{name}: no field {field}"));
            let words = how.codes.iter().flat_map(|c| c.values()).chain(&how.otherwise).chain(&how.value);
            for word in words.filter(|w| !w.is_empty() && !target.codes.is_empty()) {
                assert!(target.code(word).is_some(), "{name}: {field} has no code {word}");
            }
            for also in how.end.iter().chain(&how.precision) {
                assert!(def.field(also).is_some(), "{name}: no field {also}");
            }
        }
        for required in def.fields.iter().filter(|f| f.required) {
            assert!(mapping.fields.contains_key(&required.name), "{name} leaves {} empty", required.name);
        }
    }
}
