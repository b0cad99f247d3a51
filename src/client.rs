//! The client that programs hold.
//!
//! Its other methods are in `builder`, `raw`, `operations`, `graphql::handle` and `schema_check`.

use crate::error::Error;
#[cfg(feature = "graphql")]
use crate::graphql::cache::Cache;
use crate::limit::BudgetState;
use crate::send::executor::Executor;
use std::fmt;
use std::sync::Arc;

/// A client of one GitLab server.
///
/// Cloning is cheap: clones share connections, limits and the retry budget.
#[derive(Clone)]
pub struct Client {
    pub(crate) executor: Arc<Executor>,
    /// Keeps the responses of GraphQL queries.
    #[cfg(feature = "graphql")]
    pub(crate) graphql_cache: Option<Cache>,
}

impl Client {
    pub(crate) fn executor(&self) -> Arc<Executor> {
        Arc::clone(&self.executor)
    }

    /// The root of the server's API, `https://gitlab.example.com/api/v4`.
    pub fn url(&self) -> &str {
        self.executor.base_url().as_str()
    }

    /// The known state of the server's rate limits for this client's token.
    ///
    /// Empty before the first response, for servers that do not report limits, and with [`RateLimits::off`](crate::RateLimits::off).
    pub fn budget(&self) -> Vec<BudgetState> {
        self.executor.limits.states(self.executor.clock().now())
    }

    /// Opens this number of connections before the first requests need them. With HTTP/2, one connection carries all requests.
    ///
    /// It sends requests for `/robots.txt` without a token. They count against no limit of the token.
    ///
    /// # Errors
    /// If no connection can be established.
    pub async fn preconnect(&self, connections: usize) -> Result<(), Error> {
        self.executor.preconnect(connections).await
    }

    /// The maximum number of requests in flight at present; see [`Concurrency`](crate::Concurrency).
    pub fn concurrency(&self) -> usize {
        self.executor.limits.concurrency()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url()).finish_non_exhaustive()
    }
}
