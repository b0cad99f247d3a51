//! Loaders: what programs load values by.

use super::dispatcher::{Hub, LoaderStatistics};
use super::key::{Key, LoadKey};
use super::load::{Failure, Load};
use super::plan::Budget;
use super::spec::Spec;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::graphql::handle::Graphql;
use glabflow_contract::graphql::cost::LIMITS;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

impl Graphql {
    /// A loader of what a spec looks up. Loads through it and its clones come together.
    pub fn loader<K: LoadKey, T>(&self, spec: Spec<K, T>) -> Loader<K, T> {
        self.loaders().loader(spec)
    }

    /// Loaders whose loads come together in the same documents.
    pub fn loaders(&self) -> Loaders {
        let budget = Budget { keys: 50, complexity: LIMITS.complexity, characters: LIMITS.characters };
        Loaders::new(self.clone(), self.clock(), Duration::from_millis(1), budget)
    }
}

/// Makes loaders whose loads come together in the same documents. Clones share what is under way.
#[derive(Clone)]
pub struct Loaders {
    graphql: Graphql,
    clock: Arc<dyn Clock>,
    window: Duration,
    budget: Budget,
    hub: Arc<Hub>,
}

impl Loaders {
    fn new(graphql: Graphql, clock: Arc<dyn Clock>, window: Duration, budget: Budget) -> Self {
        let hub = Hub::new(graphql.clone(), Arc::clone(&clock), window, budget);
        Loaders { graphql, clock, window, budget, hub }
    }

    fn again(self) -> Self {
        Loaders::new(self.graphql, self.clock, self.window, self.budget)
    }

    /// Puts at most so many keys into one document: 50 unless set.
    #[must_use]
    pub fn batch(mut self, keys: usize) -> Self {
        self.budget.keys = keys.max(1);
        self.again()
    }

    /// How long the first load waits for others: a millisecond unless set. With none, and where many keys come at once that fill
    /// a document, it waits for the tasks that are ready to run.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self.again()
    }

    /// What a document may cost: 250 points unless set. GitLab allows 200 without a token.
    #[must_use]
    pub fn complexity(mut self, points: u32) -> Self {
        self.budget.complexity = points.max(1);
        self.again()
    }

    /// A loader of what a spec looks up.
    pub fn loader<K: LoadKey, T>(&self, spec: Spec<K, T>) -> Loader<K, T> {
        Loader { hub: Arc::clone(&self.hub), spec, cache: None }
    }

    /// What these loaders have done.
    pub fn statistics(&self) -> LoaderStatistics {
        self.hub.statistics()
    }
}

impl fmt::Debug for Loaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaders").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}

/// Loads values by key. Clones share what is under way, and the cache.
///
/// ```no_run
/// # use glabflow::graphql::Spec;
/// # use serde_json::Value;
/// # async fn run(gl: glabflow::Client, paths: Vec<String>) -> Result<(), glabflow::Error> {
/// let spec = Spec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded();
/// let projects = gl.graphql().loader(spec.select::<String, Value>("name"));
/// // One request for 50 projects, also when they are asked for one by one in concurrent tasks.
/// for project in projects.load_all(paths).await {
///     println!("{:?}", project?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Loader<K, T> {
    hub: Arc<Hub>,
    spec: Spec<K, T>,
    cache: Option<Cached<T>>,
}

struct Cached<T> {
    values: Arc<Mutex<HashMap<Key, Option<T>>>>,
    copy: fn(&Option<T>) -> Option<T>,
}

impl<T> Cached<T> {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Option<T>>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A load that has been asked for.
enum Asked<T> {
    Here(Result<Option<T>, Error>),
    Coming(Key, Load),
}

impl<K: LoadKey, T> Loader<K, T> {
    /// Loads a value; `None` when there is none, or this token may not see it.
    ///
    /// # Errors
    /// When the server could not give it, or the request failed. A request's error is that of all of its keys.
    pub async fn load(&self, key: impl Into<K>) -> Result<Option<T>, Error> {
        let mut all = self.load_all([key]).await;
        all.pop().unwrap_or(Ok(None))
    }

    /// Loads several values; the results come in the order of the keys.
    pub async fn load_all<I: Into<K>>(&self, keys: impl IntoIterator<Item = I>) -> Vec<Result<Option<T>, Error>> {
        let keys: Vec<K> = keys.into_iter().map(Into::into).collect();
        let mut results = Vec::with_capacity(keys.len());
        for asked in self.ask(&keys) {
            results.push(match asked {
                Asked::Here(result) => result,
                Asked::Coming(key, load) => self.receive(key, load).await,
            });
        }
        results
    }

    fn ask(&self, keys: &[K]) -> Vec<Asked<T>> {
        let shape = &self.spec.shape;
        let mut jobs = Vec::new();
        let mut asked: Vec<Option<Asked<T>>> = Vec::new();
        for key in keys {
            let parts = key.parts();
            let problem = match &shape.score {
                Err(problem) => Some(format!("`{}` cannot be selected: {problem}", shape.selection)),
                Ok(_) if parts.len() != shape.parts() => {
                    Some(format!("a key has {} parts, and its lookup takes {}", parts.len(), shape.parts()))
                }
                Ok(_) => None,
            };
            if let Some(problem) = problem {
                asked.push(Some(Asked::Here(Err(Error::new(ErrorKind::Argument, problem)))));
                continue;
            }
            let key = Key::new(shape, parts);
            let cached = self.cache.as_ref().and_then(|cache| cache.lock().get(&key).map(cache.copy));
            match cached {
                Some(value) => {
                    self.hub.count_cached();
                    asked.push(Some(Asked::Here(Ok(value))));
                }
                None => {
                    jobs.push((Arc::clone(shape), key));
                    asked.push(None);
                }
            }
        }
        let keys: Vec<Key> = jobs.iter().map(|(_, key)| key.clone()).collect();
        let mut coming = keys.into_iter().zip(self.hub.ask(jobs));
        asked
            .into_iter()
            .filter_map(|asked| asked.or_else(|| coming.next().map(|(key, load)| Asked::Coming(key, load))))
            .collect()
    }

    async fn receive(&self, key: Key, load: Load) -> Result<Option<T>, Error> {
        let outcome = load.await.map_err(|_| {
            let text = "the task that loads this key ended before its batch was answered";
            Error::new(ErrorKind::Transport, text)
                .with_hint(Some("it panicked, or the runtime in which the batch began was shut down; load it again"))
        })?;
        let value = match outcome.map_err(Failure::into_error)? {
            Some(value) => Some(self.decode(&value)?),
            None => None,
        };
        if let Some(cache) = &self.cache {
            cache.lock().insert(key, (cache.copy)(&value));
        }
        Ok(value)
    }

    fn decode(&self, json: &str) -> Result<T, Error> {
        (self.spec.decode)(json).map_err(|error| {
            let text = format!("a `{}` does not have the expected shape", self.name());
            Error::new(ErrorKind::Decode, text).with_source(error)
        })
    }

    fn name(&self) -> &str {
        self.spec.shape.steps.last().map_or("", |step| step.field.as_str())
    }

    /// What the loaders that share requests with this one have done.
    pub fn statistics(&self) -> LoaderStatistics {
        self.hub.statistics()
    }

    /// Keeps what is loaded from now on, also that a key has no value. Errors are not kept.
    #[must_use]
    pub fn cached(mut self) -> Self
    where
        T: Clone,
    {
        self.cache = Some(Cached { values: Arc::default(), copy: Option::clone });
        self
    }

    /// Puts a value into the cache; without one, this does nothing.
    pub fn prime(&self, key: impl Into<K>, value: Option<T>) {
        if let Some(cache) = &self.cache {
            cache.lock().insert(Key::new(&self.spec.shape, key.into().parts()), value);
        }
    }

    /// Takes a key out of the cache.
    pub fn clear(&self, key: impl Into<K>) {
        if let Some(cache) = &self.cache {
            cache.lock().remove(&Key::new(&self.spec.shape, key.into().parts()));
        }
    }

    /// Empties the cache.
    pub fn clear_all(&self) {
        if let Some(cache) = &self.cache {
            cache.lock().clear();
        }
    }
}

impl<K, T> Clone for Loader<K, T> {
    fn clone(&self) -> Self {
        let cache = self.cache.as_ref().map(|cache| Cached { values: Arc::clone(&cache.values), copy: cache.copy });
        Loader { hub: Arc::clone(&self.hub), spec: self.spec.clone(), cache }
    }
}

impl<K, T> fmt::Debug for Loader<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("spec", &self.spec).finish_non_exhaustive()
    }
}
