//! The schedule of faults: random, scripted, or requested by a header.

use crate::fault::{Fault, UnknownFault};
use crate::random::mix;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The schedule of faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) seed: u64,
    pub(crate) latency: Duration,
    pub(crate) jitter: Duration,
    /// The share of requests that fail, and the faults, which are equally likely.
    pub(crate) rate: f64,
    pub(crate) kinds: Vec<Fault>,
    pub(crate) script: Mutex<Vec<Scripted>>,
}

/// A fault for certain requests.
#[derive(Debug)]
pub(crate) struct Scripted {
    /// `GET /users`; the path is the one below `/api/v4`, or ends in `*`.
    pub(crate) what: String,
    /// The number of requests that succeed first, and the number of requests that fail then.
    pub(crate) skip: u64,
    pub(crate) times: u64,
    pub(crate) fault: Fault,
}

impl Scripted {
    fn is_about(&self, method: &str, path: &str) -> bool {
        let (of, at) = self.what.split_once(' ').unwrap_or(("", &self.what));
        let same_path = match at.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == at,
        };
        same_path && (of.is_empty() || of == method)
    }
}

impl Faults {
    /// The script, to read or to change.
    pub(crate) fn script(&self) -> MutexGuard<'_, Vec<Scripted>> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The faults of a request: those that it asks for, or a scripted one, or a random one; and latency.
    ///
    /// # Errors
    /// If the request asks for a fault that does not exist.
    pub(crate) fn choose(
        &self,
        number: u64,
        method: &str,
        path: &str,
        names: Option<&str>,
    ) -> Result<Vec<Fault>, UnknownFault> {
        let mut faults = Vec::new();
        let dice = mix(self.seed, &[0xfa, number]);
        if self.latency + self.jitter > Duration::ZERO {
            let jitter = self.jitter.mul_f64((dice >> 16) as f64 % 1000.0 / 1000.0);
            faults.push(Fault::Latency(self.latency + jitter));
        }
        if let Some(names) = names {
            for name in names.split(',') {
                faults.push(name.parse()?);
            }
            return Ok(faults);
        }
        for entry in self.script().iter_mut().filter(|entry| entry.is_about(method, path)) {
            if entry.skip > 0 {
                entry.skip -= 1;
            } else if entry.times > 0 {
                entry.times -= 1;
                faults.push(entry.fault.clone());
                return Ok(faults);
            }
        }
        // A retry has another number, so its outcome can differ.
        if !self.kinds.is_empty() && ((dice % 1_000_000) as f64) < self.rate * 1_000_000.0 {
            let kind = mix(dice, &[1]) % self.kinds.len() as u64;
            faults.push(self.kinds[kind as usize].clone());
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_share_of_requests_fails_each_time() {
        let faults = Faults { rate: 0.1, kinds: vec![Fault::Reset, Fault::Status(503)], ..Faults::default() };
        let failed = |number: u64| !faults.choose(number, "GET", "/users", None).unwrap().is_empty();
        let first: Vec<bool> = (0..2000).map(failed).collect();
        let count = first.iter().filter(|failed| **failed).count();
        assert!((140..260).contains(&count), "{count} of 2000 failed");
        assert_eq!(first, (0..2000).map(failed).collect::<Vec<_>>());
    }

    #[test]
    fn latency_stays_within_its_bounds() {
        let (latency, jitter) = (Duration::from_millis(10), Duration::from_millis(40));
        let faults = Faults { latency, jitter, ..Faults::default() };
        let times: Vec<Fault> = (0..50).flat_map(|number| faults.choose(number, "GET", "/", None).unwrap()).collect();
        let within =
            |fault: &Fault| matches!(fault, Fault::Latency(time) if (latency..latency + jitter).contains(time));
        assert!(times.len() == 50 && times.iter().all(within), "{times:?}");
        assert!(times.iter().any(|fault| *fault != times[0]));
    }

    #[test]
    fn a_script_counts_matching_requests_only() {
        let entry = Scripted { what: "GET /users*".into(), skip: 1, times: 2, fault: Fault::Hang };
        let faults = Faults { script: Mutex::new(vec![entry]), ..Faults::default() };
        let failed = |method: &str, path: &str| !faults.choose(0, method, path, None).unwrap().is_empty();
        assert!(!failed("POST", "/users") && !failed("GET", "/projects"));
        assert_eq!([0; 4].map(|_| failed("GET", "/users/1")), [false, true, true, false]);
    }
}
