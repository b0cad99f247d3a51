//! The one path that every request takes: limit, send, classify, repeat.

use crate::clock::Clock;
use crate::error::{Error, ErrorKind};
use crate::http::auth::Auth;
use crate::http::base_url::Address;
use crate::http::classify::{Failure, Repeat, Teller};
use crate::http::headers::{self, Report};
use crate::http::prepared::Plan;
use crate::http::transport::{Reply, Transport, Want};
use crate::limit::{Breaker, Down, Gauge, Limits, Speed, Wait};
use crate::redact;
use crate::send::observer::{Event, EventKind, Observer};
use crate::send::response::Answer;
use crate::send::retry::{Retry, Tries};
use crate::server_version::Mismatch;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// What all clones of a client share.
pub(crate) struct Core {
    /// How the server is known to differ from the schema of the operations.
    pub(crate) mismatch: Arc<Mismatch>,
    pub(crate) address: Address,
    pub(crate) auth: Auth,
    pub(crate) transport: Transport,
    pub(crate) limits: Limits,
    pub(crate) breaker: Arc<Breaker>,
    pub(crate) retry: Retry,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    /// The longest that one call may take, with all repetitions and waits.
    pub(crate) timeout: Option<Duration>,
}

/// An answer whose body may still have to be read.
pub(crate) struct Opened {
    pub(crate) reply: Reply,
    pub(crate) attempts: u32,
}

/// How far one call has come; outlives the call when time runs out.
#[derive(Default)]
struct Progress {
    attempts: u32,
    /// Whether a request is on its way.
    under_way: bool,
    /// Whom to tell when it does not come back in time.
    gauge: Option<Gauge>,
}

impl Core {
    /// The URL of a plan.
    pub(crate) fn url(&self, plan: &Plan) -> Result<Url, Error> {
        self.address.join(&plan.path, &plan.query)
    }

    /// Sends a request to its own URL and reads the whole answer.
    pub(crate) async fn send(&self, plan: &Plan) -> Result<Answer, Error> {
        let url = self.url(plan)?;
        self.send_to(plan, url).await
    }

    /// Sends a request to a URL of this server and reads the whole answer.
    pub(crate) async fn send_to(&self, plan: &Plan, url: Url) -> Result<Answer, Error> {
        let Opened { reply, attempts, .. } = self.run(plan, &url, Want::Body).await?;
        Ok(Answer {
            operation: plan.operation,
            method: plan.method,
            url: reply.url,
            status: reply.status,
            headers: reply.headers,
            body: reply.body,
            attempts,
            secrets: self.auth.secrets().clone(),
            #[cfg(feature = "graphql")]
            mismatch: Arc::clone(&self.mismatch),
        })
    }

    /// Sends a request and leaves the body of the answer to be read.
    pub(crate) async fn open(&self, plan: &Plan) -> Result<Opened, Error> {
        let url = self.url(plan)?;
        self.run(plan, &url, Want::Stream).await
    }

    /// Opens connections by asking for a file that costs the server little, without a token.
    pub(crate) async fn preconnect(&self, connections: usize) -> Result<(), Error> {
        let root = self.address.as_str();
        let url = format!("{}/robots.txt", root.strip_suffix("/api/v4").unwrap_or(root));
        let url = Url::parse(&url)
            .map_err(|error| Error::configuration("the server's address has no page beside it").with_source(error))?;
        let all = (0..connections).map(|_| self.transport.touch(&url));
        futures_util::future::try_join_all(all).await?;
        Ok(())
    }

    /// An error, with the request that it is about.
    pub(crate) fn about(&self, plan: &Plan, url: &Url, error: Error) -> Error {
        error.with_request(plan.operation, plan.method, redact::url(url)).masked(self.auth.secrets())
    }

    async fn run(&self, plan: &Plan, url: &Url, want: Want) -> Result<Opened, Error> {
        let mut progress = Progress::default();
        let outcome = match plan.timeout.or(self.timeout) {
            None => self.attempts(plan, url, want, None, &mut progress).await,
            Some(timeout) => {
                // One beyond all times that the clock knows is none.
                let deadline = self.clock.now().checked_add(timeout);
                match tokio::time::timeout(timeout, self.attempts(plan, url, want, deadline, &mut progress)).await {
                    Ok(outcome) => outcome,
                    Err(_) => {
                        if let Some(gauge) = progress.gauge.filter(|_| progress.under_way) {
                            gauge.measure(plan.operation, Speed::Overloaded);
                        }
                        let error = Error::new(ErrorKind::Timeout, format!("no answer within {timeout:?}"));
                        let unknown = progress.under_way && !plan.idempotent;
                        Err(if unknown { error.with_unknown_outcome() } else { error })
                    }
                }
            }
        };
        outcome.map_err(|error| {
            let error = match error.is_unknown_route() {
                true => error.or_hint(self.mismatch.hint(glabflow_rest::SCHEMA)),
                false => error,
            };
            self.about(plan, url, error.with_attempts(progress.attempts))
        })
    }

    async fn attempts(
        &self,
        plan: &Plan,
        url: &Url,
        want: Want,
        deadline: Option<Instant>,
        progress: &mut Progress,
    ) -> Result<Opened, Error> {
        let clock = &*self.clock;
        let mut tries = Tries::default();
        let in_time =
            |delay: Duration| deadline.is_none_or(|deadline| delay <= deadline.saturating_duration_since(clock.now()));
        let mut before = None;
        // Whether an attempt before this one may have been carried out.
        let mut may_be_done = false;
        loop {
            let attempt = progress.attempts + 1;
            let on_wait = |wait: Wait<'_>| {
                let Wait { budget, delay, .. } = wait;
                let late = |delay: Duration, text| {
                    let text = format!("the rate limit `{budget}` is used up for {delay:.0?}, {text}");
                    Err(Error::new(ErrorKind::RateLimited, text).with_retry_after(Some(delay)))
                };
                match delay {
                    Some(delay) if wait.is_too_long => return late(delay, "longer than `RetryPolicy::max_wait`"),
                    Some(delay) if !in_time(delay) => return late(delay, "longer than this call may take"),
                    _ => {}
                }
                self.tell(plan, url, attempt, EventKind::Waiting { delay, budget });
                Ok(())
            };
            // Asked first, so that nobody waits for room at a server that is down, and again for the state after the wait.
            self.breaker.check(clock).map_err(|down| unavailable(&down, before.take()))?;
            let mut pass = self.limits.enter(plan, clock, on_wait).await?;
            let probe = self.breaker.enter(clock).map_err(|down| unavailable(&down, before.take()))?;
            progress.attempts = attempt;
            progress.under_way = true;
            progress.gauge = Some(pass.permit.gauge());
            self.tell(plan, url, attempt, EventKind::Started);
            let start = clock.now();
            pass.send(start);
            let outcome = self.transport.exchange(&self.address, &self.auth, clock, plan, url, want).await;
            progress.under_way = false;
            let now = clock.now();
            let duration = now.saturating_duration_since(start);
            let judged = outcome.and_then(|reply| throttled(plan, reply, clock));
            let secrets = self.auth.secrets();
            let Failure { mut error, repeat, report, teller } = match judged.map_err(|failure| failure.masked(secrets))
            {
                Ok((reply, partly_throttled)) => {
                    let id = headers::request_id(&reply.headers).filter(|_| self.observer.is_some());
                    let id = id.map(|id| secrets.mask(id));
                    let kind = EventKind::Finished {
                        status: reply.status,
                        request_id: id.as_deref(),
                        bytes: (want == Want::Body).then_some(reply.body.len()),
                        duration,
                    };
                    self.tell(plan, url, attempt, kind);
                    self.retry.succeeded(tries);
                    self.breaker.is_there();
                    // A file may come from elsewhere, where other limits hold.
                    let at_home = self.address.owns(&reply.url);
                    let report = Report::read(&reply.headers, clock.wall()).filter(|_| at_home);
                    let report = report.map(|report| report.masked(secrets));
                    match partly_throttled {
                        true => drop(pass.refused(plan, report, None, true, clock)),
                        false => pass.answered(report, now),
                    }
                    pass.permit.measure(plan.operation, Speed::Took(duration));
                    return Ok(Opened { reply, attempts: attempt });
                }
                Err(failure) => failure,
            };
            self.tell(plan, url, attempt, EventKind::Failed { error: &error, duration });
            match repeat {
                Repeat::Throttled => tries.throttled += 1,
                _ => tries.failed += 1,
            }
            // A server that sends a request on to another host is there, whatever becomes of the request.
            let at_home = teller != Teller::Elsewhere;
            let is_answered = !at_home || error.status().is_some();
            if at_home && error.is_of_a_missing_server() {
                self.breaker.is_missing(probe.as_ref(), clock);
            } else if is_answered {
                self.breaker.is_there();
            }
            if at_home && error.is_overload() {
                pass.permit.measure(plan.operation, Speed::Overloaded);
            }
            let asked = error.retry_after();
            // The pause of all whom the same limit counts is also this one's.
            let mut pause = None;
            if at_home && repeat == Repeat::Throttled {
                pause = pass.refused(plan, report, asked, teller == Teller::Body, clock);
            } else if is_answered {
                pass.answered(report, now);
            } else {
                pass.lost(now);
            }
            drop((pass, probe));
            let may = if plan.payload.is_repeatable() { repeat } else { Repeat::Never };
            let delay = self.retry.after_failure(may, plan.idempotent, tries, asked, clock);
            match delay.map(|delay| pause.unwrap_or(delay)).filter(|delay| in_time(*delay)) {
                Some(delay) => {
                    self.tell(plan, url, attempt, EventKind::Retrying { delay, error: &error });
                    clock.sleep(delay).await;
                    before = Some(error);
                    may_be_done |= repeat == Repeat::IfIdempotent;
                }
                None => {
                    if repeat == Repeat::IfIdempotent && !plan.idempotent {
                        error = error.with_unknown_outcome();
                    }
                    if may_be_done && !plan.method.is_read() && error.is_about_the_state() {
                        error = error.with_hint(Some("an attempt before this one may have done it"));
                    }
                    return Err(error);
                }
            }
        }
    }

    fn tell(&self, plan: &Plan, url: &Url, attempt: u32, kind: EventKind<'_>) {
        if let Some(observer) = &self.observer {
            let secrets = self.auth.secrets();
            observer.observe(&Event { operation: plan.operation, method: plan.method, attempt, kind, url, secrets });
        }
    }
}

/// A success, and whether a rate limit refused a part of it; a failure when it refused all.
fn throttled(plan: &Plan, reply: Reply, clock: &dyn Clock) -> Result<(Reply, bool), Failure> {
    match plan.throttled.map_or(Ok(false), |find| find(&reply.body)) {
        Ok(partly) => Ok((reply, partly)),
        Err(error) => {
            let id = headers::request_id(&reply.headers).map(str::to_owned);
            let report = Report::read(&reply.headers, clock.wall());
            let error = error.with_answer(reply.status, id);
            Err(Failure { error, repeat: Repeat::Throttled, report, teller: Teller::Body })
        }
    }
}

/// The error of a call that is not sent because the server is down, with what became of the attempt before.
fn unavailable(down: &Down, before: Option<Error>) -> Error {
    let Down { since, next } = down;
    let text = format!("the server has been down for {since:.0?}; it is asked again in {next:.0?}");
    let error = Error::new(ErrorKind::Unavailable, text).with_retry_after(Some(*next));
    match before {
        Some(before) => error.with_source(before),
        None => error,
    }
}
