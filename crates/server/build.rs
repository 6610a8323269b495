//! The web app is embedded from `web/dist`. A checkout that has not built it yet gets a page that says so, so that
//! the server compiles without Node.

use std::path::Path;
use std::{env, fs, io};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"vi\">\n<head><meta charset=\"utf-8\"><title>Địa Bàn</title></head>\n\
    <body><p lang=\"vi\">Ứng dụng bản đồ chưa được dựng. Chạy <code>cargo xtask demo</code>.</p>\n\
    <p lang=\"en\">The web app has not been built. Run <code>cargo xtask demo</code>.</p></body>\n</html>\n";

fn main() -> io::Result<()> {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../web/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../../web/dist");
    Ok(())
}
