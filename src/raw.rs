//! Requests to any path: the way out for what has no typed operation.

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::http::prepared::{self, Plan};
use crate::paging::items::Items;
use crate::paging::page_items::Decoders;
use crate::paging::pages::Pages;
use crate::send::download::DownloadFuture;
use crate::send::future::SendFuture;
use crate::send::response::or_null;
use bytes::Bytes;
use glabflow_contract::encode::percent_encode;
use glabflow_contract::{Method, Output, Paging, Payload, Request, Upload, decode};
use http::HeaderMap;
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

    /// A request of any operation, for programs that choose operations while they run: the answer decodes by serde, or comes
    /// as bytes.
    pub fn call(&self, request: Request) -> Raw {
        Raw::call(self.clone(), &request)
    }
}

/// A request to any path below the API root, or one whose operation is known only when the program runs.
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
    pub(crate) plan: Result<Plan, Error>,
}

impl<C> Raw<C> {
    /// A path as it stands in GitLab's documentation, with its parameters encoded; a query may follow.
    pub(crate) fn new(client: C, method: Method, path: &str) -> Self {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("api/v4/").unwrap_or(path);
        let plan = Plan {
            operation: "raw",
            method,
            path: format!("/{path}"),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            payload: Payload::Empty,
            idempotent: method.is_idempotent(),
            output: Output::Json,
            paging: Paging::Offset,
            timeout: None,
            ranges: &[],
            throttled: None,
        };
        let refused =
            path.contains('#').then(|| Error::new(ErrorKind::Argument, "the path must not hold `#`; encode it as %23"));
        Raw { client, plan: refused.map_or(Ok(plan), Err) }
    }

    /// A request of an operation, typed or from the index.
    pub(crate) fn call(client: C, request: &Request) -> Self {
        Raw { client, plan: Plan::of(request) }
    }

    /// Adds a query parameter. A list is one parameter for each value, with a name such as `labels[]`.
    pub fn query(self, name: &str, value: impl Display) -> Self {
        self.with(|plan| {
            if !plan.query.is_empty() {
                plan.query.push('&');
            }
            percent_encode(&mut plan.query, name, false);
            plan.query.push('=');
            percent_encode(&mut plan.query, &value.to_string(), false);
            Ok(())
        })
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with(|plan| prepared::insert_header(&mut plan.headers, name, value))
    }

    /// Sends this as a JSON body.
    pub fn json(self, body: &(impl Serialize + ?Sized)) -> Self {
        self.with(|plan| {
            let bytes = serde_json::to_vec(body).map_err(|error| {
                Error::new(ErrorKind::Argument, "the body cannot be written as JSON").with_source(error)
            })?;
            plan.payload = Payload::Json(bytes);
            Ok(())
        })
    }

    /// Sends a file as the body.
    pub fn body(self, upload: Upload) -> Self {
        self.with(|plan| {
            plan.payload = Payload::Raw(upload, "application/octet-stream");
            Ok(())
        })
    }

    /// Says whether sending the request twice has the effect of sending it once, which makes repeating it safe. Reads, `PUT`
    /// and `DELETE` are taken for idempotent unless this says otherwise.
    pub fn idempotent(self, idempotent: bool) -> Self {
        self.with(|plan| {
            plan.idempotent = idempotent;
            Ok(())
        })
    }

    /// The longest that the call may take, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::ClientBuilder::timeout). In a list, each page is a call.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with(|plan| {
            plan.timeout = Some(timeout);
            Ok(())
        })
    }

    /// The same request, with a file as its answer.
    pub(crate) fn file(self) -> Self {
        self.with(|plan| {
            plan.output = Output::File("*/*");
            Ok(())
        })
    }

    fn with(mut self, change: impl FnOnce(&mut Plan) -> Result<(), Error>) -> Self {
        self.plan = self.plan.and_then(|mut plan| change(&mut plan).map(|()| plan));
        self
    }
}

impl Raw {
    /// Sends the request and decodes the answer by serde.
    pub fn send<T: DeserializeOwned>(self) -> SendFuture<T> {
        SendFuture::new(self.client.core(), self.plan, |body| serde_json::from_str(decode::text_of(or_null(body))?))
    }

    /// Sends the request and hands the answer over as it came.
    pub fn bytes(self) -> SendFuture<Bytes> {
        SendFuture::new(self.client.core(), self.plan, |body| Ok(body.clone()))
    }

    /// Reads a list page by page.
    pub fn pages<T: DeserializeOwned + Send + 'static>(self) -> Pages<T> {
        Pages::new(self.client.core(), self.plan, Decoders::serde())
    }

    /// Reads a list item by item, through all of its pages.
    ///
    /// With `T` as [`Box<RawValue>`](serde_json::value::RawValue), each item is the text that it came in.
    pub fn items<T: DeserializeOwned + Send + 'static>(self) -> Items<T> {
        Items::new(self.client.core(), self.plan, Decoders::serde())
    }

    /// Sends the request and hands the answer over as a stream of bytes.
    pub fn download(self) -> DownloadFuture {
        let file = self.file();
        DownloadFuture::new(file.client.core(), file.plan)
    }
}
