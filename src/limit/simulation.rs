//! Whole jobs against simulated servers, in simulated time.

use super::adaptive::Speed;
use super::admission::{Admission, Limits, RateLimited};
use super::concurrency::{Concurrency, Permits};
use super::max_wait::MaxWait;
use super::rate_limits::RateLimits;
use super::request_class::RequestClass;
use crate::clock::{Clock, Sleep};
use crate::http::headers::Report;
use crate::http::prepared::OperationId;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use glabflow_contract::Method;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Semaphore;

/// The clock of a runtime whose time is simulated.
struct Simulated {
    start: tokio::time::Instant,
    /// Random numbers that are the same in each run.
    dice: AtomicU64,
}

impl Clock for Simulated {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    fn wall(&self) -> SystemTime {
        // A moment within a minute, at which a job begins.
        UNIX_EPOCH + Duration::from_millis(1_700_000_000_400) + self.start.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed = self.dice.fetch_add(STEP, Relaxed).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((mixed ^ (mixed >> 31)).wrapping_mul(STEP) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn clock() -> Simulated {
    Simulated { start: tokio::time::Instant::now(), dice: AtomicU64::new(1) }
}

fn class() -> RequestClass {
    RequestClass::of(OperationId::Named("list_users"), Method::Get, "/users")
}

fn limits(concurrency: &Concurrency, rules: RateLimits) -> Limits {
    Limits::new(Permits::new(concurrency), rules, MaxWait::default())
}

/// Sends requests, all of them wanted at once. Returns how long that took in seconds. `serve` returns whether the request
/// succeeded.
async fn job(limits: &Limits, clock: &Simulated, requests: usize, serve: impl AsyncFn(&mut Admission) -> bool) -> f64 {
    let serve = &serve;
    let mut all: FuturesUnordered<_> = (0..requests)
        .map(|_| async {
            loop {
                let Ok(mut admission) = limits.admit::<std::convert::Infallible>(class(), clock, |_| Ok(())).await;
                admission.send(clock.now());
                if serve(&mut admission).await {
                    return;
                }
                drop(admission);
                clock.sleep(Duration::from_millis(250).mul_f64(clock.random())).await;
            }
        })
        .collect();
    while all.next().await.is_some() {}
    clock.start.elapsed().as_secs_f64()
}

/// A server that counts requests by the minute of the wall clock, and responds after 50 milliseconds.
struct Minute {
    limit: u64,
    reports: bool,
    count: Cell<(u64, u64)>,
    rejected: Cell<u64>,
    /// When requests came.
    arrivals: RefCell<Vec<Duration>>,
}

impl Minute {
    fn new(limit: u64, reports: bool) -> Self {
        Minute { limit, reports, count: Cell::default(), rejected: Cell::new(0), arrivals: RefCell::default() }
    }

    async fn serve(&self, clock: &Simulated, admission: &mut Admission) -> bool {
        let wall = clock.wall().duration_since(UNIX_EPOCH).unwrap();
        self.arrivals.borrow_mut().push(clock.start.elapsed());
        let minute = wall.as_secs() / 60;
        let (of, count) = self.count.get();
        let count = if of == minute { count + 1 } else { 1 };
        self.count.set((minute, count));
        tokio::time::sleep(Duration::from_millis(50)).await;
        let report = self.reports.then(|| Report {
            name: Some("api".into()),
            limit: self.limit,
            remaining: self.limit.saturating_sub(count),
            // Whole seconds, from the time of the response.
            reset_in: Some(Duration::from_secs((minute + 1) * 60 - wall.as_secs())),
        });
        if count <= self.limit {
            admission.responded(report, clock.now());
            return true;
        }
        self.rejected.set(self.rejected.get() + 1);
        admission.rate_limited(RateLimited { report, asked: None, is_in_body: false }, clock);
        false
    }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_minute_is_used_up_and_never_exceeded() {
    // The job begins 20.4 seconds into a minute. 600 requests are over at the end of the minute. The rest is sent 16 at once.
    let ideal = 39.6 + 600.0 / 16.0 * 0.05;
    for concurrency in [Concurrency::fixed(16), Concurrency::default()] {
        let (clock, server) = (clock(), Minute::new(600, true));
        let limits = limits(&concurrency, RateLimits::default());
        let took = job(&limits, &clock, 1200, async |admission| server.serve(&clock, admission).await).await;
        assert_eq!(server.rejected.get(), 0);
        assert!(took < ideal * 1.1, "{took} s, ideal is {ideal} s");
    }
}

#[tokio::test(start_paused = true)]
async fn even_requests_are_sent_at_a_steady_pace() {
    let (clock, server) = (clock(), Minute::new(600, true));
    let limits = limits(&Concurrency::fixed(16), RateLimits::default().evenly());
    let took = job(&limits, &clock, 600, async |admission| server.serve(&clock, admission).await).await;
    assert_eq!(server.rejected.get(), 0);
    assert!((38.0..44.0).contains(&took), "{took} s, the rest of the minute is 39.6 s");
    let arrivals = server.arrivals.borrow();
    let busiest = arrivals.windows(60).map(|at| at[59] - at[0]).min();
    assert!(busiest > Some(Duration::from_secs(2)), "60 requests within {busiest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_limit_without_headers_is_learned_from_429s() {
    let (clock, server) = (clock(), Minute::new(300, false));
    let limits = limits(&Concurrency::fixed(16), RateLimits::default());
    job(&limits, &clock, 700, async |admission| server.serve(&clock, admission).await).await;
    // Each minute ends with one burst of 429s. Then single requests are sent at growing intervals.
    assert!(server.rejected.get() < 16 * 2 + 24, "{} rejected", server.rejected.get());
    let arrivals = server.arrivals.borrow();
    let gap = arrivals.windows(2).find(|at| at[1] - at[0] > Duration::from_secs(4)).expect("a pause");
    let burst = arrivals.iter().filter(|at| (gap[1]..gap[1] + Duration::from_millis(45)).contains(*at)).count();
    assert_eq!(burst, 1, "one request tests whether the pause is over");
}

/// A server with workers that each take about 20 milliseconds for a request. If the queue is full, it sends 503 after a
/// millisecond.
struct Workers {
    free: Semaphore,
    room: Semaphore,
}

impl Workers {
    fn new(workers: usize, queue: usize) -> Self {
        Workers { free: Semaphore::new(workers), room: Semaphore::new(workers + queue) }
    }

    async fn serve(&self, clock: &Simulated, admission: &mut Admission) -> bool {
        let start = clock.now();
        let Ok(_room) = self.room.try_acquire() else {
            tokio::time::sleep(Duration::from_millis(1)).await;
            admission.permit.record("list_users", Speed::Overloaded);
            return false;
        };
        let _worker = self.free.acquire().await;
        tokio::time::sleep(Duration::from_millis(20).mul_f64(0.5 + clock.random())).await;
        admission.permit.record("list_users", Speed::Took(clock.now() - start));
        true
    }
}

/// Requests per second of a job.
async fn rate(concurrency: &Concurrency, workers: usize, queue: usize) -> f64 {
    const REQUESTS: usize = 2000;
    let (clock, server) = (clock(), Workers::new(workers, queue));
    let limits = limits(concurrency, RateLimits::default());
    let took = job(&limits, &clock, REQUESTS, async |admission| server.serve(&clock, admission).await).await;
    REQUESTS as f64 / took
}

#[tokio::test(start_paused = true)]
async fn adaptive_concurrency_finds_the_plateau_of_the_server() {
    for (workers, queue) in [(2, 500), (8, 500), (8, 4), (20, 500), (20, 10), (50, 25)] {
        let mut best = (0, 0.0);
        for fixed in [workers, workers + workers / 4, workers * 2, 100] {
            let rate = rate(&Concurrency::fixed(fixed), workers, queue).await;
            if rate > best.1 {
                best = (fixed, rate);
            }
        }
        let ours = rate(&Concurrency::adaptive(100), workers, queue).await;
        let share = ours / best.1;
        println!("{workers} workers, queue {queue}: {ours:.0}/s, {share:.2} of the best, which is {best:.0?}");
        assert!(share >= 0.9, "{workers} workers, queue {queue}: {ours} of {best:?}");
    }
}
