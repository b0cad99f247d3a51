//! The one path of every request. Each attempt has four phases: admit, exchange, settle, decide.

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::auth::Auth;
use crate::http::base_url::BaseUrl;
use crate::http::classify::{Failure, FailureOrigin, RetryClass};
use crate::http::headers::{self, Report};
use crate::http::prepared::PreparedRequest;
use crate::http::transport::{BodyMode, HttpResponse, Transport};
use crate::limit::{Admission, Breaker, Down, LatencyRecorder, Limits, Probe, RateLimited, RequestClass, Speed, Wait};
use crate::redact;
use crate::send::observer::{Event, EventKind, Observer};
use crate::send::response::RawResponse;
use crate::send::retry::{FailureCounts, Retry};
use crate::server_version::Mismatch;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// What all clones of a client share.
pub(crate) struct Executor {
    /// How the server is known to differ from the schema of the operations.
    pub(crate) mismatch: Arc<Mismatch>,
    pub(crate) transport: Transport,
    pub(crate) limits: Limits,
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) retry: Retry,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// Total timeout of a call, including retries and waits.
    pub(crate) timeout: Option<Duration>,
}

/// A success whose body may still have to be read.
pub(crate) struct Opened {
    pub(crate) response: HttpResponse,
    pub(crate) attempts: u32,
}

impl Executor {
    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.transport.base_url
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.transport.auth
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.transport.clock
    }

    /// The URL of a request.
    pub(crate) fn url(&self, request: &PreparedRequest) -> Result<Url, Error> {
        request.url(self.base_url())
    }

    /// Sends a request and reads the whole response.
    pub(crate) async fn send(&self, request: &PreparedRequest) -> Result<RawResponse, Error> {
        let Opened { response, attempts } = self.run(request, BodyMode::Buffer).await?;
        Ok(RawResponse {
            operation: request.operation,
            method: request.method,
            url: response.url,
            status: response.status,
            headers: response.headers,
            body: response.body,
            attempts,
            secrets: self.auth().secrets().clone(),
            #[cfg(feature = "graphql")]
            mismatch: Arc::clone(&self.mismatch),
        })
    }

    /// Sends a request and leaves the body of the response to be read.
    pub(crate) async fn open(&self, request: &PreparedRequest) -> Result<Opened, Error> {
        self.run(request, BodyMode::Stream).await
    }

    /// Opens connections by requests for a file that costs the server little, without a token.
    pub(crate) async fn preconnect(&self, connections: usize) -> Result<(), Error> {
        let url = self.base_url().sibling("robots.txt");
        let all = (0..connections).map(|_| self.transport.touch(&url));
        futures_util::future::try_join_all(all).await?;
        Ok(())
    }

    /// An error, with the request that it is about.
    pub(crate) fn with_request_context(&self, request: &PreparedRequest, url: &Url, error: Error) -> Error {
        error.with_request(request.operation.as_str(), request.method, redact::url(url)).masked(self.auth().secrets())
    }

    async fn run(&self, request: &PreparedRequest, mode: BodyMode) -> Result<Opened, Error> {
        let url = self.url(request)?;
        let path = self.base_url().path_below(&url).unwrap_or_default();
        let class = RequestClass::of(request.operation, request.method, path);
        let mut call = Call { executor: self, request, url: &url, mode, class, deadline: None };
        let mut progress = Progress::default();
        let outcome = match request.timeout.or(self.timeout) {
            None => call.attempts(&mut progress).await,
            Some(timeout) => {
                // A time that the clock cannot represent is no deadline.
                call.deadline = self.clock().now().checked_add(timeout);
                match tokio::time::timeout(timeout, call.attempts(&mut progress)).await {
                    Ok(outcome) => outcome,
                    Err(_) => Err(call.timed_out(timeout, &progress)),
                }
            }
        };
        outcome.map_err(|error| {
            let error = match error.is_unknown_route() {
                true => error.or_hint(self.mismatch.hint(glabflow_rest::SCHEMA)),
                false => error,
            };
            self.with_request_context(request, &url, error.with_attempts(progress.attempts))
        })
    }
}

/// One call: the attempts of one request.
struct Call<'a> {
    executor: &'a Executor,
    request: &'a PreparedRequest,
    url: &'a Url,
    mode: BodyMode,
    class: RequestClass,
    deadline: Option<Instant>,
}

/// The progress of a call. Survives the timeout of the call.
#[derive(Default)]
struct Progress {
    attempts: u32,
    /// Whether a request is in flight.
    in_flight: bool,
    /// Records a request that gets no response in time.
    recorder: Option<LatencyRecorder>,
}

/// State carried from failed attempts to the next.
#[derive(Default)]
struct PriorAttempts {
    failures: FailureCounts,
    last_error: Option<Error>,
    /// Whether an attempt may have been carried out.
    may_have_executed: bool,
}

/// The right to send one request, until its result is settled.
struct Admitted {
    admission: Admission,
    probe: Option<Probe>,
}

/// What an exchange led to.
struct Exchanged {
    /// A success, and whether a rate limit rejected a part of it.
    outcome: Result<(HttpResponse, bool), Failure>,
    duration: Duration,
    ended: Instant,
}

/// A failed attempt that has been settled.
struct Failed {
    error: Error,
    retry: RetryClass,
    /// The pause of the budget that counts the request, after a 429.
    pause: Option<Duration>,
}

impl Call<'_> {
    /// Attempts until one succeeds or no retry is allowed.
    async fn attempts(&self, progress: &mut Progress) -> Result<Opened, Error> {
        let mut prior = PriorAttempts::default();
        loop {
            let mut admitted = self.admit(progress.attempts + 1, &mut prior).await?;
            let exchanged = self.exchange(&mut admitted.admission, progress).await;
            let attempts = progress.attempts;
            let failed = match self.settle(admitted, exchanged, attempts, &mut prior.failures) {
                Ok(response) => return Ok(Opened { response, attempts }),
                Err(failed) => failed,
            };
            let delay = self.decide(failed, attempts, &mut prior)?;
            self.clock().sleep(delay).await;
        }
    }

    /// Waits until the request may be sent: circuit breaker, permit, budgets.
    async fn admit(&self, attempt: u32, prior: &mut PriorAttempts) -> Result<Admitted, Error> {
        let Executor { breaker, limits, .. } = self.executor;
        // Checked before the wait, so that no request waits for a server that is down, and again after it.
        breaker.check(self.clock()).map_err(|down| unavailable(&down, prior.last_error.take()))?;
        let admission = limits.admit(self.class, self.clock(), |wait| self.report_wait(&wait, attempt)).await?;
        let probe = breaker.enter(self.clock()).map_err(|down| unavailable(&down, prior.last_error.take()))?;
        Ok(Admitted { admission, probe })
    }

    /// Sends the request once.
    async fn exchange(&self, admission: &mut Admission, progress: &mut Progress) -> Exchanged {
        progress.attempts += 1;
        progress.in_flight = true;
        progress.recorder = Some(admission.permit.recorder());
        self.emit(progress.attempts, EventKind::Started);
        let start = self.clock().now();
        admission.send(start);
        let outcome = self.executor.transport.follow(self.request, self.url, self.mode).await;
        progress.in_flight = false;
        let ended = self.clock().now();
        let secrets = self.executor.auth().secrets();
        let outcome = outcome.and_then(|response| self.throttled(response)).map_err(|failure| failure.masked(secrets));
        Exchanged { outcome, duration: ended.saturating_duration_since(start), ended }
    }

    /// Reports the result to the observer, the circuit breaker, the budgets and adaptive concurrency. The permit is free after
    /// that.
    fn settle(
        &self,
        mut admitted: Admitted,
        exchanged: Exchanged,
        attempt: u32,
        failures: &mut FailureCounts,
    ) -> Result<HttpResponse, Failed> {
        let Exchanged { outcome, duration, ended } = exchanged;
        match outcome {
            Ok((response, partly_throttled)) => {
                self.emit_finished(&response, duration, attempt);
                self.executor.retry.succeeded(*failures);
                self.executor.breaker.record_response();
                self.settle_budgets(&mut admitted.admission, &response, partly_throttled, ended);
                admitted.admission.permit.record(self.request.operation.as_str(), Speed::Took(duration));
                Ok(response)
            }
            Err(failure) => {
                self.emit(attempt, EventKind::Failed { error: &failure.error, duration });
                match failure.retry {
                    RetryClass::Throttled => failures.throttled += 1,
                    _ => failures.failed += 1,
                }
                Err(self.settle_failure(&mut admitted, failure, ended))
            }
        }
    }

    /// Reports a success to the budgets.
    fn settle_budgets(
        &self,
        admission: &mut Admission,
        response: &HttpResponse,
        partly_throttled: bool,
        ended: Instant,
    ) {
        // A file may come from another host, which has limits of its own.
        let is_own_host = self.executor.base_url().owns(&response.url);
        let report = Report::read(&response.headers, self.clock().wall()).filter(|_| is_own_host);
        let report = report.map(|report| report.masked(self.executor.auth().secrets()));
        if partly_throttled {
            admission.rate_limited(RateLimited { report, asked: None, is_in_body: true }, self.clock());
        } else {
            admission.responded(report, ended);
        }
    }

    /// Reports a failure to the circuit breaker, adaptive concurrency and the budgets.
    fn settle_failure(&self, admitted: &mut Admitted, failure: Failure, ended: Instant) -> Failed {
        let Failure { error, retry, report, origin } = failure;
        let Admitted { admission, probe } = admitted;
        // A server that redirects a request to another host is there, whatever that host does.
        let is_own_host = origin != FailureOrigin::OtherHost;
        let has_response = !is_own_host || error.status().is_some();
        if is_own_host && error.is_server_missing() {
            self.executor.breaker.record_failure(probe.as_ref(), self.clock());
        } else if has_response {
            self.executor.breaker.record_response();
        }
        if is_own_host && error.is_overload() {
            admission.permit.record(self.request.operation.as_str(), Speed::Overloaded);
        }
        let mut pause = None;
        if is_own_host && retry == RetryClass::Throttled {
            let is_in_body = origin == FailureOrigin::ResponseBody;
            let response = RateLimited { report, asked: error.retry_after(), is_in_body };
            pause = admission.rate_limited(response, self.clock());
        } else if has_response {
            admission.responded(report, ended);
        } else {
            admission.no_response(ended);
        }
        Failed { error, retry, pause }
    }

    /// The wait before a retry, or the error that ends the call.
    fn decide(&self, failed: Failed, attempt: u32, prior: &mut PriorAttempts) -> Result<Duration, Error> {
        let may_have_executed = failed.retry == RetryClass::IfIdempotent;
        let Some(delay) = self.retry_delay(&failed, prior.failures) else {
            let mut error = failed.error;
            if may_have_executed && !self.request.idempotent {
                error = error.with_unknown_outcome();
            }
            if prior.may_have_executed && !self.request.method.is_read() && error.is_state_conflict() {
                error = error.with_hint(Some("an earlier attempt may have been carried out"));
            }
            return Err(error);
        };
        self.emit(attempt, EventKind::Retrying { delay, error: &failed.error });
        prior.last_error = Some(failed.error);
        prior.may_have_executed |= may_have_executed;
        Ok(delay)
    }

    /// The wait before a retry; `None` if there is to be none. The retry policy decides whether, the limits decide when.
    fn retry_delay(&self, failed: &Failed, failures: FailureCounts) -> Option<Duration> {
        let Executor { retry, limits, .. } = self.executor;
        let class = if self.request.payload.is_repeatable() { failed.retry } else { RetryClass::Never };
        let backoff = retry.backoff(class, self.request.idempotent, failures, self.clock())?;
        let delay = limits.before_retry(failed.error.retry_after(), failed.pause, backoff)?;
        (self.is_in_time(delay) && retry.draw(class)).then_some(delay)
    }

    /// A success, and whether a rate limit rejected a part of it. A failure if it rejected all.
    fn throttled(&self, response: HttpResponse) -> Result<(HttpResponse, bool), Failure> {
        match self.request.throttled.map_or(Ok(false), |find| find(&response.body)) {
            Ok(partly) => Ok((response, partly)),
            Err(error) => {
                let id = headers::request_id(&response.headers).map(str::to_owned);
                let report = Report::read(&response.headers, self.clock().wall());
                let error = error.with_response(response.status, id);
                let origin = FailureOrigin::ResponseBody;
                Err(Failure { error, retry: RetryClass::Throttled, report, origin })
            }
        }
    }

    /// Reports a wait for a budget; an error if it is too long.
    fn report_wait(&self, wait: &Wait<'_>, attempt: u32) -> Result<(), Error> {
        let Wait { budget, delay, is_too_long } = *wait;
        let too_long = |delay: Duration, than| {
            let text = format!("the rate limit `{budget}` is used up for {delay:.0?}, longer than {than}");
            Err(Error::new(ErrorKind::RateLimited, text).with_retry_after(Some(delay)))
        };
        match delay {
            Some(delay) if is_too_long => return too_long(delay, "`RetryPolicy::max_wait`"),
            Some(delay) if !self.is_in_time(delay) => return too_long(delay, "this call may take"),
            _ => {}
        }
        self.emit(attempt, EventKind::Waiting { delay, budget });
        Ok(())
    }

    /// The error of a call whose time is over.
    fn timed_out(&self, timeout: Duration, progress: &Progress) -> Error {
        if let Some(recorder) = progress.recorder.as_ref().filter(|_| progress.in_flight) {
            recorder.record(self.request.operation.as_str(), Speed::Overloaded);
        }
        let error = Error::new(ErrorKind::Timeout, format!("no response within {timeout:?}"));
        if progress.in_flight && !self.request.idempotent { error.with_unknown_outcome() } else { error }
    }

    fn clock(&self) -> &dyn Clock {
        &**self.executor.clock()
    }

    fn is_in_time(&self, delay: Duration) -> bool {
        self.deadline.is_none_or(|deadline| delay <= deadline.saturating_duration_since(self.clock().now()))
    }

    fn emit_finished(&self, response: &HttpResponse, duration: Duration, attempt: u32) {
        let id = headers::request_id(&response.headers).filter(|_| self.executor.observer.is_some());
        let id = id.map(|id| self.executor.auth().secrets().mask(id));
        let bytes = (self.mode == BodyMode::Buffer).then_some(response.body.len());
        self.emit(attempt, EventKind::Finished { status: response.status, request_id: id.as_deref(), bytes, duration });
    }

    fn emit(&self, attempt: u32, kind: EventKind<'_>) {
        if let Some(observer) = &self.executor.observer {
            let (operation, method) = (self.request.operation.as_str(), self.request.method);
            let secrets = self.executor.auth().secrets();
            observer.observe(&Event { operation, method, attempt, kind, url: self.url, secrets });
        }
    }
}

/// The error of a call that is not sent because the circuit breaker is open. Its source is the error of the last attempt.
fn unavailable(down: &Down, last_error: Option<Error>) -> Error {
    let Down { since, next } = down;
    let text = format!("circuit open: no response for {since:.0?}; next probe in {next:.0?}");
    let error = Error::new(ErrorKind::Unavailable, text).with_retry_after(Some(*next));
    match last_error {
        Some(last_error) => error.with_source(last_error),
        None => error,
    }
}
