//! The browser tests: the real server over a fresh demo ward, once for the analyst and once, over a copy of the file,
//! for the planner; and Node's test runner against their addresses.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{check, command, status};
use crate::repo::Repo;
use crate::results;
use crate::steps::scratch;
use crate::tally::Tally;

/// The browser of a Debian-like system.
pub(crate) const CHROMIUM: &str = "/usr/bin/chromium";
/// A file of tests that hangs is ended by the runner and counts as failed; the longest does twenty-four tasks.
const TEST_TIMEOUT_MS: u32 = 420_000;
/// How long a server may take to answer.
const START: Duration = Duration::from_mins(2);
const STOP: Duration = Duration::from_secs(20);

/// Starts the server, runs `web/e2e/*.test.*`, stops the server. A server that does not end well is one failure more.
pub(crate) fn run(repo: &Repo) -> Result<Tally> {
    if !Path::new(CHROMIUM).exists() {
        return Ok(Tally::skip("browser tests", "chromium is not installed"));
    }
    let tests = test_files(&repo.web.join("e2e"))?;
    let report = scratch(repo, "browser.tap")?;
    let home = make_demo(repo)?;
    let server = Server::start(repo, &home, "demo.gpkg", "analyst")?;
    let planner = Server::start(repo, &home, "planner.gpkg", "planner")?;
    println!("{} and {} answer", server.url, planner.url);
    let mut node = command("node", &repo.web);
    node.args(["--test", "--test-concurrency=1", &format!("--test-timeout={TEST_TIMEOUT_MS}")])
        .args(["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"])
        .arg(format!("--test-reporter-destination={}", report.display()))
        .args(tests)
        .env("DIABAN_URL", &server.url)
        .env("DIABAN_PLANNER_URL", &planner.url)
        .env("DIABAN_BIN", repo.diaban())
        .env("NO_COLOR", "1");
    let success = status(&mut node)?.success();
    let mut tally = results::node::read(&fs::read_to_string(&report).unwrap_or_default()).with_exit(success);
    for server in [server, planner] {
        if let Err(error) = server.stop() {
            println!("{error:#}");
            tally.add(Tally::check(false));
        }
    }
    Ok(tally)
}

/// A fresh demo ward and its copy, in a folder of their own.
fn make_demo(repo: &Repo) -> Result<PathBuf> {
    let home = repo.target.join("xtask/browser");
    if home.exists() {
        fs::remove_dir_all(&home).context("cannot remove the last run's demo ward")?;
    }
    fs::create_dir_all(&home)?;
    check(diaban(repo, &home).args(["demo", "--data", "demo.gpkg", "--seed", "1", "--no-serve"]))?;
    fs::copy(home.join("demo.gpkg"), home.join("planner.gpkg"))?;
    Ok(home)
}

/// The program under test. Somebody's own settings must not reach it.
pub(crate) fn diaban(repo: &Repo, home: &Path) -> Command {
    let mut diaban = command(repo.diaban(), home);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DIABAN_") {
            diaban.env_remove(name);
        }
    }
    diaban
}

fn test_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("no browser tests in {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if is_test(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        bail!("no browser tests in {}", dir.display());
    }
    files.sort();
    Ok(files)
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".test.mjs", ".test.js"].iter().any(|end| name.ends_with(end))
}

/// A running `diaban serve`; killed when dropped without [`Server::stop`].
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    log: PathBuf,
}

impl Server {
    pub(crate) fn start(repo: &Repo, home: &Path, data: &str, role: &str) -> Result<Self> {
        Self::start_with(repo, home, data, role, &[], role)
    }

    /// Starts one with more flags; it logs to the file `log`.
    pub(crate) fn start_with(
        repo: &Repo,
        home: &Path,
        data: &str,
        role: &str,
        flags: &[&str],
        log: &str,
    ) -> Result<Self> {
        let log = home.join(format!("{log}.log"));
        let mut diaban = diaban(repo, home);
        diaban.args(["serve", "--data", data, "--listen", "127.0.0.1:0", "--as", role]).args(flags);
        diaban.stdout(Stdio::piped()).stderr(File::create(&log)?);
        let mut child =
            diaban.spawn().with_context(|| format!("cannot start {}", repo.diaban().display()))?;
        let lines = stdout_lines(&mut child)?;
        let mut server = Self { child, url: String::new(), log };
        let Ok(line) = lines.recv_timeout(START) else {
            bail!("the server said no address\n{}", server.said())
        };
        line.trim_end_matches('/').clone_into(&mut server.url);
        server.wait_until_ready()?;
        Ok(server)
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    fn wait_until_ready(&self) -> Result<()> {
        let address =
            self.url.strip_prefix("http://").with_context(|| format!("no address: {}", self.url))?;
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if ready(address).unwrap_or(false) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the server does not get ready\n{}", self.said())
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        let pid = self.child.id().to_string();
        check(command("sh", Path::new("/")).args(["-c", "kill -TERM \"$0\"", &pid]))?;
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                if !status.success() {
                    bail!("the server ended with {status}\n{}", self.said());
                }
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("the server did not stop within {} s\n{}", STOP.as_secs(), self.said())
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail on a server that has ended, as it should have.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads on until the end, so that the server never waits for a reader.
fn stdout_lines(child: &mut Child) -> Result<mpsc::Receiver<String>> {
    let stdout = child.stdout.take().context("the server has no standard output")?;
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    Ok(lines)
}

fn ready(address: &str) -> Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_beside_the_tests_are_no_tests() {
        assert!(is_test(Path::new("e2e/map.test.mjs")));
        assert!(!is_test(Path::new("e2e/browser.mjs")));
        assert!(!is_test(Path::new("e2e/test.md")));
    }
}
