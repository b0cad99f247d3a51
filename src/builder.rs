//! Configuring a client.

use crate::client::Client;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
#[cfg(feature = "graphql")]
use crate::graphql::cache::Cache;
use crate::http::auth::{Auth, Token};
use crate::http::base_url::Address;
use crate::http::tls;
use crate::http::transport::Transport;
use crate::limit::{Breaker, CircuitBreaker, Concurrency, Limits, RateLimits, Slots};
use crate::send::executor::Core;
use crate::send::observer::Observer;
use crate::send::retry::{Retry, RetryPolicy};
use glabflow_contract::Secret;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The name under which requests go out.
const USER_AGENT: &str = concat!("glabflow/", env!("CARGO_PKG_VERSION"));

/// The longest time that is asked of the HTTP library, which adds it to the time that it is.
const ENDLESS: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Client {
    /// A builder of a client for the server at this address.
    ///
    /// The address may end with `/api/v4`, with slashes, and may hold the path below which GitLab is installed.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(url)
    }

    /// A client for gitlab.com with a personal, project or group access token. It begins with 20 requests at once, and never has
    /// more than 100.
    ///
    /// # Errors
    /// When the token cannot be one.
    pub fn for_gitlab_com(token: impl Into<Secret>) -> Result<Self, Error> {
        let concurrency = Concurrency::adaptive(100).starting_at(20);
        Client::builder("https://gitlab.com").token(Token::personal(token)).concurrency(concurrency).build()
    }

    /// A client for the server and the token that the environment names; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// When the variables hold something that cannot work.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

/// Configures a [`Client`].
///
/// ```
/// use glabflow::{Client, Token};
/// use std::time::Duration;
///
/// let gl = Client::builder("https://gitlab.example.com")
///     .token(Token::personal("glpat-example"))
///     .concurrency(8)
///     .timeout(Duration::from_secs(300))
///     .build()?;
/// # Ok::<(), glabflow::Error>(())
/// ```
#[must_use = "a client comes of `build`"]
pub struct ClientBuilder {
    url: String,
    token: Option<Token>,
    sudo: Option<String>,
    user_agent: String,
    connect_timeout: Duration,
    read_timeout: Duration,
    timeout: Option<Duration>,
    proxy: Option<Secret>,
    ca_files: Vec<PathBuf>,
    concurrency: Concurrency,
    rate_limits: RateLimits,
    circuit: CircuitBreaker,
    max_answer: usize,
    retry: RetryPolicy,
    observer: Option<Arc<dyn Observer>>,
    clock: Option<Arc<dyn Clock>>,
    #[cfg(feature = "graphql")]
    graphql_cache: Option<Cache>,
}

impl ClientBuilder {
    pub(crate) fn new(url: impl Into<String>) -> Self {
        ClientBuilder {
            url: url.into(),
            token: None,
            sudo: None,
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            timeout: None,
            proxy: None,
            ca_files: Vec::new(),
            concurrency: Concurrency::default(),
            rate_limits: RateLimits::default(),
            circuit: CircuitBreaker::default(),
            max_answer: 64 * 1024 * 1024,
            retry: RetryPolicy::default(),
            observer: None,
            clock: None,
            #[cfg(feature = "graphql")]
            graphql_cache: None,
        }
    }

    /// The server and the token that the environment names.
    ///
    /// `GITLAB_URL` and `GITLAB_TOKEN` come first. In a CI job, `CI_SERVER_URL` and `CI_JOB_TOKEN` stand in for them; the job's
    /// token goes to the job's own server only. Without an address it is gitlab.com, without a token requests carry none.
    ///
    /// # Errors
    /// When a variable is not UTF-8.
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env_named("GITLAB_URL", "GITLAB_TOKEN")
    }

    /// As [`ClientBuilder::from_env`], with other names for `GITLAB_URL` and `GITLAB_TOKEN`.
    ///
    /// # Errors
    /// When a variable is not UTF-8.
    pub fn from_env_named(url: &str, token: &str) -> Result<Self, Error> {
        ClientBuilder::from_variables(url, token, |name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(Error::configuration(format!("the environment variable {name} is not UTF-8")))
            }
        })
    }

    fn from_variables(
        url: &str,
        token: &str,
        read: impl Fn(&str) -> Result<Option<String>, Error>,
    ) -> Result<Self, Error> {
        let read = |name: &str| Ok::<_, Error>(read(name)?.filter(|value| !value.trim().is_empty()));
        let (named, job_server) = (read(url)?, read("CI_SERVER_URL")?);
        let address = named.or_else(|| job_server.clone()).unwrap_or_else(|| "https://gitlab.com".to_owned());
        let mut builder = ClientBuilder::new(address);
        builder.token = match (read(token)?, read("CI_JOB_TOKEN")?, job_server) {
            (Some(token), ..) => Some(Token::personal(token)),
            (None, Some(token), Some(server)) => {
                let of_job = Address::parse(&server)?;
                let same = Address::parse(&builder.url)?.as_str() == of_job.as_str();
                same.then(|| Token::job(token))
            }
            _ => None,
        };
        Ok(builder)
    }

    /// The token that requests carry.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Acts as another user, by name or id. The token must be an administrator's with the scope `sudo`.
    pub fn sudo(mut self, user: impl fmt::Display) -> Self {
        self.sudo = Some(user.to_string());
        self
    }

    /// The name under which requests go out, put before the library's own.
    pub fn user_agent(mut self, name: &str) -> Self {
        self.user_agent = format!("{name} {USER_AGENT}");
        self
    }

    /// The longest that a connection may take to come about; 10 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest that the server may be silent; 60 seconds unless set.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// The longest that one call may take until its answer is there, with all repetitions and waits; not limited unless set.
    /// In a stream, each page is a call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The proxy to go through, such as `http://proxy.example:3128`. Unless set, the environment decides (`HTTPS_PROXY`,
    /// `HTTP_PROXY`, `NO_PROXY`).
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// A file with CA certificates (PEM) to trust besides those of the operating system.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_files.push(path.into());
        self
    }

    /// Requests that may be under way at once, over all clones of the client: as many as the server carries out, up to 64, unless
    /// set. A plain number is the most there may be.
    pub fn concurrency(mut self, requests: impl Into<Concurrency>) -> Self {
        self.concurrency = requests.into();
        self
    }

    /// How much of the server's rate limits is used. Unless set, all that is left is used as fast as requests come, and nothing is
    /// sent that would be refused.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = limits;
        self
    }

    /// When calls fail at once because the server is down.
    pub fn circuit_breaker(mut self, circuit: CircuitBreaker) -> Self {
        self.circuit = circuit;
        self
    }

    /// Bytes that an answer may have when it is read whole, after decompression; 64 MiB unless set.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_answer = bytes;
        self
    }

    /// How requests are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Who is told what the client does.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The clock that waits go by; for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Keeps answers of GraphQL queries in this cache, which clients may share. Unless set, every query is sent.
    #[cfg(feature = "graphql")]
    pub fn graphql_cache(mut self, cache: Cache) -> Self {
        self.graphql_cache = Some(cache);
        self
    }

    /// The client. No connection is made yet.
    ///
    /// # Errors
    /// When the address, the token, the proxy, a CA file or a number cannot work.
    pub fn build(self) -> Result<Client, Error> {
        let address = Address::parse(&self.url)?;
        let auth = Auth::new(self.token.as_ref(), self.sudo.as_deref())?;
        self.concurrency.check()?;
        let mut certificates = Vec::new();
        for path in &self.ca_files {
            let pem = std::fs::read(path).map_err(|error| {
                Error::configuration(format!("the CA file {} cannot be read", path.display())).with_source(error)
            })?;
            certificates.extend(tls::certificates(&pem)?);
        }
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(certificates)?)
            .redirect(reqwest::redirect::Policy::none())
            // All repetitions are ours, so that they are counted and seen.
            .retry(reqwest::retry::never())
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout.min(ENDLESS))
            .read_timeout(self.read_timeout.min(ENDLESS))
            .pool_max_idle_per_host(self.concurrency.most());
        #[cfg(feature = "http2")]
        {
            // All requests share a connection then: it must not be held back by a small window, nor be dead for long unnoticed.
            http = http
                .http2_adaptive_window(true)
                .http2_keep_alive_interval(Duration::from_secs(30))
                .http2_keep_alive_timeout(Duration::from_secs(20));
        }
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy.expose())
                .map_err(|_| Error::configuration("the proxy's address must look like http://proxy.example:3128"))?;
            http = http.proxy(proxy);
        }
        let http = http.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be set up").with_source(error.without_url())
        })?;
        let rate_limits = self.rate_limits.waiting_at_most(self.retry.max_wait);
        let core = Core {
            mismatch: Arc::default(),
            address,
            auth,
            transport: Transport { http, max_body: self.max_answer },
            limits: Limits::new(Slots::new(&self.concurrency), rate_limits),
            breaker: Breaker::new(self.circuit),
            retry: Retry::new(self.retry),
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            observer: self.observer,
            timeout: self.timeout,
        };
        Ok(Client {
            core: Arc::new(core),
            #[cfg(feature = "graphql")]
            graphql_cache: self.graphql_cache,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address has not been checked yet: it may hold a password.
        let url = Address::parse(&self.url).map(|address| address.as_str().to_owned()).ok();
        f.debug_struct("ClientBuilder").field("url", &url).field("token", &self.token).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> (String, String) {
        let read = |name: &str| Ok(variables.iter().find(|(at, _)| *at == name).map(|(_, value)| (*value).to_owned()));
        let builder = ClientBuilder::from_variables("GITLAB_URL", "GITLAB_TOKEN", read).expect("variables");
        let mut headers = http::HeaderMap::new();
        Auth::new(builder.token.as_ref(), None).expect("a token").apply(&mut headers);
        let header = headers.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap_or_default()));
        (builder.url, header.collect())
    }

    #[test]
    fn the_environment_names_server_and_token() {
        let pair = |url: &str, header: &str| (url.to_owned(), header.to_owned());
        assert_eq!(from(&[]), pair("https://gitlab.com", ""));
        assert_eq!(from(&[("GITLAB_TOKEN", "a")]), pair("https://gitlab.com", "private-token=a"));
        let job = [("CI_SERVER_URL", "https://ci.example"), ("CI_JOB_TOKEN", "j"), ("GITLAB_TOKEN", " ")];
        assert_eq!(from(&job), pair("https://ci.example", "job-token=j"));
        let elsewhere = [job[0], job[1], ("GITLAB_URL", "https://other.example")];
        assert_eq!(from(&elsewhere), pair("https://other.example", ""));
        let same = [job[0], job[1], ("GITLAB_URL", "https://ci.example/api/v4/")];
        assert_eq!(from(&same).1, "job-token=j");
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let builder = || Client::builder("https://h.example");
        assert!(builder().build().is_ok());
        assert!(builder().concurrency(0).build().is_err());
        assert!(builder().ca_file("/does/not/exist").build().is_err());
        assert!(builder().token(Token::personal("")).build().is_err());
        assert!(builder().sudo("a\nb").build().is_err());
        assert!(builder().proxy("::").build().is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let builder =
            Client::builder("https://me:hidden@h.example").token(Token::job("hidden")).proxy("http://u:hidden@p");
        assert!(!format!("{builder:?}").contains("hidden"));
    }
}
