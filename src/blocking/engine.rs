//! Runs futures and streams for a thread that waits.

use crate::error::Error;
use futures_core::Stream;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use tokio::runtime::{self, Handle, Runtime};

/// The runtime that the clones of a client share.
pub(super) struct Engine(Option<Runtime>);

impl Engine {
    pub(super) fn start() -> Result<Arc<Self>, Error> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Error::configuration("no thread can be started for the client").with_source(error))?;
        Ok(Arc::new(Engine(Some(runtime))))
    }

    /// Waits for a future.
    ///
    /// # Errors
    /// When this thread belongs to an asynchronous runtime, which must not be blocked.
    pub(super) fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match &self.0 {
            Some(runtime) if Handle::try_current().is_err() => runtime.block_on(future),
            _ => Err(Error::configuration(
                "the blocking client cannot be used in asynchronous code; use `glabflow::Client`",
            )),
        }
    }

    /// Waits for the next item of a stream.
    pub(super) fn wait_for_next<S, T>(&self, stream: &mut S) -> Result<Option<Result<T, Error>>, Error>
    where
        S: Stream<Item = Result<T, Error>> + Unpin,
    {
        self.wait(async { Ok(poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await) })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // A plain drop waits for the runtime's threads, which is not allowed in asynchronous code.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

/// A stream as an iterator. [`Client::iter`](crate::blocking::Client::iter) creates it.
#[derive(Debug)]
#[must_use = "nothing is sent before the first item is requested"]
pub struct Iter<S> {
    inner: S,
    engine: Arc<Engine>,
    /// Whether the iterator was used in asynchronous code, where it cannot work.
    ended: bool,
}

impl<S> Iter<S> {
    pub(super) fn new(inner: S, engine: &Arc<Engine>) -> Self {
        Iter { inner, engine: Arc::clone(engine), ended: false }
    }
}

impl<S, T> Iterator for Iter<S>
where
    S: Stream<Item = Result<T, Error>> + Unpin,
{
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.engine.wait_for_next(&mut self.inner).unwrap_or_else(|error| {
            self.ended = true;
            Some(Err(error))
        })
    }
}
