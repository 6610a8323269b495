//! The ground: the mesh of borders, the streets and the known places, from `data/demo/ward.toml` and
//! `streets.toml`.

use std::collections::BTreeMap;

use geo::Contains;
use geo_types::{Point, Polygon};
use jiff::civil::Date;
use serde::Deserialize;

use crate::DemoError;
use crate::curve::{Line, Manner, sample};
use crate::mesh::{Mesh, PathPlan};
use crate::plane::Metres;
use crate::random::Random;

/// `ward.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WardPlan {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) name_en: String,
    pub(crate) parent: String,
    pub(crate) province: String,
    pub(crate) from: Date,
    pub(crate) until: Date,
    pub(crate) successor: Successor,
    nodes: BTreeMap<String, [f64; 2]>,
    paths: Vec<PathPlan>,
    faces: BTreeMap<String, [f64; 2]>,
    pub(crate) office: Office,
}

/// The ward it was merged into.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Successor {
    pub(crate) name: String,
    pub(crate) short_name: String,
    pub(crate) name_en: String,
    pub(crate) province: String,
    pub(crate) predecessors: String,
    pub(crate) resolution: String,
}

/// The ward office.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Office {
    pub(crate) at: [f64; 2],
    pub(crate) name: String,
}

/// How busy and how built-up a street is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StreetKind {
    Main,
    Street,
    Lane,
    Track,
    /// Made by the generator, never read from `streets.toml`.
    Alley,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreetPlan {
    name: String,
    kind: StreetKind,
    along: Option<String>,
    #[serde(default)]
    through: Vec<[f64; 2]>,
}

/// A place people know.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Landmark {
    pub(crate) at: [f64; 2],
    pub(crate) name: String,
    pub(crate) radius: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreetsPlan {
    streets: Vec<StreetPlan>,
    landmarks: BTreeMap<String, Landmark>,
}

/// A street of the ward.
#[derive(Debug)]
pub(crate) struct Street {
    pub(crate) name: String,
    pub(crate) kind: StreetKind,
    pub(crate) line: Line,
}

/// The house number at a distance along a street: six metres of front each, odd on the left.
pub(crate) fn house_number(distance: f64, left: bool) -> i64 {
    2 * (distance / 6.0) as i64 + if left { 1 } else { 2 }
}

/// The ground of the demo.
#[derive(Debug)]
pub(crate) struct Ward {
    pub(crate) plan: WardPlan,
    pub(crate) mesh: Mesh,
    pub(crate) outline: Polygon<f64>,
    pub(crate) later_outline: Polygon<f64>,
    pub(crate) streets: Vec<Street>,
    pub(crate) landmarks: BTreeMap<String, Landmark>,
}

/// The path of the stream in `ward.toml`.
const STREAM: &str = "suoi-mau";
/// The face of the later ward that the first one does not have.
const LATER: &str = "MOI";

impl Ward {
    pub(crate) fn new(seed: u64) -> Result<Ward, DemoError> {
        let plan: WardPlan = crate::inputs::read(crate::inputs::WARD)?;
        let StreetsPlan { streets, landmarks } = crate::inputs::read(crate::inputs::STREETS)?;
        let mesh = Mesh::new(&plan.nodes, &plan.paths, &plan.faces, &Random::new(seed, "mesh"))?;
        let all: Vec<String> = mesh.face_names().cloned().collect();
        let first: Vec<String> = all.iter().filter(|f| *f != LATER).cloned().collect();
        let outline = mesh.polygon(&first)?;
        let later_outline = mesh.polygon(&all)?;
        let mut random = Random::new(seed, "streets");
        let manner = Manner { step_m: 22.0, wander_m: 2.5 };
        let streets = streets
            .into_iter()
            .map(|s| {
                let points = if let Some(path) = &s.along {
                    mesh.paths.get(path).ok_or(DemoError::Inputs("a street along no path"))?.clone()
                } else {
                    let through: Vec<Metres> = s.through.iter().map(|p| Metres::new(p[0], p[1])).collect();
                    let last = *through.last().ok_or(DemoError::Inputs("a street without points"))?;
                    sample(&through, manner, &mut random).into_iter().flatten().chain([last]).collect()
                };
                Ok(Street { name: s.name, kind: s.kind, line: Line::new(points) })
            })
            .collect::<Result<Vec<_>, DemoError>>()?;
        Ok(Ward { plan, mesh, outline, later_outline, streets, landmarks })
    }

    /// The stream that runs through it.
    pub(crate) fn stream(&self) -> Line {
        Line::new(self.mesh.paths.get(STREAM).cloned().unwrap_or_default())
    }

    /// Where it is densest: the market.
    pub(crate) fn centre(&self) -> Metres {
        self.landmarks.get("market").map_or(Metres::new(0.0, 0.0), |m| Metres::new(m.at[0], m.at[1]))
    }

    /// A street or, failing that, a border path by its name.
    pub(crate) fn way(&self, name: &str) -> Result<Line, DemoError> {
        let street = self.streets.iter().find(|s| s.name == name).map(|s| s.line.clone());
        let path = || self.mesh.paths.get(name).map(|p| Line::new(p.clone()));
        street.or_else(path).ok_or(DemoError::Inputs("a street or path that is not there"))
    }

    /// Whether a place lies in the ward.
    pub(crate) fn contains(&self, at: Metres) -> bool {
        self.outline.contains(&Point(at.degrees()))
    }
}

#[cfg(test)]
mod tests {
    use geo::Validation;

    use super::*;

    #[test]
    fn borders_do_not_cross_whatever_the_seed() {
        for seed in 0..150 {
            let ward = Ward::new(seed).unwrap();
            assert!(ward.outline.is_valid() && ward.later_outline.is_valid(), "seed {seed}");
            for face in ward.mesh.face_names() {
                let polygon = ward.mesh.polygon(std::slice::from_ref(face)).unwrap();
                assert!(polygon.is_valid(), "seed {seed}, face {face}");
            }
        }
    }

    #[test]
    fn houses_are_odd_on_one_side_and_even_on_the_other() {
        assert_eq!((house_number(0.0, true), house_number(0.0, false)), (1, 2));
        assert_eq!((house_number(13.0, true), house_number(13.0, false)), (5, 6));
    }
}
