//! Where a site lies: in a file, or in a schema of a database. Never printed with a password.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// Where a site lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A GeoPackage.
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    Database(Database),
}

impl Place {
    /// Reads a place: what begins with `postgresql://` or `postgres://` is a database, all else a file.
    ///
    /// # Errors
    /// [`StoreError::BadPlace`] for an address that cannot be read.
    pub fn parse(text: &str) -> Result<Place, StoreError> {
        let database = ["postgresql://", "postgres://"].iter().any(|scheme| text.starts_with(scheme));
        if database { text.parse().map(Place::Database) } else { Ok(Place::File(text.into())) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => path.display().fmt(f),
            Place::Database(database) => database.fmt(f),
        }
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Place {
        Place::File(path.to_owned())
    }
}

impl From<PathBuf> for Place {
    fn from(path: PathBuf) -> Place {
        Place::File(path)
    }
}

impl From<&PathBuf> for Place {
    fn from(path: &PathBuf) -> Place {
        Place::File(path.clone())
    }
}

impl From<&Place> for Place {
    fn from(place: &Place) -> Place {
        place.clone()
    }
}

impl From<&Database> for Place {
    fn from(database: &Database) -> Place {
        Place::Database(database.clone())
    }
}

/// The schema of a site when none is named.
const SCHEMA: &str = "diaban";

/// A schema of a database, and how to get there.
#[derive(Clone)]
pub struct Database {
    /// Large, and kept in every error that names the place: shared.
    pub(crate) options: Arc<PgConnectOptions>,
    schema: String,
    state: Option<PathBuf>,
}

impl Database {
    /// With the folder in which the anchor and the snapshot file are kept. Without one there are none.
    #[must_use]
    pub fn with_state(mut self, folder: Option<PathBuf>) -> Database {
        self.state = folder;
        self
    }

    /// The same database, another schema.
    ///
    /// # Errors
    /// [`StoreError::BadPlace`] for a name that cannot be one.
    pub fn with_schema(mut self, schema: &str) -> Result<Database, StoreError> {
        let good = schema.starts_with(|c: char| c.is_ascii_lowercase())
            && schema.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
            // The channel of the site has the name behind a word of ours, and a role one before.
            && schema.len() <= 48
            && !schema.starts_with("pg_")
            && schema != "information_schema";
        if !good {
            let reason = "a schema's name is made of a-z, 0-9 and _, begins with a letter and has at most 48";
            return Err(StoreError::BadPlace(reason.to_owned()));
        }
        schema.clone_into(&mut self.schema);
        Ok(self)
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The name beside which anchor and snapshot file lie, as beside a GeoPackage.
    pub(crate) fn beside(&self) -> Option<PathBuf> {
        self.state.as_ref().map(|folder| folder.join(&self.schema))
    }
}

impl FromStr for Database {
    type Err = StoreError;

    /// Reads a URL; `?schema=` names the schema.
    fn from_str(text: &str) -> Result<Database, StoreError> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let mut schema = SCHEMA;
        let mut rest = Vec::new();
        for part in query.split('&').filter(|p| !p.is_empty()) {
            match part.strip_prefix("schema=") {
                Some(name) => schema = name,
                None => rest.push(part),
            }
        }
        let url = if rest.is_empty() { address.to_owned() } else { format!("{address}?{}", rest.join("&")) };
        // What the parser says may hold the password: it is not repeated.
        let options: PgConnectOptions = url.parse().map_err(|_| {
            StoreError::BadPlace("the database's address is postgresql://USER@HOST:PORT/DATABASE".to_owned())
        })?;
        Database { options: Arc::new(options), schema: String::new(), state: None }.with_schema(schema)
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let o = &self.options;
        write!(f, "postgresql://{}@{}:{}", o.get_username(), o.get_host(), o.get_port())?;
        if let Some(database) = o.get_database() {
            write!(f, "/{database}")?;
        }
        write!(f, "?schema={}", self.schema)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({self})")
    }
}

impl PartialEq for Database {
    fn eq(&self, other: &Database) -> bool {
        self.to_string() == other.to_string() && self.state == other.state
    }
}

impl Eq for Database {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_and_printed_without_its_password() {
        let place =
            Place::parse("postgresql://u:s3cret@db.example:5433/ward?sslmode=require&schema=two").unwrap();
        assert_eq!(place.to_string(), "postgresql://u@db.example:5433/ward?schema=two");
        assert!(!format!("{place:?}").contains("s3cret"));
        let Place::Database(database) = place else { panic!() };
        assert_eq!(database.schema(), "two");
        assert_eq!(Place::parse("ward.gpkg").unwrap(), Place::File("ward.gpkg".into()));
        let plain: Database = "postgres://u@h/d".parse().unwrap();
        assert_eq!(plain.schema(), "diaban");
        assert_eq!(plain.beside(), None);
        assert_eq!(plain.with_state(Some("/s".into())).beside(), Some("/s/diaban".into()));
    }

    #[test]
    fn what_is_no_place_is_refused_and_not_repeated() {
        for bad in [
            "postgresql://u:s3cret@h:x/d",
            "postgresql://u:s3cret@h/d?schema=A",
            "postgres://h/d?schema=pg_x",
        ] {
            let said = Place::parse(bad).unwrap_err().to_string();
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}
