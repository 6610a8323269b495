//! The planar mesh of the ward: every border is one shared line of rounded vertices, used once in each
//! direction by the faces on its two sides. Polygons made of it cannot overlap or leave a gap.

use std::collections::{BTreeMap, BTreeSet};

use geo::Validation;
use geo_types::{LineString, Polygon};
use serde::Deserialize;

use crate::DemoError;
use crate::curve::{Manner, sample};
use crate::plane::{Metres, Vertex};
use crate::random::Random;

/// A stop of a path: a named junction or a plain place.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Stop {
    Node(String),
    At([f64; 2]),
}

/// What runs along a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PathKind {
    Outline,
    River,
    Street,
    Ridge,
}

impl PathKind {
    /// `wander` is the share of its full wandering.
    fn manner(self, wander: f64) -> Manner {
        let (step_m, wander_m) = match self {
            PathKind::Outline => (26.0, 9.0),
            PathKind::River => (18.0, 5.0),
            PathKind::Street => (30.0, 2.0),
            PathKind::Ridge => (24.0, 7.0),
        };
        Manner { step_m, wander_m: wander_m * wander }
    }
}

/// A border path of the skeleton.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PathPlan {
    pub(crate) name: String,
    pub(crate) kind: PathKind,
    pub(crate) through: Vec<Stop>,
}

/// The mesh.
#[derive(Debug)]
pub(crate) struct Mesh {
    /// Directed borders; 2k and 2k + 1 are the two directions of one.
    borders: Vec<Vec<Vertex>>,
    /// The borders around each named face, counter-clockwise.
    faces: BTreeMap<String, Vec<usize>>,
    /// Whole paths in metres, by name.
    pub(crate) paths: BTreeMap<String, Vec<Metres>>,
}

impl Mesh {
    /// Builds the mesh from its skeleton. `faces` names each face by a place inside it. Should a seed let two
    /// borders wander into each other, they wander less.
    pub(crate) fn new(
        nodes: &BTreeMap<String, [f64; 2]>,
        plans: &[PathPlan],
        faces: &BTreeMap<String, [f64; 2]>,
        random: &Random,
    ) -> Result<Mesh, DemoError> {
        let mut last = Err(DemoError::Inputs("no mesh"));
        for wander in [1.0, 0.4, 0.0] {
            last = Mesh::wandering(nodes, plans, faces, wander, &mut random.clone());
            if last.as_ref().is_ok_and(Mesh::is_sound) {
                break;
            }
        }
        last
    }

    fn is_sound(&self) -> bool {
        self.faces.keys().all(|name| self.polygon(std::slice::from_ref(name)).is_ok_and(|p| p.is_valid()))
    }

    fn wandering(
        nodes: &BTreeMap<String, [f64; 2]>,
        plans: &[PathPlan],
        faces: &BTreeMap<String, [f64; 2]>,
        wander: f64,
        random: &mut Random,
    ) -> Result<Mesh, DemoError> {
        let mut borders = Vec::new();
        let mut paths = BTreeMap::new();
        for plan in plans {
            let stops = plan.through.iter().map(|s| place(s, nodes)).collect::<Result<Vec<_>, _>>()?;
            let last = stops.last().copied().ok_or(DemoError::Inputs("an empty path"))?;
            let pieces = sample(&stops, plan.kind.manner(wander), random);
            let mut run: Vec<Vertex> = Vec::new();
            for (stop, piece) in plan.through.iter().zip(&pieces) {
                if matches!(stop, Stop::Node(_)) && !run.is_empty() {
                    run.push(piece[0].vertex());
                    borders.push(std::mem::take(&mut run));
                }
                run.extend(piece.iter().map(|p| p.vertex()));
            }
            run.push(last.vertex());
            borders.push(run);
            paths.insert(plan.name.clone(), pieces.into_iter().flatten().chain([last]).collect());
        }
        let borders: Vec<Vec<Vertex>> = borders
            .into_iter()
            .flat_map(|b| {
                let back = b.iter().rev().copied().collect();
                [b, back]
            })
            .collect();
        let rings = trace(&borders);
        let mut named = BTreeMap::new();
        for (name, at) in faces {
            let inside = Metres::new(at[0], at[1]).vertex();
            let found = rings.iter().filter(|ring| {
                let outline = outline(&borders, ring);
                doubled_area(&outline) > 0 && surrounds(&outline, inside)
            });
            let ring = found.min_by_key(|ring| doubled_area(&outline(&borders, ring)));
            named.insert(name.clone(), ring.cloned().ok_or(DemoError::Inputs("a face without a border"))?);
        }
        Ok(Mesh { borders, faces: named, paths })
    }

    /// The union of faces: the borders that only one of them has.
    pub(crate) fn polygon(&self, faces: &[String]) -> Result<Polygon<f64>, DemoError> {
        let mut edge: BTreeSet<usize> = BTreeSet::new();
        for name in faces {
            let face = self.faces.get(name).ok_or(DemoError::Inputs("an unknown face"))?;
            for border in face {
                if !edge.remove(&(border ^ 1)) {
                    edge.insert(*border);
                }
            }
        }
        let first = *edge.first().ok_or(DemoError::Inputs("a polygon without faces"))?;
        let mut ring = Vec::new();
        let mut next = Some(first);
        while let Some(border) = next {
            edge.remove(&border);
            let line = &self.borders[border];
            ring.extend(line[..line.len() - 1].iter().map(|v| v.degrees()));
            let end = line.last();
            next = edge.iter().copied().find(|b| self.borders[*b].first() == end);
        }
        if !edge.is_empty() {
            return Err(DemoError::Inputs("a polygon of more than one ring"));
        }
        Ok(Polygon::new(LineString(ring), Vec::new()))
    }

    /// Every face name.
    pub(crate) fn face_names(&self) -> impl Iterator<Item = &String> {
        self.faces.keys()
    }
}

fn place(stop: &Stop, nodes: &BTreeMap<String, [f64; 2]>) -> Result<Metres, DemoError> {
    match stop {
        Stop::At([x, y]) => Ok(Metres::new(*x, *y)),
        Stop::Node(name) => {
            let [x, y] = nodes.get(name).ok_or(DemoError::Inputs("an unknown node"))?;
            Ok(Metres::new(*x, *y))
        }
    }
}

/// The faces as rings of directed borders: at each end turn to the next border clockwise from the way back.
fn trace(borders: &[Vec<Vertex>]) -> Vec<Vec<usize>> {
    let mut out: BTreeMap<Vertex, Vec<usize>> = BTreeMap::new();
    for (i, border) in borders.iter().enumerate() {
        out.entry(border[0]).or_default().push(i);
    }
    for at in out.values_mut() {
        at.sort_by(|a, b| direction(&borders[*a]).total_cmp(&direction(&borders[*b])));
    }
    let mut seen = vec![false; borders.len()];
    let mut rings = Vec::new();
    for start in 0..borders.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            ring.push(at);
            let back = at ^ 1;
            let around = &out[&borders[back][0]];
            let i = around.iter().position(|b| *b == back).unwrap_or_default();
            at = around[(i + around.len() - 1) % around.len()];
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}

/// A number that grows with the angle of the border's first step (no trigonometry: same on every machine).
fn direction(border: &[Vertex]) -> f64 {
    let (a, b) = (border[0].metres(), border[1].metres());
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let slant = dx / (dx.abs() + dy.abs());
    if dy >= 0.0 { 1.0 - slant } else { 3.0 + slant }
}

fn outline(borders: &[Vec<Vertex>], ring: &[usize]) -> Vec<Vertex> {
    ring.iter().flat_map(|b| borders[*b][..borders[*b].len() - 1].iter().copied()).collect()
}

fn pairs(ring: &[Vertex]) -> impl Iterator<Item = (Vertex, Vertex)> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn doubled_area(ring: &[Vertex]) -> i128 {
    pairs(ring)
        .map(|(a, b)| i128::from(a.lon) * i128::from(b.lat) - i128::from(b.lon) * i128::from(a.lat))
        .sum()
}

fn surrounds(ring: &[Vertex], p: Vertex) -> bool {
    let crossed = pairs(ring).filter(|(a, b)| {
        (a.lat > p.lat) != (b.lat > p.lat) && {
            let (rise, run) = (i128::from(b.lat - a.lat), i128::from(b.lon - a.lon));
            let side = i128::from(p.lon - a.lon) * rise - i128::from(p.lat - a.lat) * run;
            (side < 0) == (rise > 0)
        }
    });
    crossed.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Mesh {
        let nodes: BTreeMap<_, _> =
            [("A", [0.0, 0.0]), ("B", [100.0, 0.0]), ("C", [100.0, 100.0]), ("D", [0.0, 100.0])]
                .map(|(n, p)| (n.to_owned(), p))
                .into();
        let path = |name: &str, stops: &[&str]| PathPlan {
            name: name.to_owned(),
            kind: PathKind::Ridge,
            through: stops.iter().map(|s| Stop::Node((*s).to_owned())).collect(),
        };
        let plans = [path("around", &["A", "B", "C", "D", "A"]), path("across", &["A", "C"])];
        let faces = [("low", [80.0, 20.0]), ("high", [20.0, 80.0])].map(|(n, p)| (n.to_owned(), p)).into();
        Mesh::new(&nodes, &plans, &faces, &Random::new(1, "square")).unwrap()
    }

    #[test]
    fn a_union_has_the_borders_only_one_face_has() {
        let mesh = square();
        let name = |s: &str| s.to_owned();
        let (low, high) = (mesh.polygon(&[name("low")]).unwrap(), mesh.polygon(&[name("high")]).unwrap());
        let both = mesh.polygon(&[name("low"), name("high")]).unwrap();
        let shared = low.exterior().0.iter().filter(|c| high.exterior().0.contains(c)).count();
        // The diagonal of 141 m in steps of about 24 m: 6 steps, 7 vertices; A stands twice if it begins the ring.
        assert!(shared >= 7, "{shared}");
        assert!(both.exterior().0.len() < low.exterior().0.len() + high.exterior().0.len() - 2 * 6);
        assert!(mesh.polygon(&[]).is_err() && mesh.polygon(&[name("none")]).is_err());
    }
}
