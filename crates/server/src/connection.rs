//! A connection that cannot be held open by silence: the first bytes, the headers of a request, the pause between
//! requests and a reader's progress each have their time. hyper's own header timeout also counts the pause between
//! requests and does not watch its sniffing of the protocol, so the times are kept here, below it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::ServeConfig;

/// How long a refused body is still read and thrown away, so that its sender gets to see the refusal.
const LINGER: Duration = Duration::from_secs(1);
/// Reads of thrown-away bytes before other tasks get their turn.
const LINGER_READS: usize = 32;

/// What the requests of a connection tell the connection.
#[derive(Clone, Default)]
pub(crate) struct Connection {
    inner: Arc<Progress>,
}

#[derive(Default)]
struct Progress {
    /// Requests begun so far.
    begun: AtomicUsize,
    /// Requests that are not answered in full.
    running: AtomicUsize,
    /// Whether the sender is still sending what nobody will read.
    linger: AtomicBool,
}

impl Connection {
    /// A request's headers are read; dropped, it has been answered.
    pub(crate) fn begin(&self) -> Running {
        self.inner.begun.fetch_add(1, Ordering::Relaxed);
        self.inner.running.fetch_add(1, Ordering::Relaxed);
        Running(self.clone())
    }

    /// The body of this request will not be read.
    pub(crate) fn linger(&self) {
        self.inner.linger.store(true, Ordering::Relaxed);
    }
}

/// A request that is being answered.
pub(crate) struct Running(Connection);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.inner.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer; its request runs until the last of it is sent.
pub(crate) struct Counted {
    body: Body,
    _running: Running,
}

impl Counted {
    pub(crate) fn new(body: Body, running: Running) -> Counted {
        Counted { body, _running: running }
    }
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What a connection is waiting for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing has arrived yet.
    First,
    /// A request's headers are arriving.
    Head,
    /// Requests are being answered.
    Busy,
    /// All requests are answered.
    Idle,
}

/// The stream of a connection, with its times.
pub(crate) struct Timed<S> {
    stream: S,
    connection: Connection,
    times: [Duration; 3],
    write_timeout: Duration,
    phase: Phase,
    since: Instant,
    begun: usize,
    reading: Pin<Box<Sleep>>,
    writing: Option<Pin<Box<Sleep>>>,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl<S> Timed<S> {
    pub(crate) fn new(stream: S, connection: Connection, config: &ServeConfig) -> Timed<S> {
        let now = Instant::now();
        Timed {
            stream,
            connection,
            times: [config.first_byte_timeout, config.header_timeout, config.idle_timeout],
            write_timeout: config.write_timeout,
            phase: Phase::First,
            since: now,
            begun: 0,
            reading: Box::pin(sleep_until(now + config.first_byte_timeout)),
            writing: None,
            lingering: None,
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }

    /// Takes note of requests that began or ended since the last look.
    fn look(&mut self) {
        let progress = &self.connection.inner;
        let begun = progress.begun.load(Ordering::Relaxed);
        let running = progress.running.load(Ordering::Relaxed) > 0;
        let fresh = begun != self.begun;
        self.begun = begun;
        if running {
            self.phase = Phase::Busy;
        } else if fresh || self.phase == Phase::Busy {
            self.enter(Phase::Idle);
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let [first, head, idle] = self.times;
        match self.phase {
            Phase::First => Some(self.since + first),
            Phase::Head => Some(self.since + head),
            Phase::Busy => None,
            Phase::Idle => Some(self.since + idle),
        }
    }

    /// Ready when the other side was silent for too long.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = self.deadline() else { return Poll::Pending };
        if self.reading.deadline() != deadline {
            self.reading.as_mut().reset(deadline);
        }
        ready!(self.reading.as_mut().poll(cx));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    /// Times a write that made no progress; one that did stops the clock.
    fn timed_write<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.writing = None;
            return written;
        }
        let deadline = Instant::now() + self.write_timeout;
        let clock = self.writing.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        ready!(clock.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.look();
        match read {
            Poll::Ready(Ok(())) => {
                if buf.filled().len() > before && matches!(self.phase, Phase::First | Phase::Idle) {
                    self.enter(Phase::Head);
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.poll_silence(cx).map(Err),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.timed_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.timed_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.timed_write(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(cx);
        ready!(self.timed_write(cx, ended))?;
        if !self.connection.inner.linger.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        let this = &mut *self;
        let clock = this.lingering.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + LINGER)));
        let mut scratch = [0u8; 16 << 10];
        for _ in 0..LINGER_READS {
            if clock.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut this.stream).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(Ok(())),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
