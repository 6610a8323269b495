//! When each part of the world last changed: a quadtree of versions over the unit square of Web Mercator.
//!
//! A change marks the nodes its extents meet, a tile asks for the greatest mark in its box. What a tile is told is
//! never older than what changed in it (a safe superset): marks are made on whole cells, and a large extent marks
//! few large cells instead of many small ones. Marks only rise, so marking a node forgets everything below it.
//!
//! A tree is shared by clones until one of them marks (path copying), so readers keep the world they hold.

use std::sync::Arc;

use model::Bbox;

use crate::MercatorBox;

/// Levels of the tree: the smallest cell is a sixty-fourth of a tile's side at zoom 14 (38 m / 1.4 on the ground).
const LEVELS: u32 = 20;

/// An extent is marked with cells no larger than its longer side over this: what is marked in vain is a rim.
const CELLS_PER_SIDE: u32 = 16;

/// Beyond this many nodes the tree is cut to [`LEVELS_KEPT`] levels. A node takes some 64 bytes.
const MOST_NODES: u32 = 1 << 18;
const LEVELS_KEPT: u32 = 9;

/// The version quadtree of one layer.
#[derive(Debug, Clone)]
pub struct Stamps {
    root: Arc<Node>,
}

#[derive(Debug, Clone)]
struct Node {
    /// The greatest mark here and below.
    newest: i64,
    /// The mark of the node as a whole: what has no child here changed then.
    whole: i64,
    /// Nodes here and below.
    size: u32,
    children: [Option<Arc<Node>>; 4],
}

/// Cells at the deepest level, both ends included.
#[derive(Debug, Clone, Copy)]
struct Cells {
    min: [u32; 2],
    max: [u32; 2],
}

/// A square of cells: its corner, and its side as a power of two.
#[derive(Debug, Clone, Copy)]
struct Square {
    corner: [u32; 2],
    level: u32,
}

impl Node {
    fn new(stamp: i64) -> Node {
        Node { newest: stamp, whole: stamp, size: 1, children: [None, None, None, None] }
    }

    /// Cut to so many levels.
    fn cut(&self, levels: u32) -> Node {
        if levels == 0 {
            return Node::new(self.newest);
        }
        let mut node = self.clone();
        node.size = 1;
        for child in node.children.iter_mut().flatten() {
            *child = Arc::new(child.cut(levels - 1));
            node.size += child.size;
        }
        node
    }
}

impl Cells {
    /// The cells that the closed box meets; `None` when it lies outside the square.
    fn of(b: &MercatorBox) -> Option<Cells> {
        if b.min_x > 1.0 || b.min_y > 1.0 || b.max_x < 0.0 || b.max_y < 0.0 {
            return None;
        }
        let side = f64::from(1_u32 << LEVELS);
        // The cast saturates at 0; the last cell holds 1.0.
        let cell = |v: f64| ((v * side) as u32).min((1 << LEVELS) - 1);
        Some(Cells { min: [cell(b.min_x), cell(b.min_y)], max: [cell(b.max_x), cell(b.max_y)] })
    }

    fn longest(self) -> u32 {
        (self.max[0] - self.min[0]).max(self.max[1] - self.min[1]) + 1
    }
}

impl Square {
    const WORLD: Square = Square { corner: [0, 0], level: LEVELS };

    fn side(self) -> u32 {
        1 << self.level
    }

    fn meets(self, cells: Cells) -> bool {
        (0..2).all(|a| self.corner[a] <= cells.max[a] && self.corner[a] + (self.side() - 1) >= cells.min[a])
    }

    fn is_within(self, cells: Cells) -> bool {
        (0..2).all(|a| self.corner[a] >= cells.min[a] && self.corner[a] + (self.side() - 1) <= cells.max[a])
    }

    fn quarter(self, n: usize) -> Square {
        let half = self.side() / 2;
        let corner = [self.corner[0] + (n as u32 & 1) * half, self.corner[1] + (n as u32 >> 1) * half];
        Square { corner, level: self.level - 1 }
    }
}

impl Stamps {
    /// A layer that changed everywhere at `stamp`.
    pub fn new(stamp: i64) -> Stamps {
        Stamps { root: Arc::new(Node::new(stamp)) }
    }

    /// Marks the extents (degrees) as changed at `stamp`, which is not less than any before. Costs in proportion
    /// to the depth of the tree and the rim of the extents, not to their area.
    pub fn mark(&mut self, extents: &[Bbox], stamp: i64) {
        let boxes = extents.iter().flat_map(MercatorBox::of_degrees);
        for cells in boxes.filter_map(|b| Cells::of(&b)) {
            let smallest = (cells.longest() / CELLS_PER_SIDE).max(1);
            mark(Arc::make_mut(&mut self.root), Square::WORLD, cells, smallest, stamp);
        }
        if self.root.size > MOST_NODES {
            self.root = Arc::new(self.root.cut(LEVELS_KEPT));
        }
    }

    /// The greatest mark in the closed box.
    pub fn newest_in(&self, b: &MercatorBox) -> i64 {
        Cells::of(b).map_or(0, |cells| newest(&self.root, Square::WORLD, cells))
    }

    /// The greatest mark anywhere.
    pub fn newest(&self) -> i64 {
        self.root.newest
    }
}

fn mark(node: &mut Node, square: Square, cells: Cells, smallest: u32, stamp: i64) {
    if square.is_within(cells) || square.side() <= smallest {
        *node = Node::new(stamp);
        return;
    }
    node.newest = stamp;
    for n in 0..4 {
        let quarter = square.quarter(n);
        if quarter.meets(cells) {
            let child = node.children[n].get_or_insert_with(|| Arc::new(Node::new(node.whole)));
            mark(Arc::make_mut(child), quarter, cells, smallest, stamp);
        }
    }
    node.size = 1 + node.children.iter().flatten().map(|c| c.size).sum::<u32>();
}

fn newest(node: &Node, square: Square, cells: Cells) -> i64 {
    if square.is_within(cells) {
        return node.newest;
    }
    let mut found = node.whole;
    for (n, child) in node.children.iter().enumerate() {
        if let Some(child) = child
            && child.newest > found
            && square.quarter(n).meets(cells)
        {
            found = found.max(newest(child, square.quarter(n), cells));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TileCoord;

    fn at(lon: f64, lat: f64) -> Bbox {
        Bbox { west: lon, south: lat, east: lon, north: lat }
    }

    fn of(stamps: &Stamps, z: u8, x: u32, y: u32) -> i64 {
        stamps.newest_in(&TileCoord::new(z, x, y).unwrap().grown_bounds())
    }

    #[test]
    fn a_point_marks_its_tiles_and_no_others() {
        let old = Stamps::new(1);
        let mut stamps = old.clone();
        // A corner of tile 14/12922/7195 lies 64 units to the north-west of this place.
        stamps.mark(&[at(103.92, 21.33)], 7);
        let m = crate::LonLat::new(103.92, 21.33).to_mercator();
        let tile = |v: f64| (v * 16_384.0) as u32;
        let (x, y) = (tile(m.x), tile(m.y));
        assert_eq!(of(&stamps, 14, x, y), 7);
        assert_eq!(of(&stamps, 0, 0, 0), 7);
        assert_eq!(of(&stamps, 14, x + 2, y), 1);
        assert_eq!(of(&stamps, 14, x, y - 2), 1);
        assert_eq!(of(&old, 14, x, y), 1, "who held the old tree still does");
    }

    #[test]
    fn a_later_mark_of_the_whole_forgets_what_is_below() {
        let mut stamps = Stamps::new(1);
        stamps.mark(&[at(103.92, 21.33), at(10.0, 10.0)], 5);
        assert!(stamps.root.size > 20);
        stamps.mark(&[Bbox { west: -180.0, south: -90.0, east: 180.0, north: 90.0 }], 6);
        assert_eq!(stamps.root.size, 1);
        assert_eq!(of(&stamps, 18, 0, 0), 6);
    }

    #[test]
    fn a_cut_tree_never_tells_less() {
        let mut stamps = Stamps::new(0);
        for n in 0..400_i32 {
            stamps
                .mark(&[at(103.9 + f64::from(n % 20) * 1e-3, 21.3 + f64::from(n / 20) * 1e-3)], i64::from(n));
        }
        let cut = Stamps { root: Arc::new(stamps.root.cut(LEVELS_KEPT)) };
        for x in 12_918..12_926 {
            for y in 7_190..7_200 {
                assert!(of(&cut, 14, x, y) >= of(&stamps, 14, x, y));
            }
        }
    }
}
