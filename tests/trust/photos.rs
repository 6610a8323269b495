//! Photos through the real binary: an upload that was acknowledged survives a crash; erased, it is in no byte.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use e2e::{Http, Server, diaban, temp_dir};
use serde_json::{Value, json};

use crate::{create, item, small_site, violation};

/// A PNG of one colour, made byte by byte: its pixels are stored, not packed.
fn png(colour: [u8; 3]) -> Vec<u8> {
    const SIDE: u32 = 16;
    let row: Vec<u8> = std::iter::once(0).chain(colour.repeat(SIDE as usize)).collect();
    let raw = row.repeat(SIDE as usize);
    let (a, b) = raw.iter().fold((1u32, 0u32), |(a, b), x| {
        let a = (a + u32::from(*x)) % 65_521;
        (a, (b + a) % 65_521)
    });
    let length = raw.len() as u16;
    let mut packed = vec![0x78, 0x01, 0x01];
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(&raw);
    packed.extend((b << 16 | a).to_be_bytes());
    let mut header = Vec::new();
    header.extend(SIDE.to_be_bytes());
    header.extend(SIDE.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", header), (b"IDAT", packed), (b"IEND", Vec::new())] {
        out.extend((data.len() as u32).to_be_bytes());
        let named = [&name[..], &data].concat();
        out.extend(&named);
        out.extend(crc32(&named).to_be_bytes());
    }
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, b| (0..8).fold(sum ^ u32::from(*b), step))
}

fn colour(n: usize) -> [u8; 3] {
    [(n * 40 % 256) as u8, (n * 40 / 256 * 40 % 256) as u8, (n * 7 % 256) as u8]
}

/// Uploads a photo; `None` when there is no answer.
fn upload(http: &Http, bytes: &[u8]) -> Option<Value> {
    let reply = http.try_bytes("POST", "/attachments", bytes, &[("content-type", "image/png")])?;
    Some(reply.expect(201).json())
}

fn verified(data: &Path) -> Value {
    let report = diaban(["verify", "--json", "--data", data.to_str().unwrap()]).ok().json();
    assert_eq!(report["ok"], true, "{report}");
    report
}

#[test]
fn an_acknowledged_photo_survives_a_crash() {
    const ROUNDS: usize = 5;
    const EACH: usize = 12;
    let dir = temp_dir();
    let data = small_site(dir.path());
    let acknowledged: Mutex<Vec<Value>> = Mutex::new(Vec::new());
    for round in 0..ROUNDS {
        let mut server = Server::serve(&data);
        let before = acknowledged.lock().unwrap().len();
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let (http, acknowledged, done) = (server.http(), &acknowledged, &done);
                scope.spawn(move || {
                    for n in 0.. {
                        let number = (round * 3 + writer) * 1_000 + n;
                        let Some(said) = upload(&http, &png(colour(number))) else { break };
                        acknowledged.lock().unwrap().push(said);
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            // In the middle of others, once some were answered.
            let until = Instant::now() + Duration::from_mins(1);
            while done.load(Ordering::Relaxed) < EACH && Instant::now() < until {
                std::thread::yield_now();
            }
            server.kill();
        });
        assert!(acknowledged.lock().unwrap().len() >= before + EACH);
    }
    let server = Server::serve(&data);
    let all = acknowledged.into_inner().unwrap();
    for said in &all {
        let kept = server.get(&format!("/attachments/{}", said["sha256"].as_str().unwrap())).expect(200);
        assert_eq!(said["bytes"], kept.body.len());
    }
    server.stop();
    verified(&data);
    println!("{ROUNDS} crashes, {} acknowledged photos, none lost", all.len());
}

#[test]
fn an_erased_photo_is_gone_from_the_file_and_later_backups() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let path = data.to_str().unwrap();
    let server = Server::serve(&data);
    let said = upload(&server, &png([200, 30, 30])).unwrap();
    let sha256 = said["sha256"].as_str().unwrap().to_owned();
    let mut body = violation(104.001, 21.405);
    body["properties"]["photos"] = json!([sha256]);
    let (id, _) = create(&server, "violations", &body);
    let photo = server.get(&format!("/attachments/{sha256}")).expect(200).body;
    server.stop();
    // The end of the picture's own data: tables of a JPEG are alike in all.
    let tail = &photo[photo.len() - 24..];
    let holds = |file: &Path| {
        ["", "-wal"].iter().any(|end| {
            let bytes = std::fs::read(format!("{}{end}", file.display())).unwrap_or_default();
            bytes.windows(tail.len()).any(|w| w == tail)
        })
    };
    let (early, late) = (dir.path().join("early.gpkg"), dir.path().join("late.gpkg"));
    diaban(["backup", early.to_str().unwrap(), "--data", path]).ok();
    assert!(holds(&data) && holds(&early), "a backup carries photos");
    verified(&early);
    diaban(["redact", "violations", &id, "--field", "photos", "--reason", "khuôn mặt", "--data", path]).ok();
    diaban(["backup", late.to_str().unwrap(), "--data", path]).ok();
    assert!(!holds(&data) && !holds(&late));
    let report = verified(&data);
    assert!(report["redacted"].as_array().unwrap().iter().any(|r| r["layer"] == "attachments"), "{report}");
    let server = Server::serve(&data);
    server.get(&format!("/attachments/{sha256}")).problem(404, "unknown-attachment");
    let left = server.get_json(&item("violations", &id));
    assert_eq!(left["properties"]["photos"], Value::Null);
}
