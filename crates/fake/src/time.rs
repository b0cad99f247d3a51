//! Times as GitLab writes them.

use crate::json::Json;
use glabflow_contract::calendar::date_of;
use std::time::{Duration, UNIX_EPOCH};

/// The latest time that an HTTP date can hold, at the end of the year 9999.
const LATEST: u64 = 253_402_300_799_999;

/// A point in time in milliseconds since 1970, written as `2026-11-22T14:42:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) u64);

impl Time {
    /// The time `seconds` later.
    pub(crate) fn later(self, seconds: u64) -> Time {
        Time(self.0 + seconds * 1000)
    }

    /// The text.
    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    fn bytes(self) -> [u8; 24] {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (year, month, day) = date_of((seconds / 86_400).cast_signed());
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put(&mut text[0..4], year.unsigned_abs());
        put(&mut text[5..7], month.unsigned_abs());
        put(&mut text[8..10], day.unsigned_abs());
        put(&mut text[11..13], seconds / 3600 % 24);
        put(&mut text[14..16], seconds / 60 % 60);
        put(&mut text[17..19], seconds % 60);
        put(&mut text[20..23], millis);
        text
    }

    /// The day, `2026-11-22`.
    pub(crate) fn day(self) -> Day {
        Day(self)
    }

    /// The time in the format of HTTP headers, `Sun, 22 Nov 2026 14:42:00 GMT`.
    pub(crate) fn http(self) -> String {
        httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(self.0.min(LATEST)))
    }
}

impl Json for Time {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(&self.bytes());
        out.push(b'"');
    }
}

/// The day of a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Day(Time);

impl Day {
    /// The text.
    pub(crate) fn text(self) -> String {
        String::from_utf8_lossy(&self.0.bytes()[..10]).into_owned()
    }
}

impl Json for Day {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        out.extend_from_slice(&self.0.bytes()[..10]);
        out.push(b'"');
    }
}

fn put(target: &mut [u8], mut number: u64) {
    for digit in target.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glabflow_contract::DateTime;
    use proptest::prelude::*;

    #[test]
    fn http_dates_are_written() {
        assert_eq!(Time(1_795_358_520_000).http(), "Sun, 22 Nov 2026 14:42:00 GMT");
    }

    proptest! {
        #[test]
        fn the_contract_parses_it(millis in 0_u64..4_000_000_000_000) {
            let nanos = DateTime::new(&Time(millis).text()).unix_nanos();
            prop_assert_eq!(nanos, Some(i128::from(millis) * 1_000_000));
        }
    }
}
