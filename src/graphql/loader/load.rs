//! Loads of keys and their outcomes. A batch whose loads were all dropped need not be sent.

use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind, Explanation};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::{Notify, oneshot};

/// Why a load failed. Keys of one request share its error.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The request failed.
    Request(Arc<Error>),
    /// The server reported errors for this key.
    Key(Vec<GraphqlError>),
}

pub(super) type Outcome = Result<Option<Arc<str>>, Failure>;

/// Keys that are sent together.
#[derive(Default)]
pub(super) struct Batch {
    /// Loads that wait for it.
    loads: AtomicUsize,
    /// Notified when the last one is dropped.
    left: Notify,
}

impl Batch {
    /// Waits until all loads were dropped. New loads may have joined since.
    pub(super) async fn left(&self) {
        self.left.notified().await;
    }

    /// Whether a load waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.loads.load(Ordering::Acquire) > 0
    }
}

/// A load of one key. Dropping it cancels the load.
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
                Error::new(kind, "the server reported errors for this key of the batch")
                    .with_explanation(Explanation { messages, fields: Vec::new() })
                    .with_graphql_errors(errors)
            }
            Failure::Request(shared) => {
                let explanation = Explanation { messages: shared.messages().to_vec(), fields: Vec::new() };
                let mut error = Error::new(shared.kind(), "the request for this key's batch failed")
                    .with_explanation(explanation)
                    .with_graphql_errors(shared.graphql_errors().to_vec())
                    .with_attempts(shared.attempts())
                    .with_retry_after(shared.retry_after());
                if let Some(status) = shared.status() {
                    error = error.with_response(status, shared.request_id().map(str::to_owned));
                }
                error.with_source(Shared(shared))
            }
        }
    }
}

/// The error of a request, which is the source of the errors of its keys.
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
