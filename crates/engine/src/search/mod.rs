//! Search over names, codes, addresses and numbers of documents, in memory. Each part of a layer's snapshot, its base and
//! the runs of changed rows, has an index of its own, made once and kept as long as snapshots have the part. Only what
//! the reader may see is in the index it is answered from.

mod coordinates;
mod index;
mod rank;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use model::{
    Code, Columns, Fault, FieldType, Geometry, Lang, LayerDef, LayerId, Purpose, Search, Text, TimeKind,
    ValueRef, collation_key, system,
};
use serde::Serialize;
use spatial::{Segment, Snapshot};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::view::View;
use crate::{Actor, Engine, EngineError};
use index::{Index, Searched};
pub use rank::Match;
use words::Word;

/// The longest text that is searched for, in characters.
const MAX_QUERY: usize = 200;
/// The most words of it that count.
const MAX_WORDS: usize = 12;
/// Rows of one index that are put in order.
const MAX_HITS: usize = 500;

/// What was found for a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The text.
    pub query: String,
    /// The best results, best first.
    pub results: Vec<Found>,
    /// Whether there are more.
    pub more: bool,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// The feature's layer.
    pub layer: Option<LayerId>,
    /// The feature's id.
    pub id: Option<Uuid>,
    /// What it is called.
    pub title: String,
    /// What it was found by, when that is not its name, and what kind of thing it is.
    pub detail: Option<String>,
    /// How it fits.
    #[serde(rename = "match")]
    pub fit: Match,
    /// West, south, east, north.
    pub bbox: Option<[f64; 4]>,
    /// Longitude and latitude.
    pub point: Option<[f64; 2]>,
    /// First day of validity.
    pub valid_from: Option<Date>,
    /// First day after validity.
    pub valid_to: Option<Date>,
}

/// What a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FoundKind {
    /// A feature.
    Feature,
    /// A typed place.
    Coordinates,
}

/// The indexes that were made. Searches take turns, so that none is made twice; nothing else waits for them.
#[derive(Clone, Default)]
pub(crate) struct Indexes {
    made: Arc<Mutex<BTreeMap<Wanted, Made>>>,
}

/// A layer, and which of its fields are searched.
type Wanted = (LayerId, Vec<Searched>);

/// The indexes of one layer for one set of fields, one per part of its snapshot. Rows in them are counted from the first
/// row of the part.
#[derive(Default)]
struct Made(Vec<(Segment, Arc<Index>)>);

impl Made {
    /// Of a snapshot, with what can be kept of the one before.
    fn of(snapshot: &Snapshot, fields: &[Searched], before: Option<&Made>) -> Made {
        let before = before.map_or(&[][..], |made| &made.0);
        let index = |part: Segment| {
            let kept = before.iter().find(|(old, _)| old.is(&part)).map(|(_, index)| Arc::clone(index));
            let index = kept.unwrap_or_else(|| Arc::new(Index::build(snapshot, fields, part.rows())));
            (part, index)
        };
        Made(snapshot.segments().map(index).collect())
    }
}

/// A row that was found, as it is put in order.
struct Hit {
    order: (u32, bool, usize, usize, u32),
    key: Arc<[u8]>,
    fid: i64,
    layer: usize,
    row: usize,
    text: Arc<str>,
    fit: Match,
}

/// A layer that is searched.
struct Layer {
    snapshot: Snapshot,
    fields: Vec<Searched>,
    rank: usize,
}

impl Engine {
    /// Searches what the reader may see, in all layers or some; the best results first.
    ///
    /// # Errors
    /// `invalid-parameter` for a text too long, `unknown-layer`.
    pub async fn search(
        &self,
        actor: &Actor,
        text: &str,
        layers: Option<&[&str]>,
        limit: usize,
    ) -> Result<Finding, EngineError> {
        if text.chars().count() > MAX_QUERY {
            return Err(Fault::parameter(
                Code::InvalidParameter,
                "q",
                Text::new(
                    format!("q dài quá {MAX_QUERY} ký tự"),
                    format!("q is longer than {MAX_QUERY} characters"),
                ),
            )
            .into());
        }
        let searched = self.searched(actor, layers)?;
        let (text, actor, today) = (text.to_owned(), actor.clone(), self.today());
        let mut made = Arc::clone(&self.indexes().made).lock_owned().await;
        let search = move || {
            let mut results: Vec<Found> = coordinates::read(&text).as_ref().map(place).into_iter().collect();
            let mut words = words::of_query(&text);
            words.truncate(MAX_WORDS);
            let mut hits = Vec::new();
            let mut cut = false;
            if !words.is_empty() {
                for (n, layer) in searched.iter().enumerate() {
                    let key = (layer.snapshot.def().id.clone(), layer.fields.clone());
                    let now = Made::of(&layer.snapshot, &layer.fields, made.get(&key));
                    for (part, index) in &now.0 {
                        cut |= look(index, part.rows().start, &words, (n, layer), today, &mut hits);
                    }
                    made.insert(key, now);
                }
            }
            drop(made);
            hits.sort_by(|a, b| (a.order, &a.key, a.fid).cmp(&(b.order, &b.key, b.fid)));
            let mut versions = BTreeSet::new();
            for hit in hits {
                let layer = &searched[hit.layer];
                let view = View::new(&layer.snapshot, actor.role);
                let found = told(view, &hit, layer, actor.lang);
                // Other versions of a thing that are called the same say nothing new.
                if layer.snapshot.def().time == TimeKind::Interval
                    && let ValueRef::Text(entity) = view.value(hit.row, layer.snapshot.def().entity, None)
                    && !versions.insert((hit.layer, entity.to_owned(), found.title.clone()))
                {
                    continue;
                }
                if results.len() == limit {
                    cut = true;
                    break;
                }
                results.push(found);
            }
            Finding { query: text, results, more: cut }
        };
        self.cpu().run(search).await
    }

    /// The layers that are searched, with the fields this reader may see.
    fn searched(&self, actor: &Actor, layers: Option<&[&str]>) -> Result<Vec<Layer>, EngineError> {
        let world = self.world();
        for name in layers.unwrap_or_default() {
            Engine::layer_state(&world, actor, name)?;
        }
        let wanted = |def: &LayerDef| layers.is_none_or(|all| all.contains(&def.id.as_str()));
        let mut all: Vec<Layer> = Vec::new();
        for state in world.layers.values() {
            let def = state.snapshot.def();
            // A derived layer's things are found where they come from; saved views are no things of the ward.
            let things = def.derived.is_none() && def.purpose != Purpose::Views;
            if !(things && def.visible(actor.role) && wanted(def)) {
                continue;
            }
            let mut fields: Vec<Searched> = def
                .searched()
                .filter(|(i, _)| def.fields[*i].visible(actor.role))
                .map(|(i, search)| (i, search == Search::Old))
                .collect();
            // What a thing is called comes before its code and its address.
            fields.sort_by_key(|(i, former)| (*former, def.label != Some(*i)));
            if !fields.is_empty() {
                all.push(Layer { snapshot: state.snapshot.clone(), fields, rank: 0 });
            }
        }
        // Data before the base map, then as layers are listed: areas before what lies in them.
        all.sort_by_key(|l| {
            let def = l.snapshot.def();
            (def.purpose != Purpose::Data, def.order, def.id.clone())
        });
        for (rank, layer) in all.iter_mut().enumerate() {
            layer.rank = rank;
        }
        Ok(all)
    }
}

/// Looks into one index, of the rows from `first` on; whether more fits than was taken.
fn look(
    index: &Index,
    first: usize,
    words: &[Word],
    (number, layer): (usize, &Layer),
    today: Date,
    hits: &mut Vec<Hit>,
) -> bool {
    let asked = rank::asked(index, words);
    let (candidates, mut cut) = rank::candidates(index, &asked);
    let mut fits: Vec<(rank::Fit, u32)> = candidates
        .into_iter()
        .filter_map(|entry| Some((rank::fit(index, index.entry(entry), &asked)?, entry)))
        .collect();
    fits.sort_by_key(|(fit, entry)| (fit.cost, fit.rest, *entry));
    let snapshot = &layer.snapshot;
    let def = snapshot.def();
    let valid_to = (def.time == TimeKind::Interval).then(|| def.index(system::VALID_TO)).flatten();
    let mut taken = 0;
    for (fit, entry) in fits {
        if taken == MAX_HITS {
            cut = true;
            break;
        }
        let entry = index.entry(entry);
        let text = &entry.texts[fit.text];
        let (field, former) = layer.fields[text.field];
        let named = def.label == Some(field);
        let rank = if former { usize::MAX } else { text.field + usize::from(!named && text.field == 0) };
        let key: Arc<[u8]> = collation_key(&text.text).into();
        for &row in &entry.rows {
            let row = first + row as usize;
            if !snapshot.is_live(row) {
                continue;
            }
            if taken == MAX_HITS {
                cut = true;
                break;
            }
            taken += 1;
            let over = valid_to
                .is_some_and(|f| matches!(snapshot.value(row, f, None), ValueRef::Date(day) if day <= today));
            let old = former || over;
            hits.push(Hit {
                order: (fit.cost, old, rank, layer.rank, fit.rest),
                key: Arc::clone(&key),
                fid: snapshot.fid(row),
                layer: number,
                row,
                text: Arc::clone(&text.text),
                fit: if old { Match::Old } else { fit.kind },
            });
        }
    }
    cut
}

fn told(view: View<'_>, hit: &Hit, layer: &Layer, lang: Lang) -> Found {
    let (snapshot, def, row) = (view.snapshot, view.def(), hit.row);
    let text = |field: usize| match view.value(row, field, None) {
        ValueRef::Text(s) if def.fields[field].visible(view.role) => Some(s.to_owned()),
        _ => None,
    };
    let first = || layer.fields.iter().filter(|(_, former)| !former).find_map(|(field, _)| text(*field));
    let title = def.label.and_then(text).or_else(first).unwrap_or_else(|| hit.text.to_string());
    let found_by = (*title != *hit.text).then(|| hit.text.to_string());
    let kind = def
        .fields
        .iter()
        .enumerate()
        .find(|(_, f)| f.kind == FieldType::Code && f.visible(view.role) && !f.system)
        .and_then(|(i, f)| Some(f.code(&text(i)?)?.clone()));
    let kind = kind.map(|code| if lang == Lang::En { code.en } else { code.vi });
    let detail: Vec<String> = found_by.into_iter().chain(kind).collect();
    let day = |name: &str| {
        let field = def.index(name).filter(|&i| def.fields[i].visible(view.role))?;
        if let ValueRef::Date(day) = view.value(row, field, None) { Some(day) } else { None }
    };
    let extent = snapshot.extent(row);
    let point = match snapshot.geometry(row) {
        Some(Geometry::Point(p)) => Some([p.x(), p.y()]),
        _ => extent.map(|b| [f64::midpoint(b.west, b.east), f64::midpoint(b.south, b.north)]),
    };
    Found {
        kind: FoundKind::Feature,
        layer: Some(def.id.clone()),
        id: Some(snapshot.id(row)),
        title,
        detail: (!detail.is_empty()).then(|| detail.join(" · ")),
        fit: hit.fit,
        bbox: extent.map(|b| [b.west, b.south, b.east, b.north]),
        point,
        valid_from: day(system::VALID_FROM),
        valid_to: day(system::VALID_TO),
    }
}

fn place(typed: &coordinates::Typed) -> Found {
    let (lon, lat) = typed.point;
    Found {
        kind: FoundKind::Coordinates,
        layer: None,
        id: None,
        title: format!("{lat:.6}, {lon:.6}"),
        detail: Some(typed.system.to_owned()),
        fit: Match::Exact,
        bbox: None,
        point: Some([lon, lat]),
        valid_from: None,
        valid_to: None,
    }
}
