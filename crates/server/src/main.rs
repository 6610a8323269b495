//! The `diaban` command. Results on stdout, words for people on stderr; exit codes 0 ok, 1 failure, 2 usage,
//! 3 found problems.

mod commands;

use std::process::ExitCode;

use clap::Parser as _;

use commands::{Cli, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("diaban: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            // A closed pipe is how `diaban export | head` ends, not a failure to report.
            let broken = error.chain().any(|e| {
                e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
            });
            if broken {
                return ExitCode::SUCCESS;
            }
            eprintln!("diaban: {error:#}");
            let advice = error.chain().find_map(|e| e.downcast_ref::<engine::StoreError>()?.advice());
            if let Some(advice) = advice {
                eprintln!("{}\n{}", advice.vi, advice.en);
            }
            ExitCode::FAILURE
        }
    }
}
