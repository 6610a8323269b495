//! The JSON report of vitest (Jest's shape): files, each with its assertions.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::tally::{Skip, Tally};

/// Reads one report. A file that failed before any of its tests ran counts as one failure.
pub(crate) fn read(report: &str) -> Result<Tally> {
    let report: Value = serde_json::from_str(report).context("vitest's report is not JSON")?;
    let files = report["testResults"].as_array().context("vitest's report has no testResults")?;
    let mut tally = Tally::default();
    for file in files {
        let tests = file["assertionResults"].as_array().map_or(&[][..], Vec::as_slice);
        if tests.is_empty() && file["status"] == "failed" {
            tally.failed += 1;
        }
        for test in tests {
            let name = test["fullName"].as_str().unwrap_or("a test without a name");
            match test["status"].as_str().unwrap_or_default() {
                "passed" => tally.passed += 1,
                "failed" => tally.failed += 1,
                other => tally.skips.push(Skip::new(name, format!("vitest: {other}"))),
            }
        }
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_tests_are_counted() {
        let report = r#"{"numTotalTests": 4, "success": false, "testResults": [
          {"name": "src/a.test.ts", "status": "failed", "assertionResults": [
            {"fullName": "ok", "status": "passed"},
            {"fullName": "g bad", "status": "failed"},
            {"fullName": "g later", "status": "todo"},
            {"fullName": "g no webgl", "status": "skipped"}]},
          {"name": "src/b.test.ts", "status": "failed", "message": "no such module", "assertionResults": []}]}"#;
        let tally = read(report).unwrap();
        assert_eq!((tally.passed, tally.failed), (1, 2));
        assert_eq!(
            tally.skips,
            [Skip::new("g later", "vitest: todo"), Skip::new("g no webgl", "vitest: skipped")]
        );
    }

    #[test]
    fn something_else_is_refused() {
        assert!(read("Tests  1 passed (1)").is_err());
        assert!(read("{}").is_err());
    }
}
