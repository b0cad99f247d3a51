//! Background work that ends with its owner.

use crate::error::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::task::JoinHandle;

/// A task that is cancelled when this is dropped.
///
/// A panic of the task propagates to the code that awaits it.
pub(crate) struct Task<T>(JoinHandle<T>);

/// The runtime of a task was shut down before the task was done.
#[derive(Debug)]
pub(crate) struct Gone;

impl From<Gone> for Error {
    fn from(_: Gone) -> Self {
        Error::new(ErrorKind::Transport, "the runtime of the background task was shut down")
            .with_hint(Some("a stream stays in the runtime in which it began; create a new stream in this runtime"))
    }
}

impl<T: Send + 'static> Task<T> {
    /// Starts a task on the runtime of the caller.
    pub(crate) fn spawn(work: impl Future<Output = T> + Send + 'static) -> Self {
        Task(tokio::spawn(work))
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T, Gone>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match ready!(Pin::new(&mut self.0).poll(cx)) {
            Ok(value) => Poll::Ready(Ok(value)),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Poll::Ready(Err(Gone)),
            },
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
