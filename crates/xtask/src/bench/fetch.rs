//! A small HTTP/1.1 client over one kept connection: enough to check answers and to time bodies.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Longer than any answer may take.
const TIMEOUT: Duration = Duration::from_mins(5);

/// A connection to one server.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    host: String,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
}

/// One answer, whole.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's value; `name` in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The answer, when its status is 200, or 204 for nothing there.
    pub(super) fn good(self, path: &str) -> Result<Self> {
        if !matches!(self.status, 200 | 201 | 204) {
            let text = String::from_utf8_lossy(&self.body);
            bail!("{path}: {}\n{}", self.status, text.chars().take(500).collect::<String>());
        }
        Ok(self)
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).context("the answer is not JSON")
    }
}

impl Client {
    /// Connects to `http://host:port`.
    pub(super) fn open(base: &str) -> Result<Client> {
        let host = base.strip_prefix("http://").unwrap_or(base).to_owned();
        let stream = TcpStream::connect(&host).with_context(|| format!("cannot reach {host}"))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufReader::with_capacity(1 << 16, stream), host, partial: Vec::new() })
    }

    /// GET of a path.
    pub(super) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send("GET", path, headers, b"")?.good(path)
    }

    /// Any request.
    pub(super) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer> {
        let mut kept = Vec::new();
        let mut answer = self.stream(method, path, headers, body, |bytes| kept.extend_from_slice(bytes))?;
        answer.body = kept;
        Ok(answer)
    }

    /// Any request; the body goes to `take` as it comes.
    pub(super) fn stream(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        mut take: impl FnMut(&[u8]),
    ) -> Result<Answer> {
        let answer = self.ask(method, path, headers, body)?;
        if answer.header("transfer-encoding") == Some("chunked") {
            loop {
                let size = self.line()?;
                let size =
                    usize::from_str_radix(&size, 16).with_context(|| format!("a chunk of {size:?}"))?;
                self.bytes(size, &mut take)?;
                self.line()?;
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = answer.header("content-length").and_then(|l| l.parse().ok()) {
            self.bytes(length, &mut take)?;
        }
        Ok(answer)
    }

    /// Begins a stream that has no end; lines of it are waited for so long.
    pub(super) fn begin(&mut self, path: &str, headers: &[(&str, &str)], wait: Duration) -> Result<()> {
        self.ask("GET", path, headers, b"")?.good(path)?;
        self.stream.get_mut().set_read_timeout(Some(wait))?;
        Ok(())
    }

    /// The next whole line of such a stream, `None` when none has come in time. What marks pieces of the body comes as
    /// lines too.
    pub(super) fn line_in_time(&mut self) -> Result<Option<String>> {
        match self.stream.read_until(b'\n', &mut self.partial) {
            Ok(0) => bail!("{} closed the stream", self.host),
            Ok(_) if self.partial.ends_with(b"\n") => {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.partial)).trim_end().to_owned();
                Ok(Some(line))
            }
            Ok(_) => Ok(None),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Sends a request and reads the head of its answer.
    fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        let stream = self.stream.get_mut();
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let status = self.line()?;
        let status: u16 = status
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .with_context(|| format!("{path}: {status:?}"))?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        Ok(Answer { status, headers, body: Vec::new() })
    }

    /// The next line without its end.
    pub(super) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("{} closed the connection", self.host);
        }
        Ok(line.trim_end().to_owned())
    }

    fn bytes(&mut self, mut left: usize, take: &mut impl FnMut(&[u8])) -> Result<()> {
        let mut buffer = vec![0; 1 << 16];
        while left > 0 {
            let most = left.min(buffer.len());
            let read = self.stream.read(&mut buffer[..most])?;
            if read == 0 {
                bail!("{} broke off", self.host);
            }
            take(&buffer[..read]);
            left -= read;
        }
        Ok(())
    }
}
