//! What `cargo xtask bench` is asked for.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// How the command is used.
pub(super) const USAGE: &str = "\
cargo xtask bench web [--incidents N] [--seed N]
cargo xtask bench tiles|items|export|edits [--peers] [--size S|M|L] [--seed N] [--rounds N] [--seconds N] [--out FILE.md]";

/// How much data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Size {
    /// 20,000 incidents.
    S,
    /// 200,000 incidents.
    M,
    /// 3 million incidents.
    L,
}

impl Size {
    /// How many incidents.
    pub(super) fn incidents(self) -> usize {
        match self {
            Size::S => 20_000,
            Size::M => 200_000,
            Size::L => 3_000_000,
        }
    }
}

/// The flags.
pub(super) struct Options {
    /// Measure other servers too.
    pub(super) peers: bool,
    /// How much data.
    pub(super) size: Size,
    /// Of the generator.
    pub(super) seed: u64,
    /// How often each side is measured, in turns.
    pub(super) rounds: usize,
    /// How long each time.
    pub(super) seconds: u64,
    /// The page that the tables go to.
    pub(super) out: Option<PathBuf>,
}

impl Options {
    /// Reads the flags behind the workload's name.
    pub(super) fn read(args: &[String]) -> Result<Options> {
        let mut options = Options { peers: false, size: Size::M, seed: 1, rounds: 3, seconds: 2, out: None };
        let mut rest = args.iter().map(String::as_str);
        while let Some(flag) = rest.next() {
            if flag == "--peers" {
                options.peers = true;
                continue;
            }
            let value = rest.next().context(USAGE)?;
            let number = || value.parse::<u64>().ok().filter(|n| *n > 0).context(USAGE);
            match flag {
                "--size" => {
                    options.size = match value {
                        "S" => Size::S,
                        "M" => Size::M,
                        "L" => Size::L,
                        _ => bail!("{USAGE}"),
                    };
                }
                "--seed" => options.seed = number()?,
                "--rounds" => options.rounds = number()? as usize,
                "--seconds" => options.seconds = number()?,
                "--out" => options.out = Some(value.into()),
                _ => bail!("{USAGE}"),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_and_nonsense_is_refused() {
        let read =
            |text: &str| Options::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        let options = read("--peers --size L --seed 7 --out docs/benchmarks.md").unwrap();
        assert!(options.peers && options.size == Size::L && options.seed == 7 && options.out.is_some());
        assert_eq!(options.size.incidents(), 3_000_000);
        for bad in ["--size XL", "--seed", "--rounds 0", "tiles"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
