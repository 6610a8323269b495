//! A private PostgreSQL with PostGIS on a loopback port, under the target folder: what a site is kept in by the tests, what
//! other servers read from in the benches, and what sums are held against there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::process::{ask, check, command};
use crate::repo::Repo;

/// Nobody but this machine gets in.
const PRIVATE: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
";

/// Settings of a machine with some memory to itself: nothing here may be said to have starved it.
const BENCH: &str = "\
shared_buffers = 1GB
effective_cache_size = 4GB
work_mem = 64MB
maintenance_work_mem = 512MB
max_connections = 100
max_wal_size = 4GB
random_page_cost = 1.1
jit = off
synchronous_commit = off
";

/// Settings for tests: nothing in it has to outlive the machine, so it waits for no disk.
const TESTS: &str = "\
fsync = off
full_page_writes = off
shared_buffers = 256MB
max_connections = 300
";

/// What the cluster is for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// Other servers and sums to compare with.
    Bench,
    /// The tests of the store.
    Tests,
}

impl Purpose {
    /// Its folder and its database.
    fn name(self) -> &'static str {
        match self {
            Purpose::Bench => "bench",
            Purpose::Tests => "test",
        }
    }

    fn settings(self) -> &'static str {
        match self {
            Purpose::Bench => BENCH,
            Purpose::Tests => TESTS,
        }
    }
}

/// The running cluster; stopped when dropped.
pub(crate) struct Postgres {
    bin: PathBuf,
    home: PathBuf,
    purpose: Purpose,
    /// Its port.
    pub(crate) port: u16,
}

impl Postgres {
    /// Makes the cluster anew and starts it.
    pub(crate) fn start(repo: &Repo, purpose: Purpose) -> Result<Postgres> {
        let bin = binaries(repo)?;
        let home = repo.target.join("xtask").join(purpose.name()).join("postgres");
        let postgres = Postgres { bin, home, purpose, port: free_port()? };
        // One that a broken run left behind.
        if postgres.home.exists() {
            let _ = postgres.control("stop");
            fs::remove_dir_all(&postgres.home)?;
        }
        fs::create_dir_all(&postgres.home)?;
        if is_root() {
            // PostgreSQL refuses to run as root; the folders above must let its user through.
            check(command("chown", &repo.root).arg("postgres").arg(&postgres.home))?;
        }
        let mut initdb = postgres.program("initdb");
        initdb.args([
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=postgres",
            "--no-sync",
        ]);
        quiet(initdb.arg("-D").arg(&postgres.home))?;
        let conf = postgres.home.join("postgresql.conf");
        let own = fs::read_to_string(&conf)?;
        fs::write(&conf, format!("{own}\n{PRIVATE}{}port = {}\n", purpose.settings(), postgres.port))?;
        postgres.control("start")?;
        postgres.run_as("postgres", &format!("CREATE DATABASE {}", purpose.name()), None)?;
        if matches!(purpose, Purpose::Tests) {
            postgres.run("CREATE EXTENSION postgis", None)?;
        }
        Ok(postgres)
    }

    /// The process that all its others come from.
    pub(crate) fn pid(&self) -> Result<u32> {
        let file = fs::read_to_string(self.home.join("postmaster.pid")).context("PostgreSQL does not run")?;
        file.lines().next().and_then(|l| l.trim().parse().ok()).context("no process in postmaster.pid")
    }

    /// Where others find it.
    pub(crate) fn url(&self) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{}", self.port, self.purpose.name())
    }

    /// Makes the tables and functions and fills them from an export of the product.
    pub(crate) fn fill(&self, export: &Path) -> Result<()> {
        self.run(include_str!("bench/sql/tables.sql"), None)?;
        self.run("COPY loaded FROM STDIN WITH (FORMAT csv, HEADER true)", Some(export))?;
        self.run(include_str!("bench/sql/indexes.sql"), None)?;
        self.run(include_str!("bench/sql/clusters.sql"), None)?;
        Ok(())
    }

    /// Runs statements and returns what they print, bare.
    pub(crate) fn run(&self, sql: &str, input: Option<&Path>) -> Result<String> {
        self.run_as(self.purpose.name(), sql, input)
    }

    fn run_as(&self, database: &str, sql: &str, input: Option<&Path>) -> Result<String> {
        let mut psql = self.client("psql", database);
        psql.args(["-q", "-t", "-A", "-v", "ON_ERROR_STOP=1"]);
        if let Some(file) = input {
            psql.args(["-c", sql]).stdin(fs::File::open(file)?);
        } else {
            // From a file each statement is a transaction of its own, as VACUUM wants.
            let file = self.home.with_file_name("statements.sql");
            fs::write(&file, sql)?;
            psql.arg("-f").arg(file);
        }
        let output = psql.output().context("psql")?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Microseconds that a statement takes on one connection, by `pgbench` over some seconds.
    pub(crate) fn microseconds(&self, sql: &str, seconds: u64) -> Result<f64> {
        let file = self.home.with_file_name("statement.sql");
        fs::write(&file, format!("{};\n", sql.trim().trim_end_matches(';').replace('\n', " ")))?;
        let mut pgbench = self.client("pgbench", self.purpose.name());
        pgbench.args(["-n", "-M", "prepared", "-c", "1", "-T", &seconds.to_string(), "-f"]).arg(&file);
        let said = ask(&mut pgbench).context("pgbench failed")?;
        let average = said.lines().find_map(|l| l.strip_prefix("latency average = "));
        let ms = average.and_then(|l| l.split(' ').next()).and_then(|n| n.parse::<f64>().ok());
        Ok(ms.context("pgbench said no latency")? * 1e3)
    }

    /// A client program, aimed at a database.
    fn client(&self, name: &str, database: &str) -> Command {
        let mut client = command(self.bin.join(name), Path::new("/"));
        client.env("PGHOST", "127.0.0.1").env("PGPORT", self.port.to_string());
        client.env("PGUSER", "postgres").env("PGDATABASE", database);
        client
    }

    /// A program of the server, as a user it agrees to run as.
    fn program(&self, name: &str) -> Command {
        let path = self.bin.join(name);
        if is_root() {
            let mut runuser = command("runuser", Path::new("/"));
            runuser.args(["-u", "postgres", "--"]).arg(path);
            runuser
        } else {
            command(path, Path::new("/"))
        }
    }

    fn control(&self, verb: &str) -> Result<()> {
        let mut control = self.program("pg_ctl");
        control
            .args(["-w", "-m", "fast", "-D"])
            .arg(&self.home)
            .arg("-l")
            .arg(self.home.join("log"))
            .arg(verb);
        quiet(&mut control)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.control("stop") {
            eprintln!("PostgreSQL did not stop: {error:#}");
        }
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Runs without output; what it said is told when it fails. Not captured by pipes: a server would keep them open.
fn quiet(command: &mut Command) -> Result<()> {
    check(command.stdout(Stdio::null()))
}

fn is_root() -> bool {
    ask(command("id", Path::new("/")).arg("-u")).is_some_and(|id| id.trim() == "0")
}

/// The newest installed server that has PostGIS, installed when there is none.
fn binaries(repo: &Repo) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let mut install = command("apt-get", &repo.root);
    install.args(["install", "--yes", "--no-install-recommends", "postgresql", "postgresql-postgis"]);
    check(&mut install)?;
    find().context("PostgreSQL with PostGIS is needed: install postgresql and its postgis package")
}

fn find() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut versions: Vec<PathBuf> = versions.map(|v| v.path()).collect();
    versions.sort();
    versions.into_iter().rev().find_map(|version| {
        let name = version.file_name()?.to_str()?;
        let control = format!("/usr/share/postgresql/{name}/extension/postgis.control");
        (Path::new(&control).exists() && version.join("bin/initdb").exists()).then(|| version.join("bin"))
    })
}
