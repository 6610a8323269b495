//! The text of `cargo test`: one `test result:` line per test binary, `... ignored` lines between.

use crate::tally::{Skip, Tally};

/// Adds up all test binaries of one run.
pub(crate) fn read(output: &str) -> Tally {
    let mut tally = Tally::default();
    for line in output.lines() {
        if let Some(counts) = line.strip_prefix("test result: ") {
            tally.passed += count(counts, "passed");
            tally.failed += count(counts, "failed");
        } else if let Some(skip) = ignored(line) {
            tally.skips.push(skip);
        }
    }
    tally
}

/// The number before `word` in `ok. 5 passed; 0 failed; 1 ignored; …`.
fn count(counts: &str, word: &str) -> usize {
    counts
        .split(['.', ';'])
        .find_map(|part| part.trim().strip_suffix(word)?.trim().parse::<usize>().ok())
        .unwrap_or(0)
}

/// `test name ... ignored` or `test name ... ignored, reason`.
fn ignored(line: &str) -> Option<Skip> {
    let (name, rest) = line.strip_prefix("test ")?.split_once(" ... ignored")?;
    let reason = rest.strip_prefix(", ").unwrap_or("ignored");
    Some(Skip::new(name, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "\
     Running unittests src/lib.rs (target/debug/deps/model-0a)

running 3 tests
test text::folds ... ok
test time::needs_the_moon ... ignored, no moon here
test time::fails ... FAILED

test result: FAILED. 12 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s

running 2 tests
test crates/spatial/src/clip.rs - clip (line 12) ... ignored
test crates/spatial/src/clip.rs - clip (line 30) ... ok

test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.20s
";

    #[test]
    fn all_binaries_add_up() {
        let tally = read(RUN);
        assert_eq!((tally.passed, tally.failed), (13, 1));
        assert_eq!(
            tally.skips,
            [
                Skip::new("time::needs_the_moon", "no moon here"),
                Skip::new("crates/spatial/src/clip.rs - clip (line 12)", "ignored"),
            ]
        );
    }

    #[test]
    fn a_run_that_did_not_compile_has_no_results() {
        assert_eq!(read("error: could not compile `model`\n"), Tally::default());
    }
}
