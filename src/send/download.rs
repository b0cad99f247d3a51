//! Answers that are files: streamed, read whole, or saved.

use crate::error::{Error, ErrorKind};
use crate::http::headers;
use crate::http::prepared::Plan;
use crate::http::transport;
use crate::redact;
use crate::redact::token::Secrets;
use crate::send::executor::{Core, Opened};
use bytes::Bytes;
use futures_core::Stream;
use glabflow_contract::Method;
use http::header::{CONTENT_TYPE, HeaderMap};
use http_body::Body;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use url::Url;

/// A future of a file. Nothing is sent before it is awaited.
#[must_use = "nothing is sent before this is awaited"]
pub struct DownloadFuture {
    core: Arc<Core>,
    /// Taken when the request is sent.
    plan: Option<Box<Result<Plan, Error>>>,
    opening: Option<Opening>,
}

/// A file that has been asked for.
type Opening = Pin<Box<dyn Future<Output = Result<Download, Error>> + Send>>;

impl DownloadFuture {
    pub(crate) fn new(core: Arc<Core>, plan: Result<Plan, Error>) -> Self {
        DownloadFuture { core, plan: Some(Box::new(plan)), opening: None }
    }

    /// The longest that it may take until the file begins to come, with all repetitions and waits, in place of the client's
    /// [`timeout`](crate::ClientBuilder::timeout). While it comes, the server may be silent for the client's
    /// [`read_timeout`](crate::ClientBuilder::read_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Some(Ok(plan)) = self.plan.as_deref_mut() {
            plan.timeout = Some(timeout);
        }
        self
    }
}

async fn open(core: Arc<Core>, plan: Result<Plan, Error>) -> Result<Download, Error> {
    let plan = plan?;
    // The place among the requests under way is free again, now that the file has begun to come.
    let Opened { reply, .. } = core.open(&plan).await?;
    let body = reply.rest.map(|response| http::Response::from(response).into_body()).unwrap_or_default();
    Ok(Download {
        operation: plan.operation,
        method: plan.method,
        url: reply.url,
        status: reply.status,
        headers: reply.headers,
        max_body: core.transport.max_body,
        secrets: core.auth.secrets().clone(),
        body,
    })
}

impl Future for DownloadFuture {
    type Output = Result<Download, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let DownloadFuture { core, plan, opening } = &mut *self;
        if let Some(plan) = plan.take() {
            *opening = Some(Box::pin(open(Arc::clone(core), *plan)));
        }
        match opening {
            Some(opening) => opening.as_mut().poll(cx),
            None => Poll::Ready(Err(Error::new(ErrorKind::Argument, "the file was asked for before"))),
        }
    }
}

/// A file on its way here: a stream of bytes, and what was said about them.
///
/// Once it has begun to come it is none of the client's concurrent requests any more, so that what a file is written into may be an
/// upload of the same client.
pub struct Download {
    operation: &'static str,
    method: Method,
    url: Url,
    status: u16,
    headers: HeaderMap,
    max_body: usize,
    /// What errors must not show.
    secrets: Secrets,
    body: reqwest::Body,
}

impl Download {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The text of a header; `None` when it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.headers, name)
    }

    /// The content type.
    pub fn content_type(&self) -> Option<&str> {
        headers::text(&self.headers, CONTENT_TYPE.as_str())
    }

    /// The size in bytes, where the server says it.
    pub fn size(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Bytes, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The whole file in memory.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than the client's limit for answers.
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await {
            let bytes = bytes?;
            if all.len() + bytes.len() > self.max_body {
                let text = format!("the file is larger than {} bytes", self.max_body);
                let error = Error::new(ErrorKind::TooLarge, text);
                return Err(self.about(error.with_hint(Some("read it as a stream, or save it"))));
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.into())
    }

    /// The whole file as text; what is not UTF-8 is replaced.
    ///
    /// # Errors
    /// As for [`Download::bytes`].
    pub async fn text(self) -> Result<String, Error> {
        let bytes = self.bytes().await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Saves the file and tells its size. It appears under its name when it is whole; an older file of that name stays until
    /// then.
    ///
    /// # Errors
    /// When it cannot be read or not be written.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let failed = |error: io::Error| Error::new(ErrorKind::Io, format!("cannot write {shown}")).with_source(error);
        let (partial, mut file) = Partial::create(path).await.map_err(|error| self.about(failed(error)))?;
        let mut size = 0;
        while let Some(bytes) = self.next().await {
            let bytes = bytes?;
            size += bytes.len() as u64;
            file.write_all(&bytes).await.map_err(|error| self.about(failed(error)))?;
        }
        let finish = async {
            file.flush().await?;
            file.sync_all().await?;
            drop(file);
            partial.keep_as(path).await
        };
        finish.await.map_err(|error| self.about(failed(error)))?;
        Ok(size)
    }

    fn about(&self, error: Error) -> Error {
        error.with_request(self.operation, self.method, redact::url(&self.url)).masked(&self.secrets)
    }
}

impl Stream for Download {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(frame)) => frame,
                Some(Err(error)) => {
                    let error = transport::broken(&self.url, error).error;
                    return Poll::Ready(Some(Err(self.about(error))));
                }
            };
            // What is not data is trailers.
            if let Ok(bytes) = frame.into_data() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("operation", &self.operation)
            .field("url", &self.secrets.mask(&redact::url(&self.url)))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A file that is not whole yet, beside the place where it will be. Dropped, it is removed.
struct Partial {
    path: Option<PathBuf>,
}

impl Partial {
    async fn create(target: &Path) -> io::Result<(Self, tokio::fs::File)> {
        let name = target.file_name().ok_or_else(|| io::Error::other("this is not the name of a file"))?;
        for number in 0..100_u32 {
            let mut partial = std::ffi::OsString::from(".");
            partial.push(name);
            partial.push(format!(".{}-{number}.partial", std::process::id()));
            let path = target.with_file_name(partial);
            match tokio::fs::OpenOptions::new().write(true).create_new(true).open(&path).await {
                Ok(file) => return Ok((Partial { path: Some(path) }, file)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("too many unfinished downloads of this file"))
    }

    async fn keep_as(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            tokio::fs::rename(path, target).await?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Nothing can be done about a file that cannot be removed.
            let _ = std::fs::remove_file(path);
        }
    }
}
