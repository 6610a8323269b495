//! The seeded generator of the demo ward: the fictional "Phường Mẫu", near 104.00 E, 21.40 N.
//!
//! Pure: no file, no clock, no network. The inputs (`data/demo/*.toml`: skeleton of the map, names, tables of
//! classes, rhythms and clusters) are embedded; the seed decides the rest. The same seed gives the same bytes.
//!
//! ```text
//! ward, streets ─► units ─► classes ─┐
//!                    └─► places ─► sites ─► violations, incidents, projects ─► commits, one per layer
//! ```

mod assets;
mod base;
mod calendar;
mod classes;
mod community;
mod curve;
mod flow;
mod hotspots;
mod incidents;
mod inputs;
mod lots;
mod measured;
mod mesh;
mod places;
mod plane;
mod planning;
mod programme;
mod projects;
mod random;
mod record;
mod sites;
mod spots;
mod units;
mod violations;
mod ward;

use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use model::{Feature, LayerDef, LayerId, Text, day_start};

use random::Random;
use record::Recorder;

/// The first day of the data.
pub const FIRST_DAY: Date = Date::constant(2020, 12, 31);
/// The last day of the data, and the day the demo opens at.
pub const LAST_DAY: Date = Date::constant(2025, 12, 31);
/// The seed when none is given.
pub const DEFAULT_SEED: u64 = 1;

/// Why the demo ward could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A layer the demo fills is not defined.
    #[error("the demo needs the layer {0}")]
    NoLayer(&'static str),
    /// An input file does not say what it must.
    #[error("demo inputs: {0}")]
    Inputs(&'static str),
    /// An input file cannot be read.
    #[error("demo inputs: {0}")]
    Toml(String),
}

/// The demo ward, ready to be stored.
#[derive(Debug, Clone)]
pub struct DemoWard {
    /// The site's title.
    pub site_title: Text,
    /// The day its map opens at.
    pub as_of: Date,
    /// What is to be committed, in order: a reference points to an earlier commit or its own.
    pub commits: Vec<DemoCommit>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoCommit {
    /// Why, in Vietnamese.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// The new features with their layers.
    pub features: Vec<(LayerId, Feature)>,
}

/// Makes the demo ward of a seed against the given layer definitions.
///
/// # Errors
/// When a layer is missing or an embedded input contradicts itself.
pub fn generate(seed: u64, layers: &[Arc<LayerDef>]) -> Result<DemoWard, DemoError> {
    let recorder = |layer| Recorder::new(seed, layers, layer);
    let ward = ward::Ward::new(seed)?;

    let mut documents = recorder("documents")?;
    let papers = classes::documents(&mut documents)?;
    let known = places::PlacesPlan::read()?;
    let mut wards = recorder("wards")?;
    let entities = units::wards(&ward, &mut wards);
    let mut unit_rows = recorder("units")?;
    let units = units::units(&ward, &entities, &mut unit_rows)?;
    let mut class_rows = recorder("unit_classes")?;
    classes::classes(&units, &mut Random::new(seed, "class inputs"), &mut documents, &mut class_rows)?;

    let places = spots::Places::new(&ward, &units);
    let mut sites = recorder("sites")?;
    let cases = sites::sites(seed, &places, &mut sites)?;
    let mut violations = recorder("violations")?;
    violations::violations(seed, &places, &cases, &mut violations)?;
    let mut incidents = recorder("incidents")?;
    incidents::incidents(seed, &places, &mut incidents)?;
    let mut projects = recorder("projects")?;
    let works = projects::projects(seed, &ward, &mut documents, &mut projects)?;
    let mut hotspots = recorder("hotspots")?;
    hotspots::hotspots(&papers, &works, &mut hotspots)?;
    let mut planning = recorder("planning")?;
    planning::planning(&ward, &mut documents, &mut planning)?;
    let mut assets = recorder("assets")?;
    assets::assets(seed, &ward, &known, &mut assets)?;
    let mut place_rows = recorder("places")?;
    places::places(&ward, &known, &mut place_rows);
    let (mut groups, mut posts, mut activities) =
        (recorder("groups")?, recorder("posts")?, recorder("activities")?);
    let ground = community::Ground {
        seed,
        ward: &ward,
        units: &units,
        places: &places,
        known: &known,
        documents: &papers,
    };
    community::community(&ground, &mut groups, &mut posts, &mut activities)?;
    let (mut programmes, mut tasks) = (recorder("programmes")?, recorder("tasks")?);
    programme::programme(&papers, &mut programmes, &mut tasks)?;
    let mut ground_rows = recorder("base")?;
    base::base(seed, &ward, &known, &mut ground_rows);

    let commits = [
        ("Dữ liệu minh hoạ: văn bản", documents),
        ("Dữ liệu minh hoạ: phường", wards),
        ("Dữ liệu minh hoạ: tổ, bản", unit_rows),
        ("Dữ liệu minh hoạ: phân loại tổ, bản về ma túy", class_rows),
        ("Dữ liệu minh hoạ: công trình xây dựng", sites),
        ("Dữ liệu minh hoạ: vi phạm trật tự đô thị", violations),
        ("Dữ liệu minh hoạ: vụ việc an ninh, trật tự", incidents),
        ("Dữ liệu minh hoạ: dự án hạ tầng", projects),
        ("Dữ liệu minh hoạ: điểm nóng, điểm bất hợp lý", hotspots),
        ("Dữ liệu minh hoạ: quy hoạch", planning),
        ("Dữ liệu minh hoạ: hạ tầng kỹ thuật", assets),
        ("Dữ liệu minh hoạ: cơ quan, trường học, chợ", place_rows),
        ("Dữ liệu minh hoạ: nhóm, mô hình tự quản", groups),
        ("Dữ liệu minh hoạ: chốt, khu vực phụ trách", posts),
        ("Dữ liệu minh hoạ: hoạt động", activities),
        ("Dữ liệu minh hoạ: đề án", programmes),
        ("Dữ liệu minh hoạ: nhiệm vụ", tasks),
        ("Dữ liệu minh hoạ: bản đồ nền", ground_rows),
    ];
    // Entered on the morning of the last day, a minute apart.
    let morning = Timestamp::from_second(day_start(LAST_DAY)).unwrap_or_default();
    let commits = commits.into_iter().enumerate().map(|(i, (reason, records))| DemoCommit {
        reason: reason.to_owned(),
        at: morning.saturating_add(SignedDuration::from_mins(8 * 60 + i as i64)).unwrap_or(morning),
        features: records.finish(),
    });
    Ok(DemoWard {
        site_title: Text::new(
            format!("{} (minh hoạ)", ward.plan.name),
            format!("{} – demo", ward.plan.name_en),
        ),
        as_of: LAST_DAY,
        commits: commits.collect(),
    })
}
