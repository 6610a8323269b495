//! A typed place: degrees in either order, degrees with minutes and seconds, or plane coordinates of VN-2000.

/// The system plane coordinates are taken for: VN-2000 / TM-3 104-00, the zone of Sơn La.
const PLANE: &str = "EPSG:9206";

/// A place that was typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Typed {
    /// Longitude and latitude, WGS 84.
    pub(crate) point: (f64, f64),
    /// The system it was typed in.
    pub(crate) system: &'static str,
}

/// A number with what stands after it.
struct Part {
    value: f64,
    /// Written with a decimal mark.
    fraction: bool,
    unit: Option<char>,
}

/// Reads coordinates; `None` when the text is anything else.
pub(crate) fn read(text: &str) -> Option<Typed> {
    let parts = parts(text)?;
    if parts.iter().any(|p| matches!(p.unit, Some('°' | '\'' | '"'))) {
        return degrees_of_parts(&parts);
    }
    let [a, b] = &parts[..] else { return None };
    let (first, second) = (a.value, b.value);
    // A plane coordinate north has seven digits here, one east six.
    for (x, y) in [(first, second), (second, first)] {
        if (100_000.0..1_000_000.0).contains(&x) && (1_000_000.0..10_000_000.0).contains(&y) {
            let point = spatial::to_wgs84(PLANE, x, y).ok()?;
            return Some(Typed { point, system: "VN-2000, EPSG:9206" });
        }
    }
    // Two whole numbers are a house and a street as well.
    if !(a.fraction && b.fraction) && a.unit.is_none() {
        return None;
    }
    in_degrees((first, a.unit), (second, b.unit))
}

fn in_degrees(a: (f64, Option<char>), b: (f64, Option<char>)) -> Option<Typed> {
    // Directions in English, and bắc, đông, tây; N is north.
    let north = |u: Option<char>| matches!(u, Some('N' | 'B' | 'S'));
    let east = |u: Option<char>| matches!(u, Some('E' | 'Đ' | 'W' | 'T'));
    let (lat, lon) = if north(a.1) || east(b.1) {
        (a, b)
    } else if east(a.1) || north(b.1) {
        (b, a)
    } else if a.0.abs() > 90.0 || (b.0 > 5.0 && b.0 < 25.0 && a.0 > 100.0) {
        // A longitude of Viet Nam is above 100, a latitude below 25.
        (b, a)
    } else {
        (a, b)
    };
    let lat = if lat.1 == Some('S') { -lat.0 } else { lat.0 };
    let lon = if matches!(lon.1, Some('W' | 'T')) { -lon.0 } else { lon.0 };
    ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon))
        .then_some(Typed { point: (lon, lat), system: "WGS 84" })
}

/// Degrees, minutes and seconds, twice.
fn degrees_of_parts(parts: &[Part]) -> Option<Typed> {
    let mut values: Vec<(f64, Option<char>)> = Vec::new();
    for part in parts {
        let scale = match part.unit {
            Some('\'') => 60.0,
            Some('"') => 3_600.0,
            Some(letter) if letter != '°' && part.value.is_nan() => {
                values.last_mut()?.1 = Some(letter);
                continue;
            }
            _ => {
                values.push((part.value, None));
                continue;
            }
        };
        if !(0.0..60.0).contains(&part.value) {
            return None;
        }
        let value = &mut values.last_mut()?.0;
        *value += part.value.signum() * part.value.abs() / scale;
    }
    let [a, b] = values[..] else { return None };
    in_degrees(a, b)
}

/// Splits into numbers with their units. A direction after seconds is a part of its own, without a number.
fn parts(text: &str) -> Option<Vec<Part>> {
    let text = text.trim().replace(['′', '’'], "'").replace(['″', '”'], "\"").replace("''", "\"");
    let mut parts: Vec<Part> = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_ascii_digit() || matches!(c, '-' | '+') {
            let mut number = String::new();
            while let Some(d) = chars.next_if(|d| d.is_ascii_digit() || matches!(d, '-' | '+' | '.' | ',')) {
                number.push(d);
            }
            // A comma between two numbers, or after one, separates; within one it is a decimal mark.
            let (value, fraction) = number_of(number.trim_end_matches(','))?;
            parts.push(Part { value, fraction, unit: None });
        } else {
            chars.next();
            match c.to_uppercase().next().unwrap_or(c) {
                ' ' | '\t' | ',' | ';' => {}
                unit @ ('°' | '\'' | '"') => parts.last_mut()?.unit = Some(unit),
                unit @ ('N' | 'B' | 'S' | 'E' | 'Đ' | 'W' | 'T') => match parts.last_mut()? {
                    part if part.unit.is_none() => part.unit = Some(unit),
                    _ => parts.push(Part { value: f64::NAN, fraction: false, unit: Some(unit) }),
                },
                _ => return None,
            }
        }
    }
    (parts.len() >= 2).then_some(parts)
}

/// `21.3427`, `21,3427`, `2360900.1`, `2.360.900,1`; and whether it has a decimal mark.
fn number_of(text: &str) -> Option<(f64, bool)> {
    let count = |c| text.matches(c).count();
    let plain = match (count('.'), count(',')) {
        (0 | 1, 0) => text.to_owned(),
        (0, 1) => text.replace(',', "."),
        (_, 1) if text.rfind(',') > text.rfind('.') => text.replace('.', "").replace(',', "."),
        (2.., 0) => text.replace('.', ""),
        _ => return None,
    };
    Some((plain.parse().ok()?, plain.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_many_ways() {
        let here = (103.9061, 21.3427);
        for text in [
            "21.3427, 103.9061",
            "21.3427 103.9061",
            "21.3427,  103.9061",
            "103.9061 21.3427",
            "103.9061;21.3427",
            "21,3427 103,9061",
            "21.3427N 103.9061E",
            "103.9061° Đ, 21.3427° B",
            "21°20'33.72\" 103°54'21.96\"",
            "21°20'33.72\"N 103°54'21.96\"E",
            "103°54′21.96″E 21°20′33.72″N",
        ] {
            let typed = read(text).unwrap_or_else(|| panic!("{text}"));
            let (lon, lat) = typed.point;
            assert!((lon - here.0).abs() < 1e-6 && (lat - here.1).abs() < 1e-6, "{text}: {typed:?}");
        }
        let london = read("51.5072, -0.1276").unwrap();
        assert_eq!(london.point, (-0.1276, 51.5072));
    }

    #[test]
    fn plane_coordinates_are_turned_whatever_their_order() {
        // The example of `spatial::to_wgs84`, computed with PROJ 9.5.1.
        for text in ["490000 2360000", "2360000.0, 490000.0", "490.000,0 2.360.000,0"] {
            let typed = read(text).unwrap_or_else(|| panic!("{text}"));
            let (lon, lat) = typed.point;
            assert!((lon - 103.905_482_313).abs() < 2e-8 && (lat - 21.334_625_861).abs() < 2e-8, "{text}");
            assert!(typed.system.starts_with("VN-2000"));
        }
    }

    #[test]
    fn other_texts_are_no_place() {
        for text in [
            "",
            "tổ 8",
            "12 45",
            "3646",
            "12/2023",
            "21.3427",
            "21.3 103.9 5.5",
            "91.5 190.5",
            "1.2.3.4 x",
            "29-3 30-4",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
