//! Lots and houses along the streets: a row on each side, lot by lot, where nothing else lies. Alleys come first,
//! so that houses leave room for them.

use std::collections::BTreeMap;

use crate::curve::Line;
use crate::plane::Metres;
use crate::random::Random;
use crate::ward::{Street, StreetKind, Ward, house_number};

/// A four-cornered piece of ground, counter-clockwise.
pub(crate) type Quad = [Metres; 4];

/// How streets of a kind are built along.
struct Manner {
    /// From the middle of the street to the front of the lots.
    off: f64,
    front: [f64; 2],
    depth: [f64; 2],
    built: f64,
    floors: [i64; 2],
}

fn manner(kind: StreetKind) -> Manner {
    let make = |off, front, depth, built, floors| Manner { off, front, depth, built, floors };
    match kind {
        StreetKind::Main => make(9.5, [4.5, 7.5], [16.0, 24.0], 0.97, [2, 5]),
        StreetKind::Street => make(6.5, [5.0, 9.0], [15.0, 22.0], 0.93, [1, 4]),
        StreetKind::Lane => make(3.6, [5.5, 10.0], [13.0, 19.0], 0.88, [1, 3]),
        StreetKind::Alley => make(2.4, [5.0, 9.0], [11.0, 16.0], 0.85, [1, 3]),
        StreetKind::Track => make(4.0, [11.0, 20.0], [16.0, 26.0], 0.6, [1, 2]),
    }
}

/// Half the room a street keeps free of lots.
fn clearance(kind: StreetKind) -> f64 {
    manner(kind).off - 0.6
}

/// Metres beside the stream where nobody builds.
const BANK_M: f64 = 10.0;
/// Lots of one side of a street that make one row; a row is one record.
const ROW: usize = 10;
const CELL_M: f64 = 24.0;

/// A row of lots along one side of a street.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) lots: Vec<Quad>,
    pub(crate) houses: Vec<Vec<Metres>>,
    pub(crate) floors: i64,
}

/// What lies where, in cells.
#[derive(Debug, Default)]
struct Taken {
    points: BTreeMap<(i64, i64), Vec<(Metres, f64)>>,
    quads: BTreeMap<(i64, i64), Vec<Quad>>,
}

fn cell(at: Metres) -> (i64, i64) {
    ((at.x / CELL_M).floor() as i64, (at.y / CELL_M).floor() as i64)
}

fn around((x, y): (i64, i64)) -> impl Iterator<Item = (i64, i64)> {
    (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy)))
}

impl Taken {
    /// Keeps a line's ground free.
    fn line(&mut self, line: &Line, room: f64) {
        let steps = (line.length() / 3.0) as i64;
        for i in 0..=steps {
            let at = line.at(i as f64 * 3.0, 0.0);
            self.points.entry(cell(at)).or_default().push((at, room));
        }
    }

    fn is_clear(&self, at: Metres, more: f64) -> bool {
        around(cell(at))
            .filter_map(|c| self.points.get(&c))
            .flatten()
            .all(|(p, room)| p.distance(at) >= room + more)
    }

    fn cells(quad: &Quad) -> Vec<(i64, i64)> {
        let mut cells: Vec<_> = quad.iter().flat_map(|p| around(cell(*p))).collect();
        cells.sort_unstable();
        cells.dedup();
        cells
    }

    fn is_free(&self, quad: &Quad) -> bool {
        let middle = |a: Metres, b: Metres| a.towards(b, 0.5);
        let tested = (0..4).flat_map(|i| [quad[i], middle(quad[i], quad[(i + 1) % 4])]);
        tested.chain([middle(quad[0], quad[2])]).all(|p| self.is_clear(p, 0.0))
            && !Taken::cells(quad)
                .iter()
                .filter_map(|c| self.quads.get(c))
                .flatten()
                .any(|q| overlap(q, quad))
    }

    fn take(&mut self, quad: Quad) {
        // Grounds may be wider than a cell: they are known in every cell near their corners and middles.
        let mut cells = Taken::cells(&quad);
        let (a, c) = (quad[0], quad[2]);
        let (low, high) = ((a.x.min(c.x), a.y.min(c.y)), (a.x.max(c.x), a.y.max(c.y)));
        let (from, to) = (cell(Metres::new(low.0, low.1)), cell(Metres::new(high.0, high.1)));
        cells.extend((from.0..=to.0).flat_map(|x| (from.1..=to.1).map(move |y| (x, y))));
        cells.sort_unstable();
        cells.dedup();
        for c in cells {
            self.quads.entry(c).or_default().push(quad);
        }
    }
}

/// Whether two convex quads share ground: no edge of either separates them.
fn overlap(a: &Quad, b: &Quad) -> bool {
    let separates = |a: &Quad, b: &Quad| {
        (0..4).any(|i| {
            let (p, q) = (a[i], a[(i + 1) % 4]);
            let side = |r: &Metres| (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
            b.iter().all(|r| side(r) < 0.05)
        })
    };
    !separates(a, b) && !separates(b, a)
}

/// A quad of `width` and `depth` whose front is centred on `at`, going to the left of `along` (or to its right).
pub(crate) fn quad(at: Metres, along: (f64, f64), width: f64, depth: f64, left: bool) -> Quad {
    let (ux, uy) = along;
    let side = if left { 1.0 } else { -1.0 };
    let corner = |a: f64, b: f64| at.plus(ux * a - uy * b * side, uy * a + ux * b * side);
    let half = width / 2.0;
    let ring = [corner(-half, 0.0), corner(half, 0.0), corner(half, depth), corner(-half, depth)];
    if left { ring } else { [ring[1], ring[0], ring[3], ring[2]] }
}

/// Alleys between the houses: short ways off streets and lanes that end before anything else.
pub(crate) fn alleys(ward: &Ward, grounds: &[Quad], random: &mut Random) -> Vec<Street> {
    let mut taken = Taken::default();
    for street in &ward.streets {
        taken.line(&street.line, clearance(street.kind));
    }
    taken.line(&ward.stream(), BANK_M);
    for ground in grounds {
        taken.take(*ground);
    }
    let mut alleys: Vec<Street> = Vec::new();
    for street in ward.streets.iter().filter(|s| s.kind != StreetKind::Track) {
        let mut distance = random.between(24.0, 50.0);
        while distance < street.line.length() - 20.0 {
            let left = random.chance(0.5);
            let length = random.between(32.0, 78.0);
            let lean = random.between(-0.25, 0.25);
            if let Some(line) = alley(ward, &taken, &street.line, distance, length, lean, left) {
                taken.line(&line, 14.0);
                let name = format!("Ngách {}, {}", house_number(distance, left), street.name);
                alleys.push(Street { name, kind: StreetKind::Alley, line });
            }
            distance += random.between(46.0, 96.0);
        }
    }
    alleys
}

/// As much of an alley as has room; none that would be a doorstep.
fn alley(
    ward: &Ward,
    taken: &Taken,
    from: &Line,
    distance: f64,
    length: f64,
    lean: f64,
    left: bool,
) -> Option<Line> {
    let (ux, uy) = from.direction(distance);
    let side = if left { 1.0 } else { -1.0 };
    let start = from.at(distance, 0.0);
    let at = |d: f64| {
        let (a, b) = (lean * d * d / length, d * side);
        start.plus(ux * a - uy * b, uy * a + ux * b)
    };
    let mut end = 0.0;
    let mut d = 14.0;
    while d <= length {
        let p = at(d);
        let quad: Quad = [p.plus(-1.0, -1.0), p.plus(1.0, -1.0), p.plus(1.0, 1.0), p.plus(-1.0, 1.0)];
        if !ward.contains(p) || !taken.is_clear(p, 4.0) || !taken.is_free(&quad) {
            break;
        }
        end = d;
        d += 4.0;
    }
    (end >= 26.0).then(|| Line::new(vec![start, at(end * 0.35), at(end * 0.7), at(end)]))
}

/// The rows along every street and alley, busiest first, leaving the grounds alone.
pub(crate) fn rows(ward: &Ward, alleys: &[Street], grounds: &[Quad], random: &mut Random) -> Vec<Row> {
    let mut taken = Taken::default();
    for street in ward.streets.iter().chain(alleys) {
        taken.line(&street.line, clearance(street.kind));
    }
    taken.line(&ward.stream(), BANK_M);
    for ground in grounds {
        taken.take(*ground);
    }
    let mut streets: Vec<&Street> = ward.streets.iter().chain(alleys).collect();
    streets.sort_by_key(|s| s.kind);
    let mut rows = Vec::new();
    for street in streets {
        for left in [true, false] {
            along(ward, street, left, &mut taken, &mut rows, random);
        }
    }
    rows
}

fn along(
    ward: &Ward,
    street: &Street,
    left: bool,
    taken: &mut Taken,
    rows: &mut Vec<Row>,
    random: &mut Random,
) {
    let manner = manner(street.kind);
    let mut row = Row { lots: Vec::new(), houses: Vec::new(), floors: 1 };
    let mut close = |row: &mut Row| {
        if !row.lots.is_empty() {
            rows.push(std::mem::replace(row, Row { lots: Vec::new(), houses: Vec::new(), floors: 1 }));
        }
    };
    let mut distance = 3.0;
    while distance < street.line.length() - 3.0 {
        let front = random.between(manner.front[0], manner.front[1]);
        let depth = random.between(manner.depth[0], manner.depth[1]);
        let middle = (distance + front / 2.0).min(street.line.length() - 0.5);
        let off = if left { manner.off } else { -manner.off };
        let at = street.line.at(middle, off);
        let lot = quad(at, street.line.direction(middle), front - 0.05, depth, left);
        // Rows thin out away from the market.
        let near = (1.25 - at.distance(ward.centre()) / 1300.0).clamp(0.35, 1.0);
        let wanted = random.chance(near);
        let free = wanted && lot.iter().all(|p| ward.contains(*p)) && taken.is_free(&lot);
        if free {
            taken.take(lot);
            row.floors = random.whole(manner.floors[0], manner.floors[1]);
            if random.chance(manner.built) {
                row.houses.push(house(at, street.line.direction(middle), front, depth, left, random));
            }
            row.lots.push(lot);
        }
        if row.lots.len() == ROW {
            close(&mut row);
        }
        distance += front;
    }
    close(&mut row);
}

/// A house on its lot: close to the front, some with a yard behind, some with a corner cut out.
fn house(
    at: Metres,
    along: (f64, f64),
    front: f64,
    depth: f64,
    left: bool,
    random: &mut Random,
) -> Vec<Metres> {
    let side = random.between(0.12, 0.5) + if front > 9.0 { 1.2 } else { 0.0 };
    let ahead = random.between(0.2, 2.4);
    let deep = (depth - ahead) * random.between(0.6, 0.94);
    let width = front - 2.0 * side;
    let (ux, uy) = along;
    let inward = if left { (-uy, ux) } else { (uy, -ux) };
    let at = at.plus(inward.0 * ahead, inward.1 * ahead);
    let whole = quad(at, along, width, deep, left);
    if !random.chance(0.25) {
        return whole.to_vec();
    }
    // The back corner on one side is a yard.
    let (cut, back) = (random.between(0.35, 0.6), random.between(0.25, 0.4));
    let [a, b, c, d] = whole;
    vec![
        a,
        b,
        b.towards(c, 1.0 - back),
        a.towards(d, 1.0 - back).towards(b.towards(c, 1.0 - back), cut),
        d.towards(c, cut),
        d,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64) -> Quad {
        quad(Metres::new(x, y), (1.0, 0.0), 10.0, 10.0, true)
    }

    #[test]
    fn quads_that_touch_do_not_overlap() {
        assert!(overlap(&square(0.0, 0.0), &square(9.0, 1.0)));
        assert!(!overlap(&square(0.0, 0.0), &square(10.0, 0.0)));
        assert!(!overlap(&square(0.0, 0.0), &square(40.0, 3.0)));
    }

    #[test]
    fn both_sides_of_a_street_run_counter_clockwise() {
        for left in [true, false] {
            let q = quad(Metres::new(5.0, 5.0), (0.6, 0.8), 6.0, 12.0, left);
            let doubled: f64 = (0..4).map(|i| q[i].x * q[(i + 1) % 4].y - q[(i + 1) % 4].x * q[i].y).sum();
            assert!((doubled / 2.0 - 72.0).abs() < 1e-9, "{left}");
        }
    }
}
