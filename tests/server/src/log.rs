//! What a server has received.

use crate::reply::Reply;
use crate::request::Request;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What a server has received.
#[derive(Default)]
pub struct Log {
    connections: AtomicUsize,
    requests: Mutex<Vec<Request>>,
    arrived: Notify,
}

impl Log {
    pub(crate) fn connected(&self) {
        self.connections.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        // If a handler panics, its test fails because of the missing response.
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request and gives the reply to it.
    pub fn reply(&self, request: Request, handler: &(impl Fn(&Request, usize) -> Reply + ?Sized)) -> Reply {
        let mut requests = self.requests();
        let reply = handler(&request, requests.len());
        requests.push(request);
        drop(requests);
        self.arrived.notify_waiters();
        reply
    }

    pub(crate) async fn wait_for(&self, requests: usize) {
        loop {
            // Before the count is read, so that no arrival in between is missed.
            let arrived = self.arrived.notified();
            if self.requests().len() >= requests {
                return;
            }
            arrived.await;
        }
    }
}
