//! Features with deterministic ids: the time part of each UUIDv7 is the day the record is about, the rest
//! comes from the seed.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Feature, Geometry, LayerDef, LayerId, TimeKind, Value, day_start, system};
use uuid::Uuid;

use crate::DemoError;
use crate::random::Random;

/// Says on every record where it came from.
const SOURCE: &str = "Dữ liệu minh hoạ (giả định)";

/// Makes the records of one layer.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) def: Arc<LayerDef>,
    ids: Random,
    /// Everything made so far.
    made: Vec<Feature>,
}

impl Recorder {
    pub(crate) fn new(
        seed: u64,
        layers: &[Arc<LayerDef>],
        layer: &'static str,
    ) -> Result<Recorder, DemoError> {
        let def = layers.iter().find(|l| l.id.as_str() == layer).ok_or(DemoError::NoLayer(layer))?;
        Ok(Recorder { def: Arc::clone(def), ids: Random::new(seed, layer), made: Vec::new() })
    }

    /// A new id about `day`.
    pub(crate) fn id(&mut self, day: Date) -> Uuid {
        let millis = u64::try_from(day_start(day)).unwrap_or_default() * 1000;
        let mut random = [0u8; 10];
        random[..8].copy_from_slice(&self.ids.bits().to_be_bytes());
        random[8..].copy_from_slice(&self.ids.bits().to_be_bytes()[..2]);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A record about `day`, to be filled and [kept](Self::keep).
    pub(crate) fn begin(&mut self, day: Date) -> Draft {
        let id = self.id(day);
        let draft = Draft { feature: Feature::empty(&self.def, id), def: Arc::clone(&self.def) };
        draft.text(system::SOURCE, SOURCE)
    }

    /// Keeps a finished record and returns its id. A version of a thing nobody named is the thing's only one.
    pub(crate) fn keep(&mut self, draft: Draft) -> String {
        let id = draft.feature.id.to_string();
        let is_version = self.def.time == TimeKind::Interval;
        let draft = if is_version && draft.feature.entity(&self.def).is_none() {
            draft.text(system::ENTITY, &id)
        } else {
            draft
        };
        self.made.push(draft.feature);
        id
    }

    /// Everything made, with the layer's name.
    pub(crate) fn finish(self) -> Vec<(LayerId, Feature)> {
        let layer = self.def.id.clone();
        self.made.into_iter().map(|f| (layer.clone(), f)).collect()
    }
}

/// A record being filled.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) feature: Feature,
    def: Arc<LayerDef>,
}

impl Draft {
    pub(crate) fn set(mut self, field: &str, value: Value) -> Draft {
        self.feature.set(&self.def, field, value);
        self
    }

    pub(crate) fn text(self, field: &str, text: &str) -> Draft {
        self.set(field, Value::text(text))
    }

    /// Sets the field when there is a text.
    pub(crate) fn maybe_text(self, field: &str, text: Option<&str>) -> Draft {
        match text {
            Some(text) => self.text(field, text),
            None => self,
        }
    }

    pub(crate) fn int(self, field: &str, n: i64) -> Draft {
        self.set(field, Value::Int(n))
    }

    pub(crate) fn num(self, field: &str, n: f64) -> Draft {
        self.set(field, Value::Num(n))
    }

    pub(crate) fn date(self, field: &str, day: Date) -> Draft {
        self.set(field, Value::Date(day))
    }

    pub(crate) fn maybe_date(self, field: &str, day: Option<Date>) -> Draft {
        match day {
            Some(day) => self.date(field, day),
            None => self,
        }
    }

    /// Sets the place; `None` leaves the record waiting for its location.
    pub(crate) fn place(mut self, geometry: Option<Geometry>) -> Draft {
        self.feature.geometry = geometry;
        self
    }

    /// Records that a state field took a value on a day.
    pub(crate) fn step(mut self, field: &str, to: &str, on: Date) -> Draft {
        self.feature.move_to(&self.def, field, to, on);
        self
    }
}

/// The day `days` after `day`.
pub(crate) fn later(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

/// Days from `a` to `b`.
pub(crate) fn days_between(a: Date, b: Date) -> i64 {
    (day_start(b) - day_start(a)) / 86_400
}
