//! Coordinate reference systems: those in use in Viet Nam, to and from WGS 84, by `proj4rs`.
//!
//! Axes are always x east (or longitude), y north (or latitude), whatever the register says about EPSG:4326. The
//! shift from VN-2000 is EPSG:6960 (decision 05/2007/QĐ-BTNMT): the decision's rotations are of the coordinate
//! frame, `towgs84` wants those of the position vector, so their signs are turned here. Heights are taken as 0, so
//! a round trip may be off by about a millimetre.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::LazyLock;

use proj4rs::Proj;
use proj4rs::transform::transform;

/// VN-2000 → WGS 84.
const SHIFT: &str =
    "+towgs84=-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278";

/// Codes of VN-2000 / TM-3 with their central meridians.
const TM3: [(u32, f64); 18] = [
    (5896, 102.0),
    (5897, 105.0),
    (5898, 108.0),
    (5899, 107.75),
    (9205, 103.0),
    (9206, 104.0),
    (9207, 104.5),
    (9208, 104.75),
    (9209, 105.5),
    (9210, 105.75),
    (9211, 106.0),
    (9212, 106.25),
    (9213, 106.5),
    (9214, 107.0),
    (9215, 107.25),
    (9216, 107.5),
    (9217, 108.25),
    (9218, 108.5),
];

/// Where coordinates of the Vietnamese systems may lie, generously: west, south, east, north in degrees. Swapped
/// axes, or a wrong zone, fall outside.
const VIET_NAM: [f64; 4] = [100.0, 5.0, 120.0, 25.0];

/// Radius of the sphere of EPSG:3857 in metres.
const SPHERE: f64 = 6_378_137.0;

/// Why coordinates could not be transformed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// A system that is not known here.
    #[error("unknown coordinate reference system {0}")]
    Unknown(String),
    /// Not numbers of this system: not finite, or far from where it is used (often the axes are swapped).
    #[error("({x}, {y}) lies outside the area of {crs}")]
    Outside {
        /// The system.
        crs: String,
        /// First coordinate.
        x: f64,
        /// Second coordinate.
        y: f64,
    },
}

enum System {
    /// WGS 84 degrees.
    Degrees,
    /// Spherical Web Mercator in metres.
    WebMercator,
    Projected(&'static Proj, Units),
}

#[derive(Clone, Copy, PartialEq)]
enum Units {
    Degrees,
    Metres,
}

static WGS84: LazyLock<Proj> = LazyLock::new(|| parse("+proj=longlat +datum=WGS84 +no_defs"));

static SYSTEMS: LazyLock<BTreeMap<u32, (Proj, Units)>> = LazyLock::new(|| {
    let vn2000 = |projection: &str| parse(&format!("{projection} +ellps=WGS84 {SHIFT} +no_defs"));
    let mut all = BTreeMap::new();
    for (code, meridian) in TM3 {
        let tm3 = format!("+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9999 +x_0=500000 +y_0=0 +units=m");
        all.insert(code, (vn2000(&tm3), Units::Metres));
    }
    for (code, meridian) in [(3405, 105), (3406, 111)] {
        let utm = format!("+proj=tmerc +lat_0=0 +lon_0={meridian} +k=0.9996 +x_0=500000 +y_0=0 +units=m");
        all.insert(code, (vn2000(&utm), Units::Metres));
    }
    all.insert(4756, (vn2000("+proj=longlat"), Units::Degrees));
    for (code, zone) in [(32_648, 48), (32_649, 49)] {
        let utm = format!("+proj=utm +zone={zone} +datum=WGS84 +units=m +no_defs");
        all.insert(code, (parse(&utm), Units::Metres));
    }
    all
});

fn parse(text: &str) -> Proj {
    Proj::from_proj_string(text).expect("every definition above is complete; the tests make all of them")
}

/// `EPSG:9206`, `urn:ogc:def:crs:EPSG::9206`, `http://www.opengis.net/def/crs/EPSG/0/9206`, and the same of
/// `OGC:CRS84`, in any case.
fn system(crs: &str) -> Option<System> {
    let upper = crs.trim().to_ascii_uppercase();
    let last = upper.rsplit([':', '/']).next()?;
    if last == "CRS84" && upper.contains("OGC") {
        return Some(System::Degrees);
    }
    if !upper.contains("EPSG") {
        return None;
    }
    match last.parse().ok()? {
        4326 => Some(System::Degrees),
        3857 => Some(System::WebMercator),
        code => SYSTEMS.get(&code).map(|(proj, units)| System::Projected(proj, *units)),
    }
}

fn in_viet_nam(lon: f64, lat: f64) -> bool {
    let [west, south, east, north] = VIET_NAM;
    (west..=east).contains(&lon) && (south..=north).contains(&lat)
}

fn on_earth(lon: f64, lat: f64) -> bool {
    (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat)
}

/// Coordinates of `crs` (x east or longitude first; metres or degrees, as the system has) to WGS 84: longitude and
/// latitude in degrees.
///
/// # Errors
/// [`CrsError`] when the system is not known, or the result lies far from where the system is used.
///
/// ```
/// let (lon, lat) = spatial::to_wgs84("EPSG:9206", 490_000.0, 2_360_000.0).unwrap();
/// assert!((lon - 103.905482313).abs() < 2e-8 && (lat - 21.334625861).abs() < 2e-8);
/// ```
pub fn to_wgs84(crs: &str, x: f64, y: f64) -> Result<(f64, f64), CrsError> {
    let outside = || CrsError::Outside { crs: crs.to_owned(), x, y };
    let (lon, lat) = match system(crs).ok_or_else(|| CrsError::Unknown(crs.to_owned()))? {
        System::Degrees => (x, y),
        System::WebMercator => ((x / SPHERE).to_degrees(), (y / SPHERE).sinh().atan().to_degrees()),
        System::Projected(proj, units) => {
            let mut at =
                if units == Units::Degrees { (x.to_radians(), y.to_radians(), 0.0) } else { (x, y, 0.0) };
            transform(proj, &WGS84, &mut at).map_err(|_| outside())?;
            let (lon, lat) = (at.0.to_degrees(), at.1.to_degrees());
            return in_viet_nam(lon, lat).then_some((lon, lat)).ok_or_else(outside);
        }
    };
    on_earth(lon, lat).then_some((lon, lat)).ok_or_else(outside)
}

/// WGS 84 longitude and latitude in degrees to coordinates of `crs`: x east or longitude first, in metres or degrees
/// as the system has.
///
/// # Errors
/// [`CrsError`] when the system is not known, or the place lies far from where it is used.
pub fn from_wgs84(crs: &str, lon: f64, lat: f64) -> Result<(f64, f64), CrsError> {
    let outside = || CrsError::Outside { crs: crs.to_owned(), x: lon, y: lat };
    let system = system(crs).ok_or_else(|| CrsError::Unknown(crs.to_owned()))?;
    if !on_earth(lon, lat) {
        return Err(outside());
    }
    match system {
        System::Degrees => Ok((lon, lat)),
        System::WebMercator if lat.abs() >= 90.0 => Err(outside()),
        System::WebMercator => Ok((lon / 180.0 * PI * SPHERE, lat.to_radians().sin().atanh() * SPHERE)),
        System::Projected(..) if !in_viet_nam(lon, lat) => Err(outside()),
        System::Projected(proj, units) => {
            let mut at = (lon.to_radians(), lat.to_radians(), 0.0);
            transform(&WGS84, proj, &mut at).map_err(|_| outside())?;
            if !(at.0.is_finite() && at.1.is_finite()) {
                return Err(outside());
            }
            Ok(if units == Units::Degrees { (at.0.to_degrees(), at.1.to_degrees()) } else { (at.0, at.1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two millimetres, in degrees.
    const DEGREES: f64 = 2e-8;
    const METRES: f64 = 0.002;

    /// WGS 84, then EPSG:4756, 9206 and 3405: computed with PROJ 9.5.1, EPSG v11.022.
    const VECTORS: [[f64; 8]; 8] = [
        [
            103.907_779_5,
            21.342_757,
            103.905_889_150,
            21.343_719_591,
            490_238.806_4,
            2_360_900.056_0,
            386_547.615_8,
            2_360_583.087_6,
        ],
        [
            103.906_095,
            21.342_550,
            103.904_204_650,
            21.343_512_573,
            490_064.075_7,
            2_360_877.242_3,
            386_372.768_6,
            2_360_561.387_5,
        ],
        [
            103.896_2,
            21.331_5,
            103.894_309_780,
            21.332_462_520,
            489_036.954_6,
            2_359_654.542_0,
            385_338.047_6,
            2_359_345.406_2,
        ],
        [
            103.916_7,
            21.358_7,
            103.914_809_456,
            21.359_662_607,
            491_164.978_1,
            2_362_664.590_7,
            387_484.848_6,
            2_362_341.448_5,
        ],
        [
            104.0,
            21.33,
            103.998_109_940,
            21.330_963_704,
            499_803.945_8,
            2_359_484.930_5,
            396_102.099_3,
            2_359_107.468_9,
        ],
        [
            103.21,
            20.57,
            103.208_118_620,
            20.570_958_987,
            417_441.064_3,
            2_275_548.826_5,
            313_221.840_9,
            2_275_692.144_0,
        ],
        [
            105.03,
            22.04,
            105.028_102_331,
            22.040_971_901,
            606_127.039_5,
            2_438_450.828_1,
            502_899.912_4,
            2_437_362.250_9,
        ],
        [
            103.921_035,
            21.327_282,
            103.919_144_867,
            21.328_244_824,
            491_612.812_8,
            2_359_186.073_8,
            387_910.513_2,
            2_358_860.661_7,
        ],
    ];

    fn near(found: (f64, f64), x: f64, y: f64, within: f64) {
        assert!((found.0 - x).abs() < within && (found.1 - y).abs() < within, "{found:?} is not ({x}, {y})");
    }

    #[test]
    fn agrees_with_proj_both_ways() {
        for [lon, lat, vn_lon, vn_lat, e9206, n9206, e3405, n3405] in VECTORS {
            for (crs, x, y, within) in [
                ("EPSG:4756", vn_lon, vn_lat, DEGREES),
                ("EPSG:9206", e9206, n9206, METRES),
                ("EPSG:3405", e3405, n3405, METRES),
            ] {
                near(from_wgs84(crs, lon, lat).unwrap(), x, y, within);
                near(to_wgs84(crs, x, y).unwrap(), lon, lat, DEGREES);
            }
        }
        for (x, y, lon, lat) in [
            (490_500.0, 2_361_000.0, 103.910_297_208, 21.343_661_113),
            (489_000.0, 2_359_000.0, 103.895_847_918, 21.325_587_546),
            (500_000.0, 2_360_000.0, 104.001_890_127, 21.334_652_417),
        ] {
            near(to_wgs84("EPSG:9206", x, y).unwrap(), lon, lat, DEGREES);
        }
    }

    #[test]
    fn every_system_goes_there_and_back() {
        let mut codes: Vec<u32> = SYSTEMS.keys().copied().collect();
        codes.extend([4326, 3857]);
        assert!((9205..=9218).chain(5896..=5899).chain([3405, 3406]).all(|c| codes.contains(&c)));
        for code in codes {
            let crs = format!("EPSG:{code}");
            let (x, y) = from_wgs84(&crs, 106.0, 16.0).unwrap();
            near(to_wgs84(&crs, x, y).unwrap(), 106.0, 16.0, DEGREES);
        }
    }

    #[test]
    fn names_are_read_as_the_register_writes_them() {
        for name in [
            "EPSG:9206",
            "epsg:9206",
            "urn:ogc:def:crs:EPSG::9206",
            "http://www.opengis.net/def/crs/EPSG/0/9206",
        ] {
            assert!(to_wgs84(name, 490_000.0, 2_360_000.0).is_ok(), "{name}");
        }
        for name in ["OGC:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "EPSG:4326"] {
            assert_eq!(to_wgs84(name, 104.0, 21.0), Ok((104.0, 21.0)));
        }
        for name in ["EPSG:1", "9206", "", "CRS84"] {
            assert_eq!(to_wgs84(name, 0.0, 0.0), Err(CrsError::Unknown(name.to_owned())));
        }
    }

    #[test]
    fn swapped_axes_are_refused() {
        let swapped = to_wgs84("EPSG:9206", 2_360_000.0, 490_000.0);
        assert!(matches!(swapped, Err(CrsError::Outside { .. })), "{swapped:?}");
        assert!(to_wgs84("EPSG:4326", 21.0, 104.0).is_err());
        assert!(to_wgs84("EPSG:9206", f64::NAN, 0.0).is_err());
        assert!(from_wgs84("EPSG:9206", -0.1, 51.5).is_err());
    }
}
