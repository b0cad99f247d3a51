//! Scalar types of GitLab's API: times, ids and secrets.

use crate::calendar::{date_of, days_since_1970};
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use std::fmt;

/// Length of the longest time that fits without an allocation: `2026-11-22T14:42:00.123456789+01:00`.
const INLINE: usize = 38;

/// Short text that is stored inline, so that times need no allocation.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Short {
    Inline(u8, [u8; INLINE]),
    Heap(Box<str>),
}

impl Short {
    fn new(text: &str) -> Self {
        let mut bytes = [0; INLINE];
        match bytes.get_mut(..text.len()) {
            Some(head) => {
                head.copy_from_slice(text.as_bytes());
                // The slice above exists, so the length is at most INLINE.
                Short::Inline(text.len() as u8, bytes)
            }
            None => Short::Heap(text.into()),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            // The bytes came from a `str` of this length.
            Short::Inline(length, bytes) => std::str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default(),
            Short::Heap(text) => text,
        }
    }
}

/// Two or four ASCII digits at a position.
fn digits(bytes: &[u8], range: std::ops::Range<usize>) -> Option<i64> {
    bytes
        .get(range)?
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Days since 1970-01-01 of a text that begins with a day; `None` if there is no such day.
fn days(bytes: &[u8]) -> Option<i64> {
    let (year, month, day) = (digits(bytes, 0..4)?, digits(bytes, 5..7)?, digits(bytes, 8..10)?);
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    days_since_1970(year, month, day)
}

/// Nanoseconds since 1970-01-01T00:00:00Z of an RFC 3339 time.
fn unix_nanos(text: &str) -> Option<i128> {
    let bytes = text.as_bytes();
    if !text.is_ascii() {
        return None;
    }
    let days = days(bytes.get(..10)?)?;
    if bytes.len() == 10 {
        return Some(i128::from(days) * 86_400_000_000_000);
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') || bytes.get(13) != Some(&b':') || bytes.get(16) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (digits(bytes, 11..13)?, digits(bytes, 14..16)?, digits(bytes, 17..19)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = bytes.get(19..)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let used = length.min(9);
        nanos = digits(fraction, 0..used)? * 10_i64.pow(9 - u32::try_from(used).ok()?);
        rest = &fraction[length..];
    }
    let offset = match rest {
        // Older versions of GitLab omit the time zone in some fields, which are in UTC.
        b"" | b"Z" | b"z" | b" UTC" => 0,
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let (hours, minutes) = match zone.len() {
                5 if zone[2] == b':' => (digits(zone, 0..2)?, digits(zone, 3..5)?),
                4 => (digits(zone, 0..2)?, digits(zone, 2..4)?),
                _ => return None,
            };
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 3600 + minutes * 60) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanos))
}

macro_rules! time_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Short);

        impl $name {
            /// A value from text, which is not changed; [`is_valid`](Self::is_valid) checks it.
            pub fn new(text: &str) -> Self {
                $name(Short::new(text))
            }

            /// The text, exactly as GitLab sent it or the caller passed it.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                $name::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                $name::new(&text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

time_type! {
    /// A point in time, `2026-11-22T14:42:00.123Z`.
    ///
    /// It keeps the original text, so nothing is lost and unusual formats do not fail to decode. Order and equality are
    /// those of the text.
    DateTime
}

time_type! {
    /// A day, `2026-11-22`. In some fields that are documented as days GitLab sends a full time, which is kept.
    Date
}

impl DateTime {
    /// A time from seconds since 1970-01-01T00:00:00Z, written as `2026-11-22T14:42:00Z`.
    pub fn from_unix_seconds(seconds: i64) -> Self {
        let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = date_of(day);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        DateTime::new(&format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z; `None` if the text is neither an RFC 3339 time nor a day.
    pub fn unix_nanos(&self) -> Option<i128> {
        unix_nanos(self.as_str())
    }

    /// Whether the text is an RFC 3339 time or a day.
    pub fn is_valid(&self) -> bool {
        self.unix_nanos().is_some()
    }
}

impl Date {
    /// Days since 1970-01-01; `None` if the text does not begin with a day.
    pub fn unix_days(&self) -> Option<i64> {
        let text = self.as_str();
        unix_nanos(text)?;
        days(text.as_bytes())
    }

    /// Whether the text is a day, or a time on one.
    pub fn is_valid(&self) -> bool {
        self.unix_days().is_some()
    }
}

/// Something that GitLab identifies by numeric id or by name: a project or group (`group/sub/project`), a user name, a
/// label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IdOrName {
    /// The numeric id.
    Id(i64),
    /// The name or full path, not encoded.
    Name(String),
}

macro_rules! id_or_name_from {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for IdOrName {
            fn from(value: $type) -> Self {
                IdOrName::$variant(value.into())
            }
        })*
    };
}

id_or_name_from! { i64 => Id, i32 => Id, u32 => Id, String => Name, &str => Name, &String => Name }

impl fmt::Display for IdOrName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IdOrName::Id(id) => id.fmt(f),
            IdOrName::Name(name) => name.fmt(f),
        }
    }
}

impl Serialize for IdOrName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            IdOrName::Id(id) => serializer.serialize_i64(*id),
            IdOrName::Name(name) => serializer.serialize_str(name),
        }
    }
}

/// Secret text: a token, a password, a private key. `Debug` never shows it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Secret(String);

impl Secret {
    /// A secret from text.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(text.into())
    }

    /// The secret itself. Make sure that it is not logged.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Secret(text.into())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Secret(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A secret serialises as its text, because requests contain it.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_parse_in_every_format_that_gitlab_sends() {
        let cases = [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01", Some(0)),
            ("2026-11-22T14:42:00.5Z", Some(1_795_358_520_500_000_000)),
            ("2026-11-22T15:42:00.500+01:00", Some(1_795_358_520_500_000_000)),
            ("2026-11-22 14:42:00 UTC", Some(1_795_358_520_000_000_000)),
            ("2026-11-22T14:42:00", Some(1_795_358_520_000_000_000)),
            ("1969-12-31T23:59:59Z", Some(-1_000_000_000)),
            ("2024-02-29", Some(1_709_164_800_000_000_000)),
            ("2023-02-29", None),
            ("2026-13-01", None),
            ("2026-11-22T25:00:00Z", None),
            ("2026-11-22T14:42:00.Z", None),
            ("yesterday", None),
            ("", None),
            ("２０２６-11-22", None),
        ];
        for (text, expected) in cases {
            assert_eq!(DateTime::new(text).unix_nanos(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_kept_and_none_panics(text in ".{0,60}") {
            let time = DateTime::new(&text);
            prop_assert_eq!(time.as_str(), text.as_str());
            let _ = time.unix_nanos();
            let _ = Date::new(&text).unix_days();
        }

        #[test]
        fn day_numbers_are_consecutive(day in -700_000_i64..2_900_000) {
            let text = civil(day);
            prop_assert_eq!(Date::new(&text).unix_days(), Some(day), "{}", text);
        }
    }

    #[test]
    fn seconds_survive_the_round_trip() {
        for seconds in [-62_167_219_200, -1, 0, 951_782_400, 1_795_358_520, 253_402_300_799] {
            let time = DateTime::from_unix_seconds(seconds);
            assert_eq!(time.unix_nanos(), Some(i128::from(seconds) * 1_000_000_000), "{time}");
        }
        assert_eq!(DateTime::from_unix_seconds(1_795_358_520).as_str(), "2026-11-22T14:42:00Z");
    }

    /// The date of a number of days, by counting months: slow, and independent of the code under test.
    fn civil(mut day: i64) -> String {
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut year = 1970;
        while day < 0 {
            year -= 1;
            day += if leap(year) { 366 } else { 365 };
        }
        while day >= if leap(year) { 366 } else { 365 } {
            day -= if leap(year) { 366 } else { 365 };
            year += 1;
        }
        let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let mut month = 0;
        while day >= lengths[month] {
            day -= lengths[month];
            month += 1;
        }
        format!("{year:04}-{:02}-{:02}", month + 1, day + 1)
    }

    #[test]
    fn secret_is_not_shown() {
        assert_eq!(format!("{:?}", Some(Secret::new("glpat-very-secret"))), "Some([redacted])");
    }
}
