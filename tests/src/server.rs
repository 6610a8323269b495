//! The real server on a port of its own, from its first line to a clean end.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::http::Http;
use crate::live::Live;
use crate::run::command;
use crate::temp_dir;

/// Making the demo ward is part of the start.
const START: Duration = Duration::from_mins(2);
/// A graceful stop waits for requests under way, not longer.
const STOP: Duration = Duration::from_secs(20);

/// A running server. It is an [`Http`] client of itself. Dropped, it is stopped and must end well.
pub struct Server {
    /// The address, without a slash at the end.
    pub url: String,
    http: Http,
    child: Child,
    home: TempDir,
    ended: bool,
}

impl Server {
    /// Starts `diaban` with these arguments (`serve --data …`) on a free port and waits until it is ready.
    #[track_caller]
    pub fn start<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        Self::start_with_env(args, &[])
    }

    /// Like [`Server::start`], with more environment, such as `DIABAN_NOW`.
    #[track_caller]
    pub fn start_with_env<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, env: &[(&str, &str)]) -> Self {
        let home = temp_dir();
        let log = File::create(home.path().join("log")).expect("a file for the server's log");
        let mut command = command(args, env);
        command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start the server: {error}"));
        let lines = stdout_lines(&mut child);
        let mut server = Self { url: String::new(), http: Http::new(""), child, home, ended: false };
        let Ok(line) = lines.recv_timeout(START) else {
            server.kill();
            panic!("the server said no address\n{}", server.log());
        };
        line.trim_end_matches('/').clone_into(&mut server.url);
        server.http = Http::new(&server.url);
        server.wait_until_ready();
        server
    }

    /// `diaban serve` on a file.
    #[track_caller]
    pub fn serve(data: &Path) -> Self {
        Self::start([OsStr::new("serve"), OsStr::new("--data"), data.as_os_str()])
    }

    /// `diaban serve --as ROLE` on a file.
    #[track_caller]
    pub fn serve_as(role: &str, data: &Path) -> Self {
        Self::start([
            OsStr::new("serve"),
            OsStr::new("--as"),
            OsStr::new(role),
            OsStr::new("--data"),
            data.as_os_str(),
        ])
    }

    /// The client: for threads of their own.
    pub fn http(&self) -> Http {
        self.http.clone()
    }

    /// The stream of changes from now on.
    #[track_caller]
    pub fn live(&self) -> Live {
        Live::open(&self.url, "/live", None)
    }

    /// The socket the server listens on.
    pub fn addr(&self) -> SocketAddr {
        let address = self.url.strip_prefix("http://").unwrap_or(&self.url);
        address.parse().unwrap_or_else(|error| panic!("no address in {}: {error}", self.url))
    }

    /// A bare connection, for requests no client would send.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.addr()).unwrap_or_else(|error| panic!("{}: {error}", self.url));
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a read timeout");
        stream.set_write_timeout(Some(Duration::from_secs(30))).expect("a write timeout");
        stream
    }

    /// Sends these bytes and returns all that comes back until the server closes or falls silent. The request should say
    /// `Connection: close`.
    pub fn raw(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server may refuse early and close before it has read everything; what it answered counts.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// What the server wrote to standard error so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// The process, for its memory and open files under `/proc`.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: no chance to tidy up.
    pub fn kill(&mut self) {
        self.ended = true;
        self.child.kill().expect("kill of our own child");
        self.child.wait().expect("wait for our own child");
    }

    /// Stops the server as an operator would and returns its log. It must end with success and without complaint.
    #[track_caller]
    pub fn stop(mut self) -> String {
        self.end();
        self.log()
    }

    #[track_caller]
    fn end(&mut self) {
        self.ended = true;
        let pid = self.child.id().to_string();
        // The shell's own kill: a signal without unsafe code and without another package.
        let sent = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &pid]).status().expect("a shell");
        let status = self.wait(STOP);
        let log = self.log();
        assert!(sent.success(), "the server had ended before it was stopped\n{log}");
        let Some(status) = status else {
            panic!("the server did not stop within {} s\n{log}", STOP.as_secs())
        };
        assert!(status.success(), "the server ended with {status}\n{log}");
        if let Some(line) = log.lines().find(|line| complains(line)) {
            panic!("the server's log is not clean: {line}");
        }
    }

    fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + at_most;
        loop {
            if let Some(status) = self.child.try_wait().expect("wait for our own child") {
                return Some(status);
            }
            if Instant::now() > deadline {
                self.child.kill().expect("kill of our own child");
                self.child.wait().expect("wait for our own child");
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[track_caller]
    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + START;
        while self.http.get("/readyz").status != 200 {
            if Instant::now() > deadline {
                self.kill();
                panic!("the server does not get ready\n{}", self.log());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Deref for Server {
    type Target = Http;

    fn deref(&self) -> &Http {
        &self.http
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        if thread::panicking() {
            self.kill();
            eprintln!("--- the server's log\n{}---", self.log());
        } else {
            self.end();
        }
    }
}

/// An error or a panic in the log, as text or as JSON.
fn complains(line: &str) -> bool {
    line.contains(" ERROR ") || line.contains("\"level\":\"ERROR\"") || line.contains(" panicked at ")
}

/// Reads on until the end, so that the server never waits for a reader.
fn stdout_lines(child: &mut Child) -> Receiver<String> {
    let stdout = child.stdout.take().expect("standard output is piped");
    let (send, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    lines
}

#[cfg(test)]
mod tests {
    use super::complains;

    #[test]
    fn errors_and_panics_are_complaints_and_warnings_are_not() {
        assert!(complains("2025-12-31T00:00:00Z ERROR server: no room"));
        assert!(complains(r#"{"timestamp":"…","level":"ERROR","fields":{}}"#));
        assert!(complains("thread 'main' (7) panicked at crates/server/src/main.rs:1:1:"));
        assert!(!complains("2025-12-31T00:00:00Z  WARN server: a slow reader, 0 ERRORS"));
    }
}
