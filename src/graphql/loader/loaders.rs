//! The public loaders.

use super::dispatcher::{Dispatcher, LoaderStatistics};
use super::documents::Budget;
use super::key::{Key, LoadKey};
use super::load::{Failure, Load};
use super::spec::LoaderSpec;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::graphql::handle::Graphql;
use glabflow_contract::graphql::cost::LIMITS;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

impl Graphql {
    /// A loader. Its loads and those of its clones share documents.
    pub fn loader<K: LoadKey, T>(&self, spec: LoaderSpec<K, T>) -> Loader<K, T> {
        self.loaders().loader(spec)
    }

    /// Loaders whose loads share documents.
    pub fn loaders(&self) -> Loaders {
        let budget = Budget { keys: 50, complexity: LIMITS.complexity, characters: LIMITS.characters };
        Loaders::new(self.clone(), self.clock(), Duration::from_millis(1), budget)
    }
}

/// Creates loaders whose loads share documents. Clones share the loads in flight.
#[derive(Clone)]
pub struct Loaders {
    graphql: Graphql,
    clock: Arc<dyn Clock>,
    window: Duration,
    budget: Budget,
    dispatcher: Arc<Dispatcher>,
}

impl Loaders {
    fn new(graphql: Graphql, clock: Arc<dyn Clock>, window: Duration, budget: Budget) -> Self {
        let dispatcher = Dispatcher::new(graphql.clone(), Arc::clone(&clock), window, budget);
        Loaders { graphql, clock, window, budget, dispatcher }
    }

    /// The same loaders with other settings. Loads in flight stay with the old ones.
    fn rebuilt(self) -> Self {
        Loaders::new(self.graphql, self.clock, self.window, self.budget)
    }

    /// Maximum number of keys in one document (default: 50).
    #[must_use]
    pub fn batch(mut self, keys: usize) -> Self {
        self.budget.keys = keys.max(1);
        self.rebuilt()
    }

    /// How long the first load waits for others (default: 1 ms). With a window of zero, or if the keys already fill a document, it
    /// waits only for the tasks that are ready to run.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self.rebuilt()
    }

    /// Maximum complexity of a document (default: 250 points). GitLab allows 200 without a token.
    #[must_use]
    pub fn complexity(mut self, points: u32) -> Self {
        self.budget.complexity = points.max(1);
        self.rebuilt()
    }

    /// A loader for a spec.
    pub fn loader<K: LoadKey, T>(&self, spec: LoaderSpec<K, T>) -> Loader<K, T> {
        Loader { dispatcher: Arc::clone(&self.dispatcher), spec, cache: None }
    }

    /// The counters of these loaders.
    pub fn statistics(&self) -> LoaderStatistics {
        self.dispatcher.statistics()
    }
}

impl fmt::Debug for Loaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaders").field("statistics", &self.statistics()).finish_non_exhaustive()
    }
}

/// Loads values by key. Clones share the loads in flight and the cache.
///
/// ```no_run
/// # use glabflow::graphql::LoaderSpec;
/// # use serde_json::Value;
/// # async fn run(gl: glabflow::Client, paths: Vec<String>) -> Result<(), glabflow::Error> {
/// let spec = LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath").folded();
/// let projects = gl.graphql().loader(spec.select::<String, Value>("name"));
/// // One request for 50 projects, even if concurrent tasks load them one by one.
/// for project in projects.load_all(paths).await {
///     println!("{:?}", project?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Loader<K, T> {
    dispatcher: Arc<Dispatcher>,
    spec: LoaderSpec<K, T>,
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

/// A requested key.
enum Requested<T> {
    Done(Result<Option<T>, Error>),
    Loading(Key, Load),
}

impl<K: LoadKey, T> Loader<K, T> {
    /// Loads a value; `None` if it does not exist or this token may not see it.
    ///
    /// # Errors
    /// If the server reports an error for this key, or the request fails. The error of a request is the error of all its keys.
    pub async fn load(&self, key: impl Into<K>) -> Result<Option<T>, Error> {
        let mut all = self.load_all([key]).await;
        all.pop().unwrap_or(Ok(None))
    }

    /// Loads several values. The results are in the order of the keys.
    pub async fn load_all<I: Into<K>>(&self, keys: impl IntoIterator<Item = I>) -> Vec<Result<Option<T>, Error>> {
        let keys: Vec<K> = keys.into_iter().map(Into::into).collect();
        let mut results = Vec::with_capacity(keys.len());
        for requested in self.request(&keys) {
            results.push(match requested {
                Requested::Done(result) => result,
                Requested::Loading(key, load) => self.receive(key, load).await,
            });
        }
        results
    }

    fn request(&self, keys: &[K]) -> Vec<Requested<T>> {
        let shape = &self.spec.shape;
        let mut jobs = Vec::new();
        let mut requested: Vec<Option<Requested<T>>> = Vec::new();
        for key in keys {
            let parts = key.parts();
            let problem = match &shape.selected.score {
                Err(problem) => Some(format!("`{}` cannot be selected: {problem}", shape.selected.text)),
                Ok(_) if parts.len() != shape.parts() => {
                    Some(format!("the key has {} parts, but the lookup takes {}", parts.len(), shape.parts()))
                }
                Ok(_) => None,
            };
            if let Some(problem) = problem {
                requested.push(Some(Requested::Done(Err(Error::new(ErrorKind::Argument, problem)))));
                continue;
            }
            let key = Key::new(shape, parts);
            let cached = self.cache.as_ref().and_then(|cache| cache.lock().get(&key).map(cache.copy));
            match cached {
                Some(value) => {
                    self.dispatcher.count_cached();
                    requested.push(Some(Requested::Done(Ok(value))));
                }
                None => {
                    jobs.push((Arc::clone(shape), key));
                    requested.push(None);
                }
            }
        }
        let keys: Vec<Key> = jobs.iter().map(|(_, key)| key.clone()).collect();
        let mut loading = keys.into_iter().zip(self.dispatcher.load(jobs));
        let mut next = || loading.next().map(|(key, load)| Requested::Loading(key, load));
        requested.into_iter().filter_map(|requested| requested.or_else(&mut next)).collect()
    }

    async fn receive(&self, key: Key, load: Load) -> Result<Option<T>, Error> {
        let outcome = load.await.map_err(|_| {
            let text = "the task that loads this key ended before the response";
            Error::new(ErrorKind::Transport, text)
                .with_hint(Some("it panicked, or its runtime was shut down; load the key again"))
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

    /// The counters of all loaders that share documents with this one.
    pub fn statistics(&self) -> LoaderStatistics {
        self.dispatcher.statistics()
    }

    /// Keeps loaded values, and keys without a value. Errors are not kept.
    #[must_use]
    pub fn cached(mut self) -> Self
    where
        T: Clone,
    {
        self.cache = Some(Cached { values: Arc::default(), copy: Option::clone });
        self
    }

    /// Puts a value into the cache. Without a cache, this does nothing.
    pub fn prime(&self, key: impl Into<K>, value: Option<T>) {
        if let Some(cache) = &self.cache {
            cache.lock().insert(Key::new(&self.spec.shape, key.into().parts()), value);
        }
    }

    /// Removes a key from the cache.
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
        Loader { dispatcher: Arc::clone(&self.dispatcher), spec: self.spec.clone(), cache }
    }
}

impl<K, T> fmt::Debug for Loader<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("spec", &self.spec).finish_non_exhaustive()
    }
}
