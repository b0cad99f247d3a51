//! One exchange with a server: a request goes out, an answer comes in, redirects are followed where that is safe.
//!
//! This is the only place where the token is put on a request.

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::auth::Auth;
use crate::http::base_url::{Address, FOREIGN_LINK};
use crate::http::body;
use crate::http::classify::{self, Failure, Repeat, Status, Teller};
use crate::http::connect_error;
use crate::http::headers;
use crate::http::prepared::Plan;
use crate::redact;
use bytes::Bytes;
use glabflow_contract::{Method, Output};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use url::Url;

/// Redirects that are followed at most.
const MAX_REDIRECTS: usize = 5;
/// Bytes that are read of an answer which is not a success.
const MAX_EXPLANATION: usize = 64 * 1024;
/// Bytes that are reserved at most on an answer's word that it has so many.
const MAX_RESERVE: usize = 8 * 1024 * 1024;

/// What to do with the body of a successful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Read it whole.
    Body,
    /// Leave it to be read as a stream.
    Stream,
}

/// A successful answer.
pub(crate) struct Reply {
    /// Where it came from, after redirects.
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body, where it has been read.
    pub(crate) body: Bytes,
    /// The rest of the body, where it is to be read.
    pub(crate) rest: Option<reqwest::Response>,
}

/// Connections, and how much may come over them.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Bytes of an answer at most, after decompression, when it is read whole.
    pub(crate) max_body: usize,
}

impl Transport {
    /// Sends a request once.
    pub(crate) async fn exchange(
        &self,
        address: &Address,
        auth: &Auth,
        clock: &dyn Clock,
        plan: &Plan,
        url: &Url,
        want: Want,
    ) -> Result<Reply, Failure> {
        let mut at_home = true;
        let outcome = self.follow(address, auth, clock, plan, url.clone(), want, &mut at_home).await;
        outcome.map_err(|failure| match at_home {
            true => failure,
            // What other hosts tell about limits is not about this server's.
            false => Failure { teller: Teller::Elsewhere, report: None, ..failure },
        })
    }

    /// Sends a request, to where the server sends it on to as well. `at_home` tells whether it has stayed with the server.
    #[allow(clippy::too_many_arguments)]
    async fn follow(
        &self,
        address: &Address,
        auth: &Auth,
        clock: &dyn Clock,
        plan: &Plan,
        mut url: Url,
        want: Want,
        at_home: &mut bool,
    ) -> Result<Reply, Failure> {
        for _ in 0..=MAX_REDIRECTS {
            // A redirect that has left the server never gets the token back.
            *at_home &= address.owns(&url);
            let request = self.request(auth, clock, plan, &url, *at_home).await?;
            let mut response = self.http.execute(request).await.map_err(|error| broken(&url, error))?;
            let status = response.status().as_u16();
            match Status::of(status) {
                Status::Success => {
                    let headers = std::mem::take(response.headers_mut());
                    return match want {
                        Want::Stream => Ok(Reply { url, status, headers, body: Bytes::new(), rest: Some(response) }),
                        Want::Body => match self.body(&url, &mut response).await {
                            Ok(body) => Ok(Reply { url, status, headers, body, rest: None }),
                            // The status says that the request was carried out, whatever became of the body.
                            Err(failure) => {
                                let id = headers::request_id(&headers).map(str::to_owned);
                                Err(Failure { error: failure.error.with_answer(status, id), ..failure })
                            }
                        },
                    };
                }
                Status::Redirect => url = redirect(address, plan, &url, &response)?,
                Status::Failure => {
                    let body = explanation(&mut response).await;
                    return Err(classify::failure(
                        plan.method,
                        url.path(),
                        status,
                        response.headers(),
                        &body,
                        clock.wall(),
                    ));
                }
            }
        }
        Err(Failure::last(Error::new(ErrorKind::Redirect, format!("more than {MAX_REDIRECTS} redirects"))))
    }

    /// Sends a request for nothing but the connection that it opens: no token goes with it, and any answer will do.
    pub(crate) async fn touch(&self, url: &Url) -> Result<(), Error> {
        let request = reqwest::Request::new(http::Method::HEAD, url.clone());
        match self.http.execute(request).await {
            Ok(_) => Ok(()),
            Err(error) => Err(broken(url, error).error.with_request("preconnect", Method::Head, redact::url(url))),
        }
    }

    async fn request(
        &self,
        auth: &Auth,
        clock: &dyn Clock,
        plan: &Plan,
        url: &Url,
        at_home: bool,
    ) -> Result<reqwest::Request, Failure> {
        let mut request = reqwest::Request::new(method(plan.method), url.clone());
        let out = request.headers_mut();
        let accept = if matches!(plan.output, Output::File(_)) { "*/*" } else { "application/json" };
        out.insert(ACCEPT, HeaderValue::from_static(accept));
        if at_home {
            auth.apply(out);
            for (name, value) in &plan.headers {
                out.insert(name, value.clone());
            }
        }
        // All 64 bits of chance: a boundary must not occur in the file that it bounds.
        let boundary = clock.random().to_bits() ^ clock.random().to_bits().rotate_left(32);
        let opened = body::open(&plan.payload, boundary).await.map_err(|error| {
            Failure::last(Error::new(ErrorKind::Io, "the file to upload cannot be read").with_source(error))
        })?;
        if let Some(outgoing) = opened {
            let content_type = HeaderValue::from_str(&outgoing.content_type).map_err(|_| {
                Failure::last(Error::new(ErrorKind::Argument, "the content type of the upload is not one"))
            })?;
            request.headers_mut().entry(CONTENT_TYPE).or_insert(content_type);
            *request.body_mut() = Some(outgoing.body);
        }
        Ok(request)
    }

    /// Reads a whole body, and no more than allowed.
    async fn body(&self, url: &Url, response: &mut reqwest::Response) -> Result<Bytes, Failure> {
        let too_large = || {
            let text = format!("the answer is larger than {} bytes", self.max_body);
            Failure::last(Error::new(ErrorKind::TooLarge, text))
        };
        let announced = response.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|length| length > self.max_body) {
            return Err(too_large());
        }
        // Small answers come in one piece, which then needs no copy.
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

/// Where a redirect leads, if the request may follow it.
fn redirect(address: &Address, plan: &Plan, from: &Url, response: &reqwest::Response) -> Result<Url, Failure> {
    let status = response.status().as_u16();
    let refuse = |text: String| {
        let id = headers::request_id(response.headers()).map(str::to_owned);
        Failure::last(Error::new(ErrorKind::Redirect, text).with_answer(status, id).with_hint(Some(FOREIGN_LINK)))
    };
    let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let Some(to) = location.and_then(|location| from.join(location).ok()) else {
        return Err(refuse(format!("the server redirects ({status}) to no place")));
    };
    let shown = redact::url(&to);
    if to.path().ends_with("/users/sign_in") {
        let error = Error::new(ErrorKind::Unauthorized, "the server asks to sign in");
        return Err(Failure::last(error.with_answer(status, None)));
    }
    if !plan.method.is_read() {
        let error = Error::new(ErrorKind::Redirect, format!("the server redirects ({status}) to {shown}"))
            .with_hint(Some("only reads follow redirects: use the new path, or the id"));
        return Err(Failure::last(error.with_answer(status, None)));
    }
    let is_file = matches!(plan.output, Output::File(_));
    let is_web = matches!(to.scheme(), "http" | "https");
    let is_downgrade = from.scheme() == "https" && to.scheme() == "http";
    match address.owns(&to) {
        true => Ok(to),
        // Files may lie in an object storage elsewhere; the token stays behind.
        false if is_file && is_web && !is_downgrade => Ok(to),
        false => Err(refuse(format!("the server redirects ({status}) to {shown}, which is not this server"))),
    }
}

/// The beginning of the body of a failure; whatever of it can be read.
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

/// The failure that a broken exchange means.
pub(crate) fn broken(url: &Url, error: reqwest::Error) -> Failure {
    let host = url.host_str().unwrap_or_default();
    if error.is_connect() {
        return connect_error::failed(host, error);
    }
    let (kind, text) = if error.is_timeout() {
        (ErrorKind::Timeout, "no answer in time")
    } else if error.is_body() || error.is_decode() {
        (ErrorKind::Transport, "the body was cut off")
    } else {
        (ErrorKind::Transport, "the connection broke")
    };
    let repeat = if is_unseen(&error) { Repeat::Freely } else { Repeat::IfIdempotent };
    Failure::new(Error::http(kind, text, error), repeat)
}

/// Whether the server says that it has not looked at the request: over HTTP/2 it does so when it is shut down, or has too much to
/// do (RFC 9113, 8.7).
#[cfg(feature = "http2")]
fn is_unseen(error: &reqwest::Error) -> bool {
    let error = connect_error::causes(error).find_map(|cause| cause.downcast_ref::<h2::Error>());
    error.filter(|error| error.is_remote()).is_some_and(|error| match error.reason() {
        // What came before it is answered, or ends with an error of another kind.
        Some(h2::Reason::NO_ERROR) => error.is_go_away(),
        Some(h2::Reason::REFUSED_STREAM) => error.is_reset(),
        _ => false,
    })
}

#[cfg(not(feature = "http2"))]
fn is_unseen(_: &reqwest::Error) -> bool {
    false
}
