//! Whole jobs against servers that exist in simulated time alone.

use super::adaptive::Speed;
use super::admission::{Limits, Pass};
use super::concurrency::{Concurrency, Slots};
use super::rate_limits::RateLimits;
use crate::clock::{Clock, Sleep};
use crate::http::headers::Report;
use crate::http::prepared::Plan;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use glabflow_contract::{Method, Output, Paging, Payload};
use http::HeaderMap;
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
        // Some moment within a minute, as a job begins at.
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

fn plan() -> Plan {
    Plan {
        operation: "list_users",
        method: Method::Get,
        path: "/users".to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        payload: Payload::Empty,
        idempotent: true,
        output: Output::Json,
        paging: Paging::Offset,
        ranges: &[],
        throttled: None,
        timeout: None,
    }
}

/// Sends so many requests, all wanted at once; tells how long it took in seconds. `serve` answers with how the request went.
async fn job(limits: &Limits, clock: &Simulated, requests: usize, serve: impl AsyncFn(&mut Pass) -> bool) -> f64 {
    let (plan, serve) = (plan(), &serve);
    let mut all: FuturesUnordered<_> = (0..requests)
        .map(|_| async {
            loop {
                let Ok(mut pass) = limits.enter::<std::convert::Infallible>(&plan, clock, |_| Ok(())).await;
                pass.send(clock.now());
                if serve(&mut pass).await {
                    return;
                }
                drop(pass);
                clock.sleep(Duration::from_millis(250).mul_f64(clock.random())).await;
            }
        })
        .collect();
    while all.next().await.is_some() {}
    clock.start.elapsed().as_secs_f64()
}

/// A server that counts requests by the minute of the wall clock, and answers after 50 milliseconds.
struct Minute {
    limit: u64,
    told: bool,
    count: Cell<(u64, u64)>,
    refused: Cell<u64>,
    /// When requests came.
    arrivals: RefCell<Vec<Duration>>,
}

impl Minute {
    fn new(limit: u64, told: bool) -> Self {
        Minute { limit, told, count: Cell::default(), refused: Cell::new(0), arrivals: RefCell::default() }
    }

    async fn serve(&self, clock: &Simulated, pass: &mut Pass) -> bool {
        let wall = clock.wall().duration_since(UNIX_EPOCH).unwrap();
        self.arrivals.borrow_mut().push(clock.start.elapsed());
        let minute = wall.as_secs() / 60;
        let (of, count) = self.count.get();
        let count = if of == minute { count + 1 } else { 1 };
        self.count.set((minute, count));
        tokio::time::sleep(Duration::from_millis(50)).await;
        let report = self.told.then(|| Report {
            name: Some("api".into()),
            limit: self.limit,
            remaining: self.limit.saturating_sub(count),
            // Whole seconds, of the time at which the answer was made.
            reset_in: Some(Duration::from_secs((minute + 1) * 60 - wall.as_secs())),
        });
        if count <= self.limit {
            pass.answered(report, clock.now());
            return true;
        }
        self.refused.set(self.refused.get() + 1);
        pass.refused(&plan(), report, None, false, clock);
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_minute_s_limit_is_used_up_and_never_exceeded() {
    // The job begins 20.4 seconds into a minute, so 600 requests are over when the minute is, and the rest takes as long as it
    // takes 16 at once.
    let ideal = 39.6 + 600.0 / 16.0 * 0.05;
    for concurrency in [Concurrency::fixed(16), Concurrency::default()] {
        let (clock, server) = (clock(), Minute::new(600, true));
        let limits = Limits::new(Slots::new(&concurrency), RateLimits::default());
        let took = job(&limits, &clock, 1200, async |pass| server.serve(&clock, pass).await).await;
        assert_eq!(server.refused.get(), 0);
        assert!(took < ideal * 1.1, "{took} s, ideal is {ideal} s");
    }
}

#[tokio::test(start_paused = true)]
async fn spread_evenly_requests_come_at_a_steady_pace() {
    let (clock, server) = (clock(), Minute::new(600, true));
    let limits = Limits::new(Slots::new(&Concurrency::fixed(16)), RateLimits::default().evenly());
    let took = job(&limits, &clock, 600, async |pass| server.serve(&clock, pass).await).await;
    assert_eq!(server.refused.get(), 0);
    assert!((38.0..44.0).contains(&took), "{took} s, the rest of the minute is 39.6 s");
    let arrivals = server.arrivals.borrow();
    let busiest = arrivals.windows(60).map(|at| at[59] - at[0]).min();
    assert!(busiest > Some(Duration::from_secs(2)), "60 requests within {busiest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_server_without_a_word_is_found_out_and_not_overrun_again() {
    let (clock, server) = (clock(), Minute::new(300, false));
    let limits = Limits::new(Slots::new(&Concurrency::fixed(16)), RateLimits::default());
    job(&limits, &clock, 700, async |pass| server.serve(&clock, pass).await).await;
    // Each minute ends with one burst of refusals, then single requests ask less and less often.
    assert!(server.refused.get() < 16 * 2 + 24, "{} refused", server.refused.get());
    let arrivals = server.arrivals.borrow();
    let gap = arrivals.windows(2).find(|at| at[1] - at[0] > Duration::from_secs(4)).expect("a pause");
    let burst = arrivals.iter().filter(|at| (gap[1]..gap[1] + Duration::from_millis(45)).contains(*at)).count();
    assert_eq!(burst, 1, "one request asks whether the pause is over");
}

/// A server of so many workers, of which each takes 20 milliseconds, a little more or less, for a request. Beyond its queue, it
/// answers 503 after a millisecond.
struct Workers {
    free: Semaphore,
    places: Semaphore,
}

impl Workers {
    fn new(workers: usize, queue: usize) -> Self {
        Workers { free: Semaphore::new(workers), places: Semaphore::new(workers + queue) }
    }

    async fn serve(&self, clock: &Simulated, pass: &mut Pass) -> bool {
        let start = clock.now();
        let Ok(_place) = self.places.try_acquire() else {
            tokio::time::sleep(Duration::from_millis(1)).await;
            pass.permit.measure("list_users", Speed::Overloaded);
            return false;
        };
        let _worker = self.free.acquire().await;
        tokio::time::sleep(Duration::from_millis(20).mul_f64(0.5 + clock.random())).await;
        pass.permit.measure("list_users", Speed::Took(clock.now() - start));
        true
    }
}

/// Requests a second that a job gets done.
async fn rate(concurrency: &Concurrency, workers: usize, queue: usize) -> f64 {
    const REQUESTS: usize = 2000;
    let (clock, server) = (clock(), Workers::new(workers, queue));
    let limits = Limits::new(Slots::new(concurrency), RateLimits::default());
    let took = job(&limits, &clock, REQUESTS, async |pass| server.serve(&clock, pass).await).await;
    REQUESTS as f64 / took
}

#[tokio::test(start_paused = true)]
async fn the_server_s_plateau_is_found_without_being_told() {
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
