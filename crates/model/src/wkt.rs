//! A strict little reader of Well-Known Text: `POLYGON` and `MULTIPOLYGON`, longitude and latitude in degrees. A
//! fault says at which character it stands.

use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use crate::{Geometry, Text};

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {}", reason.en)]
pub struct WktError {
    /// The number of the character, from 1.
    pub at: usize,
    /// The sentence, lower case where a language has it and without a full stop.
    pub reason: Text,
}

/// Reads a polygon or multipolygon of at most `most` positions. Whether it crosses itself is judged by `spatial`.
///
/// # Errors
/// The first fault.
///
/// ```
/// use model::polygon_from_wkt;
/// assert!(polygon_from_wkt("POLYGON((103.9 21.3, 104 21.3, 104 21.4, 103.9 21.3))", 100).is_ok());
/// assert_eq!(polygon_from_wkt("POLYGON((103.9 21.3; 104 21.3))", 100).unwrap_err().at, 20);
/// ```
pub fn polygon_from_wkt(text: &str, most: usize) -> Result<Geometry, WktError> {
    let mut reader = Reader { text, at: 0, left: most };
    let begin = reader.skip();
    let geometry = match reader.word().to_ascii_uppercase().as_str() {
        "POLYGON" => Geometry::Polygon(reader.polygon()?),
        "MULTIPOLYGON" => Geometry::MultiPolygon(MultiPolygon(reader.list(Reader::polygon)?)),
        _ => {
            let (vi, en) = ("phải là POLYGON hoặc MULTIPOLYGON", "POLYGON or MULTIPOLYGON is expected");
            return Err(reader.fault_at(begin, vi, en));
        }
    };
    reader.skip();
    if reader.at < text.len() {
        return Err(reader.fault("thừa ký tự sau hình", "nothing may follow the shape"));
    }
    Ok(geometry)
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes read.
    at: usize,
    /// Positions that may still come.
    left: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, vi: &str, en: &str) -> WktError {
        self.fault_at(self.at, vi, en)
    }

    fn fault_at(&self, byte: usize, vi: &str, en: &str) -> WktError {
        WktError { at: self.text[..byte].chars().count() + 1, reason: Text::new(vi, en) }
    }

    /// Passes over white space; where the next thing begins.
    fn skip(&mut self) -> usize {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.at
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|b| wanted(*b)).count();
        self.at += length;
        &rest[..length]
    }

    fn word(&mut self) -> &'a str {
        self.take(|b| b.is_ascii_alphabetic())
    }

    /// Whether the next thing is this sign; it is passed over.
    fn sign(&mut self, sign: char) -> bool {
        self.skip();
        let is = self.text[self.at..].starts_with(sign);
        self.at += usize::from(is);
        is
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Result<T, WktError>) -> Result<Vec<T>, WktError> {
        if !self.sign('(') {
            return Err(self.fault("thiếu dấu “(”", "“(” is expected"));
        }
        let mut all = vec![read(self)?];
        while self.sign(',') {
            all.push(read(self)?);
        }
        if !self.sign(')') {
            return Err(self.fault("thiếu dấu “,” hoặc “)”", "“,” or “)” is expected"));
        }
        Ok(all)
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, WktError> {
        let mut rings = self.list(Reader::ring)?.into_iter();
        let exterior = rings.next().unwrap_or(LineString(Vec::new()));
        Ok(Polygon::new(exterior, rings.collect()))
    }

    fn ring(&mut self) -> Result<LineString<f64>, WktError> {
        let begin = self.skip();
        let coords = self.list(Reader::position)?;
        if coords.len() < 4 {
            let (vi, en) = ("vòng phải có ít nhất bốn điểm", "a ring has at least four positions");
            return Err(self.fault_at(begin, vi, en));
        }
        if coords.first() != coords.last() {
            let (vi, en) =
                ("vòng chưa khép kín", "the ring is not closed: its last position must equal its first");
            return Err(self.fault_at(begin, vi, en));
        }
        Ok(LineString(coords))
    }

    fn position(&mut self) -> Result<Coord<f64>, WktError> {
        let begin = self.skip();
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.fault("quá nhiều đỉnh", "too many positions"));
        };
        self.left = left;
        let x = self.number()?;
        let gap = self.at;
        if self.skip() == gap {
            return Err(
                self.fault("thiếu khoảng trắng giữa hai số", "a space is expected between two numbers")
            );
        }
        let y = self.number()?;
        if (-180.0..=180.0).contains(&x) && (-90.0..=90.0).contains(&y) {
            return Ok(Coord { x, y });
        }
        if (-90.0..=90.0).contains(&x) && (-180.0..=180.0).contains(&y) {
            let vi = "vĩ độ ngoài khoảng −90…90: có lẽ kinh độ và vĩ độ bị đảo";
            let en = "latitude outside −90…90: longitude and latitude are probably swapped";
            return Err(self.fault_at(begin, vi, en));
        }
        Err(self.fault_at(begin, "tọa độ ngoài phạm vi", "a coordinate is out of range"))
    }

    fn number(&mut self) -> Result<f64, WktError> {
        let begin = self.at;
        let word = self.take(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
        let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_digit);
        // Rust also reads ".5" and "5."; the standard does not write them.
        let plain = word.trim_start_matches(['+', '-']).as_bytes();
        let read = word.parse::<f64>().ok().filter(|n| n.is_finite() && digit(plain.first()));
        read.ok_or_else(|| self.fault_at(begin, "thiếu một số", "a number is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read() {
        let square = "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (2 2,2 3,3 3,2 2))";
        let Geometry::Polygon(p) = polygon_from_wkt(square, 9).unwrap() else { panic!("no polygon") };
        assert_eq!((p.exterior().0.len(), p.interiors().len()), (5, 1));
        let two = " multipolygon(((0 0,1 0,1 1,0 0)),((-5 -5, -4.5e0 -5, -4 -4, -5 -5))) ";
        let Geometry::MultiPolygon(m) = polygon_from_wkt(two, 8).unwrap() else { panic!("no polygons") };
        assert_eq!(m.0[1].exterior().0[1], Coord { x: -4.5, y: -5.0 });
    }

    #[test]
    fn a_fault_says_where() {
        for (text, at) in [
            ("", 1),
            ("POINT(1 2)", 1),
            ("  LINESTRING(1 2)", 3),
            ("POLYGON 0 0", 9),
            ("POLYGON EMPTY", 9),
            ("POLYGON Z((0 0 0))", 9),
            ("POLYGON((0 0, 1 0, 1 1, 0 0)", 29),
            ("POLYGON((0 0, 1 0, 1 1, 0 0)))", 30),
            ("POLYGON((0 0, 1 0, 0 0))", 9),
            ("POLYGON((0 0, 1 0, 1 1, 0 1))", 9),
            ("POLYGON((0 0, 1 x, 1 1, 0 0))", 17),
            ("POLYGON((0 0, 1, 1 1, 0 0))", 16),
            ("POLYGON((0 0 0, 1 0, 1 1, 0 0))", 14),
            ("POLYGON((0 0, 1 NaN, 1 1, 0 0))", 17),
            ("POLYGON((0 0, 1 1e999, 1 1, 0 0))", 17),
            ("POLYGON((0 0, 181 0, 1 1, 0 0))", 15),
            ("POLYGON((21.3 103.9, 21.3 104, 21.4 104, 21.3 103.9))", 10),
            ("ĐPOLYGON((0 0, 1 0, 1 1, 0 0))", 1),
            ("POLYGON((0 0, 1 0, 1 1, 0 0)) đ", 31),
        ] {
            let error = polygon_from_wkt(text, 100).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(!error.reason.vi.is_empty());
        }
        let error = polygon_from_wkt("POLYGON((0 0, 1 0, 1 1, 0 0))", 3).unwrap_err();
        assert_eq!((error.at, error.reason.en.as_str()), (25, "too many positions"));
    }
}
