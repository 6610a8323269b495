//! Where the site lies, as the commands are told.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use engine::{Database, Place, Store, builtin_layers};
use model::Text;

use super::{actor_name, now};

/// Where the site lies: in a file, or in a database.
#[derive(Debug, Clone, Args)]
pub(crate) struct Data {
    /// The site's GeoPackage.
    #[arg(long, env = "DIABAN_DATA", default_value = "ward.gpkg")]
    data: PathBuf,
    #[command(flatten)]
    database: InDatabase,
}

/// A site in PostgreSQL with PostGIS.
#[derive(Debug, Clone, Args)]
pub(crate) struct InDatabase {
    /// The site's database, in place of a GeoPackage: postgresql://USER@HOST/DATABASE?schema=NAME (a schema `diaban` when
    /// none is named). A password is better in PGPASSWORD or ~/.pgpass: what stands here, others on the machine can read.
    #[arg(
        long,
        env = "DIABAN_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        conflicts_with = "data"
    )]
    database_url: Option<Url>,
    /// Keep the anchor and the snapshot of a site in a database in this folder; without it there are none.
    #[arg(long, env = "DIABAN_STATE_DIR", value_name = "DIR", requires = "database_url")]
    state_dir: Option<PathBuf>,
}

/// An address that may hold a password: read when it is used, so that no complaint about it repeats it.
#[derive(Clone)]
struct Url(String);

impl From<String> for Url {
    fn from(url: String) -> Url {
        Url(url)
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Url")
    }
}

impl InDatabase {
    /// The database, when there is one; else this file.
    pub(crate) fn or(&self, file: &std::path::Path) -> anyhow::Result<Place> {
        let Some(url) = &self.database_url else { return Ok(file.into()) };
        let database: Database = url.0.parse()?;
        if let Some(folder) = &self.state_dir {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(Place::Database(database.with_state(self.state_dir.clone())))
    }
}

impl Data {
    /// The place.
    pub(crate) fn place(&self) -> anyhow::Result<Place> {
        self.database.or(&self.data)
    }

    /// Opens the site.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        let place = self.place()?;
        if !Store::exists(&place).await? {
            bail!("{place} does not exist (`diaban demo` or `diaban import` makes a site)");
        }
        Store::open(&place).await.with_context(|| format!("cannot open {place}"))
    }

    /// Opens the site, or makes one with the built-in layers; tells whether it was there.
    pub(crate) async fn open_or_create(&self) -> anyhow::Result<(Store, bool)> {
        let place = self.place()?;
        if Store::exists(&place).await? {
            return Ok((self.open().await?, true));
        }
        let title = match &place {
            Place::File(path) => path.file_stem().map(|s| s.to_string_lossy().into_owned()),
            Place::Database(database) => Some(database.schema().to_owned()),
        };
        let title = title.unwrap_or_else(|| "ward".to_owned());
        let site = engine::NewSite { title: Text::new(title.clone(), title), demo: false, as_of: None };
        let layers = builtin_layers()?;
        let made = Store::create(&place, site, &layers, &actor_name(), now()?).await;
        Ok((made.with_context(|| format!("cannot create {place}"))?, false))
    }
}
