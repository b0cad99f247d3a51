//! The load of a key and its outcome, and who waits for a batch of keys: when nobody does any more, it need not be sent.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind, Explanation};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::{Notify, oneshot};

/// Why a key has no result. Keys of one request share its error.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The request failed.
    Request(Arc<Error>),
    /// The server complains about this key's part.
    Key(Vec<GraphqlError>),
}

pub(super) type Outcome = Result<Option<Arc<str>>, Failure>;

/// Keys that are sent together.
#[derive(Default)]
pub(super) struct Batch {
    /// How many wait for it.
    loads: AtomicUsize,
    /// Told when the last one has gone away.
    left: Notify,
}

impl Batch {
    /// Waits until those who waited have gone away; others may have come since.
    pub(super) async fn left(&self) {
        self.left.notified().await;
    }

    /// Whether somebody waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.loads.load(Ordering::Acquire) > 0
    }
}

/// A load of one key, under way. Dropping it gives it up.
pub(super) struct Load {
    outcome: oneshot::Receiver<Outcome>,
    batch: Arc<Batch>,
}

impl Load {
    pub(super) fn new(outcome: oneshot::Receiver<Outcome>, batch: &Arc<Batch>) -> Self {
        batch.loads.fetch_add(1, Ordering::AcqRel);
        Load { outcome, batch: Arc::clone(batch) }
    }
}

impl Future for Load {
    type Output = Result<Outcome, oneshot::error::RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.outcome).poll(cx)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if self.batch.loads.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.batch.left.notify_one();
        }
    }
}

impl Failure {
    /// The error for one key.
    pub(super) fn into_error(self) -> Error {
        match self {
            Failure::Key(errors) => {
                let kind = errors.first().map_or(ErrorKind::Validation, GraphqlError::kind);
                let messages = errors.iter().map(ToString::to_string).collect();
                Error::new(kind, "the server could not give this key's part of the batch")
                    .with_explanation(Explanation { messages, fields: Vec::new() })
                    .with_graphql_errors(errors)
            }
            Failure::Request(shared) => {
                let explanation = Explanation { messages: shared.messages().to_vec(), fields: Vec::new() };
                let mut error = Error::new(shared.kind(), "the request of this key's batch failed")
                    .with_explanation(explanation)
                    .with_graphql_errors(shared.graphql_errors().to_vec())
                    .with_attempts(shared.attempts())
                    .with_retry_after(shared.retry_after());
                if let Some(status) = shared.status() {
                    error = error.with_answer(status, shared.request_id().map(str::to_owned));
                }
                error.with_source(Shared(shared))
            }
        }
    }
}

/// The error of a request, as the source of the errors of its keys.
#[derive(Debug)]
struct Shared(Arc<Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}
