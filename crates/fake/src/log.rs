//! Counters, and a log of the last requests.

use crate::fault::Fault;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The number of requests in the log.
const KEPT: usize = 1000;

/// A finished request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// The method, `GET`.
    pub method: String,
    /// The path, encoded as the client sent it.
    pub path: String,
    /// The query without tokens.
    pub query: String,
    /// The operation in the index; `None` for other paths.
    pub operation: Option<&'static str>,
    /// The first characters of the token: enough to distinguish the demo tokens, too few to use it.
    pub token: Option<String>,
    /// The status of the response; `0` if the connection ended without one.
    pub status: u16,
}

/// Counters since the start of the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requests {
    /// All requests.
    pub total: u64,
    /// Requests by the status of their response.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by the name of their fault.
    pub by_fault: BTreeMap<String, u64>,
    /// Requests by the id of their operation.
    pub by_operation: BTreeMap<&'static str, u64>,
    /// The largest number of requests in flight.
    pub most_at_once: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// The last thousand requests, the oldest first.
    pub log: Vec<Seen>,
}

impl Requests {
    /// The number of requests to an operation.
    pub fn of(&self, operation: &str) -> u64 {
        self.by_operation.get(operation).copied().unwrap_or(0)
    }

    /// The number of requests with such a fault, whatever its duration or size.
    pub fn with_fault(&self, fault: &Fault) -> u64 {
        self.by_fault.get(&fault.name()).copied().unwrap_or(0)
    }

    /// The number of responses with a status.
    pub fn with_status(&self, status: u16) -> u64 {
        self.by_status.get(&status).copied().unwrap_or(0)
    }
}

/// The running counters.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    requests: Requests,
    in_flight: u64,
    last: VecDeque<Seen>,
}

/// A request in flight. It is counted until this is dropped.
pub(crate) struct InFlight<'l>(&'l Log);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.with(|state| state.in_flight -= 1);
    }
}

impl Log {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts a request that arrives. Returns its number.
    pub(crate) fn arrive(&self) -> (u64, InFlight<'_>) {
        let number = self.with(|state| {
            state.requests.total += 1;
            state.in_flight += 1;
            state.requests.most_at_once = state.requests.most_at_once.max(state.in_flight);
            state.requests.total
        });
        (number, InFlight(self))
    }

    /// Counts a connection.
    pub(crate) fn connect(&self) {
        self.with(|state| state.requests.connections += 1);
    }

    /// Counts the faults of a request.
    pub(crate) fn count_faults(&self, faults: &[Fault]) {
        if !faults.is_empty() {
            self.with(|state| {
                for fault in faults {
                    *state.requests.by_fault.entry(fault.name()).or_default() += 1;
                }
            });
        }
    }

    /// Counts and logs a finished request.
    pub(crate) fn finish(&self, seen: Seen) {
        self.with(|state| {
            *state.requests.by_status.entry(seen.status).or_default() += 1;
            if let Some(operation) = seen.operation {
                *state.requests.by_operation.entry(operation).or_default() += 1;
            }
            if state.last.len() == KEPT {
                state.last.pop_front();
            }
            state.last.push_back(seen);
        });
    }

    /// The counters so far.
    pub(crate) fn requests(&self) -> Requests {
        self.with(|state| Requests { log: state.last.iter().cloned().collect(), ..state.requests.clone() })
    }

    /// Resets the counters.
    pub(crate) fn clear(&self) {
        self.with(|state| {
            state.requests = Requests { most_at_once: state.in_flight, ..Requests::default() };
            state.last.clear();
        });
    }
}
