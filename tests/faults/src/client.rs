//! Clients, their timeouts and their clocks.

use glabflow::{Client, Clock, RetryPolicy, SkippingClock, Sleep, SystemClock, Token};
use std::time::{Duration, Instant, SystemTime};

/// Maximum attempts for a request: more than any temporary fault hits.
const ATTEMPTS: u32 = 8;

/// How long a client waits for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The read timeout.
    pub silence: Duration,
    /// The timeout of a call.
    pub deadline: Duration,
}

impl Patience {
    /// For a server that sends nothing: a call can wait for several read timeouts.
    pub const SILENCE: Patience = Patience { silence: Duration::from_secs(2), deadline: Duration::from_secs(12) };
    /// For a server whose response never ends.
    pub const DRIBBLE: Patience = Patience { silence: Duration::from_secs(30), deadline: Duration::from_secs(5) };
    /// For all other faults: long enough for a busy machine.
    pub const MUCH: Patience = Patience { silence: Duration::from_secs(30), deadline: Duration::from_secs(60) };
}

/// A client whose waits before retries take no time.
pub fn skipping(url: &str, token: &str, patience: Patience) -> Client {
    client(url, token, patience, SkippingClock::new(SystemTime::now(), 0.5))
}

/// A client that really waits, always half of the maximum delay.
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
        .retry(RetryPolicy::default().max_attempts(ATTEMPTS).base_delay(base_delay))
        .build()
        .expect("a client")
}

/// The system clock without randomness.
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
