//! Where the sites under test lie: a folder of their own, and in it a GeoPackage, or a schema of their own in the database
//! that `DIABAN_TEST_DATABASE_URL` names. Both go when the test ends.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use store::{Database, Place};
use tempfile::TempDir;

/// The kinds of stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gpkg,
    Postgis,
}

/// The kind under test: `DIABAN_TEST_STORE`.
pub(crate) fn kind() -> Kind {
    match std::env::var("DIABAN_TEST_STORE").as_deref() {
        Err(_) | Ok("" | "gpkg") => Kind::Gpkg,
        Ok("postgis") => Kind::Postgis,
        Ok(other) => panic!("DIABAN_TEST_STORE is {other}; it can be gpkg or postgis"),
    }
}

pub(crate) fn url() -> String {
    std::env::var("DIABAN_TEST_DATABASE_URL").expect(
        "DIABAN_TEST_STORE=postgis needs DIABAN_TEST_DATABASE_URL=postgresql://… of a database with PostGIS",
    )
}

/// A folder, and a place for a site that belongs to it.
pub(crate) struct Home {
    dir: TempDir,
    kind: Kind,
}

impl Home {
    /// A home for the kind under test.
    pub(crate) fn new() -> Home {
        Home::of(kind())
    }

    pub(crate) fn of(kind: Kind) -> Home {
        Home { dir: tempfile::tempdir().unwrap(), kind }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Where the site lies.
    pub(crate) fn place(&self) -> Place {
        match self.kind {
            Kind::Gpkg => Place::File(file(self.path())),
            Kind::Postgis => Place::Database(self.database()),
        }
    }

    fn database(&self) -> Database {
        let database: Database = url().parse().unwrap();
        database.with_schema(&self.schema()).unwrap().with_state(Some(self.path().to_owned()))
    }

    /// A name that no other folder has.
    fn schema(&self) -> String {
        let name = self.path().file_name().unwrap().as_encoded_bytes();
        format!("t_{}_{}", std::process::id(), hex(name))
    }

    /// What anchor and snapshot file are named after.
    fn beside(&self, what: &str) -> PathBuf {
        match self.kind {
            Kind::Gpkg => self.path().join(format!("ward.gpkg.{what}")),
            Kind::Postgis => self.path().join(format!("{}.{what}", self.schema())),
        }
    }

    pub(crate) fn anchor(&self) -> PathBuf {
        self.beside("anchor")
    }

    pub(crate) fn snapshot(&self) -> PathBuf {
        self.beside("snapshot")
    }

    /// A connection of our own to a closed site, past everything that guards it.
    pub(crate) async fn raw(&self) -> Raw {
        match self.kind {
            Kind::Gpkg => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file(self.path()));
                let options = options.foreign_keys(false);
                Raw::Gpkg(SqliteConnection::connect_with(&options).await.unwrap())
            }
            Kind::Postgis => {
                let mut raw = Raw::Postgis(self.connect().await);
                raw.run("set session_replication_role = replica").await;
                raw
            }
        }
    }

    /// A connection that everything guards as any other.
    pub(crate) async fn guarded(&self) -> Raw {
        match self.kind {
            Kind::Gpkg => self.raw().await,
            Kind::Postgis => Raw::Postgis(self.connect().await),
        }
    }

    async fn connect(&self) -> PgConnection {
        let options: PgConnectOptions = url().parse().unwrap();
        let options = options.options([("search_path", format!("{},public", self.schema()))]);
        PgConnection::connect_with(&options).await.unwrap()
    }

    /// Where a text stands, in files of the folder or in rows of the database.
    pub(crate) async fn found(&self, text: &str) -> Vec<String> {
        let hit = |bytes: &[u8]| bytes.windows(text.len()).any(|w| w == text.as_bytes());
        let files = std::fs::read_dir(self.path()).unwrap().map(|f| f.unwrap().path());
        let mut all: Vec<String> =
            files.filter(|p| hit(&std::fs::read(p).unwrap())).map(|p| p.display().to_string()).collect();
        if self.kind == Kind::Postgis {
            let mut conn = self.connect().await;
            let tables: Vec<String> = sqlx::query_scalar(
                "select tablename::text from pg_tables where schemaname = current_schema()",
            )
            .fetch_all(&mut conn)
            .await
            .unwrap();
            // Bytes are shown in hexadecimal; texts in JSON have their quotes and backslashes marked, needles have none.
            let hex = hex(text.as_bytes());
            for table in tables {
                let query = format!(
                    "select count(*) from {table} t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0"
                );
                let count: i64 = sqlx::query_scalar(AssertSqlSafe(query))
                    .bind(text)
                    .bind(&hex)
                    .fetch_one(&mut conn)
                    .await
                    .unwrap();
                if count > 0 {
                    all.push(table);
                }
            }
            conn.close().await.unwrap();
        }
        all
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if self.kind == Kind::Gpkg {
            return;
        }
        let (url, schema) = (url(), self.schema());
        let name = schema.clone();
        // A thread of its own: the test's runtime cannot wait inside itself.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut conn = PgConnection::connect(&url).await?;
                // What the test still holds ends here: its runtime waits for us and cannot let go.
                let text = format!(
                    "select pg_terminate_backend(pid) from pg_locks join pg_class on pg_class.oid = relation \
                     where relnamespace = to_regnamespace('{name}') and pid <> pg_backend_pid(); \
                     set lock_timeout = '10s'; drop schema if exists {name} cascade"
                );
                sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut conn).await?;
                conn.close().await
            })
        });
        if let Err(error) = dropped.join().unwrap() {
            eprintln!("schema {schema} stays behind: {error}");
        }
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// The GeoPackage of a folder.
pub(crate) fn file(dir: &Path) -> PathBuf {
    dir.join("ward.gpkg")
}

/// A connection that tampers.
pub(crate) enum Raw {
    Gpkg(SqliteConnection),
    Postgis(PgConnection),
}

impl Raw {
    /// Runs text from the tests' own lists.
    pub(crate) async fn run(&mut self, text: &str) {
        self.try_run(text).await.unwrap();
    }

    pub(crate) async fn try_run(&mut self, text: &str) -> Result<(), sqlx::Error> {
        let query = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        match self {
            Raw::Gpkg(conn) => query.execute(conn).await.map(drop),
            Raw::Postgis(conn) => query.execute(conn).await.map(drop),
        }
    }

    /// The one number that a statement answers.
    pub(crate) async fn number(&mut self, text: &str) -> i64 {
        let query = AssertSqlSafe(text.to_owned());
        match self {
            Raw::Gpkg(conn) => sqlx::query_scalar(query).fetch_one(conn).await.unwrap(),
            Raw::Postgis(conn) => sqlx::query_scalar(query).fetch_one(conn).await.unwrap(),
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Raw::Gpkg(conn) => conn.close().await.unwrap(),
            Raw::Postgis(conn) => conn.close().await.unwrap(),
        }
    }
}
