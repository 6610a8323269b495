//! Decides how one file's columns become a layer's fields: by a mapping, by `--map`, or by equal names.

use model::{Code, Fault, FieldDef, FieldMapping, FieldType, LayerDef, Mapping, Role, Text, fold};
use store::format::{Format, Table};

/// How to fill one field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FieldPlan {
    /// The field.
    pub(crate) field: usize,
    /// The column read; `None` for a constant.
    pub(crate) column: Option<usize>,
    /// How it is read.
    pub(crate) rules: FieldMapping,
    /// The field that takes the end of a span.
    pub(crate) end: Option<usize>,
    /// The field that takes the precision.
    pub(crate) precision: Option<usize>,
}

/// How to read one file.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Plan {
    /// The mapping's name.
    pub(crate) mapping: Option<String>,
    /// The coordinates' system.
    pub(crate) crs: String,
    /// The key's column.
    pub(crate) key: Option<usize>,
    /// Whether rows carry ids of ours.
    pub(crate) own: bool,
    /// The column of these ids in CSV.
    pub(crate) id: Option<usize>,
    /// The column of x.
    pub(crate) x: Option<usize>,
    /// The column of y.
    pub(crate) y: Option<usize>,
    /// The fields filled, in the layer's order.
    pub(crate) fields: Vec<FieldPlan>,
    /// Columns that are not read.
    pub(crate) dropped: Vec<String>,
}

impl Plan {
    /// Columns that are read.
    pub(crate) fn columns(&self) -> Vec<usize> {
        let mut all: Vec<usize> =
            self.fields.iter().filter_map(|f| f.column).chain(self.key).chain(self.x).chain(self.y).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Fields the file speaks about.
    pub(crate) fn mapped(&self) -> impl Iterator<Item = usize> + '_ {
        self.fields.iter().flat_map(|f| [Some(f.field), f.end, f.precision]).flatten()
    }
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted<'a> {
    /// A mapping asked for by name or file.
    pub(crate) mapping: Option<&'a Mapping>,
    /// Mappings to choose from by the header.
    pub(crate) known: &'a [Mapping],
    /// Fields and their columns.
    pub(crate) map: &'a [(String, String)],
    /// Whether these are all: the layer was made from the files, and no name is to be guessed.
    pub(crate) only_map: bool,
    /// The key's column.
    pub(crate) key: Option<&'a str>,
    /// The coordinates' system.
    pub(crate) crs: Option<&'a str>,
    /// Who imports; `None` fills every field.
    pub(crate) role: Option<Role>,
}

impl Wanted<'_> {
    /// Whether this import may fill a field. Whoever reads "<5" does not write the number either: what an import says
    /// of a record, changed or not, would tell it.
    fn may(&self, field: &FieldDef) -> bool {
        !field.internal
            // Photos are cited by whoever may see them, which an edit checks; a file of hashes is for the operator.
            && (field.kind != FieldType::Photos || self.role.is_none())
            && self.role.is_none_or(|role| field.visible(role) && (!field.people || role.sees_small_counts()))
    }
}

const X_NAMES: [&str; 8] = ["lon", "lng", "long", "longitude", "x", "_lon", "kinh_do", "kinh độ"];
const Y_NAMES: [&str; 6] = ["lat", "latitude", "y", "_lat", "vi_do", "vĩ độ"];

/// Makes the plan for one file.
pub(crate) fn plan(def: &LayerDef, table: &Table, wanted: &Wanted<'_>) -> Result<Plan, Fault> {
    let geojson = matches!(table.format, Format::GeoJson | Format::GeoJsonSeq);
    let own_geojson = table.own && geojson;
    let mapping = match wanted.mapping {
        Some(mapping) => {
            fits(def, table, mapping)?;
            Some(mapping)
        }
        None if own_geojson || wanted.only_map => None,
        None => by_header(def, table, wanted.known),
    };
    let own = table.own && mapping.is_none() && wanted.key.is_none() && !wanted.only_map;
    let id = if own && !geojson { Some(0) } else { None };
    let mut plan = Plan { mapping: mapping.map(|m| m.name.clone()), own, id, ..Plan::default() };
    plan.crs = crs(wanted.crs.or(mapping.and_then(|m| m.crs.as_deref())).or(table.crs.as_deref()))?;

    let mut fields = match mapping {
        Some(mapping) => by_mapping(def, table, mapping)?,
        None if wanted.only_map => Vec::new(),
        None => by_name(def, table, own, id),
    };
    let hidden = |i: usize| !wanted.may(&def.fields[i]);
    fields.retain(|f| !hidden(f.field));
    for f in &mut fields {
        (f.end, f.precision) = (f.end.filter(|i| !hidden(*i)), f.precision.filter(|i| !hidden(*i)));
    }
    let mut unplaced = [false; 2];
    for (name, column) in wanted.map {
        if column.is_empty() {
            match (def.index(name), name.as_str()) {
                (Some(field), _) => fields.retain(|f| f.field != field),
                (None, "x") => unplaced[0] = true,
                (None, "y") => unplaced[1] = true,
                (None, _) => return Err(unknown_field(def, name)),
            }
            continue;
        }
        let found = find(table, column);
        if found.is_none() && wanted.only_map {
            // One file of several need not have every column.
            continue;
        }
        let at = found.ok_or_else(|| {
            let detail = Text::new(
                format!("Tệp không có cột “{column}”"),
                format!("the file has no column “{column}”"),
            );
            Fault::parameter(Code::InvalidParameter, "map", detail)
        })?;
        match (def.index(name), name.as_str()) {
            (Some(field), _) => {
                fields.retain(|f| f.field != field);
                fields.push(FieldPlan {
                    field,
                    column: Some(at),
                    rules: FieldMapping::default(),
                    end: None,
                    precision: None,
                });
            }
            (None, "x") => plan.x = Some(at),
            (None, "y") => plan.y = Some(at),
            (None, _) => return Err(unknown_field(def, name)),
        }
    }
    fields.sort_by_key(|f| f.field);
    for f in &fields {
        let field = &def.fields[f.field];
        if !wanted.may(field) {
            return Err(unknown_field(def, &field.name));
        }
        if field.read_only && !own {
            let detail = Text::new(
                format!("“{}” do hệ thống ghi, không nhập được", field.title.vi),
                format!("“{}” is written by the system only", field.title.en),
            );
            return Err(Fault::at(Code::ReadOnly, field.name.clone(), detail));
        }
    }
    plan.fields = fields;

    if let Some(name) = wanted.key.or(mapping.and_then(|m| m.key.as_deref())) {
        let at = find(table, name).ok_or_else(|| {
            let detail = Text::new(
                format!("Tệp không có cột khóa “{name}”"),
                format!("the file has no key column “{name}”"),
            );
            Fault::parameter(Code::InvalidParameter, "key", detail)
        })?;
        plan.key = Some(at);
    }
    if def.has_geometry() && !geojson {
        let named = |name: Option<&str>| name.and_then(|n| find(table, n));
        let guess = |names: &[&str]| names.iter().find_map(|n| find(table, n));
        let (x, y) =
            (named(mapping.and_then(|m| m.x.as_deref())), named(mapping.and_then(|m| m.y.as_deref())));
        plan.x = plan.x.or(x).or_else(|| guess(&X_NAMES));
        plan.y = plan.y.or(y).or_else(|| guess(&Y_NAMES));
        if plan.x.is_none() || plan.y.is_none() || unplaced != [false; 2] {
            (plan.x, plan.y) = (None, None);
        }
    } else {
        (plan.x, plan.y) = (None, None);
    }
    let read = plan.columns();
    let ours = |i: usize, name: &str| {
        plan.id.is_some()
            && (Some(i) == plan.id || matches!(name, "notice" | "_notice" | "geometry" | "_geometry"))
    };
    plan.dropped = table
        .header
        .iter()
        .enumerate()
        .filter(|(i, name)| !name.is_empty() && !read.contains(i) && !ours(*i, name))
        .map(|(_, name)| name.clone())
        .collect();
    Ok(plan)
}

/// Index of a column, by its exact name, else without regard to case.
pub(crate) fn find(table: &Table, name: &str) -> Option<usize> {
    let exact = table.header.iter().position(|h| h == name);
    exact.or_else(|| table.header.iter().position(|h| h.to_lowercase() == name.to_lowercase()))
}

fn unknown_field(def: &LayerDef, name: &str) -> Fault {
    let detail = Text::new(
        format!("Lớp {} không có trường “{name}”", def.id),
        format!("the layer {} has no field “{name}”", def.id),
    );
    Fault::at(Code::UnknownField, name, detail)
}

/// The mapping of this layer and format whose columns are all there; of several, the one that names most.
fn by_header<'a>(def: &LayerDef, table: &Table, known: &'a [Mapping]) -> Option<&'a Mapping> {
    known
        .iter()
        .filter(|m| !m.header.is_empty() && fits(def, table, m).is_ok())
        .max_by_key(|m| m.header.len())
}

fn fits(def: &LayerDef, table: &Table, mapping: &Mapping) -> Result<(), Fault> {
    let refuse = |vi: String, en: String| {
        Err(Fault::at(Code::UnknownMapping, mapping.name.clone(), Text::new(vi, en)))
    };
    if mapping.layer != def.id.as_str() {
        return refuse(
            format!("Bảng ánh xạ {} dành cho lớp {}", mapping.name, mapping.layer),
            format!("the mapping {} is for the layer {}", mapping.name, mapping.layer),
        );
    }
    if mapping.format.as_deref().is_some_and(|f| !table.format.is(f)) {
        return refuse(
            format!("Bảng ánh xạ {} không đọc tệp {}", mapping.name, table.format.name()),
            format!("the mapping {} does not read {} files", mapping.name, table.format.name()),
        );
    }
    let missing: Vec<&str> =
        mapping.header.iter().map(String::as_str).filter(|h| !table.header.iter().any(|t| t == h)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    refuse(
        format!("Tệp thiếu cột của bảng ánh xạ {}: {missing}", mapping.name),
        format!("the file lacks columns of the mapping {}: {missing}", mapping.name),
    )
}

fn by_mapping(def: &LayerDef, table: &Table, mapping: &Mapping) -> Result<Vec<FieldPlan>, Fault> {
    let index = |name: &String| def.index(name).ok_or_else(|| unknown_field(def, name));
    let mut fields = Vec::new();
    for (name, rules) in &mapping.fields {
        let field = index(name)?;
        let column = match &rules.column {
            // A column that is not there leaves its field alone.
            Some(column) => match find(table, column) {
                None => continue,
                found => found,
            },
            None => None,
        };
        let end = rules.end.as_ref().map(index).transpose()?;
        let precision = rules.precision.as_ref().map(index).transpose()?;
        fields.push(FieldPlan { field, column, rules: rules.clone(), end, precision });
    }
    Ok(fields)
}

/// Columns called like a field, else like its title in either language, without regard to case and diacritics.
fn by_name(def: &LayerDef, table: &Table, own: bool, id: Option<usize>) -> Vec<FieldPlan> {
    let usable = |f: &FieldDef| !f.internal && (own || !f.read_only);
    let mut plans: Vec<FieldPlan> = Vec::new();
    let add = |field: usize, column: usize, plans: &mut Vec<FieldPlan>| {
        let rules = FieldMapping::default();
        plans.push(FieldPlan { field, column: Some(column), rules, end: None, precision: None });
    };
    for (field, f) in def.fields.iter().enumerate().filter(|(_, f)| usable(f)) {
        if let Some(column) = find(table, &f.name).filter(|c| Some(*c) != id) {
            add(field, column, &mut plans);
        }
    }
    if own {
        return plans;
    }
    let folded: Vec<String> = table.header.iter().map(|name| fold(name)).collect();
    for (field, f) in def.fields.iter().enumerate().filter(|(_, f)| usable(f)) {
        let taken = |column: &usize| plans.iter().any(|p| p.column == Some(*column) || p.field == field);
        let titled = |column: &usize| [&f.title.vi, &f.title.en].iter().any(|t| fold(t) == folded[*column]);
        if let Some(column) = (0..folded.len()).find(|c| titled(c) && !taken(c)) {
            add(field, column, &mut plans);
        }
    }
    plans
}

/// The system's name as `AUTHORITY:code`, checked to be one that is known.
fn crs(name: Option<&str>) -> Result<String, Fault> {
    let name = name.unwrap_or("EPSG:4326").trim().to_ascii_uppercase();
    let name = if name.bytes().all(|b| b.is_ascii_digit()) { format!("EPSG:{name}") } else { name };
    if let Err(spatial::CrsError::Unknown(_)) = spatial::to_wgs84(&name, 0.0, 0.0) {
        let detail = Text::new(
            format!("Không biết hệ tọa độ {name}"),
            format!("unknown coordinate reference system {name}"),
        );
        return Err(Fault::parameter(Code::UnknownCrs, "crs", detail));
    }
    Ok(name)
}
