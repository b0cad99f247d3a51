//! Where loads of all loaders come together: waits a moment, sends documents, hands the answers out.

use super::answer::{self, Found, Parts};
use super::key::Key;
use super::load::{Batch, Failure, Load, Outcome};
use super::plan::{self, Budget, Document};
use super::shape::Shape;
use crate::clock::Clock;
use crate::error::Error;
use crate::error::graphql::GraphqlError;
use crate::graphql::handle::Graphql;
use futures_util::future::{BoxFuture, Either, join_all, select};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

type Job = (Arc<Shape>, Key);

/// What loaders have done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoaderStatistics {
    /// Keys that were asked for.
    pub loads: u64,
    /// Of them, those which were cached.
    pub cached: u64,
    /// Of them, those which joined a load of the same key.
    pub joined: u64,
    /// How often waiting loads were put together.
    pub batches: u64,
    /// Documents that were sent.
    pub requests: u64,
    /// Documents that the server refused for their complexity, and that were halved.
    pub splits: u64,
}

pub(super) struct Hub {
    graphql: Graphql,
    clock: Arc<dyn Clock>,
    window: Duration,
    state: Mutex<State>,
}

struct State {
    budget: Budget,
    waiting: HashMap<Job, Waiting>,
    /// What has not been sent yet.
    queue: Vec<Job>,
    /// The batch of what has not been sent yet.
    batch: Arc<Batch>,
    statistics: LoaderStatistics,
}

/// Those who wait for one key.
struct Waiting {
    /// The batch that the key is sent with.
    batch: Arc<Batch>,
    senders: Vec<oneshot::Sender<Outcome>>,
}

impl State {
    /// Gives up what waits for a batch, of which nothing more will come.
    fn forget(&mut self, batch: &Arc<Batch>) {
        if Arc::ptr_eq(&self.batch, batch) {
            self.queue.clear();
            self.batch = Arc::default();
        }
        self.waiting.retain(|_, waiting| !Arc::ptr_eq(&waiting.batch, batch));
    }
}

impl Hub {
    pub(super) fn new(graphql: Graphql, clock: Arc<dyn Clock>, window: Duration, budget: Budget) -> Arc<Self> {
        let state = State {
            budget,
            waiting: HashMap::new(),
            queue: Vec::new(),
            batch: Arc::default(),
            statistics: LoaderStatistics::default(),
        };
        Arc::new(Hub { graphql, clock, window, state: Mutex::new(state) })
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

    /// Asks for keys; the answers come in their order.
    pub(super) fn ask(self: &Arc<Self>, jobs: Vec<Job>) -> Vec<Load> {
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
        // What fills a document has nothing to gain from waiting for more.
        let window = if state.queue.len() >= state.budget.keys { Duration::ZERO } else { self.window };
        drop(locked);
        if let Some(batch) = begun {
            let sending = Sending { hub: Arc::clone(self), batch };
            tokio::spawn(async move { sending.run(window).await });
        }
        loads
    }

    /// Waits until no more loads come, then sends what is there.
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
            // What nobody waits for any more is not sent.
            queue.retain(|job| {
                let is_wanted = waiting.get(job).is_some_and(|all| all.senders.iter().any(|it| !it.is_closed()));
                if !is_wanted {
                    waiting.remove(job);
                }
                is_wanted
            });
            statistics.batches += u64::from(!queue.is_empty());
            plan::pack(std::mem::take(queue), *budget)
        };
        join_all(documents.into_iter().map(|document| self.send(document))).await;
    }

    fn send(&self, document: Document) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let (text, variables) = plan::render(&document);
            self.state().statistics.requests += 1;
            match self.graphql.document(text).variables(variables).execute_by(Parts(&document)).await {
                Ok(response) => {
                    let parts = response.output.unwrap_or_default();
                    let found = answer::take_apart(&document, parts, &response.errors);
                    self.answer(found.into_iter().map(|(job, found)| (job, outcome(found))));
                }
                Err(error) => self.send_again(document, Arc::new(error)).await,
            }
        })
    }

    /// Sends what a refused document asks for in other documents, where that can help, and fails the rest.
    async fn send_again(&self, document: Document, error: Arc<Error>) {
        if let Some(score) = refused_score(&error) {
            match plan::halves(document) {
                Ok(halves) => {
                    self.learn(score, halves.iter().map(|half| plan::price(half)).sum());
                    self.state().statistics.splits += 1;
                    self.send_all(halves).await;
                }
                Err(document) => self.fail(document, &error),
            }
            return;
        }
        match plan::blamed(document, error.graphql_errors()) {
            // Of a list's keys, the server does not say which.
            Ok([refused, fine]) => {
                let mut again = vec![fine];
                for unit in refused {
                    match plan::halves(vec![unit]) {
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

    /// Lets the next documents cost less: ours was an estimate, and the server has counted.
    fn learn(&self, (score, limit): (u32, u32), estimate: u32) {
        let fair = u64::from(estimate) * u64::from(limit) / u64::from(score.max(1));
        let mut state = self.state();
        state.budget.complexity = state.budget.complexity.min(u32::try_from(fair).unwrap_or(u32::MAX)).max(1);
    }

    fn fail(&self, units: Document, error: &Arc<Error>) {
        let of_unit = |unit: plan::Unit| {
            let plan::Unit { shape, keys } = unit;
            keys.into_iter().map(move |key| (Arc::clone(&shape), key))
        };
        let jobs = units.into_iter().flat_map(of_unit);
        self.answer(jobs.map(|job| (job, Err(Failure::Request(Arc::clone(error))))));
    }

    fn answer(&self, outcomes: impl Iterator<Item = (Job, Outcome)>) {
        let mut state = self.state();
        for (job, outcome) in outcomes {
            for sender in state.waiting.remove(&job).into_iter().flat_map(|waiting| waiting.senders) {
                // Whoever has gone away does not need it.
                let _ = sender.send(outcome.clone());
            }
        }
    }
}

/// A batch on its way. However its task ends, nobody waits for it in vain afterwards.
struct Sending {
    hub: Arc<Hub>,
    batch: Arc<Batch>,
}

impl Sending {
    /// Sends the batch, unless all go away who wait for it.
    async fn run(self, window: Duration) {
        let mut work = pin!(self.hub.flush(window));
        loop {
            match select(work, pin!(self.batch.left())).await {
                Either::Left(((), _)) => return,
                Either::Right(((), rest)) => work = rest,
            }
            // Under the lock, nobody joins.
            let mut state = self.hub.state();
            if !self.batch.is_wanted() {
                return state.forget(&self.batch);
            }
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.hub.state().forget(&self.batch);
    }
}

fn outcome(found: Found) -> Outcome {
    found.map_err(Failure::Key)
}

/// The score and the limit, where the server refused a document for its complexity.
fn refused_score(error: &Error) -> Option<(u32, u32)> {
    error.graphql_errors().iter().find_map(GraphqlError::complexity)
}
