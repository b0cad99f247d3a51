//! Responses that are files: streamed, read whole, or saved.

use crate::error::{Error, ErrorKind};
use crate::http::headers;
use crate::http::prepared::{OperationId, PreparedRequest};
use crate::http::transport;
use crate::redact;
use crate::redact::token::Secrets;
use crate::send::executor::{Executor, Opened};
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
    executor: Arc<Executor>,
    /// Taken when the request is sent.
    request: Option<Box<Result<PreparedRequest, Error>>>,
    opening: Option<Opening>,
}

/// A download that has begun.
type Opening = Pin<Box<dyn Future<Output = Result<Download, Error>> + Send>>;

impl DownloadFuture {
    pub(crate) fn new(executor: Arc<Executor>, request: Result<PreparedRequest, Error>) -> Self {
        DownloadFuture { executor, request: Some(Box::new(request)), opening: None }
    }

    /// Timeout until the file begins to arrive, including retries and rate-limit waits. It replaces the client's
    /// [`timeout`](crate::ClientBuilder::timeout). After that, the client's
    /// [`read_timeout`](crate::ClientBuilder::read_timeout) applies.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        if let Some(Ok(request)) = self.request.as_deref_mut() {
            request.timeout = Some(timeout);
        }
        self
    }
}

async fn open(executor: Arc<Executor>, request: Result<PreparedRequest, Error>) -> Result<Download, Error> {
    let request = request?;
    // The permit is free again when the file begins to arrive.
    let Opened { response, .. } = executor.open(&request).await?;
    let body = response.rest.map(|rest| http::Response::from(rest).into_body()).unwrap_or_default();
    Ok(Download {
        operation: request.operation,
        method: request.method,
        url: response.url,
        status: response.status,
        headers: response.headers,
        max_body: executor.transport.max_body,
        secrets: executor.auth().secrets().clone(),
        body,
    })
}

impl Future for DownloadFuture {
    type Output = Result<Download, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let DownloadFuture { executor, request, opening } = &mut *self;
        if let Some(request) = request.take() {
            *opening = Some(Box::pin(open(Arc::clone(executor), *request)));
        }
        match opening {
            Some(opening) => opening.as_mut().poll(cx),
            None => Poll::Ready(Err(Error::new(ErrorKind::Argument, "polled after completion"))),
        }
    }
}

/// A file that is being downloaded: a stream of bytes, with status and headers.
///
/// A download holds no permit of [`Concurrency`](crate::Concurrency). You can therefore write it into an upload of the same
/// client.
pub struct Download {
    operation: OperationId,
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

    /// The text of a header; `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        headers::text(&self.headers, name)
    }

    /// The content type.
    pub fn content_type(&self) -> Option<&str> {
        headers::text(&self.headers, CONTENT_TYPE.as_str())
    }

    /// The size in bytes, if the server reports it.
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
    /// When it cannot be read, or is larger than [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    pub async fn bytes(mut self) -> Result<Bytes, Error> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await {
            let bytes = bytes?;
            if all.len() + bytes.len() > self.max_body {
                let text = format!("the file is larger than {} bytes", self.max_body);
                let error = Error::new(ErrorKind::TooLarge, text);
                return Err(self.with_request_context(error.with_hint(Some("read it as a stream, or save it"))));
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.into())
    }

    /// The whole file as text. Invalid UTF-8 is replaced.
    ///
    /// # Errors
    /// As for [`Download::bytes`].
    pub async fn text(self) -> Result<String, Error> {
        let bytes = self.bytes().await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Saves the file and returns its size. The file appears under its name when it is complete. An older file of that name stays
    /// until then.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn save_to(mut self, path: impl AsRef<Path>) -> Result<u64, Error> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let failed = |error: io::Error| Error::new(ErrorKind::Io, format!("cannot write {shown}")).with_source(error);
        let (partial, mut file) =
            Partial::create(path).await.map_err(|error| self.with_request_context(failed(error)))?;
        let mut size = 0;
        while let Some(bytes) = self.next().await {
            let bytes = bytes?;
            size += bytes.len() as u64;
            file.write_all(&bytes).await.map_err(|error| self.with_request_context(failed(error)))?;
        }
        let finish = async {
            file.flush().await?;
            file.sync_all().await?;
            drop(file);
            partial.keep_as(path).await
        };
        finish.await.map_err(|error| self.with_request_context(failed(error)))?;
        Ok(size)
    }

    fn with_request_context(&self, error: Error) -> Error {
        error.with_request(self.operation.as_str(), self.method, redact::url(&self.url)).masked(&self.secrets)
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
                    return Poll::Ready(Some(Err(self.with_request_context(error))));
                }
            };
            // Other frames are trailers.
            if let Ok(bytes) = frame.into_data() {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("operation", &self.operation.as_str())
            .field("url", &self.secrets.mask(&redact::url(&self.url)))
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// An incomplete file, in the folder of the complete one. Dropping it removes it.
struct Partial {
    path: Option<PathBuf>,
}

impl Partial {
    async fn create(target: &Path) -> io::Result<(Self, tokio::fs::File)> {
        let name = target.file_name().ok_or_else(|| io::Error::other("the path has no file name"))?;
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
            // A file that cannot be removed stays.
            let _ = std::fs::remove_file(path);
        }
    }
}
