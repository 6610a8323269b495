//! The TAP report of Node's test runner: one line per test at any depth, counts in `# name n` lines at the end.

use crate::tally::{Skip, Tally};

/// Reads one report. Counts come from the summary, names of skips from the test lines.
pub(crate) fn read(report: &str) -> Tally {
    let mut tally = Tally {
        passed: summary(report, "pass"),
        failed: summary(report, "fail") + summary(report, "cancelled"),
        skips: Vec::new(),
    };
    tally.skips.extend(report.lines().filter_map(skip));
    tally
}

/// The last `# word n`: what a test prints is a `#` line too, but comes before the summary.
fn summary(report: &str, word: &str) -> usize {
    report
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("# ")?.strip_prefix(word)?.trim().parse().ok())
        .unwrap_or(0)
}

/// `ok 2 - name # SKIP reason`; a hash inside the name is written `\#`.
fn skip(line: &str) -> Option<Skip> {
    let (_, test) = line.trim_start().strip_prefix("ok ")?.split_once(" - ")?;
    let (name, directive) = test.split_once(" # ")?;
    let (word, reason) = directive.split_once(' ').unwrap_or((directive, "no reason given"));
    if !matches!(word, "SKIP" | "TODO") {
        return None;
    }
    Some(Skip::new(name.replace("\\#", "#"), reason.replace("\\#", "#")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "\
TAP version 13
# Subtest: opens
ok 1 - opens
  ---
  duration_ms: 1.3
  ...
# pass 99
ok 2 - drags # SKIP no pointer
ok 3 - bare # SKIP
# Subtest: group
    # Subtest: inner \\# odd
    ok 1 - inner \\# odd
    not ok 2 - fails
      error: 'expected # SKIP'
    ok 3 - waits \\# long # TODO later
    1..3
not ok 4 - group
1..4
# tests 6
# suites 1
# pass 2
# fail 1
# cancelled 1
# skipped 2
# todo 1
# duration_ms 298.2
";

    #[test]
    fn counts_come_from_the_summary_and_names_from_the_lines() {
        let tally = read(REPORT);
        assert_eq!((tally.passed, tally.failed), (2, 2));
        assert_eq!(
            tally.skips,
            [
                Skip::new("drags", "no pointer"),
                Skip::new("bare", "no reason given"),
                Skip::new("waits # long", "later"),
            ]
        );
    }

    #[test]
    fn a_report_cut_short_counts_nothing() {
        assert_eq!(read("TAP version 13\nok 1 - opens\n"), Tally::default());
    }
}
