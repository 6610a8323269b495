//! A small ward to test on: a layer of cases, one of versions, one without geometry; and ways to change it.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Feature, LayerDef, LayerId, Role, Text, Value, parse_layer};
use store::{
    Decision, EditRequest, Edited, ImportRequest, ImportRow, NewSite, Op, Store, StoreError, Upload,
};
use uuid::Uuid;

pub(crate) use crate::home::{Home, Kind, Raw, file, kind};

const SPOTS: &str = r##"
id = "spots"
title = { vi = "Điểm", en = "Spots" }
description = { vi = "Điểm", en = "Spots" }
geometry = "point"
time = "state"
start = "found_on"
photos = true
see = ["analyst", "planner", "admin"]
edit = ["analyst"]

[[fields]]
name = "found_on"
type = "date"
title = { vi = "Ngày", en = "Day" }

[[fields]]
name = "state"
type = "code"
title = { vi = "Trạng thái", en = "State" }
codes = [{ code = "open", vi = "Mở", en = "Open" }, { code = "shut", vi = "Đóng", en = "Shut" }]

[[fields]]
name = "name"
type = "text"
title = { vi = "Tên", en = "Name" }

# Clashes with a column of ours, in another case.
[[fields]]
name = "Seq"
type = "integer"
title = { vi = "Số", en = "Number" }

[[fields]]
name = "share \"of\" it"
type = "number"
title = { vi = "Phần", en = "Share" }

[[fields]]
name = "known"
type = "boolean"
title = { vi = "Biết", en = "Known" }

[[fields]]
name = "seen_at"
type = "datetime"
title = { vi = "Lúc", en = "Seen at" }

[[fields]]
name = "secret"
type = "text"
title = { vi = "Kín", en = "Secret" }
see = ["analyst"]

[[fields]]
name = "note"
type = "text"
title = { vi = "Ghi chú", en = "Note" }
cold = true

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

const AREAS: &str = r##"
id = "areas"
title = { vi = "Vùng", en = "Areas" }
description = { vi = "Vùng", en = "Areas" }
geometry = "polygon"
time = "interval"
see = ["analyst", "planner"]
edit = ["analyst"]

[[fields]]
name = "code"
type = "text"
title = { vi = "Mã", en = "Code" }

[style]
draw = "fill"
color = "#000000"
"##;

const NOTES: &str = r#"
id = "notes"
title = { vi = "Sổ", en = "Notes" }
description = { vi = "Sổ", en = "Notes" }
geometry = "none"
time = "none"

[[fields]]
name = "text"
type = "text"
title = { vi = "Chữ", en = "Text" }
"#;

pub(crate) fn layer(name: &str) -> LayerId {
    LayerId::new(name).unwrap()
}

pub(crate) fn parse(text: &str) -> Arc<LayerDef> {
    Arc::new(parse_layer("test", text).unwrap())
}

pub(crate) fn spots() -> Arc<LayerDef> {
    parse(SPOTS)
}

/// The layer of cases with one more field in front.
pub(crate) fn spots_with_a_field() -> Arc<LayerDef> {
    let field =
        "[[fields]]\nname = \"extra\"\ntype = \"text\"\ntitle = { vi = \"Thêm\", en = \"Extra\" }\n\n";
    let at = SPOTS.find("[[fields]]").unwrap();
    parse(&format!("{}{field}{}", &SPOTS[..at], &SPOTS[at..]))
}

/// The layer of cases without its boolean.
pub(crate) fn spots_without_a_field() -> Arc<LayerDef> {
    let from = SPOTS.find("[[fields]]\nname = \"known\"").unwrap();
    let to = SPOTS.find("[[fields]]\nname = \"seen_at\"").unwrap();
    parse(&format!("{}{}", &SPOTS[..from], &SPOTS[to..]))
}

pub(crate) fn areas() -> Arc<LayerDef> {
    parse(AREAS)
}

/// An instant, the later the greater `n`.
pub(crate) fn at(n: i64) -> Timestamp {
    Timestamp::from_second(1_750_000_000 + n).unwrap()
}

/// A site that goes with its home.
pub(crate) struct Ward {
    pub(crate) dir: Home,
    pub(crate) store: Store,
}

/// A new site of the kind under test.
pub(crate) async fn ward() -> Ward {
    ward_in(Home::new()).await
}

/// A new site in a GeoPackage, for what is particular to files.
pub(crate) async fn file_ward() -> Ward {
    ward_in(Home::of(Kind::Gpkg)).await
}

async fn ward_in(dir: Home) -> Ward {
    let site = NewSite { title: Text::new("Phường Mẫu", "Sample ward"), demo: true, as_of: None };
    let layers = [spots(), areas(), parse(NOTES)];
    let store = Store::create(dir.place(), site, &layers, "local:test", at(0)).await.unwrap();
    Ward { dir, store }
}

/// An edit whose rules are `decide`.
pub(crate) fn request(
    name: &str,
    id: Option<Uuid>,
    op: Op,
    decide: impl FnOnce(&store::Current) -> Result<Decision, model::Fault> + Send + Sync + 'static,
) -> EditRequest {
    EditRequest {
        layer: layer(name),
        id,
        new_id: Uuid::now_v7(),
        actor: "local:test".to_owned(),
        at: at(1),
        reason: None,
        op,
        idempotency: None,
        entity: None,
        refs: Vec::new(),
        photos: Vec::new(),
        decide: Box::new(decide),
    }
}

pub(crate) fn def_of(store: &Store, name: &str) -> Arc<LayerDef> {
    store.layers().into_iter().find(|d| d.id.as_str() == name).unwrap()
}

pub(crate) async fn create(
    store: &Store,
    name: &str,
    fill: impl FnOnce(&LayerDef, &mut Feature) + Send + Sync + 'static,
) -> Edited {
    let def = def_of(store, name);
    let make = move |_: &store::Current| {
        let mut feature = Feature::empty(&def, Uuid::nil());
        fill(&def, &mut feature);
        Ok(Decision::Put(feature))
    };
    store.edit(request(name, None, Op::Create, make)).await.unwrap()
}

pub(crate) async fn change(
    store: &Store,
    name: &str,
    id: Uuid,
    fill: impl FnOnce(&LayerDef, &mut Feature) + Send + Sync + 'static,
) -> Result<Edited, StoreError> {
    let def = def_of(store, name);
    let change = move |current: &store::Current| {
        let mut feature = current.row.clone().ok_or_else(|| model::Fault::of(model::Code::UnknownFeature))?;
        fill(&def, &mut feature);
        Ok(Decision::Put(feature))
    };
    store.edit(request(name, Some(id), Op::Update, change)).await
}

pub(crate) async fn delete(store: &Store, name: &str, id: Uuid) -> Result<Edited, StoreError> {
    store.edit(request(name, Some(id), Op::Delete, |_| Ok(Decision::Delete))).await
}

/// Puts a deleted feature back as it was before its last change.
pub(crate) async fn restore(store: &Store, name: &str, id: Uuid) -> Result<Edited, StoreError> {
    let def = def_of(store, name);
    let back = move |current: &store::Current| {
        let text = current.history[0].change.before.as_deref().unwrap();
        Ok(Decision::Put(Feature::from_row_text(&def, text, 0)?))
    };
    store.edit(request(name, Some(id), Op::Restore, back)).await
}

/// A case with a value in every field.
pub(crate) fn full(def: &LayerDef, feature: &mut Feature) {
    let day = jiff::civil::date(2025, 6, 1);
    feature.set(def, "found_on", Value::Date(day));
    feature.move_to(def, "state", "open", day);
    feature.set(def, "name", Value::text("Chợ tạm \"Đầu cầu\""));
    feature.set(def, "Seq", Value::Int(-7));
    feature.set(def, "share \"of\" it", Value::Num(0.1));
    feature.set(def, "known", Value::Bool(true));
    feature.set(def, "seen_at", Value::Time("2025-06-01T08:15:30.123Z".parse().unwrap()));
    feature.set(def, "secret", Value::text("kín"));
    feature.set(def, "note", Value::text("dài"));
    feature.geometry = Some(point(104.001, 21.402));
    feature.given = Some(model::Given { crs: "EPSG:9206".to_owned(), text: "500123.4 2366789.1".to_owned() });
}

pub(crate) fn point(lon: f64, lat: f64) -> model::Geometry {
    geo_types::Point::new(lon, lat).into()
}

/// A square.
pub(crate) fn square(west: f64, south: f64, side: f64) -> model::Geometry {
    let (e, n) = (west + side, south + side);
    let ring = vec![(west, south), (e, south), (e, n), (west, n), (west, south)];
    geo_types::Polygon::new(ring.into(), Vec::new()).into()
}

pub(crate) fn set(
    name: &'static str,
    value: Value,
) -> impl FnOnce(&LayerDef, &mut Feature) + Send + Sync + 'static {
    move |def, feature| feature.set(def, name, value)
}

/// An import of cases by key and name; a record with a place when `lon` is given.
pub(crate) fn records(def: &LayerDef, all: &[(&str, &str, Option<f64>)]) -> ImportRequest {
    let rows = all.iter().map(|(key, name, lon)| {
        let mut feature = Feature::empty(def, Uuid::nil());
        feature.set(def, "name", Value::text(name));
        feature.geometry = lon.map(|lon| point(lon, 21.4));
        ImportRow { key: (*key).to_owned(), feature }
    });
    ImportRequest {
        layer: def.id.clone(),
        actor: "local:test".to_owned(),
        at: at(5),
        reason: None,
        batch: "b1".to_owned(),
        note: None,
        idempotency: None,
        rows: rows.collect(),
        mapped: vec![def.index("name").unwrap()],
        has_location: true,
        settle: None,
    }
}

/// A photo of these bytes (a store does not look into them), and its hash.
pub(crate) fn photo(content: &[u8], role: Role) -> Upload {
    Upload {
        sha256: sha256(content),
        media_type: "image/jpeg",
        width: 4,
        height: 3,
        content: content.to_vec(),
        actor: "local:test".to_owned(),
        role,
        at: at(1),
    }
}

pub(crate) fn sha256(content: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    crate::home::hex(&Sha256::digest(content))
}

pub(crate) fn photos(all: &[&str]) -> Value {
    Value::List(all.iter().map(|p| Arc::from(*p)).collect())
}

/// The one feature with this id, whole.
pub(crate) async fn whole(store: &Store, name: &str, id: Uuid) -> Option<Feature> {
    store.cold(&layer(name), &[id]).await.unwrap().pop()
}

pub(crate) async fn assert_sound(store: &Store) {
    let report = store.verify(None).await.unwrap();
    assert!(report.ok, "{:#?}", report.problems);
    assert_eq!(report.head, store.head());
}

/// Says that something was not tested, where the test command looks for it.
pub(crate) fn skip(name: &str, reason: &str) {
    use std::io::Write as _;
    println!("SKIP {name}: {reason}");
    if let Some(path) = std::env::var_os("DIABAN_SKIPS") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
        writeln!(file, "{name}: {reason}").unwrap();
    }
}
