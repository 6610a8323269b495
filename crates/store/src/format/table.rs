//! One file opened: what it is, its columns, and its records one after another.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use model::{Code, Fault, Text, nfc, parse_strict};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::scan::Scan;
use super::{MAX_FILE, csv_in};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma, semicolon or tab separated text.
    Csv,
    /// One GeoJSON `FeatureCollection` or `Feature`.
    GeoJson,
    /// GeoJSON features one after another.
    GeoJsonSeq,
    /// A JSON array of flat objects.
    JsonArray,
}

impl Format {
    /// The name it has in mappings.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::GeoJson => "geojson",
            Format::GeoJsonSeq => "geojsonseq",
            Format::JsonArray => "json-array",
        }
    }

    /// Whether a mapping for `name` reads it.
    pub fn is(self, name: &str) -> bool {
        self.name() == name || (self == Format::GeoJsonSeq && name == "geojson")
    }
}

/// A value of a column as the file has it; an absent or empty one is no cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text of a CSV file.
    Text(String),
    /// A JSON value.
    Json(Json),
}

/// One row or feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its number, from 1: below the header, or among the features.
    pub row: usize,
    /// Parallel to [`Table::header`].
    pub cells: Vec<Option<Cell>>,
    /// The `id` of a GeoJSON feature, as text.
    pub id: Option<String>,
    /// The `geometry` of a GeoJSON feature, unread.
    pub geometry: Option<Json>,
    /// The foreign member `transitions` of a feature of our own export.
    pub transitions: Option<Json>,
    /// Why the row cannot be read.
    pub fault: Option<Fault>,
}

/// An opened file.
#[derive(Debug)]
pub struct Table {
    /// What it is.
    pub format: Format,
    /// Names of its columns or properties, in the order in which they first appear.
    pub header: Vec<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// The system its `crs` member names, as `EPSG:n` (GeoJSON of before 2016).
    pub crs: Option<String>,
    /// Whether it is an export of ours.
    pub own: bool,
    bytes: Vec<u8>,
    layout: Layout,
}

#[derive(Debug)]
enum Layout {
    Csv(csv_in::Shape),
    Json(Vec<Range<usize>>),
}

fn invalid(vi: &str, en: &str) -> Fault {
    Fault::at(Code::InvalidFile, "", Text::new(vi, en))
}

/// Opens the file at `path`.
///
/// # Errors
/// As [`open_file`].
pub fn open_records(path: &Path) -> Result<Table, Fault> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    open_file(&name, File::open(path))
}

/// Opens a file called `name` from its beginning and checks that it can be read to its end.
///
/// # Errors
/// `too-large`, `invalid-file`, `invalid-json`, `duplicate-key`, `too-deep`.
pub fn open_file<F: std::borrow::Borrow<File>>(name: &str, file: std::io::Result<F>) -> Result<Table, Fault> {
    let unreadable = |e: std::io::Error| {
        Fault::at(
            Code::InvalidFile,
            name,
            Text::new(format!("Không đọc được tệp {name}"), format!("{name} cannot be read: {e}")),
        )
    };
    let file = file.map_err(unreadable)?;
    let mut file: &File = file.borrow();
    let mut bytes = Vec::new();
    // A pipe has no beginning to go back to: it is read as it comes.
    let _ = file.seek(SeekFrom::Start(0));
    // One byte more than is taken tells that there is more.
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE {
        let mib = MAX_FILE / 1024 / 1024;
        return Err(Fault::at(
            Code::TooLarge,
            name,
            Text::new(format!("Tệp {name} lớn hơn {mib} MiB"), format!("{name} is larger than {mib} MiB")),
        ));
    }
    open_bytes(name, bytes)
}

/// Opens the bytes of a file called `name`.
///
/// # Errors
/// As [`open_records`].
pub fn open_bytes(name: &str, bytes: Vec<u8>) -> Result<Table, Fault> {
    let sha256 = hex(&Sha256::digest(&bytes));
    let extension = Path::new(name).extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let json_name = matches!(
        extension.as_str(),
        "json" | "geojson" | "geojsonl" | "geojsons" | "geojsonseq" | "ndjson" | "jsonl"
    );
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first = Scan::new(&bytes, start).peek();
    let csv_name = matches!(extension.as_str(), "csv" | "tsv" | "txt");
    if !json_name && (csv_name || !matches!(first, Some(b'{' | b'['))) {
        let csv_in::Seen { shape, header, own } = csv_in::inspect(&bytes)?;
        let layout = Layout::Csv(shape);
        return Ok(Table { format: Format::Csv, header, sha256, crs: None, own, bytes, layout });
    }
    if std::str::from_utf8(&bytes).is_err() {
        return Err(invalid("Tệp không phải UTF-8", "the file is not UTF-8"));
    }
    let whole = matches!(extension.as_str(), "json" | "geojson");
    let mut table = outline(bytes, start, whole)?;
    table.sha256 = sha256;
    table.header = table.property_names()?;
    Ok(table)
}

/// Finds the records of a JSON file.
fn outline(bytes: Vec<u8>, start: usize, whole: bool) -> Result<Table, Fault> {
    let mut scan = Scan::new(&bytes, start);
    let first = scan.peek();
    let mut found = Found::default();
    let (format, items) = match first {
        Some(b'[') => {
            let items = scan.elements()?;
            if scan.peek().is_some() {
                return Err(scan.fault());
            }
            (Format::JsonArray, items)
        }
        Some(b'{') => {
            let value = scan.value()?;
            if scan.peek().is_none() {
                match collection(&bytes, value.clone(), &mut found)? {
                    Some(items) => (Format::GeoJson, items),
                    None => (Format::GeoJson, vec![value]),
                }
            } else if whole {
                return Err(scan.fault());
            } else {
                let mut items = vec![value];
                while scan.peek().is_some() {
                    items.push(scan.value()?);
                }
                (Format::GeoJsonSeq, items)
            }
        }
        // `null`, a number, a word: JSON perhaps, but nothing to read; the parser names the place.
        Some(_) => {
            parse_strict(&bytes[start..])?;
            return Err(invalid(
                "Tệp JSON phải là GeoJSON hoặc mảng đối tượng",
                "a JSON file must be GeoJSON or an array of objects",
            ));
        }
        None => return Err(scan.fault()),
    };
    Ok(Table {
        format,
        header: Vec::new(),
        sha256: String::new(),
        crs: found.crs,
        own: found.own,
        bytes,
        layout: Layout::Json(items),
    })
}

#[derive(Default)]
struct Found {
    crs: Option<String>,
    own: bool,
}

/// The features of a `FeatureCollection`; `None` when the object is not one.
fn collection(
    bytes: &[u8],
    object: Range<usize>,
    found: &mut Found,
) -> Result<Option<Vec<Range<usize>>>, Fault> {
    let mut seen: Vec<String> = Vec::new();
    let (mut kind, mut features) = (None, None);
    for (key, value) in Scan::new(bytes, object.start).members()? {
        let key = parse_strict(&bytes[key])?;
        let key = key.as_str().unwrap_or_default().to_owned();
        if seen.contains(&key) {
            let detail = Text::new(format!("Khóa /{key} bị lặp"), format!("The key /{key} stands twice"));
            return Err(Fault::at(Code::DuplicateKey, format!("/{key}"), detail));
        }
        if key == "features" {
            features = Some(value);
        } else {
            let value = parse_strict(&bytes[value]).map_err(|f| f.below_json(&format!("/{key}")))?;
            match key.as_str() {
                "type" => kind = value.as_str().map(str::to_owned),
                "crs" => found.crs = crs_name(&value),
                "diaban" => found.own = value.is_object(),
                _ => {}
            }
        }
        seen.push(key);
    }
    if kind.as_deref() != Some("FeatureCollection") {
        return Ok(None);
    }
    let Some(features) = features else {
        return Err(invalid("FeatureCollection thiếu “features”", "the FeatureCollection has no “features”"));
    };
    if bytes[features.start] != b'[' {
        return Err(invalid("“features” phải là một mảng", "“features” must be an array"));
    }
    Scan::new(bytes, features.start).elements().map(Some)
}

/// `EPSG:n` out of the `crs` member: `urn:ogc:def:crs:EPSG::3405`, `EPSG:3405`, `urn:ogc:def:crs:OGC:1.3:CRS84`.
fn crs_name(value: &Json) -> Option<String> {
    let name = value["properties"]["name"].as_str()?;
    let mut parts = name.rsplit(':');
    let (last, authority) = (parts.next()?, name.to_ascii_uppercase());
    if last.eq_ignore_ascii_case("CRS84") {
        return Some("OGC:CRS84".to_owned());
    }
    (authority.contains("EPSG") && last.bytes().all(|b| b.is_ascii_digit())).then(|| format!("EPSG:{last}"))
}

/// A fault found in a part of a file, with its place in the file.
trait BelowJson {
    fn below_json(self, pointer: &str) -> Fault;
}

impl BelowJson for Fault {
    fn below_json(mut self, pointer: &str) -> Fault {
        // Duplicate keys have a pointer; the rest a line within the part, which the sentence keeps.
        if self.code == Code::DuplicateKey {
            let whole = format!("{pointer}{}", self.place);
            self.detail = Text::new(
                self.detail.vi.replace(&self.place, &whole),
                self.detail.en.replace(&self.place, &whole),
            );
            self.place = whole;
        } else {
            self.detail = Text::new(
                format!("Tại {pointer}: {}", self.detail.vi),
                format!("at {pointer}: {}", self.detail.en),
            );
            pointer.clone_into(&mut self.place);
        }
        self
    }
}

impl Table {
    /// How many records there are, when that is known without reading them.
    pub fn len_hint(&self) -> Option<usize> {
        match &self.layout {
            Layout::Csv(_) => None,
            Layout::Json(items) => Some(items.len()),
        }
    }

    /// The records. [`open_records`] has read the file once, so a fault of the file does not come up here.
    pub fn records(&self) -> Box<dyn Iterator<Item = Result<Record, Fault>> + Send + '_> {
        match &self.layout {
            Layout::Csv(shape) => Box::new(csv_in::records(&self.bytes, shape, self.header.len(), self.own)),
            Layout::Json(items) => {
                Box::new(items.iter().enumerate().map(|(i, range)| self.json_record(i, range)))
            }
        }
    }

    fn parse(&self, i: usize, range: &Range<usize>) -> Result<Json, Fault> {
        parse_strict(&self.bytes[range.clone()]).map_err(|f| {
            f.below_json(&match self.format {
                Format::GeoJson => format!("/features/{i}"),
                Format::GeoJsonSeq | Format::JsonArray | Format::Csv => format!("/{i}"),
            })
        })
    }

    fn property_names(&self) -> Result<Vec<String>, Fault> {
        let Layout::Json(items) = &self.layout else { return Ok(Vec::new()) };
        let mut names: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let mut feature_seen = false;
        for (i, range) in items.iter().enumerate() {
            let json = self.parse(i, range)?;
            feature_seen |= json["type"] == "Feature";
            for name in self.properties(&json).into_iter().flatten().map(|(k, _)| nfc(k)) {
                if seen.insert(name.clone()) {
                    names.push(name);
                }
            }
        }
        if !items.is_empty() && !feature_seen && self.format != Format::JsonArray {
            return Err(invalid("Tệp không phải GeoJSON", "the file is not GeoJSON"));
        }
        Ok(names)
    }

    fn properties<'a>(&self, json: &'a Json) -> Option<&'a serde_json::Map<String, Json>> {
        if self.format == Format::JsonArray { json.as_object() } else { json["properties"].as_object() }
    }

    fn json_record(&self, i: usize, range: &Range<usize>) -> Result<Record, Fault> {
        let mut json = self.parse(i, range)?;
        let feature = self.format != Format::JsonArray;
        let shaped = if feature {
            json["type"] == "Feature" && (json["properties"].is_object() || json["properties"].is_null())
        } else {
            json.is_object()
        };
        let fault = (!shaped).then(|| {
            if feature {
                invalid("Không phải một Feature GeoJSON", "this is not a GeoJSON Feature")
            } else {
                invalid("Không phải một đối tượng JSON", "this is not a JSON object")
            }
        });
        let properties = self.properties(&json);
        let cells = self
            .header
            .iter()
            .map(|name| {
                let value = properties.and_then(|p| {
                    p.get(name)
                        .or_else(|| p.iter().find(|(k, _)| !k.is_ascii() && nfc(k) == *name).map(|(_, v)| v))
                })?;
                (!value.is_null()).then(|| Cell::Json(value.clone()))
            })
            .collect();
        let id = match json.get("id") {
            Some(Json::String(s)) if feature => Some(nfc(s)),
            Some(Json::Number(n)) if feature => Some(n.to_string()),
            _ => None,
        };
        let mut member = |name: &str| if feature { json.get_mut(name).map(Json::take) } else { None };
        let (geometry, transitions) = (member("geometry"), member("transitions"));
        Ok(Record {
            row: i + 1,
            cells,
            id,
            geometry: geometry.filter(|g| !g.is_null()),
            transitions: transitions.filter(|t| !t.is_null()),
            fault,
        })
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn open(name: &str, text: &str) -> Result<(Table, Vec<Record>), Fault> {
        let table = open_bytes(name, text.as_bytes().to_vec())?;
        let records = table.records().collect::<Result<Vec<_>, _>>()?;
        Ok((table, records))
    }

    fn fault(name: &str, text: &str) -> (Code, String) {
        let f = open(name, text).unwrap_err();
        assert!(!f.detail.vi.is_empty() && !f.detail.en.is_empty());
        (f.code, f.place)
    }

    const POINT: &str = r#"{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[104,21]},"properties":{"a":1}}"#;

    #[test]
    fn reads_every_shape_of_json() {
        let collection = format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::3405"}}}},"features":[{POINT},{{"type":"Feature","geometry":null,"properties":{{"b":null,"a":"x"}}}}]}}"#
        );
        let (table, records) = open("x.geojson", &collection).unwrap();
        assert_eq!((table.format, table.crs.as_deref()), (Format::GeoJson, Some("EPSG:3405")));
        assert_eq!(table.header, ["a", "b"]);
        assert_eq!(records[0].id.as_deref(), Some("7"));
        assert_eq!(records[0].cells, [Some(Cell::Json(json!(1))), None]);
        assert_eq!(records[1].cells, [Some(Cell::Json(json!("x"))), None]);
        assert!(records[0].geometry.is_some() && records[1].geometry.is_none());

        let (table, records) = open("x.geojson", POINT).unwrap();
        assert_eq!((table.format, records.len()), (Format::GeoJson, 1));
        for text in [format!("{POINT}\n{POINT}\n"), format!("\u{1e}{POINT}\n\u{1e}{POINT}\n")] {
            let (table, records) = open("x.geojsonl", &text).unwrap();
            assert_eq!((table.format, records.len()), (Format::GeoJsonSeq, 2));
        }
        let (table, records) = open("x.json", r#"[{"a":1,"b":"x"},{"c":true}]"#).unwrap();
        assert_eq!((table.format, records.len()), (Format::JsonArray, 2));
        assert_eq!(table.header, ["a", "b", "c"]);
        assert!(Format::GeoJsonSeq.is("geojson") && !Format::Csv.is("geojson"));
    }

    #[test]
    fn refuses_what_is_not_whole_or_not_plain() {
        let with =
            |feature: &str| format!(r#"{{"type":"FeatureCollection","features":[{POINT},{feature}]}}"#);
        let whole = with(POINT);
        for cut in [1, 20, 60, whole.len() - 1] {
            assert_eq!(fault("x.geojson", &whole[..cut]).0, Code::InvalidJson, "{cut}");
        }
        let in_second = |text: &str| fault("x.geojson", &with(text));
        assert_eq!(
            in_second(r#"{"type":"Feature","properties":{"a":1,"a":2}}"#),
            (Code::DuplicateKey, "/features/1/properties/a".to_owned())
        );
        assert_eq!(in_second(r#"{"a":NaN}"#), (Code::InvalidJson, "/features/1".to_owned()));
        assert_eq!(in_second(r#"{"a":1e400}"#).0, Code::InvalidJson);
        assert_eq!(in_second(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))).0, Code::TooDeep);
        assert_eq!(fault("x.json", &"[".repeat(100_000)).0, Code::InvalidJson);
        assert_eq!(fault("x.geojson", r#"{"type":"FeatureCollection","type":"x"}"#).0, Code::DuplicateKey);
        assert_eq!(fault("x.geojson", r#"{"type":"FeatureCollection"}"#).0, Code::InvalidFile);
        assert_eq!(fault("x.geojson", r#"{"type":"Topology","objects":{}}"#).0, Code::InvalidFile);
        assert_eq!(fault("x.geojson", "").0, Code::InvalidJson);
        assert_eq!(fault("x.geojson", "a,b\n1,2").0, Code::InvalidJson);
        assert_eq!(fault("x.json", "12").0, Code::InvalidFile);
        assert_eq!(fault("x.geojson", &format!("{POINT}{POINT}")).0, Code::InvalidJson);
    }

    #[test]
    fn what_is_not_a_feature_is_a_fault_of_its_row() {
        let text = format!(r#"{{"type":"FeatureCollection","features":[{POINT},{{"type":"Point"}},3]}}"#);
        let (_, records) = open("x.geojson", &text).unwrap();
        let faults: Vec<bool> = records.iter().map(|r| r.fault.is_some()).collect();
        assert_eq!(faults, [false, true, true]);
        let (_, records) = open("x.json", r#"[{"a":1},[2]]"#).unwrap();
        assert!(records[1].fault.is_some());
    }
}
