//! What is particular to PostgreSQL: what is wrong with a server is named, its tables are for people too, several writers
//! take turns, a lost connection comes back. Where another kind is under test there is no server, and nothing to do.

use std::process::Command;
use std::time::Duration;

use model::{Code, Value};
use sqlx::{Connection, PgConnection, Row as _};
use store::{Database, NewSite, Place, Store, StoreError, codes};

use crate::home::url;
use crate::ward::*;

fn none() -> bool {
    kind() != Kind::Postgis
}

async fn refused(place: &Place) -> String {
    let error = Store::open(place).await.err().unwrap();
    error.to_string()
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_named() {
    if none() {
        return;
    }
    let home = Home::new();
    let place = home.place();
    assert!(matches!(Store::open(&place).await, Err(StoreError::Missing { .. })));
    // Nobody listens at port 1, and what is said of it holds no password.
    let nobody = Place::parse("postgresql://u:s3cret@127.0.0.1:1/x").unwrap();
    let said = refused(&nobody).await;
    assert!(said.contains("127.0.0.1:1") && !said.contains("s3cret"), "{said}");
    // A schema with something else in it is no site, and stays as it is.
    let mut admin = PgConnection::connect(&url()).await.unwrap();
    let Place::Database(database) = &place else { panic!() };
    let schema = database.schema();
    let run = async |admin: &mut PgConnection, text: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(admin).await.unwrap();
    };
    run(&mut admin, format!("create schema {schema}; create table {schema}.commits (x bigint)")).await;
    assert!(matches!(Store::open(&place).await, Err(StoreError::NotASite { .. })));
    let made = Store::create(&place, NewSite::default(), &[], "local:test", at(0)).await;
    assert!(matches!(made, Err(StoreError::Exists { .. })));
    run(&mut admin, format!("drop schema {schema} cascade")).await;
    // A database without PostGIS, and a role without rights.
    let plain = format!("plain_{schema}");
    run(&mut admin, format!("create database {plain} template template0")).await;
    let (server, _) = url().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let without = Place::parse(&format!("{server}/{plain}")).unwrap();
    assert!(matches!(Store::open(&without).await, Err(StoreError::NoPostgis { .. })));
    run(&mut admin, format!("drop database {plain}")).await;
    let role = format!("role_{schema}");
    run(&mut admin, format!("create role {role}")).await;
    let poor: Database = format!("{}?options[role]={role}", url()).parse().unwrap();
    let poor = Place::Database(poor.with_schema(schema).unwrap());
    let made = Store::create(&poor, NewSite::default(), &[], "local:test", at(0)).await;
    assert!(matches!(made, Err(StoreError::NoRights(_))), "{:?}", made.err());
    run(&mut admin, format!("drop role {role}")).await;
    // What failed left nothing behind, and the whole is there or not at all.
    assert!(matches!(Store::open(&place).await, Err(StoreError::Missing { .. })));
    let broken = [parse(&spots().source.replace("id = \"spots\"", "id = \"head\""))];
    let made = Store::create(&place, NewSite::default(), &broken, "local:test", at(0)).await;
    assert!(matches!(made, Err(StoreError::Incompatible { .. })));
    assert!(matches!(Store::open(&place).await, Err(StoreError::Missing { .. })));
}

#[tokio::test]
async fn tables_are_for_people_who_query_them() {
    if none() {
        return;
    }
    let ward = ward().await;
    create(&ward.store, "spots", full).await;
    create(&ward.store, "areas", |_, f| f.geometry = Some(square(104.0, 21.0, 0.5))).await;
    let Raw::Postgis(mut conn) = ward.dir.guarded().await else { panic!() };
    let types = "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) \
                 from pg_attribute where attrelid = 'spots'::regclass and attnum > 0";
    let types: String = sqlx::query_scalar(types).fetch_one(&mut conn).await.unwrap();
    for column in [
        "fid bigint",
        "id uuid",
        "geom geometry(Point,4326)",
        "found_on date",
        "seen_at timestamp(3) with time zone",
        "share \"of\" it double precision",
        "known boolean",
        "field_Seq bigint",
        "note text",
    ] {
        assert!(types.split(", ").any(|c| c == column), "{column}: {types}");
    }
    let row = "select st_astext(geom), seen_at = '2025-06-01 08:15:30.123+00', found_on = '2025-06-01', known, \
               (select st_geometrytype(geom) from areas where geom && st_makeenvelope(104, 21, 105, 22, 4326)), \
               col_description('spots'::regclass, (select attnum from pg_attribute where attname = 'state' \
               and attrelid = 'spots'::regclass)), \
               (select count(*) from pg_indexes where indexdef like '%gist%' and schemaname = current_schema()) \
               from spots";
    let row = sqlx::query(row).fetch_one(&mut conn).await.unwrap();
    assert_eq!(row.get::<String, _>(0), "POINT(104.001 21.402)");
    assert!([1, 2, 3].into_iter().all(|i| row.get::<bool, _>(i)));
    assert_eq!(row.get::<String, _>(4), "ST_Polygon");
    assert_eq!(row.get::<String, _>(5), "Trạng thái · State (open = Mở, shut = Đóng)");
    assert_eq!(row.get::<i64, _>(6), 2);
}

#[tokio::test]
async fn a_text_with_a_nul_is_refused_before_anything_is_written() {
    if none() {
        return;
    }
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let nul = change(&ward.store, "spots", made.id, set("name", Value::text("a\0b"))).await;
    let Err(StoreError::Fault(fault)) = nul else { panic!("{nul:?}") };
    assert_eq!((fault.code, fault.place.as_str()), (Code::InvalidValue, "name"));
    let mut edit = request("spots", Some(made.id), store::Op::Delete, |_| Ok(store::Decision::Delete));
    edit.reason = Some("a\0b".to_owned());
    let nul = ward.store.edit(edit).await;
    assert!(matches!(nul, Err(StoreError::Fault(f)) if f.code == Code::InvalidValue));
    let mut import = records(&spots(), &[("k1", "một", None), ("k\u{0}2", "hai", None)]);
    import.reason = Some("x".to_owned());
    assert!(matches!(ward.store.import(import).await, Err(StoreError::Fault(_))));
    assert_eq!(ward.store.head(), made.seq);
    assert_eq!(whole(&ward.store, "spots", made.id).await.unwrap().seq, made.seq);
    assert_sound(&ward.store).await;
}

/// Somebody holds the head: whoever comes later waits, and gets the next number, whoever reads sees them in order.
#[tokio::test(flavor = "multi_thread")]
async fn writers_take_turns_however_slow_one_is() {
    if none() {
        return;
    }
    let ward = ward().await;
    let other = Store::open(ward.dir.place()).await.unwrap();
    let mut heads = other.changes();
    let Raw::Postgis(mut slow) = ward.dir.guarded().await else { panic!() };
    let mut held = slow.begin().await.unwrap();
    sqlx::query("select * from head for update").execute(&mut *held).await.unwrap();
    let tasks: Vec<_> = (0..6)
        .map(|i| {
            let store = if i % 2 == 0 { ward.store.clone() } else { other.clone() };
            tokio::spawn(async move { create(&store, "spots", full).await.seq })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!((ward.store.head(), other.head()), (1, 1), "nothing goes past who holds it");
    held.rollback().await.unwrap();
    let mut seqs = Vec::new();
    for task in tasks {
        seqs.push(task.await.unwrap());
    }
    seqs.sort_unstable();
    assert_eq!(seqs, [2, 3, 4, 5, 6, 7]);
    heads.wait_for(|head| *head >= 7).await.unwrap();
    ward.store.changes().wait_for(|head| *head >= 7).await.unwrap();
    assert_sound(&ward.store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_comes_back() {
    if none() {
        return;
    }
    let home = Home::new();
    let Place::Database(plain) = home.place() else { panic!() };
    let name = plain.schema().to_owned();
    let named: Database = format!("{}?application_name={name}", url()).parse().unwrap();
    let place = Place::Database(named.with_schema(&name).unwrap());
    let store = Store::create(&place, NewSite::default(), &[spots()], "local:test", at(0)).await.unwrap();
    create(&store, "spots", full).await;
    let mut admin = PgConnection::connect(&url()).await.unwrap();
    let killed: i64 = sqlx::query_scalar(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = $1",
    )
    .bind(&name)
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert!(killed >= 2, "{killed}");
    // The writer begins on a new connection: nothing was asked on the old one.
    let made = create(&store, "spots", full).await;
    assert_eq!(made.seq, 3);
    // So does who follows: a commit by another is seen.
    let other = Store::open(&place).await.unwrap();
    let made = create(&other, "spots", full).await;
    let mut heads = store.changes();
    let seen = heads.wait_for(|head| *head >= made.seq);
    // What it answers holds the value: nobody could tell of a newer one as long as it is kept.
    let seen = tokio::time::timeout(Duration::from_secs(10), seen).await.map(drop);
    assert!(seen.is_ok(), "{:?}", store.troubles());
    let until = tokio::time::Instant::now() + Duration::from_secs(10);
    while !store.troubles().is_empty() {
        assert!(tokio::time::Instant::now() < until, "{:?}", store.troubles());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_sound(&store).await;
}

/// The log's end cannot be cut off without the row by which writers take turns knowing, anchor or none.
#[tokio::test]
async fn a_log_cut_short_is_found_by_the_head() {
    if none() {
        return;
    }
    let ward = ward().await;
    for _ in 0..3 {
        create(&ward.store, "spots", full).await;
    }
    ward.store.close().await.unwrap();
    std::fs::remove_file(ward.dir.anchor()).unwrap();
    let mut conn = ward.dir.raw().await;
    for table in ["changes", "commits", "spots"] {
        conn.run(&format!("delete from {table} where seq > 2")).await;
    }
    let report = Store::verify_at(ward.dir.place(), None).await.unwrap();
    assert_eq!(report.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [codes::LOG_TRUNCATED]);
    conn.run("update head set seq = 2").await;
    let report = Store::verify_at(ward.dir.place(), None).await.unwrap();
    assert_eq!(report.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [codes::CHAIN_BROKEN]);
}

#[tokio::test]
async fn a_copy_as_a_file_is_refused_with_what_to_do() {
    if none() {
        return;
    }
    let ward = ward().await;
    let refused = ward.store.backup(&ward.dir.path().join("x.gpkg")).await.unwrap_err();
    assert!(refused.to_string().contains("pg_dump"), "{refused}");
}

/// The roles of `migrations/postgis/roles.sql`: who serves writes the log and cannot change it; who reads cannot write.
#[tokio::test]
async fn roles_may_do_what_they_are_for() {
    if none() {
        return;
    }
    let ward = ward().await;
    let Place::Database(database) = ward.dir.place() else { panic!() };
    let schema = database.schema().to_owned();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgis/roles.sql");
    let out = Command::new("psql")
        .args([&url(), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-v", &format!("schema={schema}"), "-f", script])
        .output()
        .expect("psql");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let role = |name: &str| {
        let as_role: Database = format!("{}?options[role]={schema}_{name}", url()).parse().unwrap();
        Place::Database(as_role.with_schema(&schema).unwrap())
    };
    let app = Store::open(role("app")).await.unwrap();
    let made = create(&app, "spots", full).await;
    change(&app, "spots", made.id, set("Seq", Value::Int(1))).await.unwrap();
    app.import(records(&spots(), &[("k", "một", Some(104.0))])).await.unwrap();
    app.attach(photo(b"p", model::Role::Analyst)).await.unwrap();
    app.redact(&layer("spots"), made.id, Some("name"), "x", "local:test", at(3)).await.unwrap();
    let defined = app.define_layer(spots_with_a_field(), "local:test", at(3)).await;
    assert!(matches!(defined, Err(StoreError::NoRights(_))), "{defined:?}");
    assert_sound(&app).await;
    let Raw::Postgis(mut conn) = ward.dir.guarded().await else { panic!() };
    for (name, text, may) in [
        ("app", "update commits set actor = 'x'", false),
        ("app", "delete from changes", false),
        ("app", "update changes set fields = '[]'", false),
        ("app", "update changes set before = null where false", true),
        ("app", "update site set demo = false", false),
        ("read", "select count(*) from spots", true),
        ("read", "select count(*) from commits", true),
        ("read", "select count(*) from site", false),
        ("read", "select count(*) from attachments", false),
        ("read", "update spots set name = 'x'", false),
    ] {
        let text = format!("begin; set local role {schema}_{name}; {text}");
        let done = sqlx::raw_sql(sqlx::AssertSqlSafe(text.clone())).execute(&mut conn).await;
        sqlx::raw_sql("rollback").execute(&mut conn).await.unwrap();
        assert_eq!(done.is_ok(), may, "{text}: {done:?}");
    }
    app.close().await.unwrap();
    let text = format!("drop owned by {schema}_app, {schema}_read; drop role {schema}_app, {schema}_read");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut conn).await.unwrap();
}
