//! Time and random numbers of the runtime.
//!
//! Every wait uses a [`Clock`], so that a test of waits takes no time with a [`SkippingClock`].

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// The future of a wait, from a [`Clock`].
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time and random numbers. Replace it in tests only.
pub trait Clock: Send + Sync + 'static {
    /// A time that never goes backwards.
    fn now(&self) -> Instant;

    /// The wall-clock time. It is compared with times of the server.
    fn wall(&self) -> SystemTime;

    /// Waits for this time.
    fn sleep(&self, duration: Duration) -> Sleep;

    /// A random number from 0 (inclusive) to 1 (exclusive).
    fn random(&self) -> f64;
}

/// The machine's clock, which a client uses by default.
pub struct SystemClock {
    seed: AtomicU64,
}

impl SystemClock {
    /// The machine's clock.
    pub fn new() -> Self {
        // The standard library seeds its hash maps from the operating system's random numbers.
        SystemClock { seed: AtomicU64::new(RandomState::new().hash_one(0)) }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl fmt::Debug for SystemClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemClock")
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        // SplitMix64 spreads waits well. Nothing secret depends on it.
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.seed.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // A double holds 53 bits exactly.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// A clock for tests: a sleep ends at once, advances the time and is recorded.
pub struct SkippingClock {
    start: (Instant, SystemTime),
    slept: Mutex<Vec<Duration>>,
    random: f64,
}

impl SkippingClock {
    /// A clock that starts at the wall-clock time `wall` and whose random numbers are all `random`.
    pub fn new(wall: SystemTime, random: f64) -> Self {
        SkippingClock { start: (Instant::now(), wall), slept: Mutex::new(Vec::new()), random }
    }

    /// The durations of all sleeps, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.lock().clone()
    }

    /// Advances the time without a sleep.
    pub fn advance(&self, duration: Duration) {
        self.lock().push(duration);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Duration>> {
        self.slept.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn passed(&self) -> Duration {
        self.lock().iter().sum()
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Instant {
        self.start.0 + self.passed()
    }

    fn wall(&self) -> SystemTime {
        self.start.1 + self.passed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        self.advance(duration);
        Box::pin(std::future::ready(()))
    }

    fn random(&self) -> f64 {
        self.random
    }
}

/// A shared clock, so that a test can inspect it later.
impl<T: Clock + ?Sized> Clock for std::sync::Arc<T> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn wall(&self) -> SystemTime {
        (**self).wall()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        (**self).sleep(duration)
    }

    fn random(&self) -> f64 {
        (**self).random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_fill_the_unit_interval() {
        let clock = SystemClock::new();
        let numbers: Vec<f64> = (0..1000).map(|_| clock.random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        let mean = numbers.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
