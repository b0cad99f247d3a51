//! The client that programs hold.
//!
//! What a client can do is in the files of what it gives: `builder`, `raw`, `operations`, `graphql::handle` and `schema_check`.

use crate::error::Error;
#[cfg(feature = "graphql")]
use crate::graphql::cache::Cache;
use crate::limit::BudgetState;
use crate::send::executor::Core;
use std::fmt;
use std::sync::Arc;

/// A client of one GitLab server.
///
/// Cloning is cheap: clones share connections, limits and the retry budget.
#[derive(Clone)]
pub struct Client {
    pub(crate) core: Arc<Core>,
    /// Where responses of GraphQL queries are kept.
    #[cfg(feature = "graphql")]
    pub(crate) graphql_cache: Option<Cache>,
}

impl Client {
    pub(crate) fn core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    /// The root of the server's API, `https://gitlab.example.com/api/v4`.
    pub fn url(&self) -> &str {
        self.core.address.as_str()
    }

    /// What is known of the server's rate limits for this client's token.
    ///
    /// Empty before the first answer, for servers that do not tell, and with [`RateLimits::off`](crate::RateLimits::off).
    pub fn budget(&self) -> Vec<BudgetState> {
        self.core.limits.states(self.core.clock.now())
    }

    /// Opens this many connections ahead of the first requests, which then need not wait for them. With HTTP/2, one carries all.
    ///
    /// What is asked for carries no token and counts against no limit of a token.
    ///
    /// # Errors
    /// When no connection to the server comes about.
    pub async fn preconnect(&self, connections: usize) -> Result<(), Error> {
        self.core.preconnect(connections).await
    }

    /// Requests that may be under way at once at present; see [`Concurrency`](crate::Concurrency).
    pub fn concurrency(&self) -> usize {
        self.core.limits.concurrency()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url()).finish_non_exhaustive()
    }
}
