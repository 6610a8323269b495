//! Developer commands of this repository: `cargo xtask demo`, `test`, `bench`, `soak`.
//!
//! Needs nothing but Rust, Node and a Debian-like system. Whatever else a check uses is installed by the check.
#![expect(clippy::print_stdout, reason = "a command for people: what it prints is what it is for")]

mod bench;
mod browser;
mod demo;
mod deps;
mod postgres;
mod process;
mod repo;
mod results;
mod steps;
mod tally;
mod web;

use std::process::ExitCode;

use repo::Repo;

const USAGE: &str = "\
cargo xtask demo [flags of `diaban demo`]   build the map and open the demo ward
cargo xtask test                            every check, as CI runs them
cargo xtask bench web                       how fast the page is: first use on the demo, a filter over 200,000 incidents
cargo xtask bench tiles|items|export|edits  how fast the server is, against other servers with --peers
cargo xtask soak tiles [--minutes N]        edits without end while many read: nothing old, nothing lost, flat memory";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let command = args.next().unwrap_or_default();
    let outcome = match command.to_str() {
        Some("demo") => Repo::find().and_then(|repo| demo::run(&repo, args)),
        Some("bench") => Repo::find().and_then(|repo| bench::run(&repo, args)),
        Some("soak") => Repo::find().and_then(|repo| {
            let args: Vec<String> = args.map(|a| a.to_string_lossy().into_owned()).collect();
            bench::soak(&repo, &args)
        }),
        Some("test") => Repo::find().map(|repo| steps::run(&repo)),
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}
