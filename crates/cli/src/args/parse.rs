//! Values of flags.

use std::time::Duration;

/// `NAME=VALUE` of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The parameter.
    pub(crate) name: String,
    /// The text after the first equals sign.
    pub(crate) value: String,
}

impl Assignment {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Assignment { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("must have the form NAME=VALUE".to_owned()),
        }
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let (number, unit) = (digits.parse::<f64>(), &text[digits.len()..]);
    let seconds = match (number, unit) {
        (Ok(number), "ms") => number / 1000.0,
        (Ok(number), "s" | "") => number,
        (Ok(number), "m") => number * 60.0,
        _ => return Err("must be a duration such as 30s, 2m or 500ms".to_owned()),
    };
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("must be positive and not too large".to_owned()),
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_with_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        for invalid in ["", "s", "-1s", "0s", "5h", "1e400s", "nans"] {
            assert!(duration(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn field_is_split_at_its_first_equals_sign() {
        let field = Assignment::parse("search=a=b").unwrap();
        assert_eq!((field.name.as_str(), field.value.as_str()), ("search", "a=b"));
        assert!(Assignment::parse("search").is_err());
        assert!(Assignment::parse("=x").is_err());
    }
}
