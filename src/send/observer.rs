//! Watching requests: a hook that is told what the client does.

use crate::error::Error;
use crate::redact;
use crate::redact::token::Secrets;
use glabflow_contract::Method;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Told what the client does, as it does it. Any `Fn(&Event)` is one.
///
/// It is called in the middle of sending: it should be quick.
pub trait Observer: Send + Sync + 'static {
    /// Something happened.
    fn observe(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync + 'static> Observer for F {
    fn observe(&self, event: &Event<'_>) {
        self(event);
    }
}

/// Something that happened to one request.
pub struct Event<'a> {
    /// The operation's id in the schema, or `raw`.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// Which sending of the request this is about, from 1.
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

/// What can happen to a request. More kinds may come.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// It is about to be sent.
    Started,
    /// An answer came.
    Finished {
        /// Its HTTP status.
        status: u16,
        /// The id under which GitLab's logs know the request.
        request_id: Option<&'a str>,
        /// Size of the body, after decompression; `None` when it is streamed.
        bytes: Option<usize>,
        /// Time since it was sent.
        duration: Duration,
    },
    /// No answer came, or not a whole one.
    Failed {
        /// What went wrong.
        error: &'a Error,
        /// Time since it was sent.
        duration: Duration,
    },
    /// It will be sent again.
    Retrying {
        /// After this time.
        delay: Duration,
        /// Because of this.
        error: &'a Error,
    },
    /// It is held back because a rate limit of the server has no room for it.
    ///
    /// No event tells that all places of [`Concurrency`](crate::Concurrency) are taken: that is the client's own bound, and what
    /// most requests of a large task wait for.
    Waiting {
        /// For this time; `None` when it depends on the answers to other requests, which the limit counts as well.
        delay: Option<Duration>,
        /// The limit's name, as in [`BudgetState::name`](crate::BudgetState::name).
        budget: &'a str,
    },
}

/// Writes requests as events of the `tracing` crate, under the target `glabflow`.
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
                tracing::debug!(target: "glabflow", operation, method, attempt, url = url(), status, request_id, bytes, ms, "answer");
            }
            EventKind::Failed { error, duration } => {
                let ms = duration.as_millis();
                tracing::debug!(target: "glabflow", operation, method, attempt, url = url(), %error, ms, "no answer");
            }
            EventKind::Retrying { delay, error } => {
                tracing::warn!(target: "glabflow", operation, method, attempt, url = url(), %error, ?delay, "sending again");
            }
            EventKind::Waiting { delay, budget } => {
                tracing::info!(target: "glabflow", operation, method, attempt, url = url(), ?delay, budget, "holding back");
            }
        }
    }
}
