//! A crash loses nothing that was acknowledged, and leaves nothing half done.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use e2e::{Http, Server, diaban, python, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::{Random, item, items, small_site, violation};

/// Rounds and acknowledged edits that the promise is about.
const ROUNDS: usize = 200;
const EDITS: usize = 5_000;
const WRITERS: usize = 8;
/// Rows of the import that runs beside the writers.
const BATCH: usize = 300;

/// What is known of a feature: the last text acknowledged, and one that was sent and not answered.
#[derive(Default, Clone)]
struct Known {
    acknowledged: String,
    sent: Option<String>,
}

/// Reads the file without touching it, by another SQLite than ours.
const READ: &str = r"
import json, shutil, sqlite3, sys, os, tempfile
source = sys.argv[1]
folder = tempfile.mkdtemp()
copy = os.path.join(folder, 'copy.gpkg')
for end in ('', '-wal'):
    if os.path.exists(source + end):
        shutil.copy(source + end, copy + end)
db = sqlite3.connect(copy)
rows = dict(db.execute('select id, address from violations where source_key is null'))
batches = dict(db.execute(
    'select substr(source_key, 6, instr(source_key, char(45)) - 6), count(*) from violations '
    'where source_key is not null group by 1'))
logged = db.execute('select count(distinct id) from changes where layer = ? and op = ?', ('violations', 'create')).fetchone()[0]
print(json.dumps({'rows': rows, 'batches': batches, 'logged': logged}))
db.close()
shutil.rmtree(folder)
";

/// Edits until the server is gone.
fn write(http: &Http, name: &str, stop: &AtomicBool) -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut last: Option<(String, String)> = None;
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let text = format!("{name}-{n}");
        // Two of three edits change the feature made before.
        if let Some((id, etag)) = last.take().filter(|_| n % 3 != 0) {
            let body = json!({"properties": {"address": text}});
            if let Some(feature) = known.get_mut(&id) {
                feature.sent = Some(text.clone());
            }
            let Some(reply) =
                http.try_request("PATCH", &item("violations", &id), &body, &[("if-match", &etag)])
            else {
                break;
            };
            assert_eq!(reply.status, 200, "{}", reply.text());
            known.insert(id.clone(), Known { acknowledged: text, sent: None });
            last = Some((id, reply.etag()));
        } else {
            let mut body = violation(104.001 + f64::from(n % 100) * 1e-4, 21.405);
            body["properties"]["address"] = text.clone().into();
            let Some(reply) = http.try_request("POST", &items("violations"), &body, &[]) else { break };
            assert_eq!(reply.status, 201, "{}", reply.text());
            let id = crate::id_of(&reply);
            known.insert(id.clone(), Known { acknowledged: text, sent: None });
            last = Some((id, reply.etag()));
        }
    }
    known
}

fn batch_file(dir: &Path, round: usize) -> std::path::PathBuf {
    let mut text = String::from("code,category,found_on,lon,lat\n");
    for n in 0..BATCH {
        text.push_str(&format!("b{round}-{n},noise,2025-01-01,104.00{},21.40{}\n", n % 10, n % 7));
    }
    let path = dir.join(format!("b{round}.csv"));
    std::fs::write(&path, text).unwrap();
    path
}

fn check(data: &Path, known: &BTreeMap<String, Known>) {
    let found: Value = python_run(READ, [data.as_os_str()]).unwrap().ok().json();
    let rows = found["rows"].as_object().unwrap();
    for (id, feature) in known {
        let Some(now) = rows.get(id) else { panic!("{id}: an acknowledged feature is gone") };
        let now = now.as_str().unwrap();
        let fits = now == feature.acknowledged || feature.sent.as_deref() == Some(now);
        assert!(fits, "{id}: {now:?}, not {:?}", feature.acknowledged);
    }
    assert_eq!(found["logged"].as_u64().unwrap() as usize, rows.len(), "every row made has its log entry");
    for (batch, count) in found["batches"].as_object().unwrap() {
        assert_eq!(count.as_u64().unwrap() as usize, BATCH, "import {batch} is half there");
    }
    let report = diaban(["verify", "--json", "--data", data.to_str().unwrap()]).ok().json();
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn a_crash_loses_nothing_that_was_acknowledged() {
    if python().is_none() {
        skip("a_crash_loses_nothing_that_was_acknowledged", "python3 is missing");
        return;
    }
    let dir = temp_dir();
    let data = small_site(dir.path());
    let mut random = Random::new(20_251_231);
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let (mut rounds, mut edits, mut tried) = (0, 0, 0);
    while rounds < ROUNDS || edits < EDITS {
        tried += 1;
        assert!(tried < 3 * ROUNDS, "too many rounds without an acknowledged edit");
        let mut server = Server::serve(&data);
        let stop = AtomicBool::new(false);
        let importing = tried % 5 == 0;
        let pause = Duration::from_millis(40 + random.below(120));
        let mut import = importing.then(|| {
            let file = batch_file(dir.path(), tried);
            Command::new(e2e::binary())
                .args(["import", "violations", "--key", "code", "--data"])
                .arg(&data)
                .arg(file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        });
        let done: Vec<BTreeMap<String, Known>> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|w| {
                    let (http, stop) = (server.http(), &stop);
                    let name = format!("r{tried}w{w}");
                    scope.spawn(move || write(&http, &name, stop))
                })
                .collect();
            std::thread::sleep(pause);
            server.kill();
            if let Some(import) = &mut import {
                // Killed now and then, finished now and then.
                if random.below(2) == 0 {
                    let _ = import.kill();
                }
                let _ = import.wait();
            }
            stop.store(true, Ordering::Relaxed);
            writers.into_iter().map(|w| w.join().unwrap()).collect()
        });
        let acknowledged: usize = done.iter().map(BTreeMap::len).sum();
        for one in done {
            known.extend(one);
        }
        if acknowledged > 0 {
            rounds += 1;
            edits += acknowledged;
        }
        if tried % 40 == 0 {
            check(&data, &known);
        }
    }
    check(&data, &known);
    println!("{rounds} rounds, at least {edits} acknowledged edits of {} features, none lost", known.len());
}
