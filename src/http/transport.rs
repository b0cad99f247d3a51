//! One exchange with a server: a request goes out, a response comes in, redirects are followed where that is safe.
//!
//! This is the only place where the token is put on a request.

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::auth::Auth;
use crate::http::base_url::{BaseUrl, FOREIGN_LINK, without_user_info};
use crate::http::body;
use crate::http::classify::{self, Failure, FailureOrigin, RetryClass, Status};
use crate::http::connect_error;
use crate::http::headers;
use crate::http::prepared::PreparedRequest;
use crate::redact;
use bytes::Bytes;
use glabflow_contract::{Method, Output};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use std::sync::Arc;
use url::Url;

/// Maximum number of redirects.
const MAX_REDIRECTS: usize = 5;
/// Maximum bytes that are read of a response which is not a success.
const MAX_EXPLANATION: usize = 64 * 1024;
/// Upper bound of the buffer preallocated from Content-Length.
const MAX_RESERVE: usize = 8 * 1024 * 1024;

/// What to do with the body of a success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyMode {
    /// Read it whole.
    Buffer,
    /// Leave it to be read as a stream.
    Stream,
}

/// A success.
pub(crate) struct HttpResponse {
    /// The URL that sent it, after redirects.
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, with [`BodyMode::Buffer`].
    pub(crate) body: Bytes,
    /// The body to be read, with [`BodyMode::Stream`].
    pub(crate) rest: Option<reqwest::Response>,
}

/// The server, the token, and the connections.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Maximum size of a buffered body in bytes, after decompression.
    pub(crate) max_body: usize,
    pub(crate) base_url: BaseUrl,
    pub(crate) auth: Auth,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Transport {
    /// Sends a request once, and follows redirects.
    pub(crate) async fn follow(
        &self,
        request: &PreparedRequest,
        url: &Url,
        mode: BodyMode,
    ) -> Result<HttpResponse, Failure> {
        let mut url = url.clone();
        let mut is_own_host = true;
        for _ in 0..=MAX_REDIRECTS {
            // A redirect that has left the server never gets the token back.
            is_own_host &= self.base_url.owns(&url);
            match self.hop(request, &url, mode, is_own_host).await {
                Ok(Hop::Response(response)) => return Ok(*response),
                Ok(Hop::Redirect(to)) => url = to,
                Err(failure) => return Err(of_host(is_own_host, failure)),
            }
        }
        let error = Error::new(ErrorKind::Redirect, format!("more than {MAX_REDIRECTS} redirects"));
        Err(of_host(is_own_host, Failure::last(error)))
    }

    /// Sends a request to one URL.
    async fn hop(
        &self,
        request: &PreparedRequest,
        url: &Url,
        mode: BodyMode,
        is_own_host: bool,
    ) -> Result<Hop, Failure> {
        let http_request = self.http_request(request, url, is_own_host).await?;
        let mut response = self.http.execute(http_request).await.map_err(|error| broken(url, error))?;
        let status = response.status().as_u16();
        match Status::of(status) {
            Status::Success => {
                let headers = std::mem::take(response.headers_mut());
                let (body, rest) = match mode {
                    BodyMode::Stream => (Bytes::new(), Some(response)),
                    // The status says that the request was carried out, even if the body cannot be read.
                    BodyMode::Buffer => match self.body(url, &mut response).await {
                        Ok(body) => (body, None),
                        Err(failure) => {
                            let id = headers::request_id(&headers).map(str::to_owned);
                            return Err(Failure { error: failure.error.with_response(status, id), ..failure });
                        }
                    },
                };
                Ok(Hop::Response(Box::new(HttpResponse { url: url.clone(), status, headers, body, rest })))
            }
            Status::Redirect => redirect(&self.base_url, request, url, &response).map(Hop::Redirect),
            Status::Failure => {
                let body = explanation(&mut response).await;
                let (path, headers) = (url.path(), response.headers());
                Err(classify::failure(request.method, path, status, headers, &body, self.clock.wall()))
            }
        }
    }

    /// Sends a request only to open a connection: it carries no token, and any response will do.
    pub(crate) async fn touch(&self, url: &Url) -> Result<(), Error> {
        let request = reqwest::Request::new(http::Method::HEAD, url.clone());
        match self.http.execute(request).await {
            Ok(_) => Ok(()),
            Err(error) => Err(broken(url, error).error.with_request("preconnect", Method::Head, redact::url(url))),
        }
    }

    async fn http_request(
        &self,
        request: &PreparedRequest,
        url: &Url,
        is_own_host: bool,
    ) -> Result<reqwest::Request, Failure> {
        let mut out = reqwest::Request::new(method(request.method), url.clone());
        let headers = out.headers_mut();
        let accept = if matches!(request.output, Output::File(_)) { "*/*" } else { "application/json" };
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        if is_own_host {
            self.auth.apply(headers);
            for (name, value) in &request.headers {
                headers.insert(name, value.clone());
            }
        }
        // All 64 bits are random: a boundary must not occur in the file.
        let boundary = self.clock.random().to_bits() ^ self.clock.random().to_bits().rotate_left(32);
        let streamed = body::open(&request.payload, boundary).await.map_err(|error| {
            Failure::last(Error::new(ErrorKind::Io, "the file to upload cannot be read").with_source(error))
        })?;
        if let Some(streamed) = streamed {
            let content_type = HeaderValue::from_str(&streamed.content_type).map_err(|_| {
                Failure::last(Error::new(ErrorKind::Argument, "the content type of the upload is not valid"))
            })?;
            out.headers_mut().entry(CONTENT_TYPE).or_insert(content_type);
            *out.body_mut() = Some(streamed.body);
        }
        Ok(out)
    }

    /// Reads a whole body, up to the allowed size.
    async fn body(&self, url: &Url, response: &mut reqwest::Response) -> Result<Bytes, Failure> {
        let too_large = || {
            let text = format!("the response is larger than {} bytes", self.max_body);
            Failure::last(Error::new(ErrorKind::TooLarge, text))
        };
        let announced = response.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length > self.max_body) {
            return Err(too_large());
        }
        // A small response comes in one chunk and needs no copy.
        let mut first = Bytes::new();
        let mut all = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| broken(url, error))? {
            if first.len() + all.len() + chunk.len() > self.max_body {
                return Err(too_large());
            }
            if first.is_empty() && all.is_empty() {
                first = chunk;
                continue;
            }
            if all.is_empty() {
                all.reserve(announced.unwrap_or(4 * (first.len() + chunk.len())).min(MAX_RESERVE));
                all.extend_from_slice(&std::mem::take(&mut first));
            }
            all.extend_from_slice(&chunk);
        }
        Ok(if all.is_empty() { first } else { all.into() })
    }
}

/// What one URL sent.
enum Hop {
    Response(Box<HttpResponse>),
    /// The URL that it redirects to.
    Redirect(Url),
}

/// A failure with the host that it comes from. What other hosts report about limits does not concern this server.
fn of_host(is_own_host: bool, failure: Failure) -> Failure {
    match is_own_host {
        true => failure,
        false => Failure { origin: FailureOrigin::OtherHost, report: None, ..failure },
    }
}

fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

/// The target of a redirect, if the request may follow it.
fn redirect(
    base_url: &BaseUrl,
    request: &PreparedRequest,
    from: &Url,
    response: &reqwest::Response,
) -> Result<Url, Failure> {
    let status = response.status().as_u16();
    let invalid = |text: String| {
        let id = headers::request_id(response.headers()).map(str::to_owned);
        Failure::last(Error::new(ErrorKind::Redirect, text).with_response(status, id).with_hint(Some(FOREIGN_LINK)))
    };
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let Some(to) = location.and_then(|location| from.join(location).ok()) else {
        return Err(invalid(format!("the server redirects ({status}) without a valid URL")));
    };
    let shown = redact::url(&to);
    if to.path().ends_with("/users/sign_in") {
        let error = Error::new(ErrorKind::Unauthorized, "the server redirects to its sign-in page");
        return Err(Failure::last(error.with_response(status, None)));
    }
    if !request.method.is_read() {
        let error = Error::new(ErrorKind::Redirect, format!("the server redirects ({status}) to {shown}"))
            .with_hint(Some("only reads follow redirects: use the new path, or the id"));
        return Err(Failure::last(error.with_response(status, None)));
    }
    let is_file = matches!(request.output, Output::File(_));
    let is_web = matches!(to.scheme(), "http" | "https");
    let is_downgrade = from.scheme() == "https" && to.scheme() == "http";
    match base_url.owns(&to) {
        true => Ok(without_user_info(to)),
        // A file may be in an object storage on another host. The token is not sent there.
        false if is_file && is_web && !is_downgrade => Ok(to),
        false => Err(invalid(format!("the server redirects ({status}) to {shown}, which is not this server"))),
    }
}

/// The beginning of the body of a failure, as far as it can be read.
async fn explanation(response: &mut reqwest::Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk[..chunk.len().min(MAX_EXPLANATION - body.len())]);
        if body.len() == MAX_EXPLANATION {
            break;
        }
    }
    body
}

/// The failure of an exchange that broke.
pub(crate) fn broken(url: &Url, error: reqwest::Error) -> Failure {
    let host = url.host_str().unwrap_or_default();
    if error.is_connect() {
        return connect_error::failed(host, error);
    }
    let (kind, text) = if error.is_timeout() {
        (ErrorKind::Timeout, "no response in time")
    } else if error.is_body() || error.is_decode() {
        (ErrorKind::Transport, "the body was cut off")
    } else {
        (ErrorKind::Transport, "the connection was lost")
    };
    let retry = if is_unseen(&error) { RetryClass::Safe } else { RetryClass::IfIdempotent };
    Failure::new(Error::http(kind, text, error), retry)
}

/// Whether the server says that it has not processed the request. Over HTTP/2 it does so when it shuts down or is overloaded
/// (RFC 9113, 8.7).
#[cfg(feature = "http2")]
fn is_unseen(error: &reqwest::Error) -> bool {
    let error = connect_error::causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.filter(|error| error.is_remote()).is_some_and(|error| match error.reason() {
        // Earlier requests get a response, or end with another error.
        Some(h2::Reason::NO_ERROR) => error.is_go_away(),
        Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
        _ => false,
    })
}

#[cfg(not(feature = "http2"))]
fn is_unseen(_: &reqwest::Error) -> bool {
    false
}
