//! Requests to any path, for what has no typed operation.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::http::prepared::{OperationId, PreparedRequest, Target};
use crate::http::query_string::QueryString;
use crate::paging::items::Items;
use crate::paging::page_items::Decoders;
use crate::paging::pages::Pages;
use crate::send::download::DownloadFuture;
use crate::send::future::SendFuture;
use crate::send::response::or_null;
use bytes::Bytes;
use glabflow_contract::{Method, Output, Paging, Payload, Request, Upload, decode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::time::Duration;

impl Client {
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

    /// A request of any operation, for programs that choose operations at run time. The response decodes by serde, or is bytes.
    pub fn call(&self, request: Request) -> Raw {
        Raw::call(self.clone(), &request)
    }
}

/// A request to any path below the API root, or one whose operation is chosen at run time.
///
/// ```no_run
/// # async fn run(gl: glabflow::Client) -> Result<(), glabflow::Error> {
/// let project = gl.get("projects/gitlab-org%2Fgitlab").send::<serde_json::Value>().await?.into_inner();
///
/// let mut jobs = gl.get("projects/1/jobs").query("scope[]", "failed").items::<serde_json::Value>();
/// while let Some(job) = jobs.next().await {
///     let job = job?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent before `send`, `items`, `pages` or `download`"]
pub struct Raw<C = Client> {
    pub(crate) client: C,
    pub(crate) request: Result<PreparedRequest, Error>,
}

impl<C> Raw<C> {
    /// A path as in GitLab's documentation, with encoded parameters. A query may follow.
    pub(crate) fn new(client: C, method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("api/v4/").unwrap_or(path);
        let request = if path.contains('#') {
            Err(Error::new(ErrorKind::Argument, "the path must not contain `#`; encode it as %23"))
        } else {
            let target = Target::ApiPath { path: format!("/{path}"), query: QueryString::new(query.to_owned()) };
            Ok(PreparedRequest::new(OperationId::Raw, method, target).with_paging(Paging::Offset))
        };
        Raw { client, request }
    }

    /// A request of an operation, typed or from the index.
    pub(crate) fn call(client: C, request: &Request) -> Self {
        Raw { client, request: PreparedRequest::of(request) }
    }

    /// Adds a query parameter. A list needs one parameter for each value, with a name such as `labels[]`.
    pub fn query(self, name: &str, value: impl Display) -> Self {
        self.with(|request| {
            request.push_query(name, &value.to_string());
            Ok(())
        })
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|request| request.insert_header(name, value))
    }

    /// Sends this value as a JSON body.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.with(|request| {
            let bytes = serde_json::to_vec(body).map_err(|error| {
                Error::new(ErrorKind::Argument, "the body cannot be serialized as JSON").with_source(error)
            })?;
            request.payload = Payload::Json(bytes);
            Ok(())
        })
    }

    /// Sends a file as the body.
    pub fn body(self, upload: Upload) -> Self {
        self.with(|request| {
            request.payload = Payload::Raw(upload, "application/octet-stream");
            Ok(())
        })
    }

    /// Whether the request is idempotent: sending it twice has the effect of sending it once, so that a retry is safe. By default,
    /// reads, `PUT` and `DELETE` are idempotent.
    pub fn idempotent(self, idempotent: bool) -> Self {
        self.with(|request| {
            request.idempotent = idempotent;
            Ok(())
        })
    }

    /// Total timeout of the call, including retries and rate-limit waits. It replaces the client's
    /// [`timeout`](crate::ClientBuilder::timeout). In a list, each page is a call.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|request| {
            request.timeout = Some(timeout);
            Ok(())
        })
    }

    /// The same request, with a file as its response.
    pub(crate) fn file(self) -> Self {
        self.with(|request| {
            request.output = Output::File("*/*");
            Ok(())
        })
    }

    fn with(mut self, change: impl FnOnce(&mut PreparedRequest) -> Result<(), Error>) -> Self {
        self.request = self.request.and_then(|mut request| change(&mut request).map(|()| request));
        self
    }
}

impl Raw {
    /// Sends the request and decodes the response by serde.
    pub fn send<T: DeserializeOwned>(self) -> SendFuture<T> {
        SendFuture::new(self.client.executor(), self.request, |body| {
            serde_json::from_str(decode::text_of(or_null(body))?)
        })
    }

    /// Sends the request and returns the body as bytes.
    pub fn bytes(self) -> SendFuture<Bytes> {
        SendFuture::new(self.client.executor(), self.request, |body| Ok(body.clone()))
    }

    /// Reads a list page by page.
    pub fn pages<T: DeserializeOwned + Send + 'static>(self) -> Pages<T> {
        Pages::new(self.client.executor(), self.request, Decoders::serde())
    }

    /// Reads a list item by item, through all of its pages.
    ///
    /// With `T` as [`Box<RawValue>`](serde_json::value::RawValue), each item is its JSON text.
    pub fn items<T: DeserializeOwned + Send + 'static>(self) -> Items<T> {
        Items::new(self.client.executor(), self.request, Decoders::serde())
    }

    /// Sends the request and returns the body as a stream of bytes.
    pub fn download(self) -> DownloadFuture {
        let file = self.file();
        DownloadFuture::new(file.client.executor(), file.request)
    }
}
