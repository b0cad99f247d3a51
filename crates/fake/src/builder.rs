//! The configuration of a server.

use crate::capacity::Capacity;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::identity::{Identity, Scope, Tokens};
use crate::limit::{Limiter, RateLimit, USUAL_LIMIT};
use crate::log::Log;
use crate::rest::Rest;
use crate::script::{Faults, Scripted};
use crate::server::Server;
use crate::shapes::Shapes;
use crate::store::Store;
use crate::world::World;
use glabflow_contract::index::LazyIndex;
use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// The largest number of users, groups or projects.
const MOST: u64 = 10_000_000;

/// Sets up a [`Fake`](crate::Fake).
#[derive(Debug)]
pub struct Builder {
    users: u64,
    groups: u64,
    projects: u64,
    pub(crate) port: u16,
    root: String,
    version: String,
    pub(crate) threads: usize,
    offset_limit: Option<u64>,
    #[cfg(feature = "graphql")]
    complexity_limit: Option<u32>,
    limits: Vec<RateLimit>,
    capacity: Option<Capacity>,
    retry_after: Duration,
    faults: Faults,
    tokens: Tokens,
    clock: Clock,
    index: &'static LazyIndex,
}

impl Default for Builder {
    fn default() -> Self {
        Builder {
            users: 1000,
            groups: 31,
            projects: 200,
            port: 0,
            root: String::new(),
            version: "18.9.0-ee".to_owned(),
            threads: 1,
            offset_limit: Some(50_000),
            #[cfg(feature = "graphql")]
            complexity_limit: None,
            limits: Vec::new(),
            capacity: None,
            retry_after: Duration::ZERO,
            faults: Faults {
                kinds: vec![
                    Fault::Status(500),
                    Fault::Status(502),
                    Fault::Status(503),
                    Fault::RateLimited,
                    Fault::Truncate,
                    Fault::Reset,
                ],
                ..Faults::default()
            },
            tokens: Tokens::default(),
            clock: Clock::system(),
            index: &glabflow_index::REST,
        }
    }
}

impl Builder {
    /// The number of users (default: 1,000). There are always the administrator and the plain user.
    #[must_use]
    pub fn users(mut self, count: u64) -> Self {
        self.users = count.clamp(2, MOST);
        self
    }

    /// The number of groups on all three levels (default: 31), at least one.
    #[must_use]
    pub fn groups(mut self, count: u64) -> Self {
        self.groups = count.clamp(1, MOST);
        self
    }

    /// The number of projects (default: 200). Each has issues, pipelines and so on.
    #[must_use]
    pub fn projects(mut self, count: u64) -> Self {
        self.projects = count.min(MOST);
        self
    }

    /// The seed of the data set and of the fault schedule (default: 0).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.faults.seed = seed;
        self
    }

    /// The port on the loopback interface (default: any free one).
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves GitLab below a path, like a relative URL root: `/gitlab`.
    #[must_use]
    pub fn relative_url_root(mut self, root: &str) -> Self {
        let root = root.trim_matches('/');
        self.root = if root.is_empty() { String::new() } else { format!("/{root}") };
        self
    }

    /// The version that the server reports (default: `18.9.0-ee`). Without `-ee` it reports the Community edition. Its
    /// features do not depend on the version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// The number of threads of [`start_blocking`](Self::start_blocking) (default: 1).
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = count.max(1);
        self
    }

    /// The furthest row that page numbers reach in lists with keyset pagination (default: 50,000). `None` removes the
    /// limit.
    #[must_use]
    pub fn offset_limit(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.offset_limit = rows.into();
        self
    }

    /// The maximum complexity of a GraphQL document for every caller. By default it is 250, or 200 without a token and
    /// 300 for administrators, as in GitLab.
    #[cfg(feature = "graphql")]
    #[must_use]
    pub fn complexity_limit(mut self, points: u32) -> Self {
        self.complexity_limit = Some(points);
        self
    }

    /// The maximum number of requests of each token in a minute of the [clock](Self::clock) (default: no limit).
    #[must_use]
    pub fn rate_limit(self, per_minute: u64) -> Self {
        self.limit(RateLimit::per_minute(USUAL_LIMIT, per_minute))
    }

    /// Adds a rate limit, whose periods follow the [clock](Self::clock).
    #[must_use]
    pub fn limit(mut self, limit: RateLimit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Serves `workers` requests at once, each for the time `service`. Up to `queue` further requests wait. If the
    /// queue is full, requests get 503 immediately. By default no request waits.
    #[must_use]
    pub fn capacity(mut self, workers: usize, service: Duration, queue: usize) -> Self {
        self.capacity = Some(Capacity::new(workers.max(1), service, queue));
        self
    }

    /// Delays every response.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.faults.latency = latency;
        self
    }

    /// Adds a random delay up to this one to each response.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.faults.jitter = jitter;
        self
    }

    /// Makes a share of all requests fail, from 0 to 1, with the faults of [`fail_with`](Self::fail_with).
    ///
    /// The choice depends on the seed and on the number of the request, so a retry can succeed.
    #[must_use]
    pub fn fail_rate(mut self, share: f64) -> Self {
        self.faults.rate = share;
        self
    }

    /// The faults for random failures (default: 500, 502, 503, 429, a truncated body and a connection reset).
    #[must_use]
    pub fn fail_with(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.kinds = faults.into_iter().collect();
        self
    }

    /// Makes certain requests fail: `skip` requests succeed, then `times` requests fail.
    ///
    /// `what` is a method and a path below `/api/v4`, such as `GET /users`. Without a method it matches all methods. A
    /// `*` at the end matches any rest of the path.
    #[must_use]
    pub fn fail_on(self, what: impl Into<String>, skip: u64, times: u64, fault: Fault) -> Self {
        self.faults.script().push(Scripted { what: what.into(), skip, times, fault });
        self
    }

    /// The value of `Retry-After` in 429 responses that are faults, in whole seconds (default: zero).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = wait;
        self
    }

    /// Accepts another token for the user with this id.
    #[must_use]
    pub fn token(self, token: impl Into<String>, user_id: u64, scope: Scope) -> Self {
        self.tokens.add(token.into(), Identity::of(user_id, scope));
        self
    }

    /// The clock for timestamps and rate limits. Latency is always real time.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Uses another operation index than that of this version.
    #[must_use]
    pub fn index(mut self, index: &'static LazyIndex) -> Self {
        self.index = index;
        self
    }

    /// The server without its socket.
    pub(crate) fn server(self, address: SocketAddr) -> Arc<Server> {
        let world = World {
            seed: self.faults.seed,
            users: self.users,
            groups: self.groups,
            projects: self.projects,
            origin: format!("http://{address}{}", self.root),
            version: self.version,
        };
        let rest = Rest::new(self.index, self.offset_limit);
        let shapes = Shapes::new(self.index.types(), &world, |kind| rest.output(kind));
        Arc::new(Server {
            rest,
            #[cfg(feature = "graphql")]
            graphql: crate::graphql::Graphql::new(self.complexity_limit),
            store: RwLock::new(Store::new(world, shapes)),
            tokens: self.tokens,
            limiter: Limiter::new(self.limits),
            capacity: self.capacity,
            faults: self.faults,
            log: Log::default(),
            clock: self.clock,
            root: self.root,
            retry_after: self.retry_after,
            restarts: watch::Sender::default(),
        })
    }
}
