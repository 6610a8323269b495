//! Every kind of filter, alone and together, against a loop over plain records that knows nothing of the engine. Items,
//! counts, bars and tiles must all mean the same features.

use std::collections::BTreeSet;

use engine::{Step, TileRequest};
use model::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use uuid::Uuid;

use crate::site::{Site, Thing, actor};

/// A record as the test knows it; the moment in local clock time.
#[derive(Debug, Clone)]
struct Record {
    category: &'static str,
    found: (i64, u32, u32),
    at: Option<(u32, u32)>,
    fine: Option<i64>,
    address: Option<usize>,
    fixed: bool,
    place: Option<(f64, f64)>,
}

const CATEGORIES: [&str; 4] = ["noise", "street_vending", "advertising", "other"];
/// Addresses, and how they read without diacritics, by hand.
const ADDRESSES: [(&str, &str); 5] = [
    ("Chợ Trung Tâm", "cho trung tam"),
    ("Đường Lò Văn Giá", "duong lo van gia"),
    ("Số 5 Đường Điện Biên", "so 5 duong dien bien"),
    ("Ngõ chợ cũ", "ngo cho cu"),
    ("Cầu Trắng", "cau trang"),
];

/// A condition: the parameters it makes, and which records it keeps.
#[derive(Debug, Clone)]
enum Ask {
    Categories(Vec<usize>),
    Days(Option<u32>, Option<u32>),
    Fine(Option<i64>, Option<i64>),
    Holds(&'static str, &'static str),
    Address(bool),
    Fixed(bool),
    Hours(BTreeSet<u32>),
    Weekdays(BTreeSet<u32>),
    Area(Vec<(f64, f64)>),
    Located(bool),
}

/// Day n of the tests, from 2025-01-01, month by month of 28 days.
fn day(n: u32) -> (i64, u32, u32) {
    (2025, n / 28 % 12 + 1, n % 28 + 1)
}

fn iso((y, m, d): (i64, u32, u32)) -> String {
    format!("{y:04}-{m:02}-{d:02}")
}

/// 1 is Monday, by Sakamoto's method.
fn weekday((y, m, d): (i64, u32, u32)) -> u32 {
    let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][m as usize - 1];
    let y = if m < 3 { y - 1 } else { y };
    let from_sunday = (y + y / 4 - y / 100 + y / 400 + shift + i64::from(d)) % 7;
    if from_sunday == 0 { 7 } else { from_sunday as u32 }
}

/// Crossings of a ray, on points that lie on no edge.
fn inside(ring: &[(f64, f64)], (x, y): (f64, f64)) -> bool {
    let mut inside = false;
    for (i, &(x1, y1)) in ring.iter().enumerate() {
        let (x2, y2) = ring[(i + 1) % ring.len()];
        if (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1 {
            inside = !inside;
        }
    }
    inside
}

impl Ask {
    fn keeps(&self, r: &Record) -> bool {
        match self {
            Ask::Categories(all) => all.iter().any(|c| CATEGORIES[*c] == r.category),
            Ask::Days(from, to) => {
                from.is_none_or(|f| day(f) <= r.found) && to.is_none_or(|t| r.found <= day(t))
            }
            Ask::Fine(low, high) => {
                r.fine.is_some_and(|n| low.is_none_or(|l| l <= n) && high.is_none_or(|h| n <= h))
            }
            Ask::Holds(_, plain) => r.address.is_some_and(|a| ADDRESSES[a].1.contains(plain)),
            Ask::Address(known) => r.address.is_some() == *known,
            Ask::Fixed(yes) => r.fixed == *yes,
            Ask::Hours(all) => r.at.is_some_and(|(hour, _)| all.contains(&hour)),
            Ask::Weekdays(all) => all.contains(&weekday(r.found)),
            Ask::Area(ring) => r.place.is_some_and(|p| inside(ring, p)),
            Ask::Located(yes) => r.place.is_some() == *yes,
        }
    }

    fn parameter(&self) -> (String, String) {
        let open = |n: &Option<u32>| n.map_or("..".to_owned(), |n| iso(day(n)));
        let number = |n: &Option<i64>| n.map_or(String::new(), |n| n.to_string());
        let list = |all: &BTreeSet<u32>| all.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let presence = |known: bool| if known { "any:" } else { "null:" }.to_owned();
        let (name, value) = match self {
            Ask::Categories(all) => {
                ("category", all.iter().map(|c| CATEGORIES[*c]).collect::<Vec<_>>().join(","))
            }
            Ask::Days(from, to) => ("found_on", format!("{}/{}", open(from), open(to))),
            Ask::Fine(low, high) => ("fine", format!("{}..{}", number(low), number(high))),
            Ask::Holds(typed, _) => ("address", format!("~{typed}")),
            Ask::Address(known) => ("address", presence(*known)),
            Ask::Fixed(yes) => ("fixed_on", presence(*yes)),
            Ask::Hours(all) => ("found_at.hour", list(all)),
            Ask::Weekdays(all) => ("found_on.weekday", list(all)),
            Ask::Area(ring) => {
                let corners = ring.iter().chain(&ring[..1]).map(|(x, y)| format!("{x} {y}"));
                ("intersects", format!("POLYGON(({}))", corners.collect::<Vec<_>>().join(", ")))
            }
            Ask::Located(yes) => ("located", yes.to_string()),
        };
        (name.to_owned(), value)
    }
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let one = (
        prop::sample::select(&CATEGORIES[..]),
        0..330u32,
        prop::option::weighted(0.7, (0..24u32, 0..60u32)),
        prop::option::weighted(0.7, -3..12i64),
        prop::option::weighted(0.7, 0..ADDRESSES.len()),
        any::<bool>(),
        prop::option::weighted(0.8, (103.85..103.95f64, 21.30..21.40f64)),
    );
    let record = one.prop_map(|(category, n, at, fine, address, fixed, place)| Record {
        category,
        found: day(n),
        at,
        fine: fine.map(|f| f.max(0) * 100_000),
        address,
        fixed,
        place,
    });
    prop::collection::vec(record, 250)
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let codes =
        prop::collection::btree_set(0..4usize, 1..4).prop_map(|s| Ask::Categories(s.into_iter().collect()));
    let ordered = |a: u32, b: u32| (a.min(b), a.max(b));
    let days = (0..330u32, 0..330u32, 0..3u8).prop_map(move |(a, b, open)| match (ordered(a, b), open) {
        ((a, _), 0) => Ask::Days(Some(a), None),
        ((_, b), 1) => Ask::Days(None, Some(b)),
        ((a, b), _) => Ask::Days(Some(a), Some(b)),
    });
    let fine = (0..12i64, 0..12i64, 0..3u8).prop_map(|(a, b, open)| {
        let (a, b) = (a.min(b) * 100_000, a.max(b) * 100_000);
        match open {
            0 => Ask::Fine(Some(a), None),
            1 => Ask::Fine(None, Some(b)),
            _ => Ask::Fine(Some(a), Some(b)),
        }
    });
    let parts = vec![
        ("chợ", "cho"),
        ("CHO", "cho"),
        ("đường", "duong"),
        ("Văn", "van"),
        ("5", "5"),
        ("không có", "khong co"),
    ];
    let holds = prop::sample::select(parts).prop_map(|(typed, plain)| Ask::Holds(typed, plain));
    let area =
        (103.86..103.94f64, 21.31..21.39f64, prop::collection::vec(0.2..1.0f64, 3..30), 0.005..0.06f64)
            .prop_map(|(x, y, radii, size)| {
                let n = radii.len() as f64;
                let corner = |(i, r): (usize, &f64)| {
                    let turn = std::f64::consts::TAU * i as f64 / n;
                    (x + r * size * turn.cos(), y + r * size * turn.sin())
                };
                Ask::Area(radii.iter().enumerate().map(corner).collect())
            });
    let one = prop_oneof![
        codes,
        days,
        fine,
        holds,
        any::<bool>().prop_map(Ask::Address),
        any::<bool>().prop_map(Ask::Fixed),
        prop::collection::btree_set(0..24u32, 1..8).prop_map(Ask::Hours),
        prop::collection::btree_set(1..8u32, 1..4).prop_map(Ask::Weekdays),
        area,
        any::<bool>().prop_map(Ask::Located),
    ];
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let mut names = BTreeSet::new();
        all.into_iter().filter(|a| names.insert(a.parameter().0)).collect()
    })
}

fn thing(n: usize, r: &Record) -> Thing {
    let mut fields = vec![("category", r.category.to_owned()), ("found_on", iso(r.found))];
    fields.extend(r.at.map(|(h, m)| ("found_at", format!("{}T{h:02}:{m:02}:00+07:00", iso(r.found)))));
    fields.extend(r.fine.map(|f| ("fine", f.to_string())));
    fields.extend(r.address.map(|a| ("address", ADDRESSES[a].0.to_owned())));
    fields.extend(r.fixed.then(|| ("fixed_on", "2025-12-01".to_owned())));
    let fields = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
    Thing { key: n.to_string(), layer: "violations".to_owned(), fields, place: r.place }
}

async fn check(site: &Site, records: &[Record], asks: &[Ask]) -> Result<(), TestCaseError> {
    let who = actor(Role::Analyst);
    let expected: BTreeSet<Uuid> = records
        .iter()
        .enumerate()
        .filter(|(_, r)| asks.iter().all(|a| a.keeps(r)))
        .map(|(n, _)| Uuid::from_u128(n as u128 + 1))
        .collect();
    let params: Vec<(String, String)> = asks.iter().map(Ask::parameter).collect();
    let query = site.engine.query(&who, "violations", &params, &[]).unwrap();

    let (mut found, mut after, mut matched) = (Vec::new(), None::<String>, None);
    loop {
        let page = site.engine.items(&who, &query, 60, after.as_deref()).await.unwrap();
        prop_assert!(matched.is_none_or(|m| m == page.matched));
        matched = Some(page.matched);
        for item in &page.items {
            let item: serde_json::Value = serde_json::from_str(item).unwrap();
            found.push(item["id"].as_str().unwrap().parse::<Uuid>().unwrap());
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    prop_assert_eq!(found.len(), expected.len());
    prop_assert_eq!(matched, Some(expected.len()));
    prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected.clone());

    let count = site.engine.count(&who, &query, Some("found_at.hour")).await.unwrap();
    let of = |id: &Uuid| &records[id.as_u128() as usize - 1];
    let located = expected.iter().filter(|id| of(id).place.is_some()).count();
    prop_assert_eq!(
        (count.count, count.located, count.waiting),
        (expected.len(), located, expected.len() - located)
    );
    for (hour, n) in count.by.unwrap() {
        let same = |r: &Record| r.at.map_or(String::new(), |(h, _)| h.to_string()) == hour;
        prop_assert_eq!(n, expected.iter().filter(|id| same(of(id))).count());
    }

    for field in ["found_on", "found_at", "fixed_on"] {
        let bars = site.engine.histogram(&who, &query, field, Step::Week).await.unwrap();
        let sum: usize = bars.bars.iter().map(|b| b.count).sum();
        prop_assert_eq!(sum + bars.before + bars.without, expected.len());
    }

    // Feature by feature: far out this layer is clustered unless asked otherwise.
    let params = [params, vec![("aggregate".to_owned(), "none".to_owned())]].concat();
    let request = TileRequest {
        layers: vec!["violations".to_owned()],
        z: 0,
        x: 0,
        y: 0,
        params,
        encoding: engine::Encoding::Plain,
    };
    let tile = site.engine.tile(&who, &request).await.unwrap();
    for (n, record) in records.iter().enumerate() {
        let id = Uuid::from_u128(n as u128 + 1);
        let text = id.to_string().into_bytes();
        let drawn = tile.bytes.windows(text.len()).any(|w| w == text);
        prop_assert_eq!(drawn, record.place.is_some() && expected.contains(&id));
    }
    Ok(())
}

#[test]
fn every_filter_means_the_same_everywhere() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 4, failure_persistence: None, max_shrink_iters: 50, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let cases = (records(), prop::collection::vec(asks(), 60));
    let run = TestRunner::new_with_rng(config, rng).run(&cases, |(records, questions)| {
        runtime.block_on(async {
            let things: Vec<Thing> = records.iter().enumerate().map(|(n, r)| thing(n, r)).collect();
            let site = Site::with(&things).await;
            for asks in &questions {
                check(&site, &records, asks).await?;
            }
            Ok(())
        })
    });
    run.unwrap();
}
