//! The count behind the last line: what passed, failed and was skipped, and why it was skipped.

use std::collections::BTreeSet;
use std::fmt;

/// A test that could not run here, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    /// The test or check.
    pub(crate) name: String,
    /// Why it did not run.
    pub(crate) reason: String,
}

impl Skip {
    /// A skip of `name` because of `reason`.
    pub(crate) fn new(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), reason: reason.into() }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SKIP {}: {}", self.name, self.reason)
    }
}

/// Outcomes added up. One check is one outcome; a test runner brings as many as it has tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Outcomes that hold.
    pub(crate) passed: usize,
    /// Outcomes that do not.
    pub(crate) failed: usize,
    /// What could not be judged here.
    pub(crate) skips: Vec<Skip>,
}

impl Tally {
    /// The tally of one check.
    pub(crate) fn check(holds: bool) -> Self {
        Self { passed: usize::from(holds), failed: usize::from(!holds), skips: Vec::new() }
    }

    /// The tally of something that could not run.
    pub(crate) fn skip(name: &str, reason: &str) -> Self {
        Self { skips: vec![Skip::new(name, reason)], ..Self::default() }
    }

    /// A runner that ended badly without naming a failed test (it crashed, or did not compile) counts as one failure.
    #[must_use]
    pub(crate) fn with_exit(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Adds another tally to this one.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skips.extend(other.skips);
    }

    /// Tests of a runner without a notion of skipping end as passed and write `name: reason` to a file instead. Each name
    /// is moved over once.
    pub(crate) fn move_skipped(&mut self, lines: &str) {
        let mut seen = BTreeSet::new();
        for line in lines.lines() {
            let (name, reason) = line.split_once(": ").unwrap_or((line, "no reason given"));
            if !name.is_empty() && seen.insert(name) {
                self.passed = self.passed.saturating_sub(1);
                self.skips.push(Skip::new(name, reason));
            }
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skips.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_reads_as_agreed() {
        let mut tally = Tally::check(true);
        tally.add(Tally::check(false));
        tally.add(Tally::skip("deny", "not installed"));
        assert_eq!(tally.to_string(), "1 passed, 1 failed, 1 skipped");
        assert_eq!(tally.skips[0].to_string(), "SKIP deny: not installed");
    }

    #[test]
    fn a_test_that_wrote_a_skip_is_no_longer_passed_and_counts_once() {
        let mut tally = Tally { passed: 5, ..Tally::default() };
        tally.move_skipped("london: the file is not there: x.csv\nlondon: again\n\ncalgary: no file\n");
        assert_eq!(tally.to_string(), "3 passed, 0 failed, 2 skipped");
        assert_eq!(tally.skips[0], Skip::new("london", "the file is not there: x.csv"));
    }

    #[test]
    fn a_crash_without_a_failed_test_is_a_failure() {
        assert_eq!(Tally { passed: 3, ..Tally::default() }.with_exit(false).failed, 1);
        assert_eq!(Tally::check(false).with_exit(false).failed, 1);
        assert_eq!(Tally::check(true).with_exit(true).failed, 0);
    }
}
