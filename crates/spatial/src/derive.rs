//! Derived layers: the rows of one interval layer cut in time by the rows of another of the same entity.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use model::{Columns, Feature, LayerDef, Role, Roles, Touched, Value, system};
use uuid::{Builder, Uuid};

use crate::{Row, Snapshot};

/// Days `[from, to)`; open ends are the calendar's.
#[derive(Clone, Copy)]
struct Days {
    from: Date,
    to: Date,
}

/// Joins two interval layers by entity, as [`LayerDef::derived`] of `def` says: each row of the first is cut by the
/// rows of the second with the same entity. Its validity is covered exactly and without overlap: one derived row for
/// each stretch with a second row, one with the `missing` values for each stretch without. Should second rows
/// overlap (the store refuses that), the earlier one holds.
///
/// Values come from where each field's `from` says; entity, accuracy, quality and source from the first layer;
/// validity is the stretch. Ids are made of both rows' ids, so they stay the same as long as the rows do; a derived
/// fid is `first << 26 | second << 1`, plus 1 for a stretch without a second row after the second row it names (0:
/// before all of them). That is unique, and below 2⁵³, for first fids below 2²⁷ and second fids below 2²⁵. Empty
/// when `def` is not derived.
pub fn derive_zones(def: &Arc<LayerDef>, geometry_rows: &Snapshot, value_rows: &Snapshot) -> Vec<Row> {
    let Some(derived) = &def.derived else { return Vec::new() };
    let join = Join {
        def,
        first: geometry_rows,
        second: value_rows,
        sources: def
            .fields
            .iter()
            .map(|f| source_of(def, f.name.as_str(), geometry_rows, value_rows))
            .collect(),
        missing: def
            .fields
            .iter()
            .map(|f| {
                derived.missing.get(&f.name).map(|text| f.kind.value_from_text(text).unwrap_or_default())
            })
            .collect(),
        witnesses: Role::ALL.map(|role| {
            let see = Roles::from_iter([role]);
            (role, LayerDef { see, fields: Vec::new(), ..LayerDef::clone(def) })
        }),
    };
    let mut by_entity: BTreeMap<&str, Vec<(Days, usize)>> = BTreeMap::new();
    for row in value_rows.rows_after(i64::MIN) {
        if let Some(entity) = entity(value_rows, row) {
            by_entity.entry(entity).or_default().push((validity(value_rows, row), row));
        }
    }
    for rows in by_entity.values_mut() {
        rows.sort_by_key(|(days, row)| (days.from, value_rows.fid(*row)));
    }
    let mut out = Vec::new();
    for row in geometry_rows.rows_after(i64::MIN) {
        let seconds =
            entity(geometry_rows, row).and_then(|e| by_entity.get(e)).map_or(&[][..], Vec::as_slice);
        join.cut(row, seconds, &mut out);
    }
    out
}

fn entity(snapshot: &Snapshot, row: usize) -> Option<&str> {
    match snapshot.value(row, snapshot.def().entity, None) {
        model::ValueRef::Text(s) => Some(s),
        _ => None,
    }
}

fn validity(snapshot: &Snapshot, row: usize) -> Days {
    let day = |name: &str| {
        let value = snapshot.value(row, snapshot.def().index(name)?, None);
        if let model::ValueRef::Date(d) = value { Some(d) } else { None }
    };
    Days {
        from: day(system::VALID_FROM).unwrap_or(Date::MIN),
        to: day(system::VALID_TO).unwrap_or(Date::MAX),
    }
}

/// Where a derived field's value comes from.
enum Source {
    First(usize),
    Second(usize),
    ValidFrom,
    ValidTo,
    Nowhere,
}

fn source_of(def: &LayerDef, name: &str, first: &Snapshot, second: &Snapshot) -> Source {
    let field = def.field(name).and_then(|f| f.from.as_ref());
    let of_first = |n: &str| first.def().index(n).map(Source::First);
    let source = match (field, name) {
        (Some((layer, n)), _) if *layer == *first.def().id.as_str() => of_first(n),
        (Some((layer, n)), _) if *layer == *second.def().id.as_str() => {
            second.def().index(n).map(Source::Second)
        }
        (Some(_), _) => None,
        (None, system::VALID_FROM) => Some(Source::ValidFrom),
        (None, system::VALID_TO) => Some(Source::ValidTo),
        (None, system::ENTITY) => Some(Source::First(first.def().entity)),
        (None, n) => of_first(n),
    };
    source.unwrap_or(Source::Nowhere)
}

struct Join<'a> {
    def: &'a LayerDef,
    first: &'a Snapshot,
    second: &'a Snapshot,
    sources: Vec<Source>,
    missing: Vec<Option<Value>>,
    /// For each role a layer only that role sees, through which its counts are added up.
    witnesses: [(Role, LayerDef); 6],
}

impl Join<'_> {
    fn cut(&self, first: usize, seconds: &[(Days, usize)], out: &mut Vec<Row>) {
        let whole = validity(self.first, first);
        let mut at = whole.from;
        let mut last = None;
        for (days, second) in seconds {
            let (from, to) = (days.from.max(at), days.to.min(whole.to));
            if from < to {
                if at < from {
                    out.push(self.gap(first, last, Some(*second), Days { from: at, to: from }));
                }
                out.push(self.row(first, Some(*second), false, Days { from, to }));
                at = to;
            }
            if days.from < whole.to {
                last = Some(*second);
            }
        }
        if at < whole.to {
            out.push(self.gap(first, last, None, Days { from: at, to: whole.to }));
        }
    }

    /// A stretch without a second row, between two of them. A change of either moves its ends, so both count.
    fn gap(&self, first: usize, before: Option<usize>, after: Option<usize>, days: Days) -> Row {
        let mut row = self.row(first, before, true, days);
        if let Some(after) = after {
            self.add(&mut row.touched, self.second.touched(after));
            row.feature.seq = row.feature.seq.max(self.second.seq(after));
        }
        row
    }

    /// One derived row: of both, or (`gap`) of the first alone, after `second`.
    fn row(&self, first: usize, second: Option<usize>, gap: bool, days: Days) -> Row {
        let second_fid = second.map_or(0, |row| self.second.fid(row));
        let second_id = second.map_or(Uuid::nil(), |row| self.second.id(row));
        let both = second.filter(|_| !gap);
        let mut feature = Feature::empty(self.def, mixed(self.first.id(first), second_id, gap));
        feature.fid = self.first.fid(first) << 26 | second_fid << 1 | i64::from(gap);
        feature.seq = self.first.seq(first).max(second.map_or(0, |row| self.second.seq(row)));
        feature.geometry = self.first.geometry(first);
        for (i, source) in self.sources.iter().enumerate() {
            let value = match source {
                Source::First(f) => self.first.value(first, *f, None).to_owned(),
                Source::Second(f) => {
                    both.map_or(Value::Null, |row| self.second.value(row, *f, None).to_owned())
                }
                Source::ValidFrom if days.from > Date::MIN => Value::Date(days.from),
                Source::ValidTo if days.to < Date::MAX => Value::Date(days.to),
                _ => Value::Null,
            };
            feature.values[i] = match &self.missing[i] {
                Some(missing) if gap => missing.clone(),
                _ => value,
            };
        }
        let mut touched = self.first.touched(first);
        if let Some(row) = second {
            self.add(&mut touched, self.second.touched(row));
        }
        Row { feature, touched, cold: false }
    }

    /// Adds the counts of every role.
    fn add(&self, to: &mut Touched, more: Touched) {
        let all = Role::ALL.map(|role| more.of(role));
        let common = all.into_iter().min().unwrap_or(0);
        for _ in 0..common {
            to.count_all();
        }
        for (role, witness) in &self.witnesses {
            for _ in common..more.of(*role) {
                to.count(witness, &[String::new()]);
            }
        }
    }
}

/// An id of version 8 made of two others and a bit, the same every time.
fn mixed(first: Uuid, second: Uuid, gap: bool) -> Uuid {
    let scramble = |mut v: u64| {
        // The finaliser of SplitMix64: every bit of the input reaches every bit of the result.
        v = (v ^ (v >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        v = (v ^ (v >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        v ^ (v >> 31)
    };
    let (a, b) = first.as_u64_pair();
    let (c, d) = second.as_u64_pair();
    let mut lanes = [0x9e37_79b9_7f4a_7c15_u64, 0xd1b5_4a32_d192_ed03];
    for word in [a, b, c, d, u64::from(gap)] {
        let low = scramble(lanes[0] ^ word);
        lanes = [low.wrapping_add(lanes[1].rotate_left(23)), scramble(lanes[1] ^ word.rotate_left(32) ^ low)];
    }
    let bytes = (u128::from(lanes[0]) << 64 | u128::from(lanes[1])).to_be_bytes();
    Builder::from_custom_bytes(bytes).into_uuid()
}
