//! `diaban tiles`: layers, or what a saved view shows of them, as one file of vector tiles.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::{Actor, BakeProgress, BakeRequest, BakeStart, Baked, Config, Engine, EngineError, ImportError};
use model::{Lang, Role};

use super::{Data, actor_name, fixed_now, local_role, print, shown, tell_faults};

/// The deepest zoom that is baked: 7 cm to a unit of a tile.
const MAX_ZOOM: i64 = 22;

/// What to draw and where.
#[derive(Debug, Args)]
pub(crate) struct TilesArgs {
    #[command(flatten)]
    data: Data,
    /// The layers, separated by commas.
    #[arg(value_delimiter = ',', required_unless_present = "view")]
    layers: Vec<String>,
    /// The file; it appears when it is whole. A run that was ended goes on from F.pmtiles.part.
    #[arg(long, value_name = "F.pmtiles")]
    out: PathBuf,
    /// First zoom.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=MAX_ZOOM))]
    minzoom: u8,
    /// Last zoom.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u8).range(0..=MAX_ZOOM))]
    maxzoom: u8,
    /// Only what meets this box: west,south,east,north.
    #[arg(long, allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only what shares a point with this area: WKT POLYGON or MULTIPOLYGON, longitude latitude.
    #[arg(long, value_name = "WKT")]
    intersects: Option<String>,
    /// Only what stands in this time; a day is "as of".
    #[arg(long)]
    datetime: Option<String>,
    /// Only features whose field fits, with the parameters of the server's tiles: `state=found,fixed`,
    /// `found_on=2025-01-01/..`, `departs=true`; may be repeated.
    #[arg(long = "match", value_name = "NAME=VALUE", value_parser = pair)]
    matches: Vec<(String, String)>,
    /// Only what this saved view shows, by its name or id; without LAYERS the layers it shows.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["bbox", "intersects", "datetime", "matches"])]
    view: Option<String>,
    /// As this role sees it: analyst or planner.
    #[arg(long = "as", default_value = "analyst", value_parser = local_role)]
    role: Role,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("give NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(crate) async fn run(args: TilesArgs, json: bool) -> anyhow::Result<ExitCode> {
    if args.minzoom > args.maxzoom {
        eprintln!("diaban: --minzoom {} is deeper than --maxzoom {}", args.minzoom, args.maxzoom);
        return Ok(ExitCode::from(super::USAGE));
    }
    let named = [("bbox", args.bbox), ("intersects", args.intersects), ("datetime", args.datetime)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let request = BakeRequest {
        layers: args.layers,
        params: named.chain(args.matches).collect(),
        view: args.view,
        min_zoom: args.minzoom,
        max_zoom: args.maxzoom,
    };
    let store = args.data.open().await?;
    // Each tile is drawn once: keeping any would only take memory.
    let config = Config { now: fixed_now()?, tile_cache_bytes: 0, ..Config::default() };
    let engine = Engine::open(store, config).await?;
    let actor = Actor { role: args.role, name: actor_name(), lang: Lang::Vi };
    let mut bar = Bar::new();
    let outcome = engine.bake(&actor, &request, &args.out, &mut |progress| bar.show(&progress)).await;
    bar.end();
    engine.close().await?;
    match outcome {
        Ok(baked) => {
            let out = shown(&args.out);
            let value = serde_json::json!({
                "ok": true,
                "out": out,
                "tiles": baked.tiles,
                "contents": baked.contents,
                "bytes": baked.bytes,
                "resumed": if let BakeStart::Resumed(tiles) = baked.start { tiles } else { 0 },
                "provenance": baked.provenance,
            });
            print(json, &value, &sentence(&baked, &out))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ EngineError::Faults(_)) => {
            if json {
                print(true, &ImportError::Faults(error.faults().to_vec()).to_json(), "")?;
            }
            tell_faults(&error);
            Ok(exit_of(&error))
        }
        Err(error) => Err(error.into()),
    }
}

/// Wrong questions are a wrong use; a question without an answer, or a file that another process writes, is a failure.
fn exit_of(error: &EngineError) -> ExitCode {
    use engine::ErrorKind::{BadRequest, NotFound};
    match error.kind() {
        BadRequest | NotFound => ExitCode::from(super::USAGE),
        _ => ExitCode::FAILURE,
    }
}

fn tell_start(start: BakeStart) {
    match start {
        BakeStart::New => {}
        BakeStart::Resumed(tiles) => {
            eprintln!("diaban: tiếp tục từ {tiles} ô đã có — went on from {tiles} tiles of an earlier run");
        }
        BakeStart::Anew => eprintln!(
            "diaban: tệp .part thuộc dữ liệu hoặc tham số khác nên đã làm lại từ đầu — the .part file was of other \
             data or arguments; began anew"
        ),
    }
}

fn sentence(baked: &Baked, out: &str) -> String {
    format!("{out}: {} tiles, {} different, {} bytes", baked.tiles, baked.contents, baked.bytes)
}

/// How the run began, once; then one line on a terminal that is written over and over.
struct Bar {
    on: bool,
    begun: bool,
    last: Option<std::time::Instant>,
}

/// Time between two states of the line, in milliseconds.
const BLINK: u128 = 100;
/// Characters of the bar.
const WIDTH: usize = 24;

impl Bar {
    fn new() -> Bar {
        Bar { on: std::io::stderr().is_terminal(), begun: false, last: None }
    }

    fn show(&mut self, p: &BakeProgress) {
        if !std::mem::replace(&mut self.begun, true) {
            tell_start(p.start);
        }
        let fresh = self.last.is_some_and(|last| last.elapsed().as_millis() < BLINK);
        if !self.on || (fresh && p.done.0 < p.done.1) {
            return;
        }
        self.last = Some(std::time::Instant::now());
        let full = (WIDTH * p.done.0).checked_div(p.done.1).unwrap_or(WIDTH);
        let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
        // A terminal that went away is no reason to stop.
        let _ = write!(
            std::io::stderr(),
            "\r\x1b[Kz{} {bar} {}/{} · {} ô · {} KiB",
            p.zoom,
            p.done.0,
            p.done.1,
            p.tiles,
            p.bytes / 1024
        );
    }

    fn end(&mut self) {
        if self.on && self.last.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
