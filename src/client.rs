//! The client that programs hold.

use crate::builder::Builder;
use crate::error::Error;
use crate::http::prepared::Plan;
use crate::limit::{BudgetState, Concurrency};
use crate::paging::items::Items;
use crate::paging::page_items::Decoders;
use crate::paging::pages::Pages;
use crate::raw::Raw;
use crate::send::download::Downloading;
use crate::send::executor::Core;
use crate::send::future::Sent;
use crate::send::response::or_null;
use glabflow_contract::{Caller, Decode, Method, Operation, Request, Secret, decode};
use std::fmt;
use std::sync::Arc;

/// A client of one GitLab server.
///
/// Cloning is cheap: clones share connections, limits and the retry budget.
#[derive(Clone)]
pub struct Client(Arc<Core>);

impl Client {
    /// A builder of a client for the server at this address.
    ///
    /// The address may end with `/api/v4`, with slashes, and may hold the path below which GitLab is installed.
    pub fn builder(url: impl Into<String>) -> Builder {
        Builder::new(url)
    }

    /// A client for gitlab.com with a personal, project or group access token. It begins with 20 requests at once, and never has
    /// more than 100.
    ///
    /// # Errors
    /// When the token cannot be one.
    pub fn for_gitlab_com(token: impl Into<Secret>) -> Result<Self, Error> {
        let concurrency = Concurrency::adaptive(100).starting_at(20);
        Client::builder("https://gitlab.com").token(crate::Token::personal(token)).concurrency(concurrency).build()
    }

    /// A client for the server and the token that the environment names; see [`Builder::from_env`].
    ///
    /// # Errors
    /// When the variables hold something that cannot work.
    pub fn from_env() -> Result<Self, Error> {
        Builder::from_env()?.build()
    }

    pub(crate) fn from_core(core: Core) -> Self {
        Client(Arc::new(core))
    }

    pub(crate) fn core(&self) -> Arc<Core> {
        Arc::clone(&self.0)
    }

    /// The root of the server's API, `https://gitlab.example.com/api/v4`.
    pub fn url(&self) -> &str {
        self.0.address.as_str()
    }

    /// What is known of the server's rate limits for this client's token.
    ///
    /// Empty before the first answer, for servers that do not tell, and with [`RateLimits::off`](crate::RateLimits::off).
    pub fn budget(&self) -> Vec<BudgetState> {
        self.0.limits.states(self.0.clock.now())
    }

    /// Opens this many connections ahead of the first requests, which then need not wait for them. With HTTP/2, one carries all.
    ///
    /// What is asked for carries no token and counts against no limit of a token.
    ///
    /// # Errors
    /// When no connection to the server comes about.
    pub async fn warm_up(&self, connections: usize) -> Result<(), Error> {
        self.0.warm_up(connections).await
    }

    /// Requests that may be under way at once at present; see [`Concurrency`](crate::Concurrency).
    pub fn concurrency(&self) -> usize {
        self.0.limits.concurrency()
    }

    /// A request to any path below the API root.
    pub fn raw(&self, method: Method, path: &str) -> Raw {
        Raw::new(self.clone(), method, path)
    }

    /// A `GET` request to any path below the API root.
    pub fn get(&self, path: &str) -> Raw {
        self.raw(Method::Get, path)
    }

    /// A `POST` request to any path below the API root.
    pub fn post(&self, path: &str) -> Raw {
        self.raw(Method::Post, path)
    }

    /// A `PUT` request to any path below the API root.
    pub fn put(&self, path: &str) -> Raw {
        self.raw(Method::Put, path)
    }

    /// A `DELETE` request to any path below the API root.
    pub fn delete(&self, path: &str) -> Raw {
        self.raw(Method::Delete, path)
    }

    /// Executes GraphQL.
    #[cfg(feature = "graphql")]
    pub fn graphql(&self) -> crate::graphql::Graphql {
        crate::graphql::Graphql::new(self)
    }

    /// A request of any operation, for programs that choose operations while they run: the answer decodes by serde, or comes
    /// as bytes.
    pub fn call(&self, request: Request) -> Raw {
        Raw::call(self.clone(), &request)
    }

    /// Sends an operation that was built without a client.
    pub fn send<O: Operation<Output: Decode>>(&self, operation: O) -> Sent<O::Output> {
        Caller::send(self, operation.into_request())
    }
}

glabflow_rest::resources!(Client);

/// What runs the typed operations.
impl Caller for Client {
    type Sent<T: Decode> = Sent<T>;
    type Downloaded = Downloading;
    type Pages<T: Decode> = Pages<T>;
    type Items<T: Decode> = Items<T>;

    fn send<T: Decode>(&self, request: Request) -> Sent<T> {
        Sent::new(self.core(), Plan::of(&request), |body| decode::from_slice(or_null(body)))
    }

    fn download(&self, request: Request) -> Downloading {
        Downloading::new(self.core(), Plan::of(&request))
    }

    fn pages<T: Decode>(&self, request: Request) -> Pages<T> {
        Pages::new(self.core(), Plan::of(&request), Decoders::lenient())
    }

    fn items<T: Decode>(&self, request: Request) -> Items<T> {
        Items::new(self.core(), Plan::of(&request), Decoders::lenient())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url()).finish_non_exhaustive()
    }
}
