//! The blocking client.

use super::download::Download;
use super::engine::{Engine, Iter};
use super::lists::{Items, Pages};
use super::mirror::mirror;
use crate::builder::ClientBuilder;
use crate::client::Client as Inner;
use crate::error::Error;
use crate::limit::BudgetState;
use crate::schema_check::SchemaCheck;
use crate::send::response::Response;
use futures_core::Stream;
use glabflow_contract::{Caller, Decode, Operation, Request, Secret};
use std::fmt;
use std::sync::Arc;

/// A client whose calls return when they are done. See [`glabflow::Client`](crate::Client).
#[derive(Clone)]
pub struct Client {
    pub(super) inner: Inner,
    pub(super) engine: Arc<Engine>,
}

impl Client {
    /// A blocking client with the settings of an asynchronous one.
    ///
    /// # Errors
    /// When its thread cannot be started.
    pub fn new(client: Inner) -> Result<Self, Error> {
        Ok(Client { inner: client, engine: Engine::start()? })
    }

    /// See [`glabflow::Client::from_env`](crate::Client::from_env).
    ///
    /// # Errors
    /// When a variable has an invalid value.
    pub fn from_env() -> Result<Self, Error> {
        Client::new(Inner::from_env()?)
    }

    /// See [`glabflow::Client::for_gitlab_com`](crate::Client::for_gitlab_com).
    ///
    /// # Errors
    /// When the token is invalid.
    pub fn for_gitlab_com(token: impl Into<Secret>) -> Result<Self, Error> {
        Client::new(Inner::for_gitlab_com(token)?)
    }

    mirror! { "Client"
        pub fn url(&self) -> &str;
        pub fn budget(&self) -> Vec<BudgetState>;
        pub fn concurrency(&self) -> usize;
        pub async fn preconnect(&self, connections: usize) -> Result<(), Error>;
        pub async fn check_schema(&self) -> Result<SchemaCheck, Error>;
    }

    /// Sends an operation that was built without a client.
    ///
    /// # Errors
    /// When the call fails.
    pub fn send<O: Operation<Output: Decode>>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        Caller::send(self, operation.into_request())
    }

    /// The asynchronous client, for what this one does not have. [`wait`](Client::wait) and [`iter`](Client::iter) run its futures
    /// and streams.
    pub fn asynchronous(&self) -> &Inner {
        &self.inner
    }

    /// Waits for a future of the [asynchronous client](Client::asynchronous).
    ///
    /// # Errors
    /// When the future returns an error, and in asynchronous code.
    pub fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        self.engine.wait(future)
    }

    /// Makes an iterator of a stream of the [asynchronous client](Client::asynchronous).
    pub fn iter<T, S: Stream<Item = Result<T, Error>> + Unpin>(&self, stream: S) -> Iter<S> {
        Iter::new(stream, &self.engine)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("blocking::Client").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Creates a blocking client.
    ///
    /// # Errors
    /// As for [`ClientBuilder::build`].
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::new(self.build()?)
    }
}

glabflow_rest::resources!(Client);

impl Caller for Client {
    type Response<T: Decode> = Result<Response<T>, Error>;
    type Download = Result<Download, Error>;
    type Pages<T: Decode> = Pages<T>;
    type Items<T: Decode> = Items<T>;

    fn send<T: Decode>(&self, request: Request) -> Result<Response<T>, Error> {
        self.engine.wait(Caller::send(&self.inner, request))
    }

    fn download(&self, request: Request) -> Result<Download, Error> {
        let file = self.engine.wait(Caller::download(&self.inner, request))?;
        Ok(Download::new(file, Arc::clone(&self.engine)))
    }

    fn pages<T: Decode>(&self, request: Request) -> Pages<T> {
        Pages::new(Caller::pages(&self.inner, request), &self.engine)
    }

    fn items<T: Decode>(&self, request: Request) -> Items<T> {
        Items::new(Caller::items(&self.inner, request), &self.engine)
    }
}
