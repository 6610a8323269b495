//! What a layer file must say, and how a fault in it is told.

use super::*;

const GOOD: &str = r##"
id = "spots"
title = { vi = "Điểm", en = "Spots" }
description = { vi = "Điểm", en = "Spots" }
geometry = "point"
time = "state"
start = "found_on"
see = ["analyst", "planner"]

[[fields]]
name = "found_on"
type = "date"
title = { vi = "Ngày", en = "Day" }

[[fields]]
name = "state"
type = "code"
title = { vi = "Trạng thái", en = "State" }
see = ["analyst", "officer"]
codes = [{ code = "open", vi = "Mở", en = "Open" }, { code = "shut", vi = "Đóng", en = "Shut" }]

[[workflows]]
field = "state"
initial = ["open"]
next = { open = ["shut"] }
ends = ["shut"]

[style]
draw = "circle"
by = "state"
color = "#000000"
"##;

fn error(text: &str) -> (usize, String, String) {
    let e = parse_layer("spots.toml", text).unwrap_err();
    (e.line, e.field.clone(), e.to_string())
}

#[test]
fn a_good_file_is_read() {
    let def = parse_layer("spots.toml", GOOD).unwrap();
    assert_eq!(def.id.as_str(), "spots");
    assert_eq!(def.start, Some(0));
    assert!(def.field("location_quality").is_some() && def.field("valid_from").is_none());
    // A field is seen by those who see both it and the layer.
    let state = def.field("state").unwrap();
    assert!(state.visible(Role::Analyst) && !state.visible(Role::Planner) && !state.visible(Role::Officer));
    assert!(!def.field("source_key").unwrap().visible(Role::Analyst));
    assert!(def.workflow("state").unwrap().allows("open", "shut"));
    assert!(!def.workflow("state").unwrap().allows("shut", "open"));
}

#[test]
fn where_a_layer_is_listed_and_when_it_is_stale_are_its_own_to_say() {
    let plain = parse_layer("spots.toml", GOOD).unwrap();
    assert_eq!((plain.group, plain.stale_after_days), (None, None));
    let said = GOOD.replace("time = \"state\"", "time = \"state\"\ngroup = \"cases\"\nstale_after_days = 60");
    let def = parse_layer("spots.toml", &said).unwrap();
    assert_eq!((def.group, def.stale_after_days), (Some(Group::Cases), Some(60)));
    assert_eq!(error(&said.replace("\"cases\"", "\"crimes\"")).0, 7);
}

#[test]
fn photos_are_a_field_of_the_system() {
    let with = GOOD.replace("time = \"state\"", "time = \"state\"\nphotos = true");
    let def = parse_layer("spots.toml", &with).unwrap();
    let photos = &def.fields[def.photos().unwrap()];
    assert_eq!((photos.name.as_str(), photos.kind), (system::PHOTOS, FieldType::Photos));
    // Read by id, never drawn; settable; seen by those who see the layer.
    assert!(photos.system && photos.cold && !photos.tile && !photos.read_only);
    assert!(photos.visible(Role::Planner) && !photos.visible(Role::Officer));
    assert!(parse_layer("spots.toml", GOOD).unwrap().photos().is_none());
    let own = GOOD.replace("type = \"date\"", "type = \"photos\"");
    assert_eq!(error(&own).1, "found_on");
}

#[test]
fn codes_may_have_an_order_and_stand_outside_it() {
    let ranked = GOOD.replace("codes = [", "ranks = [\"open\"]\ncodes = [");
    let def = parse_layer("spots.toml", &ranked).unwrap();
    let state = def.field("state").unwrap();
    assert_eq!((state.rank("open"), state.rank("shut")), (Some(0), None));
    let (_, field, text) = error(&ranked.replace("[\"open\"]\n", "[\"open\", \"gone\"]\n"));
    assert_eq!(field, "state");
    assert!(text.contains("gone"), "{text}");
    error(&ranked.replace("[\"open\"]\n", "[\"open\", \"open\"]\n"));
}

#[test]
fn searched_are_the_fields_that_say_so_else_the_label() {
    let named = GOOD
            .replace("[[workflows]]", "[[fields]]\nname = \"name\"\ntype = \"text\"\ntitle = { vi = \"Tên\", en = \"Name\" }\n\n[[workflows]]");
    let label = named.replace("start = \"found_on\"", "start = \"found_on\"\nlabel = \"name\"");
    let searched = |text: &str| parse_layer("spots.toml", text).unwrap().searched().collect::<Vec<_>>();
    assert_eq!(searched(&named), []);
    assert_eq!(searched(&label), [(2, Search::Now)]);
    let old = label.replace("name = \"name\"", "name = \"name\"\nsearch = \"old\"");
    assert_eq!(searched(&old), [(2, Search::Old)]);
    let (_, field, text) = error(&GOOD.replace("name = \"found_on\"", "name = \"found_on\"\nsearch = true"));
    assert!(field == "found_on" && text.contains("searched"), "{text}");
}

#[test]
fn a_fault_names_file_line_and_field() {
    let (line, field, text) = error(&GOOD.replace("type = \"date\"", "type = \"dat\""));
    assert_eq!((line, field.as_str()), (12, "found_on"));
    assert!(text.starts_with("spots.toml:12: found_on: "), "{text}");
    let (line, field, _) = error(&GOOD.replace("start = \"found_on\"", "start = \"seen_on\""));
    assert_eq!((line, field.as_str()), (7, "start"));
    let (_, field, text) =
        error(&GOOD.replace("next = { open = [\"shut\"] }", "next = { open = [\"gone\"] }"));
    assert_eq!(field, "state");
    assert!(text.contains("gone"), "{text}");
    let (line, _, _) = error(&GOOD.replace("[style]", "[styl]"));
    assert!(line > 0);
    let (_, field, text) = error(&GOOD.replace("time = \"state\"", "purpose = \"views\"\ntime = \"state\""));
    assert_eq!(field, "purpose");
    assert!(text.contains("geometry") && text.starts_with("spots.toml:6: "), "{text}");
    let (_, field, _) = error(&GOOD.replace("name = \"found_on\"", "name = \"state\"").replacen(
        "start = \"found_on\"\n",
        "",
        1,
    ));
    assert_eq!(field, "state");
}

#[test]
fn a_comparison_names_a_field_of_its_kind() {
    let with = |more: &str| {
        let floors = |name: &str, more: &str| {
            format!(
                "[[fields]]\nname = \"{name}\"\ntype = \"integer\"\n{more}title = {{ vi = \"T\", en = \"F\" }}\n\n"
            )
        };
        let pair = floors("permit_floors", "") + &floors("built_floors", more);
        GOOD.replace("[[workflows]]", &(pair + "[[workflows]]"))
    };
    let good = parse_layer("spots.toml", &with("compare = \"permit_floors\"\ntolerance = 1\n")).unwrap();
    let built = good.field("built_floors").unwrap();
    assert_eq!((built.compare.as_deref(), built.tolerance), (Some("permit_floors"), Some(1.0)));
    assert_eq!(built.limit.unwrap_or_default(), Limit::Most);
    for (more, said) in [
        ("compare = \"floors\"\n", "there is no field floors"),
        ("compare = \"found_on\"\n", "not two numbers or two days"),
        ("compare = \"built_floors\"\n", "itself"),
        ("compare = \"permit_floors\"\nunit = \"m\"\n", "different units"),
        ("compare = \"permit_floors\"\ntolerance = -1\n", "from 0"),
        ("tolerance = 1\n", "needs compare"),
        ("limit = \"least\"\n", "needs compare"),
    ] {
        let (line, field, text) = error(&with(more));
        assert_eq!((line, field.as_str()), (27, "built_floors"), "{text}");
        assert!(text.contains(said), "{text}");
    }
}
