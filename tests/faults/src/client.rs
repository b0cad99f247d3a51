//! Clients, their patience, and the clocks that they go by.

use glabflow::{Client, Clock, RetryPolicy, SkippingClock, Sleep, SystemClock, Token};
use std::time::{Duration, Instant, SystemTime};

/// Sendings of one request at most: more than any fault in passing comes over.
const ATTEMPTS: u32 = 8;

/// How long a client waits for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The longest that the server may be silent.
    pub silence: Duration,
    /// The longest that one call may take.
    pub deadline: Duration,
}

impl Patience {
    /// For a server that says nothing: two such waits fit into one call, and several into the time that a machine may lose meanwhile.
    pub const SILENCE: Patience = Patience { silence: Duration::from_secs(2), deadline: Duration::from_secs(12) };
    /// For a server that never comes to an end.
    pub const DRIBBLE: Patience = Patience { silence: Duration::from_secs(30), deadline: Duration::from_secs(5) };
    /// For all others, so that a busy machine is no fault of its own.
    pub const MUCH: Patience = Patience { silence: Duration::from_secs(30), deadline: Duration::from_secs(60) };
}

/// A client whose waits before repetitions take no time.
pub fn skipping(url: &str, token: &str, patience: Patience) -> Client {
    client(url, token, patience, SkippingClock::new(SystemTime::now(), 0.5))
}

/// A client that waits in earnest, always half of what it might.
pub fn waiting(url: &str, token: &str, patience: Patience) -> Client {
    client(url, token, patience, HalfClock(SystemClock::new()))
}

fn client(url: &str, token: &str, patience: Patience, clock: impl Clock) -> Client {
    let base_delay = Duration::from_millis(200);
    Client::builder(url)
        .token(Token::personal(token))
        .clock(clock)
        .read_timeout(patience.silence)
        .timeout(patience.deadline)
        .max_response_bytes(1 << 20)
        .retry(RetryPolicy { max_attempts: ATTEMPTS, base_delay, ..RetryPolicy::default() })
        .build()
        .expect("a client")
}

/// The machine's clock without chance.
struct HalfClock(SystemClock);

impl Clock for HalfClock {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn wall(&self) -> SystemTime {
        self.0.wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.0.sleep(duration)
    }

    fn random(&self) -> f64 {
        0.5
    }
}
