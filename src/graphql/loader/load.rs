//! Who waits for a batch of keys: when nobody does any more, it need not be sent.

use super::dispatcher::Outcome;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::{Notify, oneshot};

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
