//! Reads how a layer is to be counted in tiles: `aggregate`, `radius`, `cell_m`, `sum`, `by`; and which features a
//! cluster's number stands for.

use model::{Code, Fault, FieldType, Filter, LayerDef, Role, Square, Text};
use spatial::{Aggregate, Bins, LAST_CLUSTER_ZOOM, Lattice, MOST_CELLS_ACROSS, Snapshot};

use crate::answer::unusable;
use crate::condition::{Subject, invalid, subject};

/// Parameters that say how features are counted in tiles.
pub const AGGREGATE_PARAMETERS: [&str; 5] = ["aggregate", "radius", "cell_m", "sum", "by"];

/// A tile is drawn so many pixels wide.
const TILE_PX: u32 = 512;
/// Pixels between clusters unless said otherwise, and what may be said.
const RADIUS_PX: u32 = 64;
const RADII_PX: std::ops::RangeInclusive<u32> = 16..=TILE_PX;
/// Metres that a cell may be wide. The least is what the lattice holds at the equator.
const CELLS_M: std::ops::RangeInclusive<f64> = 5.0..=1_000_000.0;
/// The most fields that are added up.
const MAX_SUMS: usize = 8;
/// Metres around the equator (WGS 84).
const EQUATOR_M: f64 = 40_075_016.685_6;

/// What the parameters ask for, before a layer is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    mode: Option<Mode>,
    size: Option<Size>,
    sums: Vec<String>,
    by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    None,
    Cluster,
    Hexagon,
    Square,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Pixels(u32),
    Metres(f64),
}

/// How one layer is counted, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) bins: Bins,
    sums: Vec<usize>,
    by: Option<(usize, Vec<String>)>,
}

impl Counted {
    /// Whether something beside the features is counted.
    pub(crate) fn has_fields(&self) -> bool {
        !self.sums.is_empty() || self.by.is_some()
    }

    pub(crate) fn aggregate(&self) -> Aggregate<'_> {
        Aggregate {
            bins: &self.bins,
            sums: &self.sums,
            by: self.by.as_ref().map(|(field, codes)| (*field, codes.as_slice())),
        }
    }
}

impl Asked {
    /// Reads the parameters.
    ///
    /// # Errors
    /// `invalid-parameter`.
    pub(crate) fn read(params: &[(String, String)]) -> Result<Asked, Fault> {
        let mut asked = Asked { mode: None, size: None, sums: Vec::new(), by: None };
        let mut seen: Vec<&str> = Vec::new();
        for (name, value) in params.iter().filter(|(n, _)| AGGREGATE_PARAMETERS.contains(&n.as_str())) {
            if seen.contains(&name.as_str()) {
                return Err(invalid(name, "Tham số bị lặp", "the parameter stands twice"));
            }
            seen.push(name);
            match name.as_str() {
                "aggregate" => asked.mode = Some(mode(value)?),
                "radius" => asked.size(Size::Pixels(pixels(value)?))?,
                "cell_m" => asked.size(Size::Metres(metres(value)?))?,
                "sum" => {
                    asked.sums = value.split(',').map(str::to_owned).collect();
                    asked.sums.sort();
                    asked.sums.dedup();
                    if asked.sums.len() > MAX_SUMS {
                        return Err(invalid(
                            "sum",
                            format!("sum nhận tối đa {MAX_SUMS} trường"),
                            format!("sum takes at most {MAX_SUMS} fields"),
                        ));
                    }
                }
                _ => asked.by = Some(value.clone()),
            }
        }
        let counts = matches!(asked.mode, Some(Mode::Cluster | Mode::Hexagon | Mode::Square));
        let needs = seen.iter().find(|name| **name != "aggregate");
        if let (Some(name), false) = (needs, counts) {
            return Err(invalid(
                name,
                format!("{name} chỉ dùng cùng aggregate=cluster, hex hoặc grid"),
                format!("{name} goes with aggregate=cluster, hex or grid only"),
            ));
        }
        if matches!((asked.mode, asked.size), (Some(Mode::Cluster), Some(Size::Metres(_)))) {
            return Err(invalid(
                "cell_m",
                "Cụm dùng radius (điểm ảnh), không dùng cell_m",
                "clusters take radius (pixels), not cell_m",
            ));
        }
        Ok(asked)
    }

    fn size(&mut self, size: Size) -> Result<(), Fault> {
        if self.size.replace(size).is_some() {
            return Err(invalid("cell_m", "Chọn radius hoặc cell_m", "choose radius or cell_m"));
        }
        Ok(())
    }

    /// How this layer is counted in tiles of a zoom; `None`: feature by feature.
    ///
    /// # Errors
    /// `invalid-parameter` for a field that cannot be counted by or added up, unless `lenient`.
    pub(crate) fn of(
        &self,
        snapshot: &Snapshot,
        role: Role,
        z: u8,
        lenient: bool,
    ) -> Result<Option<Counted>, Fault> {
        let def = snapshot.def();
        let bins = match self.mode {
            None => default_bins(def),
            Some(Mode::None) => None,
            Some(Mode::Cluster) => {
                Some(Bins::Clusters { per_tile: self.per_tile(), until: LAST_CLUSTER_ZOOM + 1 })
            }
            Some(Mode::Hexagon) => Some(Bins::Cells(Lattice::Hexagon { across: self.across(snapshot, z) })),
            Some(Mode::Square) => Some(Bins::Cells(Lattice::Square { across: self.across(snapshot, z) })),
        };
        let Some(bins) = bins.filter(|b| b.lattice(z).is_some()) else { return Ok(None) };
        let mut counted = Counted { bins, sums: Vec::new(), by: None };
        for name in &self.sums {
            match number_field(def, role, name) {
                Some(field) => counted.sums.push(field),
                None if lenient => {}
                None => return Err(unusable("sum", name)),
            }
        }
        if let Some(name) = &self.by {
            match subject(def, role, name) {
                Some(Subject::Field(field)) if def.fields[field].kind == FieldType::Code => {
                    let codes = def.fields[field].codes.iter().map(|c| c.code.clone());
                    counted.by = Some((field, codes.collect()));
                }
                _ if lenient => {}
                _ => return Err(unusable("by", name)),
            }
        }
        Ok(Some(counted))
    }

    fn per_tile(&self) -> u32 {
        let radius = match self.size {
            Some(Size::Pixels(px)) => px,
            _ => RADIUS_PX,
        };
        (TILE_PX + radius / 2) / radius
    }

    /// Cells around the world: by pixels at this zoom, or by metres in the latitude of the layer, to a whole degree,
    /// so that the cells stay where they are while features come and go.
    fn across(&self, snapshot: &Snapshot, z: u8) -> u64 {
        let across = match self.size {
            Some(Size::Metres(m)) => {
                let lat = snapshot.bounds().map_or(0.0, |b| f64::midpoint(b.south, b.north)).round();
                // The cast saturates, and what is too fine is clamped below.
                (EQUATOR_M * lat.to_radians().cos() / m).round() as u64
            }
            _ => u64::from(self.per_tile()) << z.min(LAST_CLUSTER_ZOOM),
        };
        across.clamp(1, MOST_CELLS_ACROSS)
    }
}

/// How a layer's tiles are counted when nobody says how.
pub(crate) fn default_bins(def: &LayerDef) -> Option<Bins> {
    def.cluster_below.map(|until| Bins::Clusters { per_tile: TILE_PX / RADIUS_PX, until })
}

/// The features that are counted in a cluster of tiles asked for with these parameters.
///
/// # Errors
/// `invalid-parameter`.
pub(crate) fn members(params: &[(String, String)], cluster_id: u64) -> Result<Filter, Fault> {
    let radius = params.iter().find(|(n, _)| n == "radius").map(|(_, v)| pixels(v)).transpose()?;
    let (z, cell) = spatial::cluster_cell(cluster_id).ok_or_else(|| {
        Fault::at(
            Code::InvalidParameter,
            "cluster_id",
            Text::new("Không phải số hiệu của một cụm", "not the number of a cluster"),
        )
    })?;
    let size = radius.map(Size::Pixels);
    let asked = Asked { mode: Some(Mode::Cluster), size, sums: Vec::new(), by: None };
    let across = u64::from(asked.per_tile()) << z;
    Ok(Filter::InSquare(Square { across, column: cell.column, row: cell.row }))
}

fn mode(text: &str) -> Result<Mode, Fault> {
    match text {
        "none" => Ok(Mode::None),
        "cluster" => Ok(Mode::Cluster),
        "hex" => Ok(Mode::Hexagon),
        "grid" => Ok(Mode::Square),
        _ => Err(invalid(
            "aggregate",
            "aggregate là none, cluster, hex hoặc grid",
            "aggregate is none, cluster, hex or grid",
        )),
    }
}

fn pixels(text: &str) -> Result<u32, Fault> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|px| RADII_PX.contains(px)).ok_or_else(|| {
        let (least, most) = (RADII_PX.start(), RADII_PX.end());
        invalid(
            "radius",
            format!("radius là số điểm ảnh nguyên từ {least} đến {most}"),
            format!("radius is a whole number of pixels from {least} to {most}"),
        )
    })
}

fn metres(text: &str) -> Result<f64, Fault> {
    text.parse::<f64>().ok().filter(|m| CELLS_M.contains(m)).ok_or_else(|| {
        let (least, most) = (CELLS_M.start(), CELLS_M.end());
        invalid(
            "cell_m",
            format!("cell_m là số mét từ {least} đến {most}"),
            format!("cell_m is metres from {least} to {most}"),
        )
    })
}

/// A visible, warm field of numbers. Counts of people are not added up for a role that sees small ones masked: the
/// sum would be wrong, or tell them.
fn number_field(def: &LayerDef, role: Role, name: &str) -> Option<usize> {
    let Some(Subject::Field(field)) = subject(def, role, name) else { return None };
    let f = &def.fields[field];
    let number = matches!(f.kind, FieldType::Integer | FieldType::Number);
    (number && (!f.people || role.sees_small_counts())).then_some(field)
}
