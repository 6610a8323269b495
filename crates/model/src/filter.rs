//! The one filter: a typed tree, evaluated over columns with three-valued logic. Property parameters, `bbox` and
//! `datetime` are read into it; other notations come later and mean the same.

use std::sync::Arc;

use jiff::civil::Date;

use crate::{Area, Bbox, Clock, Pair, Span, Value, ValueRef, fold};

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// A spatial relation of a feature's geometry to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpatialOp {
    /// They share a point.
    Intersects,
    /// They share none.
    Disjoint,
    /// The feature lies inside the other.
    Within,
    /// The feature contains the other.
    Contains,
}

/// A condition on features. Fields are indices into the layer's fields.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every feature.
    All,
    /// All of them hold.
    And(Vec<Filter>),
    /// One of them holds.
    Or(Vec<Filter>),
    /// It does not hold; unknown stays unknown.
    Not(Box<Filter>),
    /// A field compared with a value; unknown when either is null.
    Compare(usize, Compare, Value),
    /// A field is one of the values.
    In(usize, Vec<Value>),
    /// A field lies between two values, ends included.
    Between(usize, Value, Value),
    /// A text field fits a pattern: `%` any run, `_` one character, `\` escapes.
    Like(usize, String),
    /// A text field, folded, holds this folded text; unknown when null.
    Holds(usize, String),
    /// What the clock shows at a field is one of the numbers whose bits are set; unknown when null.
    Clock(usize, Clock, u32),
    /// A field is null.
    IsNull(usize),
    /// One of the pairs departs beyond its tolerance; unknown when no pair has both values.
    Departs(Vec<Pair>),
    /// The geometry's relation to an area; unknown without geometry.
    Spatial(SpatialOp, Arc<Area>),
    /// The OGC `bbox` parameter: intersects the box, or has no geometry.
    Bbox(Bbox),
    /// The OGC `datetime` parameter: the feature's span intersects, or it has no time.
    During(Span),
    /// Whether the feature has geometry.
    Located(bool),
    /// The feature is counted in this cell; false without geometry.
    InSquare(Square),
}

/// A square of a lattice over Web Mercator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Square {
    /// Squares from west to east.
    pub across: u64,
    /// Column from the west.
    pub column: i32,
    /// Row from the north.
    pub row: i32,
}

/// Columns of a layer over which a filter is evaluated.
pub trait Columns {
    /// The value of a field in a row, on the day `as_of`.
    fn value(&self, row: usize, field: usize, as_of: Option<Date>) -> ValueRef<'_>;
    /// Whether a text, folded, holds this folded part; `None` when the field holds no text.
    fn holds(&self, row: usize, field: usize, part: &str) -> Option<bool> {
        match self.value(row, field, None) {
            ValueRef::Text(s) => Some(fold(s).contains(part)),
            _ => None,
        }
    }
    /// The row's span in time.
    fn span(&self, row: usize) -> Option<Span>;
    /// Whether the row has geometry.
    fn located(&self, row: usize) -> bool;
    /// Whether the row's geometry intersects the box; false without geometry.
    fn in_bbox(&self, row: usize, bbox: &Bbox) -> bool;
    /// The relation of the row's geometry to an area; `None` without geometry.
    fn relates(&self, row: usize, op: SpatialOp, area: &Area) -> Option<bool>;
    /// Whether the row is counted in a square: by its point, or the middle of its box.
    fn in_square(&self, row: usize, square: Square) -> bool;
}

impl Filter {
    /// Both filters; `All` and nested `And` are folded away.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        match (self, other) {
            (Filter::All, f) | (f, Filter::All) => f,
            (Filter::And(mut a), Filter::And(b)) => {
                a.extend(b);
                Filter::And(a)
            }
            (Filter::And(mut a), f) => {
                a.push(f);
                Filter::And(a)
            }
            (f, g) => Filter::And(vec![f, g]),
        }
    }

    /// The same filter in one form: what is joined by `And` and `Or` flat, in a fixed order and without repetition,
    /// and so the values of a list. Filters that were written differently and mean the same by these rules are then
    /// equal.
    #[must_use]
    pub fn normal(self) -> Filter {
        match self {
            Filter::And(all) => {
                joined(all, |f| if let Filter::And(inner) = f { Ok(inner) } else { Err(f) }, Filter::And)
            }
            Filter::Or(any) => {
                joined(any, |f| if let Filter::Or(inner) = f { Ok(inner) } else { Err(f) }, Filter::Or)
            }
            Filter::Not(f) => match f.normal() {
                Filter::Not(inner) => *inner,
                f => Filter::Not(Box::new(f)),
            },
            Filter::In(field, mut values) => {
                values.sort_by_cached_key(|v| format!("{v:?}"));
                values.dedup();
                match <[Value; 1]>::try_from(values) {
                    Ok([only]) => Filter::Compare(field, Compare::Eq, only),
                    Err(values) => Filter::In(field, values),
                }
            }
            other => other,
        }
    }

    /// An area that every selected row meets, so that an index may offer the rows.
    pub fn area(&self) -> Option<&Area> {
        match self {
            Filter::Spatial(SpatialOp::Intersects | SpatialOp::Within | SpatialOp::Contains, area) => {
                Some(area)
            }
            Filter::And(all) => all.iter().find_map(Filter::area),
            _ => None,
        }
    }

    /// A box that every selected row meets, unless it has no geometry.
    pub fn bbox(&self) -> Option<&Bbox> {
        match self {
            Filter::Bbox(bbox) => Some(bbox),
            Filter::And(all) => all.iter().find_map(Filter::bbox),
            _ => None,
        }
    }

    /// Whether the row is selected: the filter is true, not false or unknown.
    pub fn selects(&self, columns: &impl Columns, row: usize, as_of: Option<Date>) -> bool {
        self.eval(columns, row, as_of) == Some(true)
    }

    /// Three-valued truth of the filter for a row; `None` is unknown.
    pub fn eval(&self, columns: &impl Columns, row: usize, as_of: Option<Date>) -> Option<bool> {
        let value = |field: &usize| columns.value(row, *field, as_of);
        match self {
            Filter::All => Some(true),
            Filter::And(all) => {
                let mut known = Some(true);
                for f in all {
                    match f.eval(columns, row, as_of) {
                        Some(false) => return Some(false),
                        None => known = None,
                        Some(true) => {}
                    }
                }
                known
            }
            Filter::Or(any) => {
                let mut known = Some(false);
                for f in any {
                    match f.eval(columns, row, as_of) {
                        Some(true) => return Some(true),
                        None => known = None,
                        Some(false) => {}
                    }
                }
                known
            }
            Filter::Not(f) => f.eval(columns, row, as_of).map(|b| !b),
            Filter::Compare(field, op, to) => {
                let order = value(field).compare(to.borrow())?;
                Some(match op {
                    Compare::Eq => order.is_eq(),
                    Compare::Ne => order.is_ne(),
                    Compare::Lt => order.is_lt(),
                    Compare::Le => order.is_le(),
                    Compare::Gt => order.is_gt(),
                    Compare::Ge => order.is_ge(),
                })
            }
            Filter::In(field, all) => {
                let v = value(field);
                let mut known = Some(false);
                for one in all {
                    match v.compare(one.borrow()) {
                        Some(order) if order.is_eq() => return Some(true),
                        Some(_) => {}
                        None => known = None,
                    }
                }
                known
            }
            Filter::Between(field, low, high) => {
                let v = value(field);
                match (v.compare(low.borrow()), v.compare(high.borrow())) {
                    (Some(a), _) if a.is_lt() => Some(false),
                    (_, Some(b)) if b.is_gt() => Some(false),
                    (Some(_), Some(_)) => Some(true),
                    _ => None,
                }
            }
            Filter::Like(field, pattern) => match value(field) {
                ValueRef::Text(s) => Some(like(s, pattern)),
                _ => None,
            },
            Filter::Holds(field, part) => columns.holds(row, *field, part),
            Filter::Clock(field, clock, wanted) => clock.of(value(field)).map(|n| wanted >> n & 1 == 1),
            Filter::Departs(pairs) => {
                let each = |p: &Pair| p.departs(value(&p.field), value(&p.other));
                pairs.iter().filter_map(each).reduce(|a, b| a || b)
            }
            Filter::IsNull(field) => Some(value(field) == ValueRef::Null),
            Filter::Spatial(op, area) => columns.relates(row, *op, area),
            Filter::Bbox(bbox) => Some(!columns.located(row) || columns.in_bbox(row, bbox)),
            Filter::During(span) => Some(columns.span(row).is_none_or(|s| s.intersects(*span))),
            Filter::Located(yes) => Some(columns.located(row) == *yes),
            Filter::InSquare(square) => Some(columns.in_square(row, *square)),
        }
    }
}

fn joined(
    parts: Vec<Filter>,
    open: impl Fn(Filter) -> Result<Vec<Filter>, Filter>,
    join: impl Fn(Vec<Filter>) -> Filter,
) -> Filter {
    let mut flat: Vec<Filter> =
        parts.into_iter().flat_map(|part| open(part.normal()).unwrap_or_else(|one| vec![one])).collect();
    flat.sort_by_cached_key(|f| format!("{f:?}"));
    flat.dedup();
    if flat.len() == 1 { flat.remove(0) } else { join(flat) }
}

/// Whether `text` fits `pattern`: `%` any run of characters, `_` one character, `\` takes the next literally.
pub fn like(text: &str, pattern: &str) -> bool {
    enum P {
        Any,
        One,
        Is(char),
    }
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '%' => P::Any,
            '_' => P::One,
            '\\' => P::Is(chars.next().unwrap_or('\\')),
            c => P::Is(c),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut t, mut p) = (0, 0);
    // The last `%` seen and where the text stood then: on a mismatch it takes one character more.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match parts.get(p) {
            Some(P::Any) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(P::One) => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            Some(P::Is(c)) if *c == text[t] => {
                (t, p) = (t + 1, p + 1);
                continue;
            }
            _ => {}
        }
        let Some((star, at)) = retry else { return false };
        retry = Some((star, at + 1));
        (t, p) = (at + 1, star + 1);
    }
    parts[p..].iter().all(|x| matches!(x, P::Any))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rows(Vec<Vec<Value>>);

    impl Columns for Rows {
        fn value(&self, row: usize, field: usize, _: Option<Date>) -> ValueRef<'_> {
            self.0[row][field].borrow()
        }
        fn span(&self, _: usize) -> Option<Span> {
            None
        }
        fn located(&self, row: usize) -> bool {
            row == 0
        }
        fn in_bbox(&self, row: usize, bbox: &Bbox) -> bool {
            row == 0 && bbox.contains(104.0, 21.4)
        }
        fn relates(&self, row: usize, _: SpatialOp, _: &Area) -> Option<bool> {
            (row == 0).then_some(true)
        }
        fn in_square(&self, row: usize, square: Square) -> bool {
            row == 0 && square.column == 0
        }
    }

    fn eval(f: &Filter, v: Value) -> Option<bool> {
        f.eval(&Rows(vec![vec![v]]), 0, None)
    }

    #[test]
    fn logic_is_three_valued() {
        let unknown = || Filter::Compare(0, Compare::Eq, Value::Int(1));
        let yes = || Filter::All;
        let no = || Filter::Not(Box::new(Filter::All));
        assert_eq!(eval(&unknown(), Value::Null), None);
        assert_eq!(eval(&Filter::Not(Box::new(unknown())), Value::Null), None);
        assert_eq!(eval(&Filter::And(vec![unknown(), yes()]), Value::Null), None);
        assert_eq!(eval(&Filter::And(vec![unknown(), no()]), Value::Null), Some(false));
        assert_eq!(eval(&Filter::Or(vec![unknown(), yes()]), Value::Null), Some(true));
        assert_eq!(eval(&Filter::Or(vec![unknown(), no()]), Value::Null), None);
        assert_eq!(eval(&Filter::In(0, vec![Value::Int(1)]), Value::Null), None);
        assert_eq!(eval(&Filter::IsNull(0), Value::Null), Some(true));
    }

    #[test]
    fn what_is_written_differently_has_one_form() {
        let eq = |n| Filter::Compare(0, Compare::Eq, Value::Int(n));
        let one = Filter::And(vec![
            Filter::In(0, vec![Value::Int(2), Value::Int(1), Value::Int(2)]),
            Filter::And(vec![Filter::Located(true), eq(7)]),
        ]);
        let other = Filter::And(vec![
            Filter::In(0, vec![Value::Int(7)]),
            Filter::Located(true),
            Filter::Located(true),
            Filter::In(0, vec![Value::Int(1), Value::Int(2)]),
        ]);
        assert_eq!(one.clone().normal(), other.normal());
        assert_eq!(one.clone().normal().normal(), one.normal());
        assert_eq!(Filter::Not(Box::new(Filter::Not(Box::new(eq(1))))).normal(), eq(1));
        assert_eq!(Filter::Or(vec![eq(1), eq(1)]).normal(), eq(1));
        assert_ne!(eq(1).normal(), Filter::Compare(0, Compare::Eq, Value::text("1")).normal());
    }

    #[test]
    fn a_departure_needs_both_values_and_one_pair_is_enough() {
        let pair = |field, other| Pair { field, other, tolerance: 0.2, limit: crate::Limit::Most };
        let filter = Filter::Departs(vec![pair(0, 1), pair(2, 3)]);
        let of = |values: [Value; 4]| filter.eval(&Rows(vec![values.to_vec()]), 0, None);
        let n = Value::Num;
        // 10.3 - 10.1 is 0.2 on paper and a little more in binary.
        assert_eq!(of([n(10.3), n(10.1), Value::Null, Value::Null]), Some(false));
        assert_eq!(of([n(10.3), n(10.0), Value::Null, n(1.0)]), Some(true));
        assert_eq!(of([n(1.0), n(9.0), n(5.0), n(4.0)]), Some(true));
        assert_eq!(of([n(1.0), Value::Null, Value::Null, n(4.0)]), None);
    }

    #[test]
    fn between_is_decided_by_one_side_when_it_can_be() {
        let between = Filter::Between(0, Value::Int(2), Value::Int(4));
        let open = Filter::Between(0, Value::Null, Value::Int(4));
        for (v, expected) in [(1, false), (2, true), (4, true), (5, false)] {
            assert_eq!(eval(&between, Value::Int(v)), Some(expected));
        }
        assert_eq!(eval(&open, Value::Int(5)), Some(false));
        assert_eq!(eval(&open, Value::Int(3)), None);
    }

    #[test]
    fn a_box_lets_through_what_waits_for_a_location() {
        let away = Filter::Bbox(Bbox { west: 0.0, south: 0.0, east: 1.0, north: 1.0 });
        let rows = Rows(vec![vec![], vec![]]);
        assert_eq!(away.eval(&rows, 0, None), Some(false));
        assert_eq!(away.eval(&rows, 1, None), Some(true));
    }

    #[test]
    fn a_text_holds_another_without_diacritics_or_case() {
        let holds = |part: &str, text: &str| eval(&Filter::Holds(0, fold(part)), Value::text(text));
        assert_eq!(holds("cho", "Chợ Chiềng Lề"), Some(true));
        assert_eq!(holds("CHIỀNG", "chợ chiềng lề"), Some(true));
        assert_eq!(holds("duong to hieu", "Đường Tô Hiệu"), Some(true));
        assert_eq!(holds("chợ 2", "Chợ Chiềng Lề"), Some(false));
        assert_eq!(eval(&Filter::Holds(0, "x".to_owned()), Value::Null), None);
    }

    #[test]
    fn the_clock_never_selects_what_has_no_time() {
        let evening = Filter::Clock(0, Clock::Hour, 1 << 19 | 1 << 20);
        let at = |t: &str| Value::Time(t.parse().unwrap());
        assert_eq!(eval(&evening, at("2025-05-01T12:59:59Z")), Some(true));
        assert_eq!(eval(&evening, at("2025-05-01T14:00:00Z")), Some(false));
        assert_eq!(eval(&evening, Value::Null), None);
        assert_eq!(eval(&Filter::Not(Box::new(evening)), Value::Null), None);
    }

    #[test]
    fn like_takes_wildcards_and_escapes() {
        for (text, pattern, fits) in [
            ("Chiềng Lề", "Chi%", true),
            ("Chiềng Lề", "%Lề", true),
            ("Chiềng Lề", "Chi_ng%", true),
            ("Chiềng Lề", "chi%", false),
            ("100%", "100\\%", true),
            ("1000", "100\\%", false),
            ("", "%", true),
            ("", "_", false),
            ("aab", "%a_", true),
            ("abcabd", "%ab_", true),
            ("abcabd", "ab%c", false),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} like {pattern}");
        }
    }
}
