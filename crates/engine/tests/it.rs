//! The engine over a real GeoPackage: edits are shown, roles see what they may, the log tells the past.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use engine::{
    Actor, Config, EditMeta, EditOutcome, Engine, EngineError, ErrorKind, LiveEvent, NewSite, Precondition,
    Store, TileRequest, Verb, builtin_layers,
};
use model::{Lang, Role, Text};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

struct Site {
    dir: TempDir,
    engine: Engine,
}

fn actor(role: Role) -> Actor {
    Actor { role, name: format!("local:{}", role.name()), lang: Lang::En }
}

fn analyst() -> Actor {
    actor(Role::Analyst)
}

fn planner() -> Actor {
    actor(Role::Planner)
}

fn config() -> Config {
    Config { now: Some("2025-12-31T05:00:00Z".parse().unwrap()), ..Config::default() }
}

impl Site {
    async fn new() -> Site {
        let dir = tempfile::tempdir().unwrap();
        let site = NewSite { title: Text::new("Thử", "Test"), demo: false, as_of: None };
        let store = Store::create(
            &dir.path().join("ward.gpkg"),
            site,
            &builtin_layers().unwrap(),
            "test",
            "2025-01-01T00:00:00Z".parse().unwrap(),
        )
        .await
        .unwrap();
        let engine = Engine::open(store, config()).await.unwrap();
        Site { dir, engine }
    }

    async fn reopen(self) -> Site {
        self.engine.close().await.unwrap();
        let store = Store::open(&self.dir.path().join("ward.gpkg")).await.unwrap();
        Site { engine: Engine::open(store, config()).await.unwrap(), dir: self.dir }
    }

    async fn edit(
        &self,
        who: &Actor,
        layer: &str,
        id: Option<Uuid>,
        verb: Verb,
        body: Value,
        precondition: Precondition,
    ) -> Result<EditOutcome, EngineError> {
        let meta = EditMeta { precondition, idempotency_key: None };
        let content = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.engine.edit(who, layer, id, verb, &content, meta).await
    }

    async fn create(&self, layer: &str, body: Value) -> EditOutcome {
        self.edit(&analyst(), layer, None, Verb::Create, body, Precondition::Any).await.unwrap()
    }

    async fn etag(&self, who: &Actor, layer: &str, id: Uuid) -> String {
        self.engine.item(who, layer, id).await.unwrap().etag
    }

    async fn json(&self, who: &Actor, layer: &str, id: Uuid) -> Value {
        serde_json::from_str(&self.engine.item(who, layer, id).await.unwrap().json).unwrap()
    }
}

fn violation() -> Value {
    json!({"type":"Feature","geometry":{"type":"Point","coordinates":[104.0,21.4]},
        "properties":{"category":"noise","found_on":"2025-03-01","address":"Chợ"}})
}

fn unit() -> Value {
    json!({"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[104.0,21.4],[104.01,21.4],[104.01,21.41],[104.0,21.4]]]},
        "properties":{"code":"1","name":"Tổ 1","kind":"to","valid_from":"2020-01-01"}})
}

fn kind(r: Result<EditOutcome, EngineError>) -> ErrorKind {
    r.unwrap_err().kind()
}

#[tokio::test]
async fn an_edit_is_shown_when_it_returns_and_a_stale_one_is_refused() {
    let site = Site::new().await;
    let made = site.create("violations", violation()).await;
    let (id, first) = (made.id, made.item.unwrap().etag);
    let stored = site.json(&analyst(), "violations", id).await;
    assert_eq!(stored["properties"]["state"], "found");
    assert_eq!(stored["transitions"][0]["on"], "2025-03-01");
    let state = |s: &str| json!({"properties":{"state":s}});
    let who = analyst();
    let update = |body, p| site.edit(&who, "violations", Some(id), Verb::Update, body, p);
    let on = |e: &str| Precondition::OneOf(vec![e.to_owned()]);
    assert_eq!(kind(update(state("reminded"), Precondition::Missing).await), ErrorKind::VersionRequired);
    assert_eq!(kind(update(state("rechecked"), on(&first)).await), ErrorKind::Conflict);
    let second = update(state("reminded"), on(&first)).await.unwrap().item.unwrap().etag;
    assert_eq!(site.etag(&analyst(), "violations", id).await, second);
    assert_eq!(kind(update(state("recorded"), on(&first)).await), ErrorKind::Stale);
    // The past keeps its state.
    let params = [("datetime".to_owned(), "2025-06-01".to_owned())];
    let query = site.engine.query(&analyst(), "violations", &params, &[]).unwrap();
    let page = site.engine.items(&analyst(), &query, 10, None).await.unwrap();
    assert!(page.items[0].contains(r#""state":"found""#), "{}", page.items[0]);
}

#[tokio::test]
async fn what_was_deleted_comes_back_and_its_version_goes_on() {
    let site = Site::new().await;
    let made = site.create("violations", violation()).await;
    let id = made.id;
    let e1 = made.item.unwrap().etag;
    let gone = site
        .edit(
            &analyst(),
            "violations",
            Some(id),
            Verb::Delete,
            Value::Null,
            Precondition::OneOf(vec![e1.clone()]),
        )
        .await
        .unwrap();
    assert!(gone.item.is_none());
    assert!(site.engine.item(&analyst(), "violations", id).await.is_err());
    let back = site
        .edit(&analyst(), "violations", Some(id), Verb::Revert, Value::Null, Precondition::Missing)
        .await
        .unwrap();
    let e3 = back.item.unwrap().etag;
    assert_ne!(e3, e1, "a restored feature is a new version");
    assert_eq!(site.etag(&analyst(), "violations", id).await, e3, "the follower counts as the store does");
    let site = site.reopen().await;
    assert_eq!(site.etag(&analyst(), "violations", id).await, e3, "and so does loading");
    let ops: Vec<_> =
        site.engine.history(&analyst(), "violations", id).await.unwrap().into_iter().map(|e| e.op).collect();
    assert_eq!(ops.len(), 3, "{ops:?}");
}

#[tokio::test]
async fn an_edit_of_a_hidden_field_changes_nothing_the_planner_can_observe() {
    let site = Site::new().await;
    let made = site.create("violations", violation()).await;
    let id = made.id;
    let before =
        (site.etag(&planner(), "violations", id).await, site.json(&planner(), "violations", id).await);
    let mut events = site.engine.subscribe(&planner(), None);
    let etag = site.etag(&analyst(), "violations", id).await;
    let hidden = json!({"properties":{"internal_note":"chỉ nội bộ"}});
    site.edit(
        &analyst(),
        "violations",
        Some(id),
        Verb::Update,
        hidden,
        Precondition::OneOf(vec![etag.clone()]),
    )
    .await
    .unwrap();
    assert_ne!(site.etag(&analyst(), "violations", id).await, etag);
    let after =
        (site.etag(&planner(), "violations", id).await, site.json(&planner(), "violations", id).await);
    assert_eq!(before, after);
    assert_eq!(site.engine.history(&planner(), "violations", id).await.unwrap().len(), 1);
    assert_eq!(site.engine.history(&analyst(), "violations", id).await.unwrap().len(), 2);
    // The next event the planner hears is of a visible edit, not of the hidden one.
    let shown = site.create("violations", violation()).await;
    let Some(LiveEvent::Change { data, .. }) = events.next().await else { panic!("no event") };
    assert!(data.contains(&shown.id.to_string()), "{data}");
    // A hidden field is as unknown as one that does not exist.
    let text = |name: &str| {
        let params = [(name.to_owned(), "x".to_owned())];
        site.engine.query(&planner(), "violations", &params, &[]).unwrap_err().to_string().replace(name, "…")
    };
    assert_eq!(text("internal_note"), text("no_such_field"));
}

#[tokio::test]
async fn small_counts_of_people_are_masked() {
    let site = Site::new().await;
    let mut few = unit();
    few["properties"]["residents"] = json!(3);
    few["properties"]["households"] = json!(5);
    let id = site.create("units", few).await.id;
    assert_eq!(site.json(&analyst(), "units", id).await["properties"]["residents"], 3);
    let seen = site.json(&planner(), "units", id).await;
    assert_eq!(seen["properties"]["residents"], "<5");
    assert_eq!(seen["properties"]["households"], 5);
    for value in ["1", "3"] {
        let params = [("residents".to_owned(), value.to_owned())];
        let query = site.engine.query(&planner(), "units", &params, &[]).unwrap();
        assert_eq!(site.engine.count(&planner(), &query, None).await.unwrap().count, 0);
    }
    let etag = site.etag(&planner(), "units", id).await;
    let mine = Precondition::OneOf(vec![site.etag(&analyst(), "units", id).await]);
    let change = json!({"properties":{"residents":2}});
    site.edit(&analyst(), "units", Some(id), Verb::Update, change, mine).await.unwrap();
    assert_eq!(site.etag(&planner(), "units", id).await, etag);
}

#[tokio::test]
async fn a_class_decision_changes_the_zone_of_its_day_and_not_what_was_known_before() {
    let site = Site::new().await;
    let unit_id = site.create("units", unit()).await.id;
    let entity =
        site.json(&analyst(), "units", unit_id).await["properties"]["entity"].as_str().unwrap().to_owned();
    let class = json!({"type":"Feature","geometry":null,
        "properties":{"unit":entity,"class":"key","valid_from":"2022-12-31","valid_to":"2023-12-31"}});
    let made = site.create("unit_classes", class.clone()).await;
    let classes = async |day: &str, recorded: Option<&str>| -> Vec<String> {
        let mut params = vec![("datetime".to_owned(), day.to_owned())];
        params.extend(recorded.map(|r| ("recorded".to_owned(), r.to_owned())));
        let query = site.engine.query(&analyst(), "zones", &params, &[]).unwrap();
        let page = site.engine.items(&analyst(), &query, 10, None).await.unwrap();
        let class = |s: &String| {
            serde_json::from_str::<Value>(s).unwrap()["properties"]["class"].as_str().unwrap().to_owned()
        };
        page.items.iter().map(class).collect()
    };
    assert_eq!(classes("2022-12-30", None).await, ["not_assessed"]);
    assert_eq!(classes("2022-12-31", None).await, ["key"]);
    assert_eq!(classes("2023-12-31", None).await, ["not_assessed"]);
    let tile = async || {
        // Zoom 12 column and row of 104.005 E, 21.405 N by the usual formula.
        let params = vec![("datetime".to_owned(), "2023-06-01".to_owned())];
        let request = TileRequest {
            layers: vec!["zones".to_owned()],
            z: 12,
            x: 3231,
            y: 1798,
            params,
            encoding: engine::Encoding::Plain,
        };
        site.engine.tile(&analyst(), &request).await.unwrap()
    };
    let before = tile().await;
    assert!(!before.bytes.is_empty());
    let mut events = site.engine.subscribe(&analyst(), None);
    let etag = Precondition::OneOf(vec![made.item.unwrap().etag]);
    let change = json!({"properties":{"class":"low_complexity"}});
    site.edit(&analyst(), "unit_classes", Some(made.id), Verb::Update, change, etag).await.unwrap();
    assert_eq!(classes("2022-12-31", None).await, ["low_complexity"]);
    assert_eq!(classes("2022-12-31", Some(&made.mark)).await, ["key"]);
    assert_ne!(tile().await.etag, before.etag);
    let mut layers = Vec::new();
    for _ in 0..2 {
        let Some(LiveEvent::Change { data, .. }) = events.next().await else { panic!("no event") };
        layers.push(serde_json::from_str::<Value>(&data).unwrap()["layer"].as_str().unwrap().to_owned());
    }
    layers.sort();
    assert_eq!(layers, ["unit_classes", "zones"]);
    // A second class at the same time is refused.
    let twice = site.edit(&analyst(), "unit_classes", None, Verb::Create, class, Precondition::Any).await;
    assert_eq!(kind(twice), ErrorKind::Conflict);
}

#[tokio::test]
async fn a_page_goes_on_where_the_last_one_ended_whatever_is_edited_meanwhile() {
    let site = Site::new().await;
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(site.create("violations", violation()).await.id);
    }
    let query = site.engine.query(&analyst(), "violations", &[], &[]).unwrap();
    let first = site.engine.items(&analyst(), &query, 3, None).await.unwrap();
    assert_eq!((first.matched, first.items.len()), (7, 3));
    let etag = Precondition::OneOf(vec![site.etag(&analyst(), "violations", ids[0]).await]);
    site.edit(&analyst(), "violations", Some(ids[0]), Verb::Delete, Value::Null, etag).await.unwrap();
    let mut seen = first.items;
    let mut next = first.next;
    while let Some(after) = next {
        let page = site.engine.items(&analyst(), &query, 3, Some(&after)).await.unwrap();
        seen.extend(page.items);
        next = page.next;
    }
    for id in &ids {
        assert_eq!(seen.iter().filter(|s| s.contains(&id.to_string())).count(), 1, "{id} once");
    }
}

#[tokio::test]
async fn an_export_has_the_values_that_only_the_store_keeps() {
    let site = Site::new().await;
    let body = |summary: Value| {
        json!({"type":"Feature","geometry":{"type":"Point","coordinates":[104.0,21.4]},
            "properties":{"category":"theft","occurred_from":"2025-03-01T10:00:00Z","date_precision":"minute",
                "found_by":"citizen","summary":summary}})
    };
    let told = site.create("incidents", body(json!("kể lại"))).await.id;
    let silent = site.create("incidents", body(Value::Null)).await.id;
    let later = site.create("incidents", body(Value::Null)).await.id;
    let set = async |site: &Site, id: Uuid, summary: Value| {
        let body = json!({"properties": {"summary": summary}});
        let etag = site.etag(&analyst(), "incidents", id).await;
        let on = Precondition::OneOf(vec![etag]);
        site.edit(&analyst(), "incidents", Some(id), Verb::Update, body, on).await.unwrap();
    };
    let summaries = async |site: &Site| {
        let query = site.engine.query(&analyst(), "incidents", &[], &[]).unwrap();
        let mut export = site.engine.export(&analyst(), &query, engine::Format::GeoJson).await.unwrap();
        let mut all = Vec::new();
        while let Some(piece) = export.pieces.recv().await {
            all.extend_from_slice(&piece.unwrap());
        }
        let json: Value = serde_json::from_slice(&all).unwrap();
        let of = |id: Uuid| {
            let features = json["features"].as_array().unwrap();
            features.iter().find(|f| f["id"] == id.to_string()).unwrap()["properties"]["summary"].clone()
        };
        [of(told), of(silent), of(later)]
    };
    assert_eq!(summaries(&site).await, [json!("kể lại"), Value::Null, Value::Null]);
    set(&site, later, json!("sau đó")).await;
    assert_eq!(summaries(&site).await, [json!("kể lại"), Value::Null, json!("sau đó")]);
    set(&site, told, Value::Null).await;
    // As read from the store's rows.
    let site = site.reopen().await;
    assert_eq!(summaries(&site).await, [Value::Null, Value::Null, json!("sau đó")]);
}
