//! HTTP requests: where the token may be sent, limits on time and size, and checks of responses.

use super::proxy::{Named, Proxies};
use crate::ingest::graphql::is_hidden;
use anyhow::{Context, Result, anyhow, bail};
use std::io;
use std::path::Path;
use std::time::Duration;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};
use url::{Origin, Url};

/// The maximum bytes of a response. GitLab's whole GraphQL schema with descriptions has about 15 MB.
const LARGEST: u64 = 256 << 20;
/// The maximum attempts of a request if the server is busy.
const ATTEMPTS: u32 = 4;
/// The maximum wait that a server may request.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The maximum redirects of a document.
const REDIRECTS: usize = 5;

/// The settings of a client.
pub(super) struct Settings<'a> {
    pub(super) url: &'a str,
    pub(super) token: Option<String>,
    pub(super) ca_file: Option<&'a Path>,
    pub(super) timeout: Duration,
}

/// A client for one server, which can also read documents from other hosts.
pub(super) struct Http {
    root: Url,
    origin: Origin,
    token: Option<String>,
    /// For the server, which may have its own certificate authority.
    own: Agent,
    /// For other hosts.
    other: Agent,
    proxies: Proxies,
}

/// A response with any status.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    is_html: bool,
    location: Option<String>,
    retry_after: Option<Duration>,
}

/// There was no response.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) timed_out: bool,
    pub(super) error: anyhow::Error,
}

impl From<Unanswered> for anyhow::Error {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.error
    }
}

impl Http {
    pub(super) fn new(settings: Settings<'_>) -> Result<Self> {
        let root = address(settings.url)?;
        let own = match settings.ca_file {
            None => RootCerts::PlatformVerifier,
            Some(file) => authorities(file)?,
        };
        Ok(Http {
            origin: root.origin(),
            root,
            token: settings.token,
            own: agent(own, settings.timeout),
            other: agent(RootCerts::PlatformVerifier, settings.timeout),
            proxies: Proxies::read(|name| std::env::var(name).ok())?,
        })
    }

    /// The server's address, without secrets.
    pub(super) fn root(&self) -> &str {
        self.root.as_str().trim_end_matches('/')
    }

    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// A `GET` below the server's address. Redirects are not followed.
    pub(super) fn get(&self, path: &str) -> Result<Reply, Unanswered> {
        self.exchange(&self.below(path), None)
    }

    /// A `POST` of JSON below the server's address. Redirects are not followed.
    pub(super) fn post(&self, path: &str, body: &str) -> Result<Reply, Unanswered> {
        self.exchange(&self.below(path), Some(body))
    }

    /// Reads a document from any address, following redirects. The token is sent only to the server.
    pub(super) fn document(&self, url: &str) -> Result<Reply> {
        let mut url = web_address(url)?;
        for _ in 0..=REDIRECTS {
            let reply = self.exchange(&url, None)?;
            let Some(target) = reply.redirect() else { return Ok(reply) };
            let next = url.join(target).with_context(|| format!("{} redirects to an invalid address", shown(&url)))?;
            if url.scheme() == "https" && next.scheme() != "https" {
                bail!("{url} redirects to an unencrypted address, {}", shown(&next));
            }
            url = web_address(next.as_str())?;
        }
        bail!("{} redirects more than {REDIRECTS} times", shown(&url))
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.root.clone();
        url.set_path(&format!("{}{path}", self.root.path().trim_end_matches('/')));
        url
    }

    /// Sends a request, and retries while the server is busy.
    fn exchange(&self, url: &Url, body: Option<&str>) -> Result<Reply, Unanswered> {
        let mut attempt = 1;
        loop {
            let reply = self.once(url, body)?;
            if attempt == ATTEMPTS || !matches!(reply.status, 429 | 502..=504) {
                return Ok(reply);
            }
            let wait = reply.retry_after.unwrap_or(Duration::from_secs(1 << (attempt - 1)));
            if wait > LONGEST_WAIT {
                return Ok(reply);
            }
            std::thread::sleep(wait);
            attempt += 1;
        }
    }

    fn once(&self, url: &Url, body: Option<&str>) -> Result<Reply, Unanswered> {
        let is_own = url.origin() == self.origin;
        let agent = if is_own { &self.own } else { &self.other };
        let bearer = self.token.as_deref().filter(|_| is_own).map(|token| format!("Bearer {token}"));
        let named = self.proxies.of(url);
        let proxy = named.map(|named| named.proxy.clone());
        let outcome = match body {
            None => {
                let request = agent.get(url.as_str()).config().proxy(proxy).build();
                match bearer {
                    Some(bearer) => request.header("Authorization", bearer).call(),
                    None => request.call(),
                }
            }
            Some(body) => {
                let request = agent.post(url.as_str()).config().proxy(proxy).build().content_type("application/json");
                match bearer {
                    Some(bearer) => request.header("Authorization", bearer).send(body),
                    None => request.send(body),
                }
            }
        };
        outcome.and_then(read).map_err(|error| explain(url, named, error))
    }

    /// Text of a server for messages: in one line, without control characters, and without the token.
    pub(super) fn quoted(&self, text: &str) -> String {
        let text = match &self.token {
            Some(token) => text.replace(token.as_str(), "[the token]"),
            None => text.to_owned(),
        };
        text.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .filter(|letter| !is_hidden(*letter))
            .take(300)
            .collect()
    }
}

impl Reply {
    /// The target of a redirect.
    pub(super) fn redirect(&self) -> Option<&str> {
        self.location.as_deref().filter(|_| matches!(self.status, 301 | 302 | 303 | 307 | 308))
    }

    /// Whether it is an HTML page.
    pub(super) fn is_html(&self) -> bool {
        self.is_html || self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// The title of the page, if it is one.
    pub(super) fn title(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.body);
        let lower = text.to_ascii_lowercase();
        let start = lower.find("<title>")? + "<title>".len();
        let title = text[start..start + lower[start..].find("</title>")?].trim();
        (!title.is_empty()).then(|| title.chars().take(80).collect())
    }
}

fn agent(roots: RootCerts, timeout: Duration) -> Agent {
    Agent::config_builder()
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .timeout_global(Some(timeout))
        .timeout_connect(Some(timeout.min(Duration::from_secs(30))))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("glabflow-codegen/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn read(mut response: ureq::http::Response<Body>) -> Result<Reply, ureq::Error> {
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (kind, location) = (header("content-type"), header("location"));
    let retry_after = header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    Ok(Reply {
        status: response.status().as_u16(),
        is_html: kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html")),
        location,
        retry_after,
        body: response.body_mut().with_config().limit(LARGEST).read_to_vec()?,
    })
}

/// The message for a connection error. It contains no secrets.
fn explain(url: &Url, proxy: Option<&Named>, error: ureq::Error) -> Unanswered {
    use ureq::Error;
    let what = match proxy {
        Some(proxy) => format!("{} through {}", shown(url), proxy.shown()),
        None => shown(url),
    };
    // Errors may contain the address.
    let text = match url.query().filter(|query| !query.is_empty()) {
        Some(query) => error.to_string().replace(query, "..."),
        None => error.to_string(),
    };
    let is_tls = matches!(error, Error::Tls(_) | Error::Rustls(_))
        || text.contains("certificate")
        || text.contains("corrupt message")
        || matches!(&error, Error::Io(error) if error.get_ref().is_some_and(|inner| inner.to_string().contains("tls")));
    let timed_out = matches!(&error, Error::Timeout(_));
    let error = match error {
        Error::Timeout(_) => anyhow!("{what} did not respond in time; --timeout sets a longer time"),
        _ if is_tls => anyhow!(
            "the encrypted connection to {what} failed: {text}; if the server's certificate is of an authority of your \
             own, name its file by --ca-file; if the server does not encrypt, write http://"
        ),
        Error::ConnectProxyFailed(_) if text.contains("407") => {
            anyhow!("cannot reach {what}: it needs a valid user name and password (407); put them into its address")
        }
        Error::HostNotFound => anyhow!("{what}: host not found; check the address"),
        Error::BodyExceedsLimit(_) => anyhow!("{what} responds with more than {} MB", LARGEST >> 20),
        Error::Io(error) if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            anyhow!(
                "the response of {what} is truncated ({error}); try again, with --parts if it is the GraphQL schema and \
                 this happens again"
            )
        }
        Error::Protocol(_) | Error::Decompress(..) => anyhow!("the response of {what} is broken: {text}"),
        _ => anyhow!("cannot reach {what}: {text}"),
    };
    Unanswered { timed_out, error }
}

/// The address of a server, as users write it.
fn address(text: &str) -> Result<Url> {
    let mut url = web_address(text)?;
    let path = url.path().trim_end_matches('/');
    let path = ["/api/v4", "/api/graphql"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path).to_owned();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// Parses an address for requests, which must not contain secrets.
fn web_address(text: &str) -> Result<Url> {
    let url = Url::parse(text.trim());
    let url =
        url.map_err(|error| anyhow!("invalid address ({error}); it must look like https://gitlab.example.com"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        bail!("the address must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        bail!("the address must not contain a user name or password; put a token into the environment (--token-env)");
    }
    Ok(url)
}

/// An address without its query and fragment, which may contain secrets.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    if url.query().is_some() {
        url.set_query(Some("..."));
    }
    url.to_string()
}

/// The certificate authorities in a file.
fn authorities(file: &Path) -> Result<RootCerts> {
    let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&pem) {
        match item {
            Ok(ureq::tls::PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(error) => bail!("{} contains a broken certificate: {error}", file.display()),
        }
    }
    if certificates.is_empty() {
        bail!("{} contains no certificate in PEM format", file.display());
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
