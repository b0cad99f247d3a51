//! A client for programs without an asynchronous runtime.
//!
//! The same operations, with results in the place of futures and iterators in the place of streams:
//!
//! ```no_run
//! let gl = glabflow::blocking::Client::from_env()?;
//! for user in gl.users().list().active(true).items() {
//!     let user = user?;
//! }
//! # Ok::<(), glabflow::Error>(())
//! ```

use crate::builder::ClientBuilder;
use crate::client::Client as Inner;
use crate::error::Error;
use crate::raw::Raw;
use crate::resume_token::ResumeToken;
use crate::schema_check::SchemaCheck;
use crate::send::response::Response;
use crate::{paging::items, paging::pages};
use bytes::Bytes;
use glabflow_contract::{Caller, Decode, Method, Operation, Request, Secret};
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{self, Handle, Runtime};

/// The runtime that the clones of a client share.
struct Engine(Option<Runtime>);

impl Engine {
    /// Waits for a future.
    ///
    /// # Errors
    /// When this thread belongs to an asynchronous runtime, which must not be made to wait.
    fn wait<T>(&self, future: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match &self.0 {
            Some(runtime) if Handle::try_current().is_err() => runtime.block_on(future),
            _ => Err(Error::configuration(
                "the blocking client cannot be used in asynchronous code; use `glabflow::Client`",
            )),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Dropped the plain way, a runtime waits for its threads, and must not do so in asynchronous code.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A client whose calls return when they are done. See [`glabflow::Client`](crate::Client).
#[derive(Clone)]
pub struct Client {
    inner: Inner,
    engine: Arc<Engine>,
}

impl Client {
    /// A blocking client that does what an asynchronous one would do.
    ///
    /// # Errors
    /// When the machine does not give it a thread.
    pub fn new(client: Inner) -> Result<Self, Error> {
        let runtime = runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| Error::configuration("no thread can be started for the client").with_source(error))?;
        Ok(Client { inner: client, engine: Arc::new(Engine(Some(runtime))) })
    }

    /// As [`glabflow::Client::from_env`](crate::Client::from_env).
    ///
    /// # Errors
    /// When the variables hold something that cannot work.
    pub fn from_env() -> Result<Self, Error> {
        Client::new(Inner::from_env()?)
    }

    /// As [`glabflow::Client::for_gitlab_com`](crate::Client::for_gitlab_com).
    ///
    /// # Errors
    /// When the token cannot be one.
    pub fn for_gitlab_com(token: impl Into<Secret>) -> Result<Self, Error> {
        Client::new(Inner::for_gitlab_com(token)?)
    }

    /// The root of the server's API.
    pub fn url(&self) -> &str {
        self.inner.url()
    }

    /// A request to any path below the API root.
    pub fn raw(&self, method: Method, path: &str) -> Raw<Client> {
        Raw::new(self.clone(), method, path)
    }

    /// A `GET` request to any path below the API root.
    pub fn get(&self, path: &str) -> Raw<Client> {
        self.raw(Method::Get, path)
    }

    /// A request of any operation, for programs that choose operations while they run.
    pub fn call(&self, request: Request) -> Raw<Client> {
        Raw::call(self.clone(), &request)
    }

    /// Sends an operation that was built without a client.
    ///
    /// # Errors
    /// When the call fails.
    pub fn send<O: Operation<Output: Decode>>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        Caller::send(self, operation.into_request())
    }

    /// As [`glabflow::Client::check_schema`](crate::Client::check_schema).
    ///
    /// # Errors
    /// When the server tells neither its version nor what its GraphQL schema has.
    pub fn check_schema(&self) -> Result<SchemaCheck, Error> {
        self.engine.wait(self.inner.check_schema())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("blocking::Client").field("url", &self.url()).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// The client, as a blocking one.
    ///
    /// # Errors
    /// As for [`ClientBuilder::build`].
    pub fn build_blocking(self) -> Result<Client, Error> {
        Client::new(self.build()?)
    }
}

glabflow_rest::resources!(Client);

impl Caller for Client {
    type Sent<T: Decode> = Result<Response<T>, Error>;
    type Downloaded = Result<Download, Error>;
    type Pages<T: Decode> = Pages<T>;
    type Items<T: Decode> = Items<T>;

    fn send<T: Decode>(&self, request: Request) -> Result<Response<T>, Error> {
        self.engine.wait(Caller::send(&self.inner, request))
    }

    fn download(&self, request: Request) -> Result<Download, Error> {
        let file = self.engine.wait(Caller::download(&self.inner, request))?;
        Ok(Download { file, engine: Arc::clone(&self.engine) })
    }

    fn pages<T: Decode>(&self, request: Request) -> Pages<T> {
        Pages { pages: Caller::pages(&self.inner, request), engine: Arc::clone(&self.engine), ended: false }
    }

    fn items<T: Decode>(&self, request: Request) -> Items<T> {
        Items { items: Caller::items(&self.inner, request), engine: Arc::clone(&self.engine), ended: false }
    }
}

impl Raw<Client> {
    fn split(self) -> (Raw, Arc<Engine>) {
        (Raw { client: self.client.inner, plan: self.plan }, self.client.engine)
    }

    /// Sends the request and decodes the answer by serde.
    ///
    /// # Errors
    /// When the call fails.
    pub fn send<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let (raw, engine) = self.split();
        engine.wait(raw.send())
    }

    /// Sends the request and hands the answer over as it came.
    ///
    /// # Errors
    /// When the call fails.
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        let (raw, engine) = self.split();
        engine.wait(raw.bytes())
    }

    /// Reads a list page by page.
    pub fn pages<T: DeserializeOwned + Send + 'static>(self) -> Pages<T> {
        let (raw, engine) = self.split();
        Pages { pages: raw.pages(), engine, ended: false }
    }

    /// Reads a list item by item, through all of its pages.
    pub fn items<T: DeserializeOwned + Send + 'static>(self) -> Items<T> {
        let (raw, engine) = self.split();
        Items { items: raw.items(), engine, ended: false }
    }

    /// Sends the request and hands the answer over as a file.
    ///
    /// # Errors
    /// When the call fails.
    pub fn download(self) -> Result<Download, Error> {
        let (raw, engine) = self.split();
        let file = engine.wait(raw.download())?;
        Ok(Download { file, engine })
    }
}

/// The pages of a list, as an iterator. See [`glabflow::Pages`](crate::Pages).
#[must_use = "nothing is sent before the first page is asked for"]
pub struct Pages<T> {
    pages: pages::Pages<T>,
    engine: Arc<Engine>,
    /// Whether the iterator was used where it cannot be.
    ended: bool,
}

impl<T: Send + 'static> Pages<T> {
    /// As [`glabflow::Pages::prefetch`](crate::Pages::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.pages = self.pages.prefetch(pages);
        self
    }

    /// As [`glabflow::Pages::parallel`](crate::Pages::parallel).
    pub fn parallel(mut self, pages: usize) -> Self {
        self.pages = self.pages.parallel(pages);
        self
    }

    /// As [`glabflow::Pages::resume`](crate::Pages::resume).
    pub fn resume(mut self, token: ResumeToken) -> Self {
        self.pages = self.pages.resume(token);
        self
    }

    /// As [`glabflow::Pages::resume_token`](crate::Pages::resume_token).
    pub fn resume_token(&self) -> ResumeToken {
        self.pages.resume_token()
    }
}

impl<T: Send + 'static> Iterator for Pages<T> {
    type Item = Result<Response<Vec<T>>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.engine.wait(async { Ok(self.pages.next().await) }).unwrap_or_else(|error| {
            self.ended = true;
            Some(Err(error))
        })
    }
}

/// The items of a list, as an iterator. See [`glabflow::Items`](crate::Items).
#[must_use = "nothing is sent before the first item is asked for"]
pub struct Items<T> {
    items: items::Items<T>,
    engine: Arc<Engine>,
    /// Whether the iterator was used where it cannot be.
    ended: bool,
}

impl<T: Send + 'static> Items<T> {
    /// As [`glabflow::Items::limit`](crate::Items::limit).
    pub fn limit(mut self, items: u64) -> Self {
        self.items = self.items.limit(items);
        self
    }

    /// As [`glabflow::Items::prefetch`](crate::Items::prefetch).
    pub fn prefetch(mut self, pages: usize) -> Self {
        self.items = self.items.prefetch(pages);
        self
    }

    /// As [`glabflow::Items::parallel`](crate::Items::parallel).
    pub fn parallel(mut self, pages: usize) -> Self {
        self.items = self.items.parallel(pages);
        self
    }

    /// As [`glabflow::Items::partitioned`](crate::Items::partitioned).
    pub fn partitioned(mut self, pieces: usize) -> Self {
        self.items = self.items.partitioned(pieces);
        self
    }

    /// As [`glabflow::Items::unordered`](crate::Items::unordered).
    pub fn unordered(mut self) -> Self {
        self.items = self.items.unordered();
        self
    }

    /// As [`glabflow::Items::resume`](crate::Items::resume).
    pub fn resume(mut self, token: ResumeToken) -> Self {
        self.items = self.items.resume(token);
        self
    }

    /// As [`glabflow::Items::resume_token`](crate::Items::resume_token).
    pub fn resume_token(&self) -> ResumeToken {
        self.items.resume_token()
    }
}

impl<T: Send + 'static> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // Most items are there already and need no runtime.
        if let Some(item) = self.items.ready() {
            return Some(item);
        }
        if self.ended {
            return None;
        }
        self.engine.wait(async { Ok(self.items.next().await) }).unwrap_or_else(|error| {
            self.ended = true;
            Some(Err(error))
        })
    }
}

/// A file on its way here. See [`glabflow::Download`](crate::Download).
#[derive(Debug)]
pub struct Download {
    file: crate::Download,
    engine: Arc<Engine>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Download {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.file.status()
    }

    /// The text of a header; `None` when it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.file.header(name)
    }

    /// The size in bytes, where the server says it.
    pub fn size(&self) -> Option<u64> {
        self.file.size()
    }

    /// The whole file in memory.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than the client's limit for answers.
    pub fn bytes(self) -> Result<Bytes, Error> {
        self.engine.wait(self.file.bytes())
    }

    /// The whole file as text; what is not UTF-8 is replaced.
    ///
    /// # Errors
    /// As for [`Download::bytes`].
    pub fn text(self) -> Result<String, Error> {
        self.engine.wait(self.file.text())
    }

    /// Saves the file and tells its size. It appears under its name when it is whole.
    ///
    /// # Errors
    /// When it cannot be read or not be written.
    pub fn save_to(self, path: impl AsRef<Path>) -> Result<u64, Error> {
        self.engine.wait(self.file.save_to(path))
    }
}

/// The next bytes of the file, each as it comes.
impl Iterator for Download {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.engine.wait(async { Ok(self.file.next().await) }).unwrap_or_else(|error| Some(Err(error)))
    }
}
