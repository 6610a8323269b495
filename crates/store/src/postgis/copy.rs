//! Many rows at once: `COPY … FROM STDIN (FORMAT binary)`, in the form PostgreSQL keeps values in.

use sqlx::postgres::PgConnection;

use crate::StoreError;
use crate::sql::rows::bind_new;
use crate::sql::table::Table;
use crate::sql::{Arg, Dialect, pg};
use model::Feature;

/// From so many rows on copying beats inserting.
pub(crate) const WORTH: usize = 32;

/// How many bytes are sent at once.
const CHUNK: usize = 256 << 10;

/// What a copy begins with: a signature, flags, and the length of an extension, none.
const BEGIN: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// Copies rows of a layer, whose `fid`s are set.
pub(crate) async fn rows(conn: &mut PgConnection, table: &Table, all: &[Feature]) -> Result<(), StoreError> {
    stream(conn, &table.copy(), all.len(), |i, row| bind_new(row, Dialect::Postgres, &table.def, &all[i]))
        .await
}

/// Copies `rows` rows to `target`, a table and its columns; `fill` tells the values of each.
pub(crate) async fn stream(
    conn: &mut PgConnection,
    target: &str,
    rows: usize,
    mut fill: impl FnMut(usize, &mut Vec<Arg>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut copy = conn.copy_in_raw(&format!("copy {target} from stdin (format binary)")).await?;
    let mut out = Vec::with_capacity(CHUNK + (CHUNK >> 2));
    out.extend_from_slice(BEGIN);
    let mut row = Vec::new();
    for i in 0..rows {
        row.clear();
        let written = fill(i, &mut row)
            .and_then(|()| write_row(&row, &mut out).map_err(|e| sqlx::Error::Encode(Box::new(e)).into()));
        if let Err(error) = written {
            // The transaction is over; what matters is why.
            let _ = copy.abort("a row cannot be written").await;
            return Err(error);
        }
        if out.len() >= CHUNK {
            copy.send(&out[..]).await?;
            out.clear();
        }
    }
    out.extend_from_slice(&(-1i16).to_be_bytes());
    copy.send(&out[..]).await?;
    copy.finish().await?;
    Ok(())
}

fn write_row(row: &[Arg], out: &mut Vec<u8>) -> Result<(), pg::NulInText> {
    out.extend_from_slice(&(row.len() as i16).to_be_bytes());
    for value in row {
        let at = out.len();
        out.extend_from_slice(&(-1i32).to_be_bytes());
        if pg::write(value, out)? {
            let length = (out.len() - at - 4) as i32;
            out[at..at + 4].copy_from_slice(&length.to_be_bytes());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_its_values_behind_their_lengths() {
        let mut out = Vec::new();
        write_row(&[Arg::Int(7), Arg::Null, Arg::from("ab")], &mut out).unwrap();
        let mut expected = vec![0, 3, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 7];
        expected.extend([0xff; 4]);
        expected.extend([0, 0, 0, 2, b'a', b'b']);
        assert_eq!(out, expected);
        assert_eq!(BEGIN.len(), 19);
    }
}
