//! A hook that receives an event for each step of a request.

use crate::error::Error;
use crate::redact;
use crate::redact::token::Secrets;
use glabflow_contract::Method;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Receives an event for each step of a request. Any `Fn(&Event)` is an observer.
///
/// The client calls it while it sends requests: it should return quickly.
pub trait Observer: Send + Sync + 'static {
    /// Called for each event.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// A step of one request.
#[non_exhaustive]
pub struct Event<'a> {
    /// The operation's id in the schema, or `raw`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// What happened.
    pub kind: EventKind<'a>,
    pub(crate) url: &'a Url,
    pub(crate) secrets: &'a Secrets,
}

impl Event<'_> {
    /// The URL, with secrets masked.
    pub fn url(&self) -> String {
        self.secrets.mask(&redact::url(self.url)).into_owned()
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("url", &self.url())
            .field("attempt", &self.attempt)
            .field("kind", &self.kind)
            .finish()
    }
}

/// What happened to a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// An attempt begins.
    Started,
    /// A response came.
    Finished {
        /// Its HTTP status.
        status: u16,
        /// The id under which GitLab's logs know the request.
        request_id: Option<&'a str>,
        /// Size of the body, after decompression; `None` for a stream.
        bytes: Option<usize>,
        /// Time since the attempt began.
        duration: Duration,
    },
    /// An attempt failed.
    Failed {
        /// What went wrong.
        error: &'a Error,
        /// Time since the attempt began.
        duration: Duration,
    },
    /// The request will be retried.
    Retrying {
        /// After this time.
        delay: Duration,
        /// Because of this.
        error: &'a Error,
    },
    /// The request waits because a rate limit of the server has no room.
    ///
    /// Waiting for a permit of [`Concurrency`](crate::Concurrency) emits no event.
    Waiting {
        /// For this time; `None` if it depends on the responses to other requests.
        delay: Option<Duration>,
        /// The limit's name, as in [`BudgetState::name`](crate::BudgetState::name).
        budget: &'a str,
    },
}

/// Emits requests as events of the `tracing` crate, with the target `glabflow`.
#[cfg(feature = "tracing")]
#[derive(Debug, Clone, Copy, Default)]
pub struct Tracing;

#[cfg(feature = "tracing")]
impl Observer for Tracing {
    fn observe(&self, event: &Event<'_>) {
        let Event { operation, method, attempt, .. } = event;
        let (method, url) = (method.as_str(), || event.url());
        match &event.kind {
            EventKind::Started => {
                tracing::trace!(target: "glabflow", operation, method, attempt, url = url(), "request");
            }
            EventKind::Finished { status, request_id, bytes, duration } => {
                let ms = duration.as_millis();
                tracing::debug!(target: "glabflow", operation, method, attempt, url = url(), status, request_id, bytes, ms, "response");
            }
            EventKind::Failed { error, duration } => {
                let ms = duration.as_millis();
                tracing::debug!(target: "glabflow", operation, method, attempt, url = url(), %error, ms, "failure");
            }
            EventKind::Retrying { delay, error } => {
                tracing::warn!(target: "glabflow", operation, method, attempt, url = url(), %error, ?delay, "retrying");
            }
            EventKind::Waiting { delay, budget } => {
                tracing::info!(target: "glabflow", operation, method, attempt, url = url(), ?delay, budget, "waiting for a rate limit");
            }
        }
    }
}
