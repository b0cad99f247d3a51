//! Answers of queries, kept for a while.
//!
//! What is kept is the body of an answer without errors: a hit costs decoding it again, and needs no type that can be
//! cloned. The key is the request's body together with the server and a hash of the token, so callers of different tokens
//! never share an answer.

use super::envelope::Envelope;
use crate::clock::Clock;
use crate::error::Error;
use crate::send::response::Answer;
use bytes::Bytes;
use http::HeaderMap;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What keeping an answer costs beside its bytes and its key.
const OVERHEAD: usize = 512;

/// A cache of GraphQL answers. Clones share what is in it, also between clients.
///
/// Only answers of queries are kept, and only those without errors. When several callers miss the same answer at once, one
/// request is sent for all of them.
#[derive(Clone)]
pub struct Cache(Arc<Shared>);

struct Shared {
    max_bytes: usize,
    ttl: Duration,
    /// Keys that nobody knows, so that no token can be made whose hash is another's.
    hashers: [RandomState; 2],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    entries: HashMap<Arc<Key>, Kept>,
    /// The keys by when they were last used.
    order: BTreeMap<u64, Arc<Key>>,
    /// Requests under way.
    flights: HashMap<Arc<Key>, Flight>,
    tick: u64,
    statistics: CacheStatistics,
}

struct Kept {
    answer: Arc<Answer>,
    tags: Vec<String>,
    weight: usize,
    expires: Instant,
    used: u64,
}

struct Flight {
    id: u64,
    tags: Vec<String>,
    landed: watch::Receiver<Landed>,
}

/// What became of a request that others wait for.
#[derive(Clone)]
enum Landed {
    Flying,
    Answer(Arc<Answer>),
    Failed,
}

/// What a cache has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Answers that were there.
    pub hits: u64,
    /// Answers that had to be asked for.
    pub misses: u64,
    /// Answers that another caller had already asked for.
    pub coalesced: u64,
    /// Answers removed to make room.
    pub evictions: u64,
    /// Answers removed by tag.
    pub invalidations: u64,
    /// Answers that are there.
    pub entries: usize,
    /// Bytes that they weigh.
    pub bytes: usize,
}

/// What an answer is kept under.
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

/// What to do about a key.
enum Turn {
    Hit(Arc<Answer>),
    /// Someone has asked already.
    Wait(watch::Receiver<Landed>),
    /// Nobody has.
    Ask(u64, watch::Sender<Landed>),
}

impl Cache {
    /// A cache that keeps answers for `ttl` and weighs `max_bytes` at most.
    pub fn new(max_bytes: usize, ttl: Duration) -> Self {
        Cache(Arc::new(Shared {
            max_bytes,
            ttl,
            hashers: [RandomState::new(), RandomState::new()],
            state: Mutex::default(),
        }))
    }

    /// What it has done so far.
    pub fn statistics(&self) -> CacheStatistics {
        let state = self.lock();
        CacheStatistics { entries: state.entries.len(), ..state.statistics }
    }

    /// Removes what is kept under a tag. An answer on its way under this tag reaches those who wait for it, and is not kept.
    pub fn invalidate(&self, tag: &str) {
        self.lock().invalidate(|tags| tags.iter().any(|one| one == tag));
    }

    /// Removes everything.
    pub fn clear(&self) {
        self.lock().invalidate(|_| true);
    }

    /// Removes what is kept under these tags when the value is dropped: when the mutation is over, however it ends.
    pub(super) fn invalidating(&self, tags: Vec<String>) -> Invalidating<'_> {
        Invalidating { cache: self, tags }
    }

    /// The answer that is kept, or the one that `ask` gives; and whether it was kept.
    pub(super) async fn fetch<F: Future<Output = Result<Answer, Error>>>(
        &self,
        key: Key,
        tags: impl FnOnce() -> Vec<String>,
        clock: &dyn Clock,
        ask: impl FnOnce() -> F,
    ) -> Result<(Answer, bool), Error> {
        let key = Arc::new(key);
        let mut tags = Some(tags);
        loop {
            let turn = self.lock().turn(&key, &mut tags, clock.now());
            match turn {
                Turn::Hit(answer) => return Ok(((*answer).clone(), true)),
                Turn::Wait(mut landed) => {
                    let landed = landed.wait_for(|landed| !matches!(landed, Landed::Flying)).await.map(|it| it.clone());
                    match landed {
                        Ok(Landed::Answer(answer)) => return Ok(((*answer).clone(), true)),
                        // Errors cannot be shared; waiting for one another would only add up the delays.
                        Ok(_) => return Ok((ask().await?, false)),
                        // Who asked has gone away: someone else's turn.
                        Err(_) => {}
                    }
                }
                Turn::Ask(id, landed) => {
                    let boarding = Boarding { cache: self, key: &key, id };
                    let asked = ask().await;
                    let outcome = match asked {
                        Ok(answer) => {
                            let answer = Arc::new(answer);
                            self.lock().keep(&self.0, &key, id, &answer, clock.now());
                            landed.send_replace(Landed::Answer(Arc::clone(&answer)));
                            Ok(((*answer).clone(), false))
                        }
                        Err(error) => {
                            landed.send_replace(Landed::Failed);
                            Err(error)
                        }
                    };
                    drop(boarding);
                    return outcome;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a flight, also when whoever asked goes away before the answer is there.
struct Boarding<'a> {
    cache: &'a Cache,
    key: &'a Arc<Key>,
    id: u64,
}

impl Drop for Boarding<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.lock();
        if state.flights.get(self.key).is_some_and(|flight| flight.id == self.id) {
            state.flights.remove(self.key);
        }
    }
}

/// Removes what is kept under tags when it is dropped.
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

    fn turn(&mut self, key: &Arc<Key>, tags: &mut Option<impl FnOnce() -> Vec<String>>, now: Instant) -> Turn {
        let tick = self.next();
        match self.entries.get_mut(key) {
            Some(kept) if now < kept.expires => {
                if let Some(key) = self.order.remove(&kept.used) {
                    self.order.insert(tick, key);
                }
                kept.used = tick;
                self.statistics.hits += 1;
                return Turn::Hit(Arc::clone(&kept.answer));
            }
            Some(_) => self.remove(key),
            None => {}
        }
        if let Some(flight) = self.flights.get(key) {
            self.statistics.coalesced += 1;
            return Turn::Wait(flight.landed.clone());
        }
        self.statistics.misses += 1;
        let (sender, landed) = watch::channel(Landed::Flying);
        let tags = tags.take().map(|tags| tags()).unwrap_or_default();
        self.flights.insert(Arc::clone(key), Flight { id: tick, tags, landed });
        Turn::Ask(tick, sender)
    }

    /// Keeps the answer of a flight, unless something has made it old meanwhile.
    fn keep(&mut self, shared: &Shared, key: &Arc<Key>, id: u64, answer: &Arc<Answer>, now: Instant) {
        if self.flights.get(key).is_none_or(|flight| flight.id != id) || !is_whole(answer) {
            return;
        }
        let tags = self.flights.remove(key).map(|flight| flight.tags).unwrap_or_default();
        let weight = OVERHEAD + key.body.len() + answer.body.len();
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
        let kept = Kept { answer: Arc::clone(answer), tags, weight, expires, used };
        self.entries.insert(Arc::clone(key), kept);
    }

    fn remove(&mut self, key: &Arc<Key>) {
        if let Some(kept) = self.entries.remove(key) {
            self.order.remove(&kept.used);
            self.statistics.bytes -= kept.weight;
        }
    }

    fn invalidate(&mut self, is_meant: impl Fn(&[String]) -> bool) {
        let meant = self.entries.iter().filter(|(_, kept)| is_meant(&kept.tags));
        let meant: Vec<Arc<Key>> = meant.map(|(key, _)| Arc::clone(key)).collect();
        self.statistics.invalidations += meant.len() as u64;
        for key in meant {
            self.remove(&key);
        }
        self.flights.retain(|_, flight| !is_meant(&flight.tags));
    }
}

/// Whether an answer has data and no errors.
fn is_whole(answer: &Answer) -> bool {
    Envelope::decode(&answer.body, super::envelope::Ignore)
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
