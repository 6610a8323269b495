//! The base map, from the same skeleton as everything else: the stream, fields and green, public grounds, streets
//! with their alleys, lots and houses. Neighbouring lots and houses are one record: nobody asks for one of them.

use geo_types::{Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};

use crate::hotspots::counter_clockwise;
use crate::lots::{Quad, alleys, rows};
use crate::places::{Built, Place, PlacesPlan};
use crate::plane::Metres;
use crate::random::Random;
use crate::record::Recorder;
use crate::ward::{StreetKind, Ward};

/// Makes the base map.
pub(crate) fn base(seed: u64, ward: &Ward, places: &PlacesPlan, records: &mut Recorder) {
    let day = ward.plan.from;
    let mut keep = |kind: &str, name: Option<&str>, floors: Option<i64>, geometry: Geometry<f64>| {
        let mut draft = records.begin(day).text("kind", kind).maybe_text("name", name);
        if let Some(floors) = floors {
            draft = draft.int("floors", floors);
        }
        records.keep(draft.place(Some(geometry)));
    };
    for ground in &places.grounds {
        let ring: Vec<Metres> = ground.ring.iter().map(|p| Metres::new(p[0], p[1])).collect();
        keep(&ground.kind, None, None, Geometry::Polygon(area(&counter_clockwise(ring))));
    }
    let grounds: Vec<Quad> = places.places.iter().filter_map(Place::ground).collect();
    for place in &places.places {
        let Some(ground) = place.ground() else { continue };
        let kind = if place.built == Some(Built::Open) { "green" } else { "civic" };
        keep(kind, None, None, Geometry::Polygon(area(&ground)));
        let houses: Vec<Polygon<f64>> = place.houses().iter().map(|q| area(q)).collect();
        if !houses.is_empty() {
            keep("building", None, Some(2), Geometry::MultiPolygon(MultiPolygon(houses)));
        }
    }
    let stream = ward.stream();
    keep("water", Some("Suối Mẫu"), None, Geometry::LineString(line(&stream.points)));

    let alleys = alleys(ward, &grounds, &mut Random::new(seed, "alleys"));
    for street in ward.streets.iter().chain(&alleys) {
        let kind = match street.kind {
            StreetKind::Main => "main",
            StreetKind::Street => "street",
            StreetKind::Lane => "lane",
            StreetKind::Track => "track",
            StreetKind::Alley => "alley",
        };
        keep(kind, Some(&street.name), None, Geometry::LineString(line(&street.line.points)));
    }
    for row in rows(ward, &alleys, &grounds, &mut Random::new(seed, "lots")) {
        let lots = row.lots.iter().map(|q| {
            let mut ring = line(q);
            ring.close();
            ring
        });
        keep("parcel", None, None, Geometry::MultiLineString(MultiLineString(lots.collect())));
        if !row.houses.is_empty() {
            let houses = row.houses.iter().map(|ring| area(ring)).collect();
            keep("building", None, Some(row.floors), Geometry::MultiPolygon(MultiPolygon(houses)));
        }
    }
    for place in places.places.iter().filter(|p| p.ground().is_some()) {
        keep("place", Some(&place.name), None, Geometry::Point(Point(place.centre().degrees())));
    }
}

pub(crate) fn line(points: &[Metres]) -> LineString<f64> {
    LineString(points.iter().map(|p| p.degrees()).collect())
}

pub(crate) fn area(ring: &[Metres]) -> Polygon<f64> {
    Polygon::new(line(ring), Vec::new())
}
