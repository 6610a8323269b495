//! Real open data, one command each: what is read, what is kept, and that the same again changes nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use e2e::{Http, Server, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::grid::{Degrees, bounds, union};
use crate::site::{CALGARY, LONDON, WARDS, arg, assert_counts, import, is_located, items, shared};

/// Counts the words of one column with Python's own reader of CSV.
const WORDS: &str = r"
import collections, csv, json, sys
words = collections.Counter()
for name in sys.argv[2:]:
    with open(name, encoding='utf-8', newline='') as rows:
        words.update(row[sys.argv[1]] for row in csv.DictReader(rows))
print(json.dumps(words))
";

#[test]
fn three_months_of_london_are_read_once() {
    let name = "real_data::three_months_of_london_are_read_once";
    let Some(files) = shared(name, &LONDON) else { return };
    let dir = temp_dir();
    let data = dir.path().join("london.gpkg");
    let receipt = import(&data, "incidents", &files, &[]).ok().json();
    assert_counts(&receipt, [2211, 2049, 0, 0, 162, 0]);
    assert_eq!((&receipt["mapping"], &receipt["rejects"]), (&json!("police-uk"), &json!([])));
    assert_eq!(receipt["sha256"].as_array().map(Vec::len), Some(3));

    let server = Server::serve(&data);
    let count = server.get_json("/api/collections/incidents/count?by=category_raw");
    assert_eq!([&count["count"], &count["located"], &count["waiting"]], [2211, 2049, 162]);
    match python_run(WORDS, [vec!["Crime type".to_owned()], files.iter().map(|f| arg(f)).collect()].concat())
    {
        Some(words) => assert_eq!(count["by"], words.ok().json()),
        None => skip(name, "the words of the source are not counted: no Python with GDAL"),
    }
    assert_extent(&server, "incidents", 2049);
    // A month is a span: February has all of February's records and no other's.
    let february = items(&server, "incidents", "datetime=2023-02-10/2023-02-10");
    assert!(february.iter().all(|f| f["properties"]["date_precision"] == "month"));
    assert_eq!(february.len(), lines(&files[1]) - 1);
    server.stop();

    let again = import(&data, "incidents", &files, &[]).ok().json();
    assert_counts(&again, [2211, 0, 0, 2211, 0, 0]);
}

#[test]
fn permits_of_calgary_are_read_once() {
    let Some(files) = shared("real_data::permits_of_calgary_are_read_once", &CALGARY) else { return };
    let dir = temp_dir();
    let data = dir.path().join("calgary.gpkg");
    let receipt = import(&data, "sites", &files, &[]).ok().json();
    assert_eq!((&receipt["read"], &receipt["rejected"]), (&json!(2000), &json!(0)), "{receipt:#}");
    assert_eq!(receipt["mapping"], "calgary-permits");
    let kept = |name: &str| receipt[name].as_u64().unwrap();
    assert_eq!(kept("stored") + kept("waiting_for_location"), 2000);

    let server = Server::serve(&data);
    assert_extent(&server, "sites", kept("stored") as usize);
    // As the portal has it: BP2013-09623 of 2013-07-08, completed, at 51.127 N 113.934 W.
    let found = items(&server, "sites", "permit_no=BP2013-09623");
    let [site] = &found[..] else { panic!("{found:?}") };
    let told = &site["properties"];
    assert_eq!([&told["permit_state"], &told["progress_state"]], ["issued", "completed"]);
    assert_eq!([&told["applied_on"], &told["completed_on"]], ["2013-07-08", "2014-01-31"]);
    assert_eq!([&told["permit_state_raw"], &told["violation_state"]], [&json!("Completed"), &Value::Null]);
    let at = bounds(site).unwrap();
    assert!((at[0] + 113.934_172_9).abs() < 1e-6 && (at[1] - 51.127_361).abs() < 1e-6, "{at:?}");
    server.stop();

    assert_counts(&import(&data, "sites", &files, &[]).ok().json(), [2000, 0, 0, 2000, 0, 0]);
}

#[test]
fn four_wards_and_a_code_that_passed_on() {
    let name = "real_data::four_wards_and_a_code_that_passed_on";
    let Some(files) = shared(name, &WARDS) else { return };
    let Some(former) = shared(name, &["sonla_city_ward_mapping_2025.json"]) else { return };
    let dir = temp_dir();
    let data = dir.path().join("wards.gpkg");
    let receipt = import(&data, "wards", &files, &[]).ok().json();
    assert_counts(&receipt, [4, 4, 0, 0, 0, 0]);
    assert_eq!(receipt["mapping"], "vn-wards-2025");
    assert_counts(&import(&data, "wards", &files, &[]).ok().json(), [4, 0, 0, 4, 0, 0]);

    // The twelve wards that ended have no outline: they wait for one.
    assert_counts(&import(&data, "wards", &former, &[]).ok().json(), [12, 0, 0, 0, 12, 0]);
    assert_counts(&import(&data, "wards", &former, &[]).ok().json(), [12, 0, 0, 12, 0, 0]);

    let server = Server::serve(&data);
    assert_extent(&server, "wards", 4);
    let named = |day: &str| {
        let found = items(&server, "wards", &format!("code=03646&datetime={day}"));
        let [ward] = &found[..] else { panic!("{day}: {found:?}") };
        (ward["properties"]["name"].as_str().unwrap().to_owned(), ward["properties"]["entity"].clone())
    };
    let (before, after) = (named("2025-06-30"), named("2025-07-01"));
    assert_eq!((before.0.as_str(), after.0.as_str()), ("Phường Chiềng Lề", "Phường Tô Hiệu"));
    assert_ne!(before.1, after.1, "one code, two wards");
    assert_eq!(items(&server, "wards", "datetime=2025-06-30").len(), 12);
    assert_eq!(items(&server, "wards", "datetime=2025-07-01").len(), 4);
}

#[test]
fn a_dry_run_stores_nothing() {
    let Some(files) = shared("real_data::a_dry_run_stores_nothing", &LONDON) else { return };
    let dir = temp_dir();
    let data = dir.path().join("dry.gpkg");
    let receipt = import(&data, "incidents", &files, &["--dry-run"]).ok().json();
    assert_counts(&receipt, [2211, 2049, 0, 0, 162, 0]);
    assert_eq!(left(dir.path()), Vec::<PathBuf>::new(), "a dry run into a new site leaves no file");

    import(&data, "incidents", &files[..1], &[]).ok();
    let head = || e2e::diaban(["verify", "--json", "--data", &arg(&data)]).ok().json();
    let before = head();
    let kept = lines(&files[0]) as u64 - 1;
    let receipt = import(&data, "incidents", &files, &["--dry-run"]).ok().json();
    assert_eq!((&receipt["read"], &receipt["unchanged"]), (&json!(2211), &json!(kept)), "{receipt:#}");
    assert_eq!(head(), before, "the log stands where it stood");
    let count = Server::serve(&data).get_json("/api/collections/incidents/count");
    assert_eq!(count["count"], kept);
}

/// The extent of a collection is the box of its items: a map that flies there shows them.
#[track_caller]
fn assert_extent(http: &Http, layer: &str, located: usize) {
    let there: Vec<Value> = items(http, layer, "located=true");
    assert!(there.iter().all(is_located));
    assert_eq!(there.len(), located, "{layer}");
    let real = there.iter().filter_map(bounds).reduce(union).expect("something is located");
    let near = |told: Degrees| (0..4).all(|i| (told[i] - real[i]).abs() < 1e-6);
    let collection = http.get_json(&format!("/api/collections/{layer}"));
    let told: Degrees = serde_json::from_value(collection["extent"]["spatial"]["bbox"][0].clone()).unwrap();
    assert!(near(told), "{layer}: extent {told:?}, items {real:?}");
    assert!(told[0] <= real[0] && told[1] <= real[1] && told[2] >= real[2] && told[3] >= real[3]);
    let site = http.get_json("/api/site");
    let home: Degrees = serde_json::from_value(site["bounds"].clone()).unwrap();
    assert!(near(home), "the site opens at {home:?}, its only layer lies at {real:?}");
}

fn lines(file: &Path) -> usize {
    std::fs::read_to_string(file).expect("a text file").lines().count()
}

fn left(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect()
}

#[test]
fn the_sentence_for_people_holds_the_same_numbers() {
    let Some(files) = shared("real_data::the_sentence_for_people_holds_the_same_numbers", &LONDON) else {
        return;
    };
    let dir = temp_dir();
    let data = dir.path().join("words.gpkg");
    // The sentence for people holds the same six numbers as the JSON.
    let args = [
        vec!["import".to_owned(), "--data".to_owned(), arg(&data), "incidents".to_owned()],
        files.iter().map(|f| arg(f)).collect(),
    ];
    let told = e2e::diaban(args.concat()).ok().text();
    let numbers: BTreeMap<&str, &str> = told
        .trim()
        .split_once(": ")
        .map(|(_, rest)| rest.split(" (").next().unwrap().split(", "))
        .into_iter()
        .flatten()
        .filter_map(|part| part.rsplit_once(' '))
        .collect();
    let wanted = [("read", "2211"), ("stored", "2049"), ("updated", "0"), ("unchanged", "0")];
    let more = [("waiting for location", "162"), ("rejected", "0")];
    assert_eq!(numbers, wanted.into_iter().chain(more).collect(), "{told}");
}
