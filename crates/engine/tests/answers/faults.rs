//! What cannot be read is refused with its place, and what a role may not see is as unknown as what is not there.

use model::Role;

use crate::site::{Site, actor, thing};

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_names_its_parameter() {
    let site = Site::with(&[thing("a", "violations", &[("found_on", "2025-01-01")])]).await;
    let who = actor(Role::Analyst);
    let refused = |name: &str, value: &str| {
        let params = [(name.to_owned(), value.to_owned())];
        let error = site.engine.query(&who, "violations", &params, &[]).unwrap_err();
        let fault = error.faults()[0].clone();
        (fault.code.as_str(), fault.place, fault.detail.en)
    };
    for (name, value) in [
        ("found_on", "2025-02-01/2025-01-01"),
        ("found_on", "2025-13-01/.."),
        ("found_on", "a/b"),
        ("fine", "5..1"),
        ("fine", ".."),
        ("fine", "1..x"),
        ("fine", "1..2..3"),
        ("fine", ""),
        ("address", "~"),
        ("address", "~ "),
        ("category", "noise,nothing"),
        ("category", "noise,"),
        ("found_at.hour", "24"),
        ("found_at.hour", "-1"),
        ("found_at.hour", "7,"),
        ("found_on.weekday", "0"),
        ("found_on.weekday", "8"),
        ("intersects", "POINT(1 2)"),
        ("intersects", "POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))"),
    ] {
        let (code, place, _) = refused(name, value);
        assert_eq!((code, place), ("invalid-parameter", format!("?{name}")), "{name}={value}");
    }
    let long = format!("~{}", "x".repeat(201));
    assert_eq!(refused("address", &long).0, "invalid-parameter");
    assert!(refused("intersects", "POLYGON((0 0, 1 x, 1 1, 0 0))").2.contains("character 17"));
    assert!(refused("intersects", "POLYGON((0 0, 1 1, 1 0, 0 1, 0 0))").2.contains("crosses itself"));
    let many: Vec<String> = (0..2_001).map(|n| format!("{} {}", f64::from(n) / 100.0, n % 2)).collect();
    assert!(refused("intersects", &format!("POLYGON(({}))", many.join(","))).2.contains("too many"));
    // A day has no hour, and a text no clock.
    for name in ["found_on.hour", "address.hour", "category.weekday", "found_at.minute", "summary.weekday"] {
        assert_eq!(refused(name, "1").0, "unknown-parameter", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_is_as_unknown_as_what_is_not_there() {
    let site = Site::with(&[thing("a", "violations", &[("found_on", "2025-01-01")])]).await;
    let planner = actor(Role::Planner);
    let filter = |name: &str, value: &str| {
        let params = [(name.to_owned(), value.to_owned())];
        let error = site.engine.query(&planner, "unit_classes", &params, &[]).unwrap_err();
        error.to_string().replace(name.split('.').next().unwrap(), "…")
    };
    for value in ["any:", "null:", "1..2", "3"] {
        assert_eq!(filter("users_recorded", value), filter("no_such_field", value));
    }
    let sort = |name: &str| {
        let query = site.engine.query(&planner, "unit_classes", &[], &[]).unwrap();
        site.engine.sorted(&planner, query, name).unwrap_err().to_string().replace(name, "…")
    };
    assert_eq!(sort("users_recorded"), sort("no_such_field"));
    assert!(
        site.engine
            .sorted(&planner, site.engine.query(&planner, "unit_classes", &[], &[]).unwrap(), "class")
            .is_ok()
    );
    let query = site.engine.query(&planner, "unit_classes", &[], &[]).unwrap();
    let by = async |name: &str| {
        site.engine.count(&planner, &query, Some(name)).await.unwrap_err().to_string().replace(name, "…")
    };
    assert_eq!(by("users_recorded").await, by("no_such_field").await);
    // A cursor of one order is none of another.
    let who = actor(Role::Analyst);
    let query = site.engine.query(&who, "violations", &[], &[]).unwrap();
    let by_day = site.engine.sorted(&who, query, "found_on").unwrap();
    for bad in ["", "zz", "0", "W10", "WzEsW1siZm91bmRfb24iLHRydWUsIjIwMjUtMDEtMDEiXV1d"] {
        assert!(site.engine.items(&who, &by_day, 5, Some(bad)).await.is_err(), "{bad}");
    }
}
