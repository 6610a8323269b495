//! CSV in: UTF-8 with or without a byte order mark, delimiter read off the header. A row with a wrong number of
//! cells is a fault of that row; bytes that are not UTF-8 are a fault of the file, because the rows around them
//! may be misread as well.

use model::{Code, Fault, Text, nfc};

use super::{Cell, Record};

/// The shape of a CSV text.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Where the header begins: behind the byte order mark.
    start: usize,
    delimiter: u8,
}

fn invalid(place: String, vi: String, en: String) -> Fault {
    Fault::at(Code::InvalidFile, place, Text::new(vi, en))
}

fn reader<'a>(bytes: &'a [u8], shape: &Shape) -> csv::Reader<&'a [u8]> {
    csv::ReaderBuilder::new().delimiter(shape.delimiter).flexible(true).from_reader(&bytes[shape.start..])
}

/// What a look through a file tells.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) shape: Shape,
    pub(super) header: Vec<String>,
    /// Whether it begins with a column `id` of UUIDs, as our own exports do.
    pub(super) own: bool,
}

/// Reads the header and checks that the whole file is text and does not end inside a quoted cell.
pub(super) fn inspect(bytes: &[u8]) -> Result<Seen, Fault> {
    let start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let shape = Shape { start, delimiter: delimiter(&bytes[start..]) };
    if let Err(e) = std::str::from_utf8(bytes) {
        return Err(not_utf8(bytes, &shape, e.valid_up_to()));
    }
    let mut reader = reader(bytes, &shape);
    let unreadable = |e: csv::Error| {
        invalid(String::new(), "Tệp CSV không đọc được".to_owned(), format!("the CSV cannot be read: {e}"))
    };
    let header: Vec<String> =
        reader.headers().map_err(unreadable)?.iter().map(|name| nfc(name.trim())).collect();
    if header.iter().all(String::is_empty) {
        return Err(invalid(
            String::new(),
            "Tệp trống: thiếu dòng tiêu đề".to_owned(),
            "the file is empty: there is no header line".to_owned(),
        ));
    }
    for (i, name) in header.iter().enumerate() {
        if !name.is_empty() && header[..i].contains(name) {
            return Err(Fault::at(
                Code::DuplicateKey,
                name.clone(),
                Text::new(
                    format!("Cột “{name}” có hai lần trong dòng tiêu đề"),
                    format!("the column “{name}” stands twice in the header"),
                ),
            ));
        }
    }
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut last) = (0, 0);
    let mut own = matches!(header[0].as_str(), "id" | "_id");
    while reader.read_byte_record(&mut record).map_err(unreadable)? {
        rows += 1;
        last = record.position().map_or(0, |p| p.byte() as usize);
        own = own && record.get(0).is_some_and(|cell| uuid::Uuid::try_parse_ascii(cell).is_ok());
    }
    if open_quote(&bytes[(start + last).min(bytes.len())..], shape.delimiter) {
        return Err(invalid(
            format!("row {rows}"),
            format!("Tệp bị cắt cụt: dòng dữ liệu {rows} thiếu dấu ngoặc kép đóng"),
            format!("truncated file: a quote is not closed in data row {rows}"),
        ));
    }
    Ok(Seen { shape, header, own: own && rows > 0 })
}

/// The rows, numbered from 1 below the header. In an `own` file white space is a text, not an empty cell.
pub(super) fn records<'a>(
    bytes: &'a [u8],
    shape: &Shape,
    columns: usize,
    own: bool,
) -> impl Iterator<Item = Result<Record, Fault>> + use<'a> {
    reader(bytes, shape).into_records().enumerate().map(move |(i, record)| {
        let row = i + 1;
        let record = record.map_err(|e| {
            invalid(
                format!("row {row}"),
                format!("Dòng dữ liệu {row} không đọc được"),
                format!("data row {row} cannot be read: {e}"),
            )
        })?;
        let fault = (record.len() != columns).then(|| {
            let n = record.len();
            invalid(
                format!("row {row}"),
                format!("Dòng có {n} ô nhưng tiêu đề có {columns} cột"),
                format!("the row has {n} cells but the header has {columns} columns"),
            )
        });
        let empty = |cell: &str| if own { cell.is_empty() } else { cell.trim().is_empty() };
        let text = |cell: &str| (!empty(cell)).then(|| Cell::Text(cell.to_owned()));
        let mut cells: Vec<Option<Cell>> = record.iter().map(text).collect();
        cells.resize(columns, None);
        Ok(Record { row, cells, id: None, geometry: None, transitions: None, fault })
    })
}

/// The one of `,` `;` TAB that stands most often outside quotes in the first line; a comma when none does.
fn delimiter(bytes: &[u8]) -> u8 {
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for b in bytes {
        match b {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            b if !quoted => {
                if let Some((_, n)) = counts.iter_mut().find(|(d, _)| d == b) {
                    *n += 1;
                }
            }
            _ => {}
        }
    }
    let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(0);
    counts.iter().find(|(_, n)| *n == most).map_or(b',', |(d, _)| *d)
}

/// Whether the text of one record ends inside quotes.
fn open_quote(bytes: &[u8], delimiter: u8) -> bool {
    let (mut quoted, mut cell_begins) = (false, true);
    let mut at = 0;
    while let Some(&b) = bytes.get(at) {
        match b {
            b'"' if quoted && bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' if quoted => quoted = false,
            b'"' if cell_begins => quoted = true,
            _ => {}
        }
        cell_begins = !quoted && (b == delimiter || b == b'\n' || b == b'\r');
        at += 1;
    }
    quoted
}

fn not_utf8(bytes: &[u8], shape: &Shape, valid_up_to: usize) -> Fault {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return invalid(
            String::new(),
            "Tệp ở bảng mã UTF-16; hãy lưu lại dạng CSV UTF-8".to_owned(),
            "the file is UTF-16; save it as CSV UTF-8".to_owned(),
        );
    }
    // Rows that end before the first bad byte lie whole before it.
    let mut reader = reader(&bytes[..valid_up_to], shape);
    let mut row = 0;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        row += 1;
    }
    if bytes[..valid_up_to].ends_with(b"\n") {
        row += 1;
    }
    invalid(
        format!("row {row}"),
        format!("Dòng dữ liệu {row} không phải UTF-8; hãy lưu lại tệp dạng CSV UTF-8"),
        format!("data row {row} is not UTF-8; save the file as CSV UTF-8"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(Vec<String>, Vec<Record>), Fault> {
        let Seen { shape, header, own } = inspect(bytes)?;
        let rows = records(bytes, &shape, header.len(), own).collect::<Result<Vec<_>, _>>()?;
        Ok((header, rows))
    }

    fn texts(r: &Record) -> Vec<Option<&str>> {
        r.cells.iter().map(|c| if let Some(Cell::Text(t)) = c { Some(t.as_str()) } else { None }).collect()
    }

    #[test]
    fn reads_delimiters_quotes_and_the_mark() {
        for text in ["a,b\n1,\"x,;y\"\n", "\u{feff}a;b\r\n1;\"x,;y\"\r\n", "a\tb\n1\tx,;y"] {
            let (header, rows) = read(text.as_bytes()).unwrap();
            assert_eq!(header, ["a", "b"]);
            assert_eq!(texts(&rows[0]), [Some("1"), Some("x,;y")], "{text}");
        }
        let (_, rows) = read(b"a,b\n1,\"two\nlines \"\"x\"\"\"\n ,3\n").unwrap();
        assert_eq!(texts(&rows[0])[1], Some("two\nlines \"x\""));
        assert_eq!(texts(&rows[1]), [None, Some("3")]);
    }

    #[test]
    fn a_column_of_uuids_in_front_is_our_own() {
        let own = |text: &str| inspect(text.as_bytes()).unwrap().own;
        assert!(own("\u{feff}id,a\r\n01926f3e-7b2a-7c3d-9e4f-0123456789ab,1\r\n"));
        assert!(!own("id,a\n17,1\n") && !own("id,a\n"));
        assert!(!own("a,id\n1,01926f3e-7b2a-7c3d-9e4f-0123456789ab\n"));
    }

    #[test]
    fn a_short_row_is_a_fault_of_that_row() {
        let (_, rows) = read(b"a,b\n1\n2,3\n4,5,6\n").unwrap();
        let faults: Vec<bool> = rows.iter().map(|r| r.fault.is_some()).collect();
        assert_eq!(faults, [true, false, true]);
    }

    #[test]
    fn files_that_are_not_text_say_so() {
        let place = |bytes: &[u8]| {
            let f = read(bytes).unwrap_err();
            assert!(!f.detail.vi.is_empty() && !f.detail.en.is_empty());
            (f.code, f.place)
        };
        assert_eq!(place(b"a,b\n1,2\n3,\xff\n"), (Code::InvalidFile, "row 2".to_owned()));
        assert_eq!(place(b"a,b\n\xff,2\n"), (Code::InvalidFile, "row 1".to_owned()));
        assert_eq!(place(b"\xff\xfea\0"), (Code::InvalidFile, String::new()));
        assert_eq!(place(b""), (Code::InvalidFile, String::new()));
        assert_eq!(place(b"a,b\n1,2\n3,\"cut"), (Code::InvalidFile, "row 2".to_owned()));
        assert_eq!(place(b"a,b,a\n1,2,3\n"), (Code::DuplicateKey, "a".to_owned()));
    }
}
