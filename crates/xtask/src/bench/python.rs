//! tipg and pygeoapi, the servers of features that a ward would run otherwise, over the private PostGIS.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::serving::Running;
use crate::postgres::{Postgres, free_port};
use crate::process::{ask, check, command};
use crate::repo::Repo;

/// What is installed, servers and drivers.
const PACKAGES: [&str; 8] =
    ["tipg", "pygeoapi", "uvicorn", "uvloop", "httptools", "gunicorn", "psycopg2-binary", "geoalchemy2"];

/// A virtual environment of their own under the target folder.
pub(super) fn install(repo: &Repo) -> Result<PathBuf> {
    let env = repo.target.join("py-peers");
    if !env.join("bin/pip").exists() {
        check(command("python3", &repo.root).args(["-m", "venv"]).arg(&env))?;
    }
    if !["tipg", "gunicorn", "uvicorn", "pygeoapi"]
        .iter()
        .all(|p| env.join("bin").join(p).exists() || *p == "tipg")
    {
        let mut pip = command(env.join("bin/pip"), &repo.root);
        check(pip.args(["install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))?;
    }
    Ok(env)
}

/// Their versions.
pub(super) fn versions(repo: &Repo) -> String {
    let mut pip = command(repo.target.join("py-peers/bin/pip"), &repo.root);
    let list = ask(pip.args(["list", "--format=freeze", "--disable-pip-version-check"])).unwrap_or_default();
    let ours = |line: &&str| line.starts_with("tipg==") || line.starts_with("pygeoapi==");
    list.lines().filter(ours).collect::<Vec<_>>().join(", ").replace("==", " ")
}

/// tipg behind uvicorn, two workers.
pub(super) fn tipg(repo: &Repo, env: &Path, postgres: &Postgres) -> Result<Running> {
    let home = repo.target.join("xtask/bench");
    let port = free_port()?;
    let mut tipg = command(env.join("bin/uvicorn"), &home);
    tipg.args(["tipg.main:app", "--port", &port.to_string(), "--workers", "2", "--log-level", "warning"]);
    tipg.env("DATABASE_URL", postgres.url()).env("TIPG_DB_SCHEMAS", "[\"public\"]");
    Running::start(&mut tipg, port, "/healthz", &home.join("tipg.log"))
}

/// pygeoapi behind gunicorn, two workers with threads.
pub(super) fn pygeoapi(repo: &Repo, env: &Path, postgres: &Postgres) -> Result<Running> {
    let home = repo.target.join("xtask/bench");
    let port = free_port()?;
    let config = home.join("pygeoapi.yaml");
    let text = include_str!("pygeoapi.yaml")
        .replace("{PORT}", &port.to_string())
        .replace("{DATABASE_PORT}", &postgres.port.to_string());
    std::fs::write(&config, text)?;
    let openapi = home.join("pygeoapi-openapi.yaml");
    let mut generate = command(env.join("bin/pygeoapi"), &home);
    generate.args(["openapi", "generate"]).arg(&config).arg("--output-file").arg(&openapi);
    check(generate.env("PYGEOAPI_CONFIG", &config))?;
    let mut serve = command(env.join("bin/gunicorn"), &home);
    serve.args(["--workers", "2", "--threads", "8", "--log-level", "warning", "--bind"]);
    serve.arg(format!("127.0.0.1:{port}")).arg("pygeoapi.flask_app:APP");
    serve.env("PYGEOAPI_CONFIG", &config).env("PYGEOAPI_OPENAPI", &openapi);
    Running::start(&mut serve, port, "/conformance?f=json", &home.join("pygeoapi.log"))
}
