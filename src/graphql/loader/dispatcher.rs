//! Collects the loads of all loaders for a moment, sends them in few documents, and delivers the results.

use super::decode::{self, Found, Part, Parts};
use super::documents::{self, Budget, Document};
use super::key::Key;
use super::load::{Batch, Failure, Load, Outcome};
use super::shape::Shape;
use crate::clock::Clock;
use crate::error::Error;
use crate::error::graphql::GraphqlError;
use crate::graphql::handle::{Graphql, GraphqlCall};
use crate::graphql::response::Response;
use futures_util::future::{BoxFuture, Either, join_all, select};
use glabflow_contract::graphql::Kind;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

type Job = (Arc<Shape>, Key);

/// Counters of loaders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoaderStatistics {
    /// Requested keys.
    pub loads: u64,
    /// Requested keys that were cached.
    pub cached: u64,
    /// Requested keys that joined a load of the same key.
    pub joined: u64,
    /// Batches of loads.
    pub batches: u64,
    /// Documents that were sent.
    pub requests: u64,
    /// Documents that were split because they were too complex for the server.
    pub splits: u64,
}

pub(super) struct Dispatcher {
    graphql: Graphql,
    clock: Arc<dyn Clock>,
    window: Duration,
    state: Mutex<State>,
}

struct State {
    budget: Budget,
    waiting: HashMap<Job, Waiting>,
    /// Loads that are not sent yet.
    queue: Vec<Job>,
    /// Their batch.
    batch: Arc<Batch>,
    statistics: LoaderStatistics,
}

/// The callers that wait for one key.
struct Waiting {
    /// The batch of the key.
    batch: Arc<Batch>,
    senders: Vec<oneshot::Sender<Outcome>>,
}

impl State {
    /// Fails the loads of a batch that will get no results.
    fn forget(&mut self, batch: &Arc<Batch>) {
        if Arc::ptr_eq(&self.batch, batch) {
            self.queue.clear();
            self.batch = Arc::default();
        }
        self.waiting.retain(|_, waiting| !Arc::ptr_eq(&waiting.batch, batch));
    }
}

impl Dispatcher {
    pub(super) fn new(graphql: Graphql, clock: Arc<dyn Clock>, window: Duration, budget: Budget) -> Arc<Self> {
        let state = State {
            budget,
            waiting: HashMap::new(),
            queue: Vec::new(),
            batch: Arc::default(),
            statistics: LoaderStatistics::default(),
        };
        Arc::new(Dispatcher { graphql, clock, window, state: Mutex::new(state) })
    }

    pub(super) fn statistics(&self) -> LoaderStatistics {
        self.state().statistics
    }

    pub(super) fn count_cached(&self) {
        let mut state = self.state();
        state.statistics.loads += 1;
        state.statistics.cached += 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues keys. The loads are in the order of the keys.
    pub(super) fn load(self: &Arc<Self>, jobs: Vec<Job>) -> Vec<Load> {
        let mut locked = self.state();
        let state = &mut *locked;
        let is_first = state.queue.is_empty();
        let mut loads = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (sender, receiver) = oneshot::channel();
            state.statistics.loads += 1;
            let batch = match state.waiting.entry(job) {
                Entry::Occupied(mut waiting) => {
                    state.statistics.joined += 1;
                    waiting.get_mut().senders.push(sender);
                    &waiting.into_mut().batch
                }
                Entry::Vacant(vacant) => {
                    state.queue.push(vacant.key().clone());
                    &vacant.insert(Waiting { batch: Arc::clone(&state.batch), senders: vec![sender] }).batch
                }
            };
            loads.push(Load::new(receiver, batch));
        }
        let begun = (is_first && !state.queue.is_empty()).then(|| Arc::clone(&state.batch));
        // A full document need not wait for more keys.
        let window = if state.queue.len() >= state.budget.keys { Duration::ZERO } else { self.window };
        drop(locked);
        if let Some(batch) = begun {
            let sending = Sending { dispatcher: Arc::clone(self), batch };
            tokio::spawn(async move { sending.run(window).await });
        }
        loads
    }

    /// Waits until no more loads come, then sends the queue.
    async fn flush(&self, window: Duration) {
        if !window.is_zero() {
            self.clock.sleep(window).await;
        }
        let mut before = 0;
        loop {
            tokio::task::yield_now().await;
            let now = self.state().queue.len();
            if now == before {
                break;
            }
            before = now;
        }
        let documents = {
            let mut state = self.state();
            let State { queue, waiting, budget, batch, statistics } = &mut *state;
            *batch = Arc::default();
            // Keys that no caller waits for are not sent.
            queue.retain(|job| {
                let is_wanted = waiting.get(job).is_some_and(|all| all.senders.iter().any(|it| !it.is_closed()));
                if !is_wanted {
                    waiting.remove(job);
                }
                is_wanted
            });
            statistics.batches += u64::from(!queue.is_empty());
            documents::pack(std::mem::take(queue), *budget)
        };
        join_all(documents.into_iter().map(|document| self.send(document))).await;
    }

    fn send(&self, document: Document) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (text, variables) = documents::render(&document);
            self.state().statistics.requests += 1;
            match self.execute(&text, &variables, Parts(&document)).await {
                Ok(response) => {
                    let parts = response.output.unwrap_or_default();
                    let found = decode::results(&document, parts, &response.errors);
                    self.deliver(found.into_iter().map(|(job, found)| (job, outcome(found))));
                }
                Err(error) => self.send_again(document, Arc::new(error)).await,
            }
        })
    }

    async fn execute(
        &self,
        text: &str,
        variables: &Map<String, Value>,
        parts: Parts<'_>,
    ) -> Result<Response<Vec<Part>>, Error> {
        let request = GraphqlCall::new("graphql", Kind::Query, text, Some(documents::NAME), variables)?;
        self.graphql.run(&request, parts, |data| data).await
    }

    /// Sends the keys of a rejected document in other documents where that can help, and fails the rest.
    async fn send_again(&self, document: Document, error: Arc<Error>) {
        if let Some(score) = score_and_limit(&error) {
            match documents::halves(document) {
                Ok(halves) => {
                    self.learn(score, halves.iter().map(|half| documents::price(half)).sum());
                    self.state().statistics.splits += 1;
                    self.send_all(halves).await;
                }
                Err(document) => self.fail(document, &error),
            }
            return;
        }
        match documents::split_rejected(document, error.graphql_errors()) {
            // For a list, the server does not say which key is invalid.
            Ok([invalid, valid]) => {
                let mut again = vec![valid];
                for unit in invalid {
                    match documents::halves(vec![unit]) {
                        Ok(halves) => again.extend(halves),
                        Err(alone) => self.fail(alone, &error),
                    }
                }
                self.send_all(again).await;
            }
            Err(document) => self.fail(document, &error),
        }
    }

    async fn send_all(&self, documents: impl IntoIterator<Item = Document>) {
        let documents = documents.into_iter().filter(|document| !document.is_empty());
        join_all(documents.map(|document| self.send(document))).await;
    }

    /// Lowers the budget of later documents by the server's score, since ours is an estimate.
    fn learn(&self, (score, limit): (u32, u32), estimate: u32) {
        let fair = u64::from(estimate) * u64::from(limit) / u64::from(score.max(1));
        let mut state = self.state();
        state.budget.complexity = state.budget.complexity.min(u32::try_from(fair).unwrap_or(u32::MAX)).max(1);
    }

    fn fail(&self, units: Document, error: &Arc<Error>) {
        let of_unit = |unit: documents::Unit| {
            let documents::Unit { shape, keys } = unit;
            keys.into_iter().map(move |key| (Arc::clone(&shape), key))
        };
        let jobs = units.into_iter().flat_map(of_unit);
        self.deliver(jobs.map(|job| (job, Err(Failure::Request(Arc::clone(error))))));
    }

    fn deliver(&self, outcomes: impl Iterator<Item = (Job, Outcome)>) {
        let mut state = self.state();
        for (job, outcome) in outcomes {
            for sender in state.waiting.remove(&job).into_iter().flat_map(|waiting| waiting.senders) {
                // The caller may have been dropped.
                let _ = sender.send(outcome.clone());
            }
        }
    }
}

/// A batch in flight. When its task ends, its remaining loads fail.
struct Sending {
    dispatcher: Arc<Dispatcher>,
    batch: Arc<Batch>,
}

impl Sending {
    /// Sends the batch, unless all callers that wait for it are dropped.
    async fn run(self, window: Duration) {
        let mut work = pin!(self.dispatcher.flush(window));
        loop {
            match select(work, pin!(self.batch.left())).await {
                Either::Left(((), _)) => return,
                Either::Right(((), rest)) => work = rest,
            }
            // No caller can join while the lock is held.
            let mut state = self.dispatcher.state();
            if !self.batch.is_wanted() {
                return state.forget(&self.batch);
            }
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.dispatcher.state().forget(&self.batch);
    }
}

fn outcome(found: Found) -> Outcome {
    found.map_err(Failure::Key)
}

/// The score and the limit, if the document was too complex for the server.
fn score_and_limit(error: &Error) -> Option<(u32, u32)> {
    error.graphql_errors().iter().find_map(GraphqlError::complexity)
}
