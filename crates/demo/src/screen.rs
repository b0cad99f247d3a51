//! What the demonstration prints: rows of measured calls, and a table.

use crate::failure::Failure;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Requests and retries, as the client's observer counts them.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) retries: AtomicU64,
}

impl Counters {
    /// Requests and retries so far.
    fn read(&self) -> (u64, u64) {
        (self.requests.load(Ordering::Relaxed), self.retries.load(Ordering::Relaxed))
    }
}

/// Where the demonstration is printed.
pub(crate) struct Screen<'a> {
    out: &'a mut dyn Write,
    counters: Arc<Counters>,
}

/// A call that is being measured.
pub(crate) struct Measured {
    call: &'static str,
    start: Instant,
    before: (u64, u64),
}

impl<'a> Screen<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, counters: Arc<Counters>) -> Self {
        Screen { out, counters }
    }

    /// Prints lines, at once.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.out, "{text}").and_then(|()| self.out.flush()).map_err(Failure::Output)
    }

    /// Prints the heading of the measured calls.
    pub(crate) fn columns(&mut self) -> Result<(), Failure> {
        self.text(&format!(
            "{:<45} {:>16} {:>8} {:>7} {:>8} {:>8}",
            "call", "result", "requests", "retries", "time", "items/s"
        ))
    }

    /// Begins to measure a call.
    pub(crate) fn begin(&self, call: &'static str) -> Measured {
        Measured { call, start: Instant::now(), before: self.counters.read() }
    }

    /// Prints the row of a call that has ended.
    pub(crate) fn end(&mut self, call: &Measured, items: u64, what: &str) -> Result<(), Failure> {
        let time = call.start.elapsed();
        let (requests, retries) = self.counters.read();
        self.text(&format!(
            "{:<45} {:>16} {:>8} {:>7} {:>6.3} s {:>8}",
            call.call,
            format!("{} {what}", thousands(items)),
            thousands(requests - call.before.0),
            thousands(retries - call.before.1),
            time.as_secs_f64(),
            rate(items, time),
        ))
    }

    /// Prints a table whose first column is text and whose other columns are numbers.
    pub(crate) fn table<const N: usize>(
        &mut self,
        columns: (&str, [&str; N]),
        rows: &[(String, [usize; N])],
    ) -> Result<(), Failure> {
        let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(columns.0.len());
        let mut heading = format!("{:<width$}", columns.0);
        for column in columns.1 {
            heading.push_str(&format!("  {column:>9}"));
        }
        self.text(&heading)?;
        for (name, numbers) in rows {
            let mut row = format!("{name:<width$}");
            for number in numbers {
                row.push_str(&format!("  {:>9}", thousands(*number as u64)));
            }
            self.text(&row)?;
        }
        Ok(())
    }
}

/// Items per second. A clock that has not moved leaves the rate unknown.
fn rate(items: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds > 0.0 { thousands((items as f64 / seconds) as u64) } else { "-".to_owned() }
}

/// A number with separated thousands: `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_clock_that_stands_still_gives_no_rate() {
        assert_eq!(rate(5, Duration::ZERO), "-");
        assert_eq!(rate(5_000, Duration::from_secs(2)), "2,500");
    }
}
