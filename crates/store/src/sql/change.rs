//! One edit inside a transaction: read what it meets, let the rules decide, write row and log entry.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use model::{Code, Fault, Feature, LayerDef, LayerId, TimeKind, Touched};
use uuid::Uuid;

use super::log::{self, Head, Meta, NewChange};
use super::registry::Registry;
use super::rows::{self, Reader};
use super::table::{Part, Table, reviewed};
use super::{Arg, Conn, Dialect, attachment, batch, define, hash, load, log_read, query};
use crate::postgis::copy;
use crate::{Change, Claim, Current, Decision, EditRequest, Edited, Op, StoreError};

/// What a transaction works on.
pub(crate) struct Work<'a> {
    pub conn: &'a mut Conn,
    pub registry: &'a Registry,
    pub site_key: &'a [u8; 16],
    pub head: &'a mut Head,
}

/// Makes one edit. The caller has set a savepoint and goes back to it when this fails.
pub(crate) async fn edit(work: &mut Work<'_>, request: EditRequest) -> Result<Edited, StoreError> {
    let table = work.registry.table(&request.layer)?;
    let def = &*table.def;
    let mut meta = Meta {
        at: request.at,
        actor: request.actor.clone(),
        reason: request.reason.clone(),
        ..Meta::default()
    };
    if let Some(asked) = &request.idempotency {
        let fingerprint = hash::fingerprint(work.site_key, &asked.fingerprint);
        if let Some(found) = log_read::by_key(work.conn, &request.actor, &asked.key).await? {
            return replay(work.conn, def, found, &fingerprint).await;
        }
        meta.key = Some(asked.key.clone());
        meta.fingerprint = Some(fingerprint);
    }
    let id = request.id.unwrap_or(request.new_id);
    let row = one(work.conn, table, id).await?;
    let (touched, fid) = log_read::touched(work.conn, def, id, i64::MAX).await?;
    if request.id.is_none() && fid.is_some() {
        return Err(Fault::of(Code::StaleVersion).into());
    }
    let wants_history = matches!(request.op, Op::Revert | Op::Restore);
    let current = Current {
        siblings: siblings(work.conn, table, row.as_ref(), &request).await?,
        history: if wants_history {
            log_read::history(work.conn, def.id.as_str(), id).await?
        } else {
            Vec::new()
        },
        refs: references(work.conn, work.registry, &request.refs).await?,
        photos: photos(work.conn, &request.photos).await?,
        touched,
        row,
    };
    let decide = request.decide;
    // The rules are the caller's: their panic must not take the writer down.
    let decision = catch_unwind(AssertUnwindSafe(|| decide(&current)))
        .map_err(|_| StoreError::Fault(Fault::of(Code::Internal)))??;
    let row = current.row;
    let after = match decision {
        Decision::Put(after) => Some(after),
        Decision::Delete => None,
        Decision::Nothing => row.clone(),
    };
    if row.is_none() && after.is_none() {
        return Err(Fault::of(Code::UnknownFeature).into());
    }
    put(work, table, Put { id, fid, op: request.op, touched, meta }, row, after).await
}

struct Put {
    id: Uuid,
    /// The number the feature had before it was deleted.
    fid: Option<i64>,
    op: Op,
    touched: Touched,
    meta: Meta,
}

async fn put(
    work: &mut Work<'_>,
    table: &Table,
    mut put: Put,
    before: Option<Feature>,
    mut after: Option<Feature>,
) -> Result<Edited, StoreError> {
    let def = &*table.def;
    let seq = work.head.seq + 1;
    if let Some(after) = &mut after {
        rows::canonical(work.conn.dialect(), def, after)?;
        attachment::check(work.conn, table, put.op, before.as_ref(), after).await?;
        after.id = put.id;
        after.seq = seq;
        after.fid = match (&before, put.fid) {
            (Some(row), _) => row.fid,
            (None, Some(fid)) => fid,
            (None, None) => new_fid(work.conn, table).await?,
        };
    }
    let fields = match (&before, &after) {
        (Some(before), Some(after)) => Feature::changed_fields(def, before, after),
        _ => log::all_fields(),
    };
    let text = |f: &Option<Feature>| f.as_ref().map(|f| f.to_row_text(def));
    let (old, new) = (text(&before), text(&after));
    let fid = after.as_ref().or(before.as_ref()).map_or(0, |f| f.fid);
    if fields.is_empty() && put.meta.key.is_none() {
        let seq = before.map_or(0, |f| f.seq);
        let change = Change {
            n: 0,
            layer: def.id.as_str().to_owned(),
            fid,
            id: put.id,
            op: put.op,
            fields,
            before: old,
            after: new,
            erased: false,
        };
        return Ok(Edited { seq, id: put.id, fid, change, touched: put.touched, replayed: false });
    }
    match (&before, &after) {
        (Some(_), Some(after)) => update(work.conn, table, after).await?,
        (None, Some(after)) => insert(work.conn, table, std::slice::from_ref(after)).await?,
        (_, None) => {
            query(table.delete()).bind(fid).execute(work.conn).await?;
        }
    }
    // A feature that comes back is never its first change again, whatever the caller calls it.
    if before.is_none() && put.fid.is_some() && matches!(put.op, Op::Create | Op::Import | Op::Update) {
        put.op = Op::Restore;
    }
    log_read::count(&mut put.touched, def, &fields);
    let change = NewChange {
        layer: def.id.as_str().to_owned(),
        fid,
        id: put.id,
        op: put.op,
        fields,
        before: old,
        after: new,
    };
    define::touch(work.conn, def, put.meta.at).await?;
    let logged = log::append(work.conn, work.head, &put.meta, vec![change]).await?;
    let change = logged.into_iter().next().ok_or_else(|| StoreError::damaged("log"))?;
    Ok(Edited { seq, id: put.id, fid, change, touched: put.touched, replayed: false })
}

/// Answers a repeated request from the log.
async fn replay(
    conn: &mut Conn,
    def: &LayerDef,
    (seq, fingerprint, change): (i64, Option<String>, Option<Change>),
    asked: &str,
) -> Result<Edited, StoreError> {
    let change = change.filter(|c| fingerprint.as_deref() == Some(asked) && c.layer == def.id.as_str());
    let Some(change) = change else { return Err(Fault::of(Code::IdempotencyKeyReused).into()) };
    let (touched, _) = log_read::touched(conn, def, change.id, seq).await?;
    Ok(Edited { seq, id: change.id, fid: change.fid, change, touched, replayed: true })
}

/// One row with its cold fields.
pub(crate) async fn one(conn: &mut Conn, table: &Table, id: Uuid) -> Result<Option<Feature>, StoreError> {
    let row = query(table.select(Part::Whole, "where id = ?")).bind(id).fetch_optional(conn).await?;
    row.map(|row| Reader::new(table, Part::Whole).read(&row)).transpose()
}

async fn siblings(
    conn: &mut Conn,
    table: &Table,
    row: Option<&Feature>,
    request: &EditRequest,
) -> Result<Vec<Feature>, StoreError> {
    let def = &*table.def;
    if def.time != TimeKind::Interval && request.entity.is_none() {
        return Ok(Vec::new());
    }
    let now = row.and_then(|r| r.entity(def)).map(str::to_owned);
    let wanted = request.entity.clone();
    if now.is_none() && wanted.is_none() {
        return Ok(Vec::new());
    }
    let rest = format!("where ({0} = ? or {0} = ?) and id <> ? order by fid", table.field(def.entity));
    let id = request.id.unwrap_or(request.new_id);
    let siblings = query(table.select(Part::Whole, &rest)).bind(now).bind(wanted).bind(id);
    load::collect(siblings.fetch(conn)?, &Reader::new(table, Part::Whole)).await
}

async fn references(
    conn: &mut Conn,
    registry: &Registry,
    refs: &[(LayerId, String)],
) -> Result<Vec<bool>, StoreError> {
    let mut found = Vec::with_capacity(refs.len());
    for (layer, value) in refs {
        let Ok(table) = registry.table(layer) else {
            found.push(false);
            continue;
        };
        let def = &*table.def;
        // A reference to an interval layer names the thing, not one of its versions.
        let (column, value) = if def.time == TimeKind::Interval {
            (table.field(def.entity), Arg::from(value))
        } else {
            // An id that is written in another way is none of ours.
            let id = Uuid::try_parse(value).ok().filter(|id| id.to_string() == *value);
            ("id".to_owned(), Arg::from(id))
        };
        let text = format!("select 1 from {} where {column} = ? limit 1", table.name);
        let row = query(reviewed(text)).bind(value).fetch_optional(conn).await?;
        found.push(row.is_some());
    }
    Ok(found)
}

async fn photos(conn: &mut Conn, asked: &[Arc<str>]) -> Result<Vec<Option<Vec<Claim>>>, StoreError> {
    let mut all = Vec::with_capacity(asked.len());
    for sha256 in asked {
        all.push(attachment::claims(conn, sha256).await?);
    }
    Ok(all)
}

/// The number the next new row gets: one more than any row of the table ever had. Read where commits take turns, so
/// that no other writer reads the same.
pub(crate) async fn next_fid(conn: &mut Conn, table: &Table) -> Result<i64, StoreError> {
    let text = match conn.dialect() {
        Dialect::Sqlite => "select seq from sqlite_sequence where name = ?",
        Dialect::Postgres => "select last from row_numbers where layer = ?",
    };
    let last: Option<i64> = query(text).bind(table.def.id.as_str()).scalar(conn).await?;
    Ok(last.unwrap_or(0) + 1)
}

/// Notes that numbers up to `last` are used, which SQLite does itself.
pub(crate) async fn used(conn: &mut Conn, table: &Table, last: i64) -> Result<(), StoreError> {
    if conn.dialect() == Dialect::Postgres {
        query("update row_numbers set last = ?1 where layer = ?2 and last < ?1")
            .bind(last)
            .bind(table.def.id.as_str())
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// The number of one new row, which is used with this.
async fn new_fid(conn: &mut Conn, table: &Table) -> Result<i64, StoreError> {
    if conn.dialect() == Dialect::Sqlite {
        return next_fid(conn, table).await;
    }
    let text = "update row_numbers set last = last + 1 where layer = ? returning last";
    let new: Option<i64> = query(text).bind(table.def.id.as_str()).scalar(conn).await?;
    new.ok_or_else(|| StoreError::damaged("row_numbers"))
}

/// Inserts rows whose `fid`s are set.
pub(crate) async fn insert(conn: &mut Conn, table: &Table, all: &[Feature]) -> Result<(), StoreError> {
    let dialect = conn.dialect();
    if all.len() >= copy::WORTH
        && let Some(pg) = conn.postgres()
    {
        return copy::rows(pg, table, all).await;
    }
    // SQLite binds at most 32,766 values; beyond a few thousand nothing is gained.
    let chunk = (4000 / table.width()).max(1);
    for some in all.chunks(chunk) {
        let mut args = Vec::with_capacity(some.len() * table.width());
        for feature in some {
            rows::bind_new(&mut args, dialect, &table.def, feature)?;
        }
        batch(table.insert(some.len()), args).execute(conn).await?;
    }
    Ok(())
}

/// Writes a row anew.
pub(crate) async fn update(conn: &mut Conn, table: &Table, feature: &Feature) -> Result<(), StoreError> {
    let mut args = Vec::with_capacity(table.width());
    rows::bind_update(&mut args, conn.dialect(), &table.def, feature)?;
    batch(table.update(), args).execute(conn).await?;
    Ok(())
}
