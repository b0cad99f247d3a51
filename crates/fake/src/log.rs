//! What the server has seen: counters, and the last requests.

use crate::fault::Fault;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How many requests the log holds.
const KEPT: usize = 1000;

/// A request that the server has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// The method, `GET`.
    pub method: String,
    /// The path, encoded as it came.
    pub path: String,
    /// The query, with any token in it left out.
    pub query: String,
    /// The operation in the index; none for paths that are no operation.
    pub operation: Option<&'static str>,
    /// The first characters of the token, which tell the demo tokens' kinds apart but are no use to anybody.
    pub token: Option<String>,
    /// The status of the answer; `0` where the connection was cut before one.
    pub status: u16,
}

/// What the server has counted since it started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requests {
    /// All requests.
    pub total: u64,
    /// Requests by the status of their answer.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests by the name of a fault that befell them.
    pub by_fault: BTreeMap<String, u64>,
    /// Requests by the id of their operation.
    pub by_operation: BTreeMap<&'static str, u64>,
    /// The largest number of requests that were under way at once.
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

    /// The number of requests that such a fault befell, whatever its duration or size.
    pub fn with_fault(&self, fault: &Fault) -> u64 {
        self.by_fault.get(&fault.name()).copied().unwrap_or(0)
    }

    /// The number of answers with a status.
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

/// A request that is under way; it is counted as such until this goes.
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

    /// A request arrives: gives its number.
    pub(crate) fn arrive(&self) -> (u64, InFlight<'_>) {
        let number = self.with(|state| {
            state.requests.total += 1;
            state.in_flight += 1;
            state.requests.most_at_once = state.requests.most_at_once.max(state.in_flight);
            state.requests.total
        });
        (number, InFlight(self))
    }

    /// A connection is opened.
    pub(crate) fn connect(&self) {
        self.with(|state| state.requests.connections += 1);
    }

    /// Faults befall a request.
    pub(crate) fn count_faults(&self, faults: &[Fault]) {
        if !faults.is_empty() {
            self.with(|state| {
                for fault in faults {
                    *state.requests.by_fault.entry(fault.name()).or_default() += 1;
                }
            });
        }
    }

    /// A request is answered.
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

    /// What was counted so far.
    pub(crate) fn requests(&self) -> Requests {
        self.with(|state| Requests { log: state.last.iter().cloned().collect(), ..state.requests.clone() })
    }

    /// Begins anew.
    pub(crate) fn clear(&self) {
        self.with(|state| {
            state.requests = Requests { most_at_once: state.in_flight, ..Requests::default() };
            state.last.clear();
        });
    }
}
