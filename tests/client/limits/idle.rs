//! A clock for tests: time passes when nothing else can happen.

use glabflow::{Client, ClientBuilder, Clock, Event, EventKind, Sleep, Token};
use glabflow_fake::Fake;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, oneshot};

/// When tests start: 20 seconds into a minute, and 2,000 seconds into an hour.
pub(super) const BEGIN: u64 = 1_700_000_000 / 3600 * 3600 + 2000;

/// A clock that stands still while a task can run or a request is in flight. Otherwise it moves on to the time at which the
/// first sleeper wakes.
///
/// It works on a runtime with a single thread, where a task that yields runs again after all others that can run.
#[derive(Clone)]
pub(super) struct Idle(Arc<State>);

/// Rounds in which nothing happens before time moves on.
pub(super) const QUIET_ROUNDS: usize = 100;

struct State {
    start: Instant,
    passed: Mutex<Duration>,
    sleepers: Mutex<Vec<(Duration, oneshot::Sender<()>)>>,
    /// Requests in flight.
    in_flight: AtomicUsize,
    /// Events and sleeps so far.
    steps: AtomicUsize,
    stepped: Notify,
    /// The fake's clock, which shows the same time.
    fake: glabflow_fake::Clock,
    /// Whether time stands still whatever happens.
    is_held: AtomicBool,
}

impl Idle {
    pub(super) fn new() -> Self {
        let idle = Idle(Arc::new(State {
            start: Instant::now(),
            passed: Mutex::default(),
            sleepers: Mutex::default(),
            in_flight: AtomicUsize::new(0),
            steps: AtomicUsize::new(0),
            stepped: Notify::new(),
            fake: glabflow_fake::Clock::manual(BEGIN),
            is_held: AtomicBool::new(false),
        }));
        tokio::spawn(idle.clone().pass());
        idle
    }

    /// Moves the time on whenever there is nothing to do.
    async fn pass(self) {
        loop {
            if !(self.is_quiet().await && self.wake()) {
                self.0.stepped.notified().await;
            }
        }
    }

    /// Whether nothing happens although all other tasks run.
    async fn is_quiet(&self) -> bool {
        let state = &self.0;
        let seen = state.steps.load(SeqCst);
        for _ in 0..QUIET_ROUNDS {
            let is_busy = state.in_flight.load(SeqCst) > 0 || state.is_held.load(SeqCst);
            if is_busy || state.steps.load(SeqCst) != seen {
                return false;
            }
            tokio::task::yield_now().await;
        }
        true
    }

    fn step(&self) {
        self.0.steps.fetch_add(1, SeqCst);
        self.0.stepped.notify_one();
    }

    /// Wakes the first sleepers, if there are any.
    fn wake(&self) -> bool {
        let state = &self.0;
        let mut sleepers = state.sleepers.lock().unwrap();
        sleepers.retain(|(_, wake)| !wake.is_closed());
        let Some(time) = sleepers.iter().map(|(time, _)| *time).min() else { return false };
        let mut passed = state.passed.lock().unwrap();
        state.fake.advance(time.saturating_sub(*passed));
        *passed = time.max(*passed);
        for (_, wake) in sleepers.extract_if(.., |(until, _)| *until <= time) {
            // A sleep that was dropped need not end.
            let _ = wake.send(());
        }
        true
    }

    /// Lets time stand still, or pass again.
    pub(super) fn hold(&self, held: bool) {
        self.0.is_held.store(held, SeqCst);
        self.step();
    }

    /// The same clock for a fake GitLab.
    pub(super) fn of_fake(&self) -> glabflow_fake::Clock {
        self.0.fake.clone()
    }

    pub(super) fn passed(&self) -> Duration {
        *self.0.passed.lock().unwrap()
    }

    pub(super) fn observe(&self, event: &Event<'_>) {
        match event.kind {
            EventKind::Started => self.0.in_flight.fetch_add(1, SeqCst),
            EventKind::Finished { .. } | EventKind::Failed { .. } => self.0.in_flight.fetch_sub(1, SeqCst),
            _ => 0,
        };
        self.step();
    }

    pub(super) fn client(&self, fake: &Fake, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let idle = self.clone();
        let builder = Client::builder(fake.url()).token(Token::personal(fake.admin_token()));
        let builder = builder.clock(self.clone()).observer(move |event: &Event<'_>| idle.observe(event));
        change(builder).build().expect("a client")
    }
}

impl Clock for Idle {
    fn now(&self) -> Instant {
        self.0.start + self.passed()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(BEGIN) + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        // In whole milliseconds, as a real clock.
        let until = Duration::from_millis((self.passed() + duration).as_millis() as u64 + 1);
        let (wake, woken) = oneshot::channel();
        self.0.sleepers.lock().unwrap().push((until, wake));
        self.step();
        Box::pin(async move {
            // The clock ends with the test.
            let _ = woken.await;
        })
    }

    fn random(&self) -> f64 {
        0.5
    }
}
