//! Numbers, booleans and values of any type.

use super::traits::Decode;
use crate::scalar::IdOrName;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, Visitor};
use serde_json::Value;
use std::fmt;

/// Implements [`Decode`] for a scalar with one visitor that accepts every JSON scalar.
///
/// `deserialize_any` passes the actual value to the visitor. An empty string means no value: GitLab sends it in some
/// numeric fields.
macro_rules! scalar {
    ($type:ty, $expecting:literal, $($method:ident($from:ty) = $convert:expr;)+) => {
        impl Decode for $type {
            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::decode_option(deserializer)?.ok_or_else(|| de::Error::custom(concat!("expected ", $expecting, ", found null")))
            }

            fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                struct Visit;
                impl<'de> Visitor<'de> for Visit {
                    type Value = Option<$type>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
                        Ok(None)
                    }
                    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                        Ok(None)
                    }
                    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                        deserializer.deserialize_any(self)
                    }
                    $(fn $method<E: de::Error>(self, value: $from) -> Result<Self::Value, E> {
                        let convert: fn($from) -> Result<Self::Value, String> = $convert;
                        convert(value).map_err(E::custom)
                    })+
                }
                deserializer.deserialize_any(Visit)
            }
        }
    };
}

fn whole(value: f64) -> Result<Option<i64>, String> {
    // 2^63 is the first value that does not fit.
    if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 {
        Ok(Some(value as i64))
    } else {
        Err(format!("expected a whole number, found {value}"))
    }
}

scalar! { i64, "a whole number",
    visit_i64(i64) = |value| Ok(Some(value));
    visit_u64(u64) = |value| i64::try_from(value).map(Some).map_err(|_| format!("{value} is too large"));
    visit_f64(f64) = whole;
    visit_bool(bool) = |value| Ok(Some(i64::from(value)));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).or_else(|_| match text.parse::<f64>() {
            Ok(number) => whole(number),
            Err(_) => Err(format!("expected a whole number, found \"{text}\"")),
        }),
    };
}

scalar! { f64, "a number",
    visit_i64(i64) = |value| Ok(Some(value as f64));
    visit_u64(u64) = |value| Ok(Some(value as f64));
    visit_f64(f64) = |value| Ok(Some(value));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("expected a number, found \"{text}\"")),
    };
}

scalar! { bool, "true or false",
    visit_bool(bool) = |value| Ok(Some(value));
    visit_i64(i64) = |value| Ok(Some(value != 0));
    visit_u64(u64) = |value| Ok(Some(value != 0));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        "true" | "t" | "yes" | "on" | "1" => Ok(Some(true)),
        "false" | "f" | "no" | "off" | "0" => Ok(Some(false)),
        text => Err(format!("expected true or false, found \"{text}\"")),
    };
}

impl Decode for IdOrName {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Number(number) if number.as_i64().is_some() => IdOrName::Id(number.as_i64().unwrap_or_default()),
            Value::String(text) => IdOrName::Name(text),
            other => IdOrName::Name(other.to_string()),
        })
    }
}

/// A JSON value that may be `null`.
pub(crate) fn value_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(if value.is_null() { None } else { Some(value) })
}

impl Decode for Value {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer)
    }

    fn decode_item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

/// Ignores any value.
impl Decode for () {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(drop)
    }
}
