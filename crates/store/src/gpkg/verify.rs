//! Checking a file: whatever is wrong with it becomes a problem in the report, not a failure.

use std::path::Path;

use super::connect::{self, Use};
use crate::sql::{anchor, verify};
use crate::{StoreError, VerifyReport};

/// Checks the site at `path` against `anchor`, or against the anchor beside it when there is one.
///
/// # Errors
/// Only when the file, or the named anchor, cannot be opened at all.
pub(crate) async fn run(path: &Path, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing { place: path.into() });
    }
    let mut report = VerifyReport::default();
    // Before the log: a live store may append to both while we read.
    let anchored = verify::read_anchor(Some(&anchor::path_of(path)), anchor, &mut report)?;
    match connect::connect(path, Use::ReadOnly).await {
        Ok(conn) => Ok(verify::run(conn.into(), &anchored, report).await),
        // That it cannot be opened here (14: no rights to the folder) says nothing about the file.
        Err(StoreError::Database(e)) if StoreError::code(&e) != Some(14) => {
            verify::damaged(&mut report, None, &e.to_string());
            Ok(verify::finished(report))
        }
        Err(e) => Err(e),
    }
}
