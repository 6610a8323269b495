//! A link of the page as questions: the layers it shows, and for each the request parameters it asks with. The same
//! rules as `web/src/state/url.ts` and `web/src/model/query.ts`; a browser test holds both together. What only
//! concerns the page (camera, language, lists) is passed over, and so is what cannot be read, as the page does.

use jiff::ToSpan as _;
use jiff::civil::Date;
use model::{FieldDef, FieldType, LayerDef, LayerId, Purpose, Role, TimeKind};

use crate::view::visible_fields;

/// A period the page begins with.
const DEFAULT_PERIOD: &str = "P12M";
/// No beginning, or no end.
const OPEN: &str = "..";
/// A day after every day: asks for nothing where two ranges do not meet.
const NEVER: &str = "9999-12-31";

/// What a link says about which features are shown.
#[derive(Debug, Default)]
pub(crate) struct Link {
    as_of: Option<Date>,
    period: Option<String>,
    began: bool,
    layers: Option<Vec<String>>,
    /// Layer, parameter, value.
    filters: Vec<(String, String, String)>,
    hours: Vec<u8>,
    days: Vec<u8>,
    area: Option<String>,
}

impl Link {
    /// Reads the query of a link.
    pub(crate) fn read(query: &str) -> Link {
        let mut link = Link::default();
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decoded(value);
            match name {
                "asof" => link.as_of = day(&value),
                "period" if is_period(&value) => link.period = Some(value),
                "mode" => link.began = value == "began",
                "layers" => link.layers = Some(value.split(',').map(str::to_owned).collect()),
                "f" => link.filters.extend(condition(&value)),
                "hours" => link.hours = numbers(&value, 0, 23),
                "days" => link.days = numbers(&value, 1, 7),
                "area" => link.area = Some(value),
                _ => {}
            }
        }
        link
    }

    /// The layers that are shown, those with geometry, out of all that the reader may see.
    pub(crate) fn shown<'d>(&self, all: &[&'d LayerDef]) -> Vec<&'d LayerDef> {
        let lends = |def: &LayerDef| {
            let derived = all.iter().filter_map(|other| other.derived.as_ref());
            def.derived.is_none() && derived.into_iter().any(|d| d.geometry_from == def.id.as_str())
        };
        let chosen = |def: &LayerDef| match &self.layers {
            Some(names) => names.iter().any(|name| name == def.id.as_str()),
            None => def.style.shown && !lends(def),
        };
        let drawn = all.iter().filter(|def| def.purpose == Purpose::Data && def.has_geometry());
        drawn.filter(|def| chosen(def)).copied().collect()
    }

    /// The parameters a layer is asked with; `today` stands for the day when the link names none.
    pub(crate) fn params(&self, def: &LayerDef, role: Role, today: Date) -> Vec<(String, String)> {
        if def.purpose != Purpose::Data {
            return Vec::new();
        }
        let as_of = self.as_of.unwrap_or(today);
        let window = window(self.period.as_deref().unwrap_or(DEFAULT_PERIOD), as_of);
        let mut params: Vec<(String, String)> = Vec::new();
        let mut set = |name: &str, value: String| {
            params.retain(|(other, _)| other != name);
            params.push((name.to_owned(), value));
        };
        let start = def.start.map(|i| &def.fields[i]).filter(|f| f.visible(role));
        if let Some(datetime) = self.datetime(def, start, &window, as_of) {
            set("datetime", datetime);
        }
        let range = start.and_then(|_| self.start_range(def, &window, as_of));
        if let (Some(start), Some(range)) = (start, &range) {
            set(&start.name, range.clone());
        }
        for (_, name, value) in self.filters.iter().filter(|(layer, ..)| layer == def.id.as_str()) {
            let both = range.as_deref().filter(|_| start.is_some_and(|s| s.name == *name));
            set(name, both.map_or_else(|| value.clone(), |range| meet(range, value)));
        }
        let joined = |list: &[u8]| list.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        if let Some(field) = hour_field(def, start, role).filter(|_| !self.hours.is_empty()) {
            set(&format!("{}.hour", field.name), joined(&self.hours));
        }
        if let Some(field) = weekday_field(def, start).filter(|_| !self.days.is_empty()) {
            set(&format!("{}.weekday", field.name), joined(&self.days));
        }
        if let Some(area) = self.area.as_ref().filter(|_| def.has_geometry()) {
            set("intersects", area.clone());
        }
        params
    }

    /// A day for intervals, the window for events, and for cases what fixes their state to the as-of day.
    fn datetime(&self, def: &LayerDef, start: Option<&FieldDef>, w: &Window, as_of: Date) -> Option<String> {
        let begun = self.began && start.is_some();
        match def.time {
            TimeKind::None => None,
            TimeKind::Interval => Some(as_of.to_string()),
            TimeKind::State if begun => Some(as_of.to_string()),
            TimeKind::State => Some(format!("{}/{}", from(w), if start.is_some() { as_of } else { w.to })),
            TimeKind::Event => (!begun).then(|| format!("{}/{}", from(w), w.to)),
        }
    }

    /// The window as a range of the start field, where `datetime` alone does not say it.
    fn start_range(&self, def: &LayerDef, window: &Window, as_of: Date) -> Option<String> {
        match def.time {
            TimeKind::Event | TimeKind::State if self.began => {
                Some(format!("{}/{}", from(window), window.to))
            }
            TimeKind::State if window.to < as_of => Some(format!("{OPEN}/{}", window.to)),
            _ => None,
        }
    }
}

/// First day, where there is one, and last day; both included.
#[derive(Debug, PartialEq)]
struct Window {
    from: Option<Date>,
    to: Date,
}

fn from(window: &Window) -> String {
    window.from.map_or_else(|| OPEN.to_owned(), |day| day.to_string())
}

/// A window never reaches past the as-of day: later is not known on it.
fn window(period: &str, as_of: Date) -> Window {
    if let Some((first, last)) = period.split_once('/') {
        let to = day(last).map_or(as_of, |last| last.min(as_of));
        return Window { from: day(first).filter(|first| *first <= to), to };
    }
    let months = |n: i32| as_of.checked_sub(n.months()).and_then(|d| d.checked_add(1.day())).ok();
    let from = match period {
        "all" => None,
        "P30D" => as_of.checked_sub(29.days()).ok(),
        "P3M" => months(3),
        "P12M" => months(12),
        first => day(first).filter(|first| *first <= as_of),
    };
    Window { from, to: as_of }
}

/// A preset, a first day, or first and last day, the first of which may be open.
fn is_period(text: &str) -> bool {
    match text.split_once('/') {
        Some((first, last)) => {
            let ordered = |first: Date| day(last).is_some_and(|last| first <= last);
            day(last).is_some() && (first == OPEN || day(first).is_some_and(ordered))
        }
        None => matches!(text, "P30D" | "P3M" | "P12M" | "all") || day(text).is_some(),
    }
}

fn day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// Two ranges of days at once, as one range.
fn meet(window: &str, own: &str) -> String {
    if own == "any:" {
        return window.to_owned();
    }
    let ends = |text: &str| match text.split_once('/') {
        Some((a, b)) => (a.to_owned(), b.to_owned()),
        None => (text.to_owned(), text.to_owned()),
    };
    let ((from, to), (own_from, own_to)) = (ends(window), ends(own));
    // Days compare as texts.
    let later = if from == OPEN || (own_from != OPEN && own_from > from) { own_from } else { from };
    let sooner = if to == OPEN || (own_to != OPEN && own_to < to) { own_to } else { to };
    if own == "null:" || (later != OPEN && sooner != OPEN && later > sooner) {
        return format!("{NEVER}/{NEVER}");
    }
    format!("{later}/{sooner}")
}

/// The field with the time of day at which a thing began: a start that is only a day may have a sibling with it.
fn hour_field<'d>(def: &'d LayerDef, start: Option<&'d FieldDef>, role: Role) -> Option<&'d FieldDef> {
    let start = begins(def, start)?;
    if start.kind == FieldType::DateTime {
        return Some(start);
    }
    let sibling =
        start.name.strip_suffix("_on").map_or_else(|| start.name.clone(), |stem| format!("{stem}_at"));
    let mut fields = visible_fields(def, role).map(|i| &def.fields[i]);
    fields.find(|f| f.name == sibling && f.kind == FieldType::DateTime && !f.cold)
}

/// The field whose day of the week counts: the start itself.
fn weekday_field<'d>(def: &LayerDef, start: Option<&'d FieldDef>) -> Option<&'d FieldDef> {
    begins(def, start).filter(|f| matches!(f.kind, FieldType::Date | FieldType::DateTime))
}

fn begins<'d>(def: &LayerDef, start: Option<&'d FieldDef>) -> Option<&'d FieldDef> {
    start.filter(|f| !f.cold && matches!(def.time, TimeKind::Event | TimeKind::State))
}

/// `layer.parameter:value`.
fn condition(text: &str) -> Option<(String, String, String)> {
    let (layer, rest) = text.split_once('.')?;
    let (name, value) = rest.split_once(':')?;
    let _ = LayerId::new(layer)?;
    // Fields are named as layers are.
    let _ =
        LayerId::new(name.strip_suffix(".hour").or_else(|| name.strip_suffix(".weekday")).unwrap_or(name))?;
    (!value.is_empty()).then(|| (layer.to_owned(), name.to_owned(), value.to_owned()))
}

fn numbers(text: &str, low: u8, high: u8) -> Vec<u8> {
    let mut all: Vec<u8> =
        text.split(',').filter_map(|n| n.parse().ok()).filter(|n| (low..=high).contains(n)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A value of a query: `+` is a space, `%hh` an octet of UTF-8.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let octet = || u8::from_str_radix(text.get(at + 1..at + 3)?, 16).ok();
        match (bytes[at], octet()) {
            (b'%', Some(octet)) => {
                out.push(octet);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (other, _) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin_layers;

    fn params(layer: &str, query: &str) -> String {
        let layers = builtin_layers().unwrap();
        let def = layers.iter().find(|d| d.id.as_str() == layer).unwrap();
        let all = Link::read(query).params(def, Role::Analyst, "2025-12-31".parse().unwrap());
        all.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn layers_are_asked_as_the_page_asks_them() {
        for (layer, query, wanted) in [
            ("zones", "", "datetime=2025-12-31"),
            (
                "zones",
                "asof=2022-06-30&f=zones.class:key,drug_free",
                "datetime=2022-06-30 class=key,drug_free",
            ),
            ("violations", "", "datetime=2025-01-01/2025-12-31"),
            ("violations", "mode=began", "datetime=2025-12-31 found_on=2025-01-01/2025-12-31"),
            (
                "violations",
                "asof=2025-06-30&period=2025-01-01/2025-03-31&f=violations.found_on:2025-03-01/..",
                "datetime=2025-01-01/2025-06-30 found_on=2025-03-01/2025-03-31",
            ),
            (
                "violations",
                "period=all&hours=17,18,18&days=9,6",
                "datetime=../2025-12-31 found_at.hour=17,18 found_on.weekday=6",
            ),
            (
                "violations",
                "f=violations.address:~ch%E1%BB%A3+n%2B&f=x",
                "datetime=2025-01-01/2025-12-31 address=~chợ n+",
            ),
            (
                "units",
                "area=POLYGON((1+2,3+4,5+6,1+2))",
                "datetime=2025-12-31 intersects=POLYGON((1 2,3 4,5 6,1 2))",
            ),
            ("base", "asof=2022-06-30", ""),
        ] {
            assert_eq!(params(layer, query), wanted, "{layer} {query}");
        }
    }

    #[test]
    fn windows_end_with_the_day() {
        let of = |period: &str| {
            let w = window(period, "2025-03-31".parse().unwrap());
            format!("{}/{}", from(&w), w.to)
        };
        for (period, wanted) in [
            ("P30D", "2025-03-02/2025-03-31"),
            ("P3M", "2025-01-01/2025-03-31"),
            ("P12M", "2024-04-01/2025-03-31"),
            ("all", "../2025-03-31"),
            ("2025-01-15", "2025-01-15/2025-03-31"),
            ("2025-09-01", "../2025-03-31"),
            ("2024-01-01/2024-12-31", "2024-01-01/2024-12-31"),
            ("../2026-01-01", "../2025-03-31"),
        ] {
            assert!(is_period(period));
            assert_eq!(of(period), wanted, "{period}");
        }
        assert!(
            !["", "P1D", "2025-13-01", "2025-02-01/2025-01-01", "a/b", "2025-01-01/.."]
                .into_iter()
                .any(is_period)
        );
    }

    #[test]
    fn ranges_meet_or_ask_for_nothing() {
        assert_eq!(meet("2025-01-01/2025-12-31", "any:"), "2025-01-01/2025-12-31");
        assert_eq!(meet("../2025-12-31", "2025-06-01"), "2025-06-01/2025-06-01");
        for own in ["null:", "2026-01-01/.."] {
            assert_eq!(meet("2025-01-01/2025-12-31", own), format!("{NEVER}/{NEVER}"));
        }
    }

    #[test]
    fn a_first_visit_shows_what_lends_no_shape() {
        let layers = builtin_layers().unwrap();
        let all: Vec<&LayerDef> = layers.iter().map(AsRef::as_ref).collect();
        let ids = |query: &str| -> Vec<String> {
            Link::read(query).shown(&all).iter().map(|d| d.id.to_string()).collect()
        };
        let first = ids("");
        let has = |id: &str| first.iter().any(|other| other == id);
        assert!(has("zones") && has("violations"), "{first:?}");
        assert!(!has("units") && !has("base") && !has("views") && !has("documents"), "{first:?}");
        assert_eq!(ids("layers=units,base,documents,nothing"), ["units"]);
    }
}
