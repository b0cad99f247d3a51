//! Bodies, including those that break on purpose.

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// The number of parts of a slow body.
const PIECES: usize = 8;
/// The delay between a truncated body and the end of the connection, so that the part has been sent.
const LAST_FLUSH: Duration = Duration::from_millis(5);

/// The body of a response.
pub(crate) struct ResponseBody {
    pieces: VecDeque<Bytes>,
    /// The delay before each part but the first, and before the end of a broken body.
    pause: Duration,
    asleep: Option<Pin<Box<Sleep>>>,
    /// Whether the connection closes instead of the body's end.
    broken: bool,
    /// Whether the connection is reset instead of closed.
    resets: bool,
    /// Whether the body reports its length.
    sized: bool,
}

impl ResponseBody {
    /// A complete body.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        ResponseBody { sized: true, ..ResponseBody::unsized_whole(bytes) }
    }

    /// A complete body whose length is in the headers only.
    pub(crate) fn unsized_whole(bytes: Bytes) -> Self {
        ResponseBody { pieces: VecDeque::from([bytes]), ..ResponseBody::empty() }
    }

    /// No body, whatever the headers say.
    pub(crate) fn empty() -> Self {
        ResponseBody {
            pieces: VecDeque::new(),
            pause: Duration::ZERO,
            asleep: None,
            broken: false,
            resets: false,
            sized: false,
        }
    }

    /// A body after which the connection closes.
    pub(crate) fn broken(bytes: Bytes) -> Self {
        ResponseBody { broken: true, pause: LAST_FLUSH, ..ResponseBody::unsized_whole(bytes) }
    }

    /// A body after which the connection is reset.
    pub(crate) fn reset(bytes: Bytes) -> Self {
        ResponseBody { resets: true, ..ResponseBody::broken(bytes) }
    }

    /// A body in parts without delays.
    pub(crate) fn pieces(pieces: impl IntoIterator<Item = Bytes>) -> Self {
        ResponseBody { pieces: pieces.into_iter().collect(), sized: true, ..ResponseBody::empty() }
    }

    /// A body in parts with delays between them.
    pub(crate) fn slow(bytes: &Bytes, pause: Duration) -> Self {
        let size = bytes.len().div_ceil(PIECES).max(1);
        let pieces = (0..bytes.len()).step_by(size).map(|at| bytes.slice(at..bytes.len().min(at + size))).collect();
        ResponseBody { pieces, pause, ..ResponseBody::empty() }
    }

    /// Whether the connection is reset after it.
    pub(crate) fn resets(&self) -> bool {
        self.resets
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(asleep) = &mut self.asleep {
            std::task::ready!(asleep.as_mut().poll(cx));
            self.asleep = None;
            if self.pieces.is_empty() && self.broken {
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
            }
        }
        let Some(piece) = self.pieces.pop_front() else { return Poll::Ready(None) };
        if self.broken || (self.pause > Duration::ZERO && !self.pieces.is_empty()) {
            self.asleep = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        if self.sized {
            SizeHint::with_exact(self.pieces.iter().map(|piece| piece.len() as u64).sum())
        } else {
            SizeHint::default()
        }
    }
}
