//! The table of attachments and their place in the log: a photo is a row of the pseudo-layer `attachments`, its id is
//! made of its hash, and every upload is a `create` whose text names the hash, so that the chain covers the bytes.

use std::collections::BTreeSet;

use model::{Code, Fault, Feature, Role, Text, Value};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::change::Work;
use super::log::{self, Meta, NewChange};
use super::registry::Registry;
use super::table::{Table, reviewed};
use super::{Conn, query};
use crate::{ATTACHMENTS, Attachment, Claim, Op, StoreError, Upload};

/// The id under which a photo stands in the log: the first half of its hash.
pub(crate) fn id_of(sha256: &str) -> Option<Uuid> {
    let half = sha256.get(..32).filter(|_| model::is_sha256(sha256))?;
    let bytes = u128::from_str_radix(half, 16).ok()?.to_be_bytes();
    Some(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// What the log says of an upload.
fn text_of(upload: &Upload) -> String {
    json!({
        "sha256": upload.sha256,
        "media_type": upload.media_type,
        "bytes": upload.content.len(),
        "width": upload.width,
        "height": upload.height,
        "role": upload.role.name(),
    })
    .to_string()
}

/// Keeps a photo inside the caller's transaction. A photo that is there is kept once; who uploaded it too is noted.
/// Answers the commit, `None` when there is nothing new.
pub(crate) async fn attach(work: &mut Work<'_>, upload: Upload) -> Result<Option<i64>, StoreError> {
    let id = id_of(&upload.sha256).ok_or_else(|| Fault::of(Code::InvalidImage))?;
    let claim = Claim { actor: upload.actor.clone(), role: upload.role };
    let known = claims(work.conn, &upload.sha256).await?;
    if known.as_ref().is_some_and(|all| all.contains(&claim)) {
        return Ok(None);
    }
    let seq = work.head.seq + 1;
    if known.is_some() {
        query("update attachments set seq = ? where sha256 = ?")
            .bind(seq)
            .bind(&upload.sha256)
            .execute(work.conn)
            .await?;
    } else {
        query("insert into attachments (sha256, media_type, bytes, content, seq) values (?, ?, ?, ?, ?)")
            .bind(&upload.sha256)
            .bind(upload.media_type)
            .bind(upload.content.len() as i64)
            .bind(upload.content.as_slice())
            .bind(seq)
            .execute(work.conn)
            .await?;
    }
    let change = NewChange {
        layer: ATTACHMENTS.to_owned(),
        fid: 0,
        id,
        op: Op::Create,
        fields: log::all_fields(),
        before: None,
        after: Some(text_of(&upload)),
    };
    let meta = Meta { at: upload.at, actor: upload.actor, ..Meta::default() };
    log::append(work.conn, work.head, &meta, vec![change]).await?;
    Ok(Some(seq))
}

/// The bytes of a photo.
pub(crate) async fn content(conn: &mut Conn, sha256: &str) -> Result<Option<Attachment>, StoreError> {
    let row = query("select media_type, content from attachments where sha256 = ?")
        .bind(sha256)
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok(Attachment { media_type: row.get(0)?, content: row.get(1)? })).transpose()
}

/// Who uploaded a photo; `None` when there is no such photo.
pub(crate) async fn claims(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<Claim>>, StoreError> {
    let Some(id) = id_of(sha256) else { return Ok(None) };
    if !exists(conn, sha256).await? {
        return Ok(None);
    }
    // The texts of an erased photo are gone, and with them its claims.
    let rows = query(
        "select c.actor, h.after from changes h join commits c on c.seq = h.seq \
         where h.layer = ? and h.id = ? and h.after is not null order by h.seq",
    )
    .bind(ATTACHMENTS)
    .bind(id)
    .fetch_all(conn)
    .await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let text: &str = row.get(1)?;
        let role =
            serde_json::from_str::<Json>(text).ok().and_then(|t| t["role"].as_str()?.parse::<Role>().ok());
        let Some(role) = role else { return Err(StoreError::damaged(format!("attachment {sha256}"))) };
        all.push(Claim { actor: row.get(0)?, role });
    }
    Ok(Some(all))
}

async fn exists(conn: &mut Conn, sha256: &str) -> Result<bool, StoreError> {
    let row = query("select 1 from attachments where sha256 = ?").bind(sha256).fetch_optional(conn).await?;
    Ok(row.is_some())
}

/// Lets a row cite only photos that are there. An undone change brings back those that still are (the others were
/// erased); any other edit that names an unknown one is refused.
pub(crate) async fn check(
    conn: &mut Conn,
    table: &Table,
    op: Op,
    before: Option<&Feature>,
    after: &mut Feature,
) -> Result<(), StoreError> {
    let Some(at) = table.def.photos() else { return Ok(()) };
    let old = before.map_or(&[][..], |f| f.values[at].as_list());
    let new = after.values[at].as_list();
    let mut kept = Vec::with_capacity(new.len());
    for (i, photo) in new.iter().enumerate() {
        if old.contains(photo) || exists(conn, photo).await? {
            kept.push(photo.clone());
        } else if !matches!(op, Op::Revert | Op::Restore) {
            return Err(unknown(&format!("/properties/{}/{i}", table.def.fields[at].name)).into());
        }
    }
    if kept.len() < new.len() {
        after.values[at] = if kept.is_empty() { Value::Null } else { Value::List(kept.into()) };
    }
    Ok(())
}

/// The refusal of a photo that is not there.
pub(crate) fn unknown(place: &str) -> Fault {
    Fault::at(
        Code::UnknownAttachment,
        place,
        Text::new("Ảnh này chưa được tải lên", "this photo was not uploaded"),
    )
}

/// The photos that the rows of a table cite.
pub(crate) async fn cited(conn: &mut Conn, table: &Table) -> Result<Vec<(Uuid, Value)>, StoreError> {
    let Some(at) = table.def.photos() else { return Ok(Vec::new()) };
    let column = table.field(at);
    let text = format!("select id, {column} from {} where {column} is not null", table.name);
    let damaged = || StoreError::damaged(format!("photos of {}", table.def.id));
    let rows = query(reviewed(text)).fetch_all(conn).await?;
    rows.iter()
        .map(|row| {
            let id = row.uuid(0)?.ok_or_else(damaged)?;
            let json: Json = serde_json::from_str(row.get(1)?).map_err(|_| damaged())?;
            let value = model::FieldType::Photos.value_from_json(&json).map_err(|_| damaged())?;
            Ok((id, value))
        })
        .collect()
}

/// Every photo that a feature cites or, as far as the log still tells, ever cited.
pub(crate) async fn ever_cited(
    conn: &mut Conn,
    table: &Table,
    id: Uuid,
    row: Option<&Feature>,
) -> Result<BTreeSet<String>, StoreError> {
    let Some(at) = table.def.photos() else { return Ok(BTreeSet::new()) };
    let name = &table.def.fields[at].name;
    let list = |f: &Feature| f.values[at].as_list().iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut all: BTreeSet<String> = row.map(list).into_iter().flatten().collect();
    let texts = query("select before, after from changes where layer = ? and id = ?")
        .bind(table.def.id.as_str())
        .bind(id)
        .fetch_all(conn)
        .await?;
    for texts in &texts {
        for i in 0..2 {
            let Some(text) = texts.get::<Option<&str>>(i)? else { continue };
            let json: Json = serde_json::from_str(text).unwrap_or_default();
            let photos = json["properties"][name.as_str()].as_array().into_iter().flatten();
            all.extend(photos.filter_map(Json::as_str).map(str::to_owned));
        }
    }
    Ok(all)
}

/// Removes those of these photos that no row cites, with what the log says of them. Answers the changes to be logged.
pub(crate) async fn erase(
    conn: &mut Conn,
    registry: &Registry,
    photos: BTreeSet<String>,
) -> Result<Vec<NewChange>, StoreError> {
    let mut changes = Vec::new();
    for sha256 in photos {
        let Some(id) = id_of(&sha256) else { continue };
        if is_cited(conn, registry, &sha256).await? || !exists(conn, &sha256).await? {
            continue;
        }
        query("delete from attachments where sha256 = ?").bind(&sha256).execute(conn).await?;
        query("update changes set before = null, after = null, salt = null where layer = ? and id = ?")
            .bind(ATTACHMENTS)
            .bind(id)
            .execute(conn)
            .await?;
        changes.push(NewChange {
            layer: ATTACHMENTS.to_owned(),
            fid: 0,
            id,
            op: Op::Erase,
            fields: log::all_fields(),
            before: None,
            after: None,
        });
    }
    Ok(changes)
}

async fn is_cited(conn: &mut Conn, registry: &Registry, sha256: &str) -> Result<bool, StoreError> {
    for table in registry.iter().filter_map(|layer| layer.table.as_ref()) {
        let Some(at) = table.def.photos() else { continue };
        // A hash has no signs that mean more to `like`.
        let text =
            format!("select 1 from {} where {} like '%' || ? || '%' limit 1", table.name, table.field(at));
        if query(reviewed(text)).bind(sha256).fetch_optional(conn).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_made_of_the_hash_and_of_nothing_else() {
        let a = format!("{}{}", "ab".repeat(16), "00".repeat(16));
        let id = id_of(&a).unwrap();
        assert_eq!(id.get_version_num(), 8);
        assert_eq!(id_of(&a), Some(id));
        assert_ne!(id_of(&a.replace("ab", "ac")), Some(id));
        assert_eq!(id_of("ab"), None);
        assert_eq!(id_of(&"é".repeat(32)), None);
    }
}
