//! Settles drafts against the records that are already there: which are known, what they lack, whether versions of
//! one entity stay apart, and, for a dry run, what the store would do with them.
//!
//! What is read before the transaction only makes faults of single rows out of what would refuse the whole import in
//! it. Everything that goes into a row is decided by [`decide`] inside the transaction, against the row it meets there:
//! another process may have changed it meanwhile, and its change must not be written over unseen.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use model::{Code, Fault, Feature, LayerDef, Span, Text, TimeKind, Transition, ValueRef, system};
use store::Settle;
use store::format::exported;
use uuid::Uuid;

use super::prepare::{Draft, Prepared};

/// The records that are already there.
#[derive(Debug, Default)]
pub(crate) struct Known {
    rows: Vec<Feature>,
    by_key: HashMap<String, usize>,
    by_id: HashMap<Uuid, usize>,
}

impl Known {
    /// Of several rows with one key the first is the record, as in the store.
    pub(crate) fn new(def: &LayerDef, rows: Vec<Feature>) -> Known {
        let mut known = Known { rows, ..Known::default() };
        for (i, row) in known.rows.iter().enumerate() {
            known.by_id.insert(row.id, i);
            if let ValueRef::Text(key) = row.get(def, system::SOURCE_KEY) {
                let first = known.by_key.entry(key.to_owned()).or_insert(i);
                if known.rows[*first].fid > row.fid {
                    *first = i;
                }
            }
        }
        known
    }

    fn find(&self, draft: &Draft) -> Option<usize> {
        let by_id = || self.by_id.get(&draft.feature.id).filter(|_| !draft.feature.id.is_nil());
        self.by_key.get(&draft.key).or_else(by_id).copied()
    }

    /// Ids of the rows these drafts are records of.
    pub(crate) fn matched(&self, drafts: &[Draft]) -> Vec<Uuid> {
        drafts.iter().filter_map(|d| self.find(d)).map(|i| self.rows[i].id).collect()
    }

    /// Puts whole rows, with their cold values, in the place of those without.
    pub(crate) fn complete(&mut self, whole: Vec<Feature>) {
        for row in whole {
            if let Some(&i) = self.by_id.get(&row.id) {
                self.rows[i] = row;
            }
        }
    }
}

/// Whether settling these drafts needs to know the records that are there.
pub(crate) fn needs_known(def: &LayerDef, prepared: &Prepared) -> bool {
    def.time == TimeKind::Interval || prepared.drafts.iter().any(|d| d.lacks.is_some())
}

/// Rejects what cannot stand beside what is there.
pub(crate) fn settle(def: &LayerDef, known: &Known, prepared: &mut Prepared) {
    let mut kept = Vec::with_capacity(prepared.drafts.len());
    for draft in std::mem::take(&mut prepared.drafts) {
        match &draft.lacks {
            Some(fault) if known.find(&draft).is_none() => {
                prepared.reject(draft.file, draft.row, &fault.clone());
            }
            _ => kept.push(draft),
        }
    }
    prepared.drafts = kept;
    if def.time == TimeKind::Interval {
        keep_apart(def, known, prepared);
    }
}

/// What one draft tells, as far as it matters beside the row it belongs to.
struct Told {
    mapped: Arc<[usize]>,
    courses: Vec<String>,
    lacks: Option<Fault>,
}

/// The rules for the drafts as they are now, in their order, to be run inside the store's transaction. `today` is the
/// day from which a state holds that a source tells and that was not known.
pub(crate) fn decide(def: Arc<LayerDef>, prepared: &Prepared, today: Date) -> Settle {
    let told = |d: &Draft| Told {
        mapped: Arc::clone(&d.mapped),
        courses: d.courses.clone(),
        lacks: d.lacks.clone(),
    };
    let told: Vec<Told> = prepared.drafts.iter().map(told).collect();
    let spoken_of = prepared.mapped.clone();
    Arc::new(move |number, row, feature| {
        let Some(told) = told.get(number) else { return Err(Fault::of(Code::Internal)) };
        let Some(row) = row else { return told.lacks.clone().map_or(Ok(()), Err) };
        // What its own file does not speak about stays as it is, though another file of the command does.
        for &field in spoken_of.iter().filter(|f| !told.mapped.contains(f)) {
            feature.values[field] = row.values[field].clone();
        }
        go_on(&def, row, &told.courses, feature, today);
        Ok(())
    })
}

/// Lets the states of a known case go on from where they are: a source that tells only the present state does not
/// undo the course that led there.
fn go_on(def: &LayerDef, was: &Feature, courses: &[String], record: &mut Feature, today: Date) {
    let start = |f: &Feature| def.start.and_then(|i| f.values[i].as_day());
    for workflow in def.workflows.iter().filter(|w| !courses.contains(&w.field)) {
        let of = |f: &Feature| -> Vec<Transition> {
            f.transitions.iter().filter(|t| t.field == workflow.field).cloned().collect()
        };
        let (course, told) = (of(was), of(record));
        let [present] = told.as_slice() else { continue };
        let same = was.get(def, &workflow.field) == ValueRef::Text(&present.to);
        let course = match course.as_slice() {
            [] => continue,
            // It only ever began, on the day the source gave for it then: on the day it gives for it now.
            [first] if same && Some(first.on) == start(was) => continue,
            _ if same => course,
            _ => {
                let on = course.iter().map(|t| t.on).fold(today, Date::max);
                let next = Transition { on, ..present.clone() };
                course.into_iter().chain([next]).collect()
            }
        };
        record.transitions.retain(|t| t.field != workflow.field);
        record.transitions.extend(course);
    }
}

/// Rejects drafts that would be valid at the same time as another version of their entity.
fn keep_apart(def: &LayerDef, known: &Known, prepared: &mut Prepared) {
    loop {
        // Rows that no draft replaces stand as they are; then the drafts come in their order.
        let replaced: HashSet<usize> = prepared.drafts.iter().filter_map(|d| known.find(d)).collect();
        let mut taken: HashMap<String, Vec<Span>> = HashMap::new();
        for (i, row) in known.rows.iter().enumerate() {
            if let (false, Some(entity), Some(span)) = (replaced.contains(&i), row.entity(def), row.span(def))
            {
                taken.entry(entity.to_owned()).or_default().push(span);
            }
        }
        let mut clashes = Vec::new();
        for (n, draft) in prepared.drafts.iter().enumerate() {
            let Some((entity, span)) = version(def, known, draft) else { continue };
            let spans = taken.entry(entity).or_default();
            if spans.iter().any(|s| s.intersects(span)) {
                clashes.push(n);
            } else {
                spans.push(span);
            }
        }
        // A refused draft leaves the row it would have replaced, which may clash with others: look again.
        let again = clashes.iter().any(|&n| known.find(&prepared.drafts[n]).is_some());
        let detail = Text::new(
            "Chồng lấn với phiên bản khác của cùng đối tượng",
            "overlaps another version of the same entity",
        );
        let fault = Fault::at(Code::ValidityOverlap, system::VALID_FROM, detail);
        for n in clashes.into_iter().rev() {
            let draft = prepared.drafts.remove(n);
            prepared.reject(draft.file, draft.row, &fault);
        }
        if !again {
            return;
        }
    }
}

/// The entity of a draft and its validity, as they will be once it is merged with the row it belongs to.
fn version(def: &LayerDef, known: &Known, draft: &Draft) -> Option<(String, Span)> {
    let Some(i) = known.find(draft) else {
        return Some((draft.feature.entity(def)?.to_owned(), draft.feature.span(def)?));
    };
    let mut merged = known.rows[i].clone();
    for &field in draft.mapped.iter() {
        merged.values[field] = draft.feature.values[field].clone();
    }
    Some((merged.entity(def)?.to_owned(), merged.span(def)?))
}

/// What the store would do with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// A new record.
    Stored,
    /// A known record that changes.
    Updated,
    /// A known record that does not.
    Unchanged,
    /// A new record without a place.
    Waiting,
}

/// What the store would do with each draft.
pub(crate) fn foresee(def: &LayerDef, known: &Known, prepared: &Prepared) -> Vec<Seen> {
    let one = |draft: &Draft| {
        let feature = &draft.feature;
        match known.find(draft).map(|i| &known.rows[i]) {
            Some(was) => {
                let moved = feature
                    .geometry
                    .as_ref()
                    .is_some_and(|g| was.geometry.as_ref().is_none_or(|w| exported(w) != exported(g)));
                let same = |i: usize| -> bool { was.values[i] == feature.values[i] };
                if !moved && draft.mapped.iter().all(|&i| same(i)) { Seen::Unchanged } else { Seen::Updated }
            }
            None if def.has_geometry() && feature.geometry.is_none() => Seen::Waiting,
            None => Seen::Stored,
        }
    };
    prepared.drafts.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Value;

    fn wards() -> Arc<LayerDef> {
        crate::layers::builtin_layers().unwrap().into_iter().find(|d| d.id.as_str() == "wards").unwrap()
    }

    fn ward(def: &LayerDef, key: &str, from: &str, to: Option<&str>) -> Feature {
        let mut f = Feature::empty(def, Uuid::now_v7());
        let day = |s: &str| Value::Date(s.parse().unwrap());
        f.set(def, "source_key", Value::text(key));
        f.set(def, "entity", Value::text("one"));
        f.set(def, "valid_from", day(from));
        f.set(def, "valid_to", to.map_or(Value::Null, day));
        f
    }

    fn prepared(def: &LayerDef, features: Vec<Feature>) -> Prepared {
        let mapped: Arc<[usize]> =
            ["entity", "valid_from", "valid_to"].iter().map(|n| def.index(n).unwrap()).collect();
        let drafts = features.into_iter().enumerate().map(|(i, feature)| Draft {
            key: feature.get(def, "source_key").to_owned().as_text().unwrap().to_owned(),
            feature,
            mapped: Arc::clone(&mapped),
            courses: Vec::new(),
            lacks: None,
            file: 0,
            row: i + 1,
        });
        Prepared::for_test(drafts.collect(), mapped.to_vec())
    }

    fn refused(def: &LayerDef, known: Vec<Feature>, features: Vec<Feature>) -> Vec<usize> {
        let mut prepared = prepared(def, features);
        settle(def, &Known::new(def, known), &mut prepared);
        assert!(prepared.rejects.iter().all(|(_, r)| r.code == "validity-overlap"));
        let mut rows: Vec<usize> = prepared.rejects.iter().map(|(_, r)| r.row).collect();
        rows.sort_unstable();
        rows
    }

    #[test]
    fn versions_of_one_entity_stay_apart() {
        let def = wards();
        let w = |key, from, to| ward(&def, key, from, to);
        let old = || vec![w("a", "2020-01-01", Some("2022-01-01")), w("b", "2022-01-01", None)];
        // A third version inside the second is refused, one before the first is not.
        assert_eq!(refused(&def, old(), vec![w("c", "2023-01-01", None)]), [1]);
        assert!(refused(&def, old(), vec![w("c", "2019-01-01", Some("2020-01-01"))]).is_empty());
        // Both versions move their common day in one file: neither clashes with what the other was.
        let moved = vec![w("a", "2020-01-01", Some("2023-01-01")), w("b", "2023-01-01", None)];
        assert!(refused(&def, old(), moved).is_empty());
        // Within one file the earlier row is taken.
        let twice = vec![w("a", "2020-01-01", None), w("b", "2021-01-01", None)];
        assert_eq!(refused(&def, Vec::new(), twice), [2]);
    }

    #[test]
    fn a_refused_version_leaves_its_row_where_it_was() {
        let def = wards();
        let w = |key, from, to| ward(&def, key, from, to);
        let old = vec![w("a", "2020-01-01", Some("2022-01-01")), w("x", "2030-01-01", None)];
        // Row 1 moves `a` onto `x` and is refused; so `a` stays 2020–2022, and row 2, which took that time, goes too.
        let file = vec![w("a", "2031-01-01", Some("2032-01-01")), w("c", "2021-01-01", Some("2021-06-01"))];
        assert_eq!(refused(&def, old, file), [1, 2]);
    }

    #[test]
    fn a_record_that_is_known_need_not_bring_everything() {
        let def = wards();
        let lacks = Some(Fault::of(Code::Required));
        let mut all =
            prepared(&def, vec![ward(&def, "a", "2020-01-01", None), ward(&def, "new", "2020-01-01", None)]);
        all.drafts.iter_mut().for_each(|d| d.lacks.clone_from(&lacks));
        all.drafts[1].feature.set(&def, "entity", Value::text("two"));
        settle(&def, &Known::new(&def, vec![ward(&def, "a", "2020-01-01", None)]), &mut all);
        assert_eq!((all.drafts.len(), all.rejects.len(), all.rejects[0].1.row), (1, 1, 2));
        // When the row it would have belonged to went away meanwhile, nothing is stored.
        let decide = decide(Arc::clone(&def), &all, Date::MAX);
        let mut record = all.drafts[0].feature.clone();
        assert_eq!(decide(0, None, &mut record).unwrap_err().code, Code::Required);
    }

    #[test]
    fn a_state_that_changed_meanwhile_is_gone_on_from() {
        let def = crate::layers::builtin_layers()
            .unwrap()
            .into_iter()
            .find(|d| d.id.as_str() == "violations")
            .unwrap();
        let day = |n: i8| jiff::civil::date(2025, 5, n);
        let case = |moves: &[(&str, i8)]| {
            let mut f = Feature::empty(&def, Uuid::now_v7());
            f.set(&def, "source_key", Value::text("k"));
            f.set(&def, "found_on", Value::Date(day(1)));
            for (state, on) in moves {
                f.move_to(&def, "state", state, day(*on));
            }
            f
        };
        let mapped: Arc<[usize]> = [def.index("state").unwrap()].into();
        let mut told = Prepared::for_test(Vec::new(), mapped.to_vec());
        told.drafts.push(Draft {
            key: "k".to_owned(),
            feature: case(&[("reminded", 1)]),
            mapped,
            courses: Vec::new(),
            lacks: None,
            file: 0,
            row: 1,
        });
        let before = case(&[("found", 1)]);
        settle(&def, &Known::new(&def, vec![before]), &mut told);
        // Between the read and the write another process records the case.
        let meanwhile = case(&[("found", 1), ("recorded", 3)]);
        let decide = decide(Arc::clone(&def), &told, day(9));
        let mut record = told.drafts[0].feature.clone();
        decide(0, Some(&meanwhile), &mut record).unwrap();
        let course: Vec<(&str, Date)> = record.transitions.iter().map(|t| (t.to.as_str(), t.on)).collect();
        assert_eq!(course, [("found", day(1)), ("recorded", day(3)), ("reminded", day(9))]);
    }
}
