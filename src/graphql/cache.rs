//! A cache of query responses.
//!
//! It keeps the bodies of responses without errors. A hit decodes the body again, so outputs need not be cloneable. The key is the
//! request's body together with the server and a hash of the token, so callers with different tokens never share a response.

use super::envelope::Envelope;
use crate::clock::Clock;
use crate::error::Error;
use crate::send::response::RawResponse;
use bytes::Bytes;
use http::HeaderMap;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Bytes that an entry uses besides its body and its key.
const OVERHEAD: usize = 512;

/// A cache of GraphQL responses. Clones share their entries, also across clients.
///
/// It keeps only responses to queries, and only those without errors. If several callers miss the same response at once, one request
/// is sent for all of them.
#[derive(Clone)]
pub struct Cache(Arc<Shared>);

struct Shared {
    max_bytes: usize,
    ttl: Duration,
    /// Secret hash keys, so that nobody can find a token with the hash of another one.
    hashers: [RandomState; 2],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Arc<Key>, Entry>,
    /// The keys by when they were last used.
    order: BTreeMap<u64, Arc<Key>>,
    /// Requests in flight.
    in_flight: HashMap<Arc<Key>, InFlight>,
    tick: u64,
    statistics: CacheStatistics,
}

struct Entry {
    response: Arc<RawResponse>,
    tags: Vec<String>,
    weight: usize,
    expires: Instant,
    used: u64,
}

struct InFlight {
    id: u64,
    tags: Vec<String>,
    outcome: watch::Receiver<Outcome>,
}

/// The outcome of a request that other callers wait for.
#[derive(Clone)]
enum Outcome {
    Pending,
    Response(Arc<RawResponse>),
    Failed,
}

/// Counters of a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Responses from the cache.
    pub hits: u64,
    /// Responses that were requested from the server.
    pub misses: u64,
    /// Responses that another caller had already requested.
    pub coalesced: u64,
    /// Entries removed to make room.
    pub evictions: u64,
    /// Entries removed by tag.
    pub invalidations: u64,
    /// Current entries.
    pub entries: usize,
    /// Bytes of the current entries.
    pub bytes: usize,
}

/// The key of an entry.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    server: Box<str>,
    identity: [u64; 2],
    body: Bytes,
}

impl Key {
    pub(super) fn new(cache: &Cache, server: &str, identity: &HeaderMap, body: &Bytes) -> Self {
        let identity = [0, 1].map(|at: usize| {
            let mut hasher = cache.0.hashers[at].build_hasher();
            for (name, value) in identity {
                for bytes in [name.as_str().as_bytes(), value.as_bytes()] {
                    hasher.write_usize(bytes.len());
                    hasher.write(bytes);
                }
            }
            hasher.finish()
        });
        Key { server: server.into(), identity, body: body.clone() }
    }
}

/// How a caller gets the response for a key.
enum Join {
    Hit(Arc<RawResponse>),
    /// Another caller has sent the request.
    Follow(watch::Receiver<Outcome>),
    /// This caller sends the request.
    Lead(u64, watch::Sender<Outcome>),
}

impl Cache {
    /// A cache that keeps responses for `ttl` and uses at most `max_bytes`.
    pub fn new(max_bytes: usize, ttl: Duration) -> Self {
        Cache(Arc::new(Shared {
            max_bytes,
            ttl,
            hashers: [RandomState::new(), RandomState::new()],
            state: Mutex::default(),
        }))
    }

    /// Its counters.
    pub fn statistics(&self) -> CacheStatistics {
        let state = self.lock();
        CacheStatistics { entries: state.entries.len(), ..state.statistics }
    }

    /// Removes the entries with a tag. Responses to requests in flight with this tag reach their callers, but are not kept.
    pub fn invalidate(&self, tag: &str) {
        self.lock().invalidate(|tags| tags.iter().any(|one| one == tag));
    }

    /// Removes all entries.
    pub fn clear(&self) {
        self.lock().invalidate(|_| true);
    }

    /// Removes the entries with these tags when the value is dropped: when the mutation ends, with or without an error.
    pub(super) fn invalidating(&self, tags: Vec<String>) -> Invalidating<'_> {
        Invalidating { cache: self, tags }
    }

    /// The response from the cache, or else from `send`. The second value says whether it was cached.
    pub(super) async fn fetch<F: Future<Output = Result<RawResponse, Error>>>(
        &self,
        key: Key,
        tags: impl FnOnce() -> Vec<String>,
        clock: &dyn Clock,
        send: impl FnOnce() -> F,
    ) -> Result<(RawResponse, bool), Error> {
        let key = Arc::new(key);
        let mut tags = Some(tags);
        loop {
            let join = self.lock().join(&key, &mut tags, clock.now());
            match join {
                Join::Hit(response) => return Ok(((*response).clone(), true)),
                Join::Follow(mut outcome) => {
                    let outcome = outcome.wait_for(|outcome| !matches!(outcome, Outcome::Pending)).await;
                    match outcome.map(|outcome| outcome.clone()) {
                        Ok(Outcome::Response(response)) => return Ok(((*response).clone(), true)),
                        // Errors cannot be shared, and following the next caller would only add up the delays.
                        Ok(_) => return Ok((send().await?, false)),
                        // The caller that sent the request was dropped. Another one leads.
                        Err(_) => {}
                    }
                }
                Join::Lead(id, outcome) => {
                    let lead = Lead { cache: self, key: &key, id };
                    let result = match send().await {
                        Ok(response) => {
                            let response = Arc::new(response);
                            self.lock().keep(&self.0, &key, id, &response, clock.now());
                            outcome.send_replace(Outcome::Response(Arc::clone(&response)));
                            Ok(((*response).clone(), false))
                        }
                        Err(error) => {
                            outcome.send_replace(Outcome::Failed);
                            Err(error)
                        }
                    };
                    drop(lead);
                    return result;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The caller that sends the request. When it is dropped, even before the response, the request is no longer in flight.
struct Lead<'a> {
    cache: &'a Cache,
    key: &'a Arc<Key>,
    id: u64,
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        if state.in_flight.get(self.key).is_some_and(|request| request.id == self.id) {
            state.in_flight.remove(self.key);
        }
    }
}

/// Removes the entries with some tags when it is dropped.
pub(super) struct Invalidating<'a> {
    cache: &'a Cache,
    tags: Vec<String>,
}

impl Drop for Invalidating<'_> {
    fn drop(&mut self) {
        self.cache.lock().invalidate(|tags| tags.iter().any(|tag| self.tags.contains(tag)));
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.tick += 1;
        self.tick
    }

    fn join(&mut self, key: &Arc<Key>, tags: &mut Option<impl FnOnce() -> Vec<String>>, now: Instant) -> Join {
        let tick = self.next();
        match self.entries.get_mut(key) {
            Some(entry) if now < entry.expires => {
                if let Some(key) = self.order.remove(&entry.used) {
                    self.order.insert(tick, key);
                }
                entry.used = tick;
                self.statistics.hits += 1;
                return Join::Hit(Arc::clone(&entry.response));
            }
            Some(_) => self.remove(key),
            None => {}
        }
        if let Some(request) = self.in_flight.get(key) {
            self.statistics.coalesced += 1;
            return Join::Follow(request.outcome.clone());
        }
        self.statistics.misses += 1;
        let (sender, outcome) = watch::channel(Outcome::Pending);
        let tags = tags.take().map(|tags| tags()).unwrap_or_default();
        self.in_flight.insert(Arc::clone(key), InFlight { id: tick, tags, outcome });
        Join::Lead(tick, sender)
    }

    /// Keeps the response to a request in flight, unless its tags were invalidated in the meantime.
    fn keep(&mut self, shared: &Shared, key: &Arc<Key>, id: u64, response: &Arc<RawResponse>, now: Instant) {
        if self.in_flight.get(key).is_none_or(|request| request.id != id) || !is_whole(response) {
            return;
        }
        let tags = self.in_flight.remove(key).map(|request| request.tags).unwrap_or_default();
        let weight = OVERHEAD + key.body.len() + response.body.len();
        let Some(expires) = now.checked_add(shared.ttl) else { return };
        if weight > shared.max_bytes {
            return;
        }
        while self.statistics.bytes + weight > shared.max_bytes {
            let Some(oldest) = self.order.first_key_value().map(|(_, key)| Arc::clone(key)) else { break };
            self.remove(&oldest);
            self.statistics.evictions += 1;
        }
        let used = self.next();
        self.order.insert(used, Arc::clone(key));
        self.statistics.bytes += weight;
        let entry = Entry { response: Arc::clone(response), tags, weight, expires, used };
        self.entries.insert(Arc::clone(key), entry);
    }

    fn remove(&mut self, key: &Arc<Key>) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.used);
            self.statistics.bytes -= entry.weight;
        }
    }

    fn invalidate(&mut self, matches: impl Fn(&[String]) -> bool) {
        let invalid = self.entries.iter().filter(|(_, entry)| matches(&entry.tags));
        let invalid: Vec<Arc<Key>> = invalid.map(|(key, _)| Arc::clone(key)).collect();
        self.statistics.invalidations += invalid.len() as u64;
        for key in invalid {
            self.remove(&key);
        }
        self.in_flight.retain(|_, request| !matches(&request.tags));
    }
}

/// Whether a response has data and no errors.
fn is_whole(response: &RawResponse) -> bool {
    Envelope::decode(&response.body, super::envelope::Ignore)
        .is_ok_and(|envelope| envelope.data.is_some() && envelope.errors.is_empty())
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("max_bytes", &self.0.max_bytes)
            .field("ttl", &self.0.ttl)
            .field("statistics", &self.statistics())
            .finish()
    }
}
