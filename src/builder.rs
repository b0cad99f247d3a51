//! Configuring a client.

use crate::client::Client;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
#[cfg(feature = "graphql")]
use crate::graphql::cache::Cache;
use crate::http::auth::{Auth, Token};
use crate::http::base_url::BaseUrl;
use crate::http::tls;
use crate::http::transport::Transport;
use crate::limit::{Breaker, CircuitBreaker, Concurrency, Limits, MaxWait, Permits, RateLimits};
use crate::send::executor::Executor;
use crate::send::observer::Observer;
use crate::send::retry::{Retry, RetryPolicy};
use glabflow_contract::Secret;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The library's User-Agent.
const USER_AGENT: &str = concat!("glabflow/", env!("CARGO_PKG_VERSION"));

/// The longest timeout of the HTTP library, which adds it to the present time.
const ENDLESS: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Client {
    /// A builder of a client for the server at this URL.
    ///
    /// The URL may end with `/api/v4` or slashes. It may contain the path below which GitLab is installed.
    pub fn builder(url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(url)
    }

    /// A client for gitlab.com with a personal, project or group access token. It starts with 20 requests at once, and never sends
    /// more than 100 at once.
    ///
    /// # Errors
    /// If the token is not valid.
    pub fn for_gitlab_com(token: impl Into<Secret>) -> Result<Self, Error> {
        let concurrency = Concurrency::adaptive(100).starting_at(20);
        Client::builder("https://gitlab.com").token(Token::personal(token)).concurrency(concurrency).build()
    }

    /// A client for the server and the token in the environment; see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    /// If a variable is not valid.
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
#[must_use = "call `build()` to create the client"]
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
    circuit_breaker: CircuitBreaker,
    max_response_bytes: usize,
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
            circuit_breaker: CircuitBreaker::default(),
            max_response_bytes: 64 * 1024 * 1024,
            retry: RetryPolicy::default(),
            observer: None,
            clock: None,
            #[cfg(feature = "graphql")]
            graphql_cache: None,
        }
    }

    /// The server and the token in the environment.
    ///
    /// `GITLAB_URL` and `GITLAB_TOKEN` come first. In a CI job, `CI_SERVER_URL` and `CI_JOB_TOKEN` are used if they are missing. The
    /// job's token is sent only to the job's own server. The default URL is `https://gitlab.com`. Without a token, requests carry
    /// none.
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
        let base_url = named.or_else(|| job_server.clone()).unwrap_or_else(|| "https://gitlab.com".to_owned());
        let mut builder = ClientBuilder::new(base_url);
        builder.token = match (read(token)?, read("CI_JOB_TOKEN")?, job_server) {
            (Some(token), ..) => Some(Token::personal(token)),
            (None, Some(token), Some(server)) => {
                let of_job = BaseUrl::parse(&server)?;
                let same = BaseUrl::parse(&builder.url)?.as_str() == of_job.as_str();
                same.then(|| Token::job(token))
            }
            _ => None,
        };
        Ok(builder)
    }

    /// The token of all requests.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Acts as another user, by name or id. This needs an administrator's token with the scope `sudo`.
    pub fn sudo(mut self, user: impl fmt::Display) -> Self {
        self.sudo = Some(user.to_string());
        self
    }

    /// User-Agent, prepended to glabflow's own.
    pub fn user_agent(mut self, name: &str) -> Self {
        self.user_agent = format!("{name} {USER_AGENT}");
        self
    }

    /// Connect timeout (default: 10 s).
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Read timeout: maximum time without receiving a byte (default: 60 s).
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// Total timeout of a call, including retries and rate-limit waits (default: none). In a stream, each page is a call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The proxy, such as `http://proxy.example:3128`. By default, the environment decides (`HTTPS_PROXY`, `HTTP_PROXY`,
    /// `NO_PROXY`).
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// A file with CA certificates (PEM) to trust, in addition to those of the operating system.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_files.push(path.into());
        self
    }

    /// Maximum number of requests in flight, over all clones of the client (default: as many as the server can handle, up to 64).
    /// A plain number means [`Concurrency::adaptive`] up to that number.
    pub fn concurrency(mut self, requests: impl Into<Concurrency>) -> Self {
        self.concurrency = requests.into();
        self
    }

    /// How much of the server's rate limits is used (default: all that is left, as fast as the program asks). The client sends no
    /// request that would exceed a known limit.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.rate_limits = limits;
        self
    }

    /// When calls fail at once because the server is down.
    pub fn circuit_breaker(mut self, rules: CircuitBreaker) -> Self {
        self.circuit_breaker = rules;
        self
    }

    /// Maximum size of a response that is read whole, after decompression (default: 64 MiB).
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// How failed requests are retried.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Receives an event for each step of a request.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The clock of all waits; for tests.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Keeps responses of GraphQL queries in this cache, which clients may share. By default, every query is sent.
    #[cfg(feature = "graphql")]
    pub fn graphql_cache(mut self, cache: Cache) -> Self {
        self.graphql_cache = Some(cache);
        self
    }

    /// Creates the client. It opens no connection yet.
    ///
    /// # Errors
    /// If the URL, the token, the proxy, a CA file or a number is not valid.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = BaseUrl::parse(&self.url)?;
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
            // Only the client retries, so that retries are counted and reported.
            .retry(reqwest::retry::never())
            .user_agent(&self.user_agent)
            .connect_timeout(self.connect_timeout.min(ENDLESS))
            .read_timeout(self.read_timeout.min(ENDLESS))
            .pool_max_idle_per_host(self.concurrency.max());
        #[cfg(feature = "http2")]
        {
            // All requests share one connection: its window must be large enough, and a dead connection must be noticed soon.
            http = http
                .http2_adaptive_window(true)
                .http2_keep_alive_interval(Duration::from_secs(30))
                .http2_keep_alive_timeout(Duration::from_secs(20));
        }
        if let Some(proxy) = &self.proxy {
            let proxy = reqwest::Proxy::all(proxy.expose())
                .map_err(|_| Error::configuration("the proxy's URL must look like http://proxy.example:3128"))?;
            http = http.proxy(proxy);
        }
        let http = http.build().map_err(|error| {
            Error::configuration("the HTTP client cannot be created").with_source(error.without_url())
        })?;
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let max_wait = MaxWait::new(self.retry.max_wait);
        let executor = Executor {
            mismatch: Arc::default(),
            transport: Transport { http, max_body: self.max_response_bytes, base_url, auth, clock },
            limits: Limits::new(Permits::new(&self.concurrency), self.rate_limits, max_wait),
            breaker: Breaker::new(self.circuit_breaker),
            retry: Retry::new(self.retry),
            observer: self.observer,
            timeout: self.timeout,
        };
        Ok(Client {
            executor: Arc::new(executor),
            #[cfg(feature = "graphql")]
            graphql_cache: self.graphql_cache,
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The URL has not been checked yet: it may contain a password.
        let url = BaseUrl::parse(&self.url).map(|base_url| base_url.as_str().to_owned()).ok();
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
    fn server_and_token_come_from_the_environment() {
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
    fn invalid_settings_are_errors() {
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
