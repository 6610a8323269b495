//! Reads a layer file. A fault names the file, the line and the field.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::compare::{Limit, check_comparison};
use crate::purpose::{Purpose, check_purpose};
use crate::{
    CodeDef, Derived, FieldDef, FieldType, GeometryKind, Group, LayerDef, LayerId, Role, Roles, Search,
    Style, Text, TimeKind, Workflow, system,
};

/// What is wrong with a layer file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DefinitionError {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The field, workflow or key concerned; empty for the file as a whole.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLayer {
    id: Spanned<String>,
    title: Text,
    description: Text,
    #[serde(default)]
    purpose: Option<Spanned<Purpose>>,
    geometry: GeometryKind,
    time: TimeKind,
    start: Option<Spanned<String>>,
    end: Option<Spanned<String>>,
    see: Option<Vec<Role>>,
    edit: Option<Vec<Role>>,
    #[serde(default)]
    order: i64,
    group: Option<Group>,
    stale_after_days: Option<u32>,
    cluster_below: Option<u8>,
    label: Option<Spanned<String>>,
    entity: Option<Spanned<String>>,
    lineage: Option<[Spanned<String>; 2]>,
    note: Option<Text>,
    /// Whether features have photos.
    #[serde(default)]
    photos: bool,
    #[serde(default)]
    fields: Vec<Spanned<RawField>>,
    #[serde(default)]
    workflows: Vec<Spanned<Workflow>>,
    /// Needed only where there is something to draw.
    style: Option<Spanned<Style>>,
    derived: Option<Derived>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    name: String,
    #[serde(rename = "type")]
    kind: FieldType,
    title: Text,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    tile: bool,
    #[serde(default)]
    cold: bool,
    #[serde(default)]
    read_only: bool,
    max_length: Option<usize>,
    min: Option<f64>,
    max: Option<f64>,
    unit: Option<String>,
    layer: Option<String>,
    #[serde(default)]
    people: bool,
    search: Option<RawSearch>,
    #[serde(default)]
    codes: Vec<CodeDef>,
    #[serde(default)]
    ranks: Vec<String>,
    see: Option<Vec<Role>>,
    from: Option<String>,
    compare: Option<String>,
    tolerance: Option<f64>,
    limit: Option<Limit>,
}

/// `true`, or `"old"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum RawSearch {
    Whether(bool),
    As(Search),
}

impl RawSearch {
    fn read(self) -> Option<Search> {
        match self {
            RawSearch::Whether(yes) => yes.then_some(Search::Now),
            RawSearch::As(search) => Some(search),
        }
    }
}

/// Parses the text of a layer file named `file`.
///
/// # Errors
/// The first fault, with file, line and field.
pub fn parse_layer(file: &str, text: &str) -> Result<LayerDef, DefinitionError> {
    let at = |offset: usize, field: &str, message: String| DefinitionError {
        file: file.to_owned(),
        line: text[..offset.min(text.len())].matches('\n').count() + 1,
        field: field.to_owned(),
        message,
    };
    let raw: RawLayer = toml::from_str(text).map_err(|e| {
        let offset = e.span().map_or(0, |s| s.start);
        at(offset, &enclosing_field(text, offset), e.message().to_owned())
    })?;
    let id = LayerId::new(raw.id.get_ref())
        .ok_or_else(|| at(raw.id.span().start, "id", "a layer name is [a-z][a-z0-9_]{0,62}".to_owned()))?;
    let see = raw.see.map_or(Roles::INTERNAL, Roles::from_iter);
    let edit = raw.edit.map_or(Roles::NONE, Roles::from_iter);
    let derived = raw.derived.is_some();

    let mut fields = Vec::new();
    let mut places = Vec::new();
    let mut names = BTreeSet::new();
    for spanned in raw.fields {
        let offset = spanned.span().start;
        places.push(offset);
        let f = spanned.into_inner();
        let field = read_field(&f, see, derived).map_err(|m| at(offset, &f.name, m))?;
        if !names.insert(field.name.to_lowercase()) {
            return Err(at(offset, &f.name, "the field stands twice".to_owned()));
        }
        fields.push(field);
    }
    for (field, offset) in fields.iter().zip(places) {
        check_comparison(field, &fields).map_err(|m| at(offset, &field.name, m))?;
    }
    if raw.photos && derived {
        return Err(at(0, "photos", "a derived layer has no photos of its own".to_owned()));
    }
    for field in system_fields(raw.geometry, raw.time, raw.photos, see) {
        if !names.insert(field.name.clone()) {
            return Err(at(0, &field.name, "the name belongs to a system field".to_owned()));
        }
        fields.push(field);
    }
    let position = |name: &Spanned<String>, key: &str, kinds: &[FieldType]| {
        let found = fields.iter().position(|f| f.name == *name.get_ref());
        match found {
            Some(i) if kinds.is_empty() || kinds.contains(&fields[i].kind) => Ok(i),
            Some(_) => Err(at(name.span().start, key, format!("{} has the wrong type", name.get_ref()))),
            None => Err(at(name.span().start, key, format!("there is no field {}", name.get_ref()))),
        }
    };
    let times = [FieldType::Date, FieldType::DateTime];
    let start = raw.start.as_ref().map(|n| position(n, "start", &times)).transpose()?;
    let end = raw.end.as_ref().map(|n| position(n, "end", &times)).transpose()?;
    let label = raw.label.as_ref().map(|n| position(n, "label", &[])).transpose()?;
    let entity = match &raw.entity {
        Some(n) => position(n, "entity", &[FieldType::Ref, FieldType::Text])?,
        None => fields.iter().position(|f| f.name == system::ENTITY).unwrap_or_default(),
    };
    let lineage = match &raw.lineage {
        Some([before, after]) => {
            let of = |n| position(n, "lineage", &[FieldType::Text, FieldType::Ref]);
            Some([of(before)?, of(after)?])
        }
        None => None,
    };
    if raw.time == TimeKind::Event && start.is_none() && !derived {
        return Err(at(0, "start", "a layer of events names the field they start with".to_owned()));
    }
    let mut workflows = Vec::new();
    for spanned in raw.workflows {
        let offset = spanned.span().start;
        let w = spanned.into_inner();
        check_workflow(&w, raw.time, &fields).map_err(|m| at(offset, &w.field, m))?;
        workflows.push(w);
    }
    if raw.style.is_none() && raw.geometry != GeometryKind::None {
        return Err(at(0, "style", "a layer with geometry has a style".to_owned()));
    }
    let style_at = raw.style.as_ref().map_or(0, |s| s.span().start);
    let style = raw.style.map(Spanned::into_inner).unwrap_or_default();
    if let Some(by) = &style.by
        && !fields.iter().any(|f| f.name == *by && !f.codes.is_empty())
    {
        return Err(at(style_at, "style.by", format!("{by} is not a field with codes")));
    }
    let (purpose_at, purpose) = raw.purpose.map_or((0, Purpose::Data), |p| (p.span().start, p.into_inner()));
    check_purpose(purpose, raw.geometry, &style, &fields).map_err(|m| at(purpose_at, "purpose", m))?;
    let hash = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut s, b| {
        use fmt::Write as _;
        let _ = write!(s, "{b:02x}");
        s
    });
    Ok(LayerDef {
        id,
        title: raw.title,
        description: raw.description,
        purpose,
        geometry: raw.geometry,
        time: raw.time,
        start,
        end,
        see,
        edit,
        order: raw.order,
        group: raw.group,
        stale_after_days: raw.stale_after_days,
        cluster_below: raw.cluster_below,
        label,
        entity,
        lineage,
        note: raw.note,
        fields,
        workflows,
        style,
        derived: raw.derived,
        source: text.to_owned(),
        hash,
    })
}

/// The `name = "…"` of the `[[fields]]` table in which a TOML error lies, for its message.
fn enclosing_field(text: &str, offset: usize) -> String {
    let before = &text[..offset.min(text.len())];
    let Some(table) = before.rfind("[[") else { return String::new() };
    let end = text[table + 2..].find("\n[").map_or(text.len(), |i| table + 2 + i);
    text[table..end]
        .lines()
        .find_map(|l| l.trim().strip_prefix("name")?.trim_start().strip_prefix('=')?.trim().split('"').nth(1))
        .unwrap_or_default()
        .to_owned()
}

fn read_field(f: &RawField, layer_see: Roles, derived: bool) -> Result<FieldDef, String> {
    if f.name.is_empty() || f.name.len() > 200 || f.name.chars().any(char::is_control) {
        return Err("a field needs a name of 1 to 200 bytes without control characters".to_owned());
    }
    if f.title.vi.is_empty() || f.title.en.is_empty() {
        return Err("a field needs a title in vi and en".to_owned());
    }
    if (f.kind == FieldType::Code) == f.codes.is_empty() {
        return Err("a field of type code, and no other, lists codes".to_owned());
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = f.codes.iter().find(|c| !seen.insert(&c.code)) {
        return Err(format!("the code {} stands twice", twice.code));
    }
    if f.kind == FieldType::Photos {
        return Err("a layer has photos by `photos = true`, not by a field of its own".to_owned());
    }
    let listed = |code: &String| f.codes.iter().any(|c| c.code == *code);
    if let Some(strange) = f.ranks.iter().enumerate().find(|(i, c)| !listed(c) || f.ranks[..*i].contains(c)) {
        return Err(format!("ranks: {} is not a code, or stands twice", strange.1));
    }
    if f.kind == FieldType::Ref && f.layer.is_none() {
        return Err("a reference names its layer".to_owned());
    }
    if f.search.and_then(RawSearch::read).is_some() && (f.cold || f.kind != FieldType::Text) {
        return Err("only a text that is not cold is searched".to_owned());
    }
    if f.tile && f.cold {
        return Err("a cold field cannot be in tiles".to_owned());
    }
    let from = match &f.from {
        Some(from) => {
            let (layer, field) = from.split_once('.').ok_or("from is layer.field")?;
            Some((layer.to_owned(), field.to_owned()))
        }
        None if derived => return Err("a field of a derived layer says where it comes from".to_owned()),
        None => None,
    };
    let text = f.kind == FieldType::Text;
    Ok(FieldDef {
        name: f.name.clone(),
        kind: f.kind,
        title: f.title.clone(),
        required: f.required,
        tile: f.tile,
        cold: f.cold,
        read_only: f.read_only || derived,
        max_length: f.max_length.or(text.then_some(if f.cold { 4000 } else { 500 })),
        min: f.min,
        max: f.max,
        unit: f.unit.clone(),
        layer: f.layer.clone(),
        people: f.people,
        search: f.search.and_then(RawSearch::read),
        codes: f.codes.clone(),
        ranks: f.ranks.clone(),
        see: f.see.clone().map_or(layer_see, |s| Roles::from_iter(s).and(layer_see)),
        from,
        compare: f.compare.clone(),
        tolerance: f.tolerance,
        limit: f.limit,
        system: false,
        internal: false,
    })
}

fn check_workflow(w: &Workflow, time: TimeKind, fields: &[FieldDef]) -> Result<(), String> {
    if time != TimeKind::State {
        return Err("only a layer with time = \"state\" has workflows".to_owned());
    }
    let field = fields.iter().find(|f| f.name == w.field && f.kind == FieldType::Code);
    let field = field.ok_or_else(|| format!("there is no code field {}", w.field))?;
    let next = w.next.iter().flatten().flat_map(|(from, to)| std::iter::once(from).chain(to));
    match w.initial.iter().chain(&w.ends).chain(next).find(|code| field.code(code).is_none()) {
        Some(code) => Err(format!("{code} is not one of the codes")),
        None => Ok(()),
    }
}

fn system_fields(geometry: GeometryKind, time: TimeKind, photos: bool, see: Roles) -> Vec<FieldDef> {
    let code = |code: &str, vi: &str, en: &str| CodeDef {
        code: code.to_owned(),
        vi: vi.to_owned(),
        en: en.to_owned(),
        color: None,
        dark: None,
        hatch: 0,
        letter: None,
        icon: None,
        fill: None,
        dash: Vec::new(),
        width: None,
        min_zoom: None,
    };
    let field = |name: &str, kind: FieldType, vi: &str, en: &str| FieldDef {
        name: name.to_owned(),
        kind,
        title: Text::new(vi, en),
        required: false,
        tile: false,
        cold: false,
        read_only: false,
        max_length: (kind == FieldType::Text).then_some(500),
        min: None,
        max: None,
        unit: None,
        layer: None,
        people: false,
        search: None,
        codes: Vec::new(),
        ranks: Vec::new(),
        see,
        from: None,
        compare: None,
        tolerance: None,
        limit: None,
        system: true,
        internal: false,
    };
    let mut all = vec![field(system::ENTITY, FieldType::Text, "Định danh thực thể", "Entity")];
    if time == TimeKind::Interval {
        let tile = |f: FieldDef| FieldDef { tile: true, ..f };
        all.push(tile(field(system::VALID_FROM, FieldType::Date, "Hiệu lực từ ngày", "Valid from")));
        all.push(tile(field(
            system::VALID_TO,
            FieldType::Date,
            "Hết hiệu lực từ ngày",
            "No longer valid from",
        )));
    }
    all.push(field(system::SOURCE, FieldType::Text, "Nguồn", "Source"));
    all.push(field(system::SOURCE_DATE, FieldType::Date, "Ngày của nguồn", "Date of the source"));
    if geometry != GeometryKind::None {
        all.push(FieldDef {
            unit: Some("m".to_owned()),
            min: Some(0.0),
            ..field(system::ACCURACY_M, FieldType::Number, "Sai số vị trí", "Accuracy")
        });
        all.push(FieldDef {
            codes: vec![
                code("approved", "Theo hồ sơ được duyệt", "As approved"),
                code("surveyed", "Đã đo kiểm", "Surveyed"),
                code("sketch", "Phác thảo tham khảo", "Sketch"),
            ],
            ..field(system::QUALITY, FieldType::Code, "Chất lượng hình học", "Geometry quality")
        });
    }
    if matches!(geometry, GeometryKind::Point | GeometryKind::Any) {
        all.push(FieldDef {
            tile: true,
            codes: vec![
                code("exact", "Chính xác", "Exact"),
                code("street", "Theo đường phố", "Street"),
                code("area", "Theo khu vực", "Area"),
                code("snapped", "Dời về điểm gần đúng", "Snapped"),
                code("fallback", "Vị trí thay thế", "Fallback"),
            ],
            ..field(system::LOCATION_QUALITY, FieldType::Code, "Chất lượng vị trí", "Location quality")
        });
    }
    if photos {
        all.push(FieldDef { cold: true, ..field(system::PHOTOS, FieldType::Photos, "Ảnh", "Photos") });
    }
    all.push(FieldDef {
        internal: true,
        max_length: None,
        ..field(system::SOURCE_KEY, FieldType::Text, "Khóa ở nguồn", "Key in the source")
    });
    all
}

#[cfg(test)]
mod tests;
