//! What stands for a feature too small, or too thin, to keep an area or a length on the grid.

use crate::GridPoint;
use crate::clip::GridBox;

/// Units of a pixel: a tile is drawn 512 pixels wide.
pub(crate) const PIXEL: i64 = 8;

/// A square of one pixel around a point, moved into the box; clockwise on the screen.
pub(crate) fn pixel_square(at: GridPoint, within: &GridBox) -> Vec<GridPoint> {
    let x = (at.x - PIXEL / 2).clamp(within.min_x, within.max_x - PIXEL);
    let y = (at.y - PIXEL / 2).clamp(within.min_y, within.max_y - PIXEL);
    let p = |dx: i64, dy: i64| GridPoint { x: x + dx, y: y + dy };
    vec![p(0, 0), p(PIXEL, 0), p(PIXEL, PIXEL), p(0, PIXEL)]
}

/// A line of one unit at a point, moved into the box.
pub(crate) fn short_line(at: GridPoint, within: &GridBox) -> Vec<GridPoint> {
    let start = GridPoint { x: at.x.clamp(within.min_x, within.max_x - 1), ..within.nearest(at) };
    vec![start, GridPoint { x: start.x + 1, ..start }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stay_inside_the_box() {
        let b = GridBox { min_x: -64, min_y: -64, max_x: 4160, max_y: 4160 };
        for (x, y) in [(-64, -64), (4160, 4160), (-500, 9000), (2000, 2000)] {
            let at = GridPoint { x, y };
            let square = pixel_square(at, &b);
            assert!(square.iter().chain(&short_line(at, &b)).all(|p| b.contains(*p)));
            assert_eq!(crate::signed_area_doubled(&square), 128);
        }
    }
}
