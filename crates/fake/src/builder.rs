//! How the server is set up.

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

/// Sets up a [`Fake`].
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
    /// How many users there are, 1,000 if nobody says; at least the administrator and the plain user.
    #[must_use]
    pub fn users(mut self, count: u64) -> Self {
        self.users = count.clamp(2, MOST);
        self
    }

    /// How many groups there are in all three levels together, 31 if nobody says; at least one.
    #[must_use]
    pub fn groups(mut self, count: u64) -> Self {
        self.groups = count.clamp(1, MOST);
        self
    }

    /// How many projects there are, 200 if nobody says. Issues, pipelines and so on come with them.
    #[must_use]
    pub fn projects(mut self, count: u64) -> Self {
        self.projects = count.min(MOST);
        self
    }

    /// Another company: names, numbers and faults all follow from this number. It is 0 if nobody says.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.faults.seed = seed;
        self
    }

    /// The port on the loopback interface; any free one if nobody says.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Serves GitLab below a path, as a relative URL root does: `/gitlab`.
    #[must_use]
    pub fn relative_url_root(mut self, root: &str) -> Self {
        let root = root.trim_matches('/');
        self.root = if root.is_empty() { String::new() } else { format!("/{root}") };
        self
    }

    /// The version that it says it is of, `18.9.0-ee` if nobody says; one without `-ee` is of the Community edition. What it can do
    /// stays the same.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// How many threads serve requests after [`start_blocking`](Self::start_blocking); one if nobody says.
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = count.max(1);
        self
    }

    /// The furthest row that page numbers reach in lists that have keyset pagination, 50,000 if nobody says. `None`
    /// lifts the limit.
    #[must_use]
    pub fn offset_limit(mut self, rows: impl Into<Option<u64>>) -> Self {
        self.offset_limit = rows.into();
        self
    }

    /// What a GraphQL document may cost, whoever sends it. If nobody says, it is 250, 200 without a token and 300 for
    /// administrators, as in GitLab.
    #[cfg(feature = "graphql")]
    #[must_use]
    pub fn complexity_limit(mut self, points: u32) -> Self {
        self.complexity_limit = Some(points);
        self
    }

    /// Allows each token so many requests a minute, by the [clock](Self::clock); there is no limit if nobody says.
    #[must_use]
    pub fn rate_limit(self, per_minute: u64) -> Self {
        self.limit(RateLimit::per_minute(USUAL_LIMIT, per_minute))
    }

    /// One more rate limit, by the [clock](Self::clock).
    #[must_use]
    pub fn limit(mut self, limit: RateLimit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Serves so many requests at once, each for a time of `service`. More wait, up to `queue` of them; those that come then are
    /// answered with 503 at once. Unless set, nothing waits.
    #[must_use]
    pub fn capacity(mut self, workers: usize, service: Duration, queue: usize) -> Self {
        self.capacity = Some(Capacity::new(workers.max(1), service, queue));
        self
    }

    /// Lets every answer take this long.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.faults.latency = latency;
        self
    }

    /// Lets answers take up to this much longer, some more and some less.
    #[must_use]
    pub fn jitter(mut self, jitter: Duration) -> Self {
        self.faults.jitter = jitter;
        self
    }

    /// Lets a share of all requests fail, from 0 to 1, in the ways of [`fail_with`](Self::fail_with).
    ///
    /// Which ones follows from the seed and the number of the request, so that sending one again can succeed.
    #[must_use]
    pub fn fail_rate(mut self, share: f64) -> Self {
        self.faults.rate = share;
        self
    }

    /// The ways in which requests fail by chance. If nobody says, these are 500, 502, 503, 429, a body that is cut off
    /// and a connection that is reset.
    #[must_use]
    pub fn fail_with(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.kinds = faults.into_iter().collect();
        self
    }

    /// Lets certain requests fail: the first one, after `skip` that go well, and so on for `times` requests.
    ///
    /// `what` is a method and a path below `/api/v4`, such as `GET /users`; without a method it is about all of them,
    /// and a `*` at the end stands for any rest.
    #[must_use]
    pub fn fail_on(self, what: impl Into<String>, skip: u64, times: u64, fault: Fault) -> Self {
        self.faults.script().push(Scripted { what: what.into(), skip, times, fault });
        self
    }

    /// What 429 answers that are injected as faults say in `Retry-After`, in whole seconds; zero if nobody says.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = wait;
        self
    }

    /// Accepts one more token, for the user with this id.
    #[must_use]
    pub fn token(self, token: impl Into<String>, user_id: u64, scope: Scope) -> Self {
        self.tokens.add(token.into(), Identity::of(user_id, scope));
        self
    }

    /// Takes the time from here, for stamps and rate limits. Latency is real time.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Takes routes and types from another operation index than the one of this version.
    #[must_use]
    pub fn index(mut self, index: &'static LazyIndex) -> Self {
        self.index = index;
        self
    }

    /// Everything but the socket.
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
