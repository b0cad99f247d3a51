//! Argument values: setters store them, encoding reads them.

use crate::scalar::{Date, DateTime, IdOrName, Secret};
use crate::upload::Upload;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The value of one argument, wherever it is sent in the request.
#[derive(Clone)]
pub enum Arg {
    /// JSON `null`: clears a field that can be cleared.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// Text that `Debug` does not show.
    Secret(Secret),
    /// A point in time; checked when the request is encoded.
    DateTime(DateTime),
    /// A day; checked when the request is encoded.
    Date(Date),
    /// A list.
    List(Vec<Arg>),
    /// A map with text keys.
    Map(BTreeMap<String, Arg>),
    /// Any JSON, such as a nested object.
    Json(Value),
    /// A value that could not be converted to JSON; encoding reports the reason.
    Invalid(String),
    /// A file.
    File(Upload),
}

impl Arg {
    /// A value of any type that serialises to JSON.
    pub fn json(value: &impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => Arg::Json(value),
            Err(error) => Arg::Invalid(error.to_string()),
        }
    }
}

impl fmt::Debug for Arg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Arg::Null => f.write_str("null"),
            Arg::Bool(value) => value.fmt(f),
            Arg::Int(value) => value.fmt(f),
            Arg::Float(value) => value.fmt(f),
            Arg::Text(value) => value.fmt(f),
            Arg::Secret(value) => value.fmt(f),
            Arg::DateTime(value) => value.fmt(f),
            Arg::Date(value) => value.fmt(f),
            Arg::List(values) => values.fmt(f),
            Arg::Map(values) => values.fmt(f),
            // Nested objects may contain tokens and passwords under any name.
            Arg::Json(value) => match value {
                Value::Object(fields) => write!(f, "{{{} fields}}", fields.len()),
                Value::Array(items) => write!(f, "[{} items]", items.len()),
                scalar => write!(f, "{scalar}"),
            },
            Arg::Invalid(problem) => write!(f, "<invalid: {problem}>"),
            Arg::File(upload) => upload.fmt(f),
        }
    }
}

impl Serialize for Arg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        match self {
            Arg::Null => serializer.serialize_unit(),
            Arg::Bool(value) => serializer.serialize_bool(*value),
            Arg::Int(value) => serializer.serialize_i64(*value),
            Arg::Float(value) => serializer.serialize_f64(*value),
            Arg::Text(value) => serializer.serialize_str(value),
            Arg::Secret(value) => serializer.serialize_str(value.expose()),
            Arg::DateTime(value) => serializer.serialize_str(value.as_str()),
            Arg::Date(value) => serializer.serialize_str(value.as_str()),
            Arg::List(values) => serializer.collect_seq(values),
            Arg::Map(values) => serializer.collect_map(values),
            Arg::Json(value) => value.serialize(serializer),
            Arg::Invalid(problem) => Err(S::Error::custom(problem)),
            Arg::File(_) => Err(S::Error::custom("a file cannot be part of JSON")),
        }
    }
}

/// Converts a value to an [`Arg`].
pub trait IntoArg {
    /// The argument value.
    fn into_arg(self) -> Arg;
}

impl IntoArg for Arg {
    fn into_arg(self) -> Arg {
        self
    }
}

macro_rules! into_arg {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl IntoArg for $type {
            fn into_arg(self) -> Arg {
                Arg::$variant(self.into())
            }
        })*
    };
}

into_arg! {
    bool => Bool,
    i64 => Int,
    i32 => Int,
    u32 => Int,
    f64 => Float,
    String => Text,
    &str => Text,
    Secret => Secret,
    DateTime => DateTime,
    Date => Date,
    Upload => File,
    Value => Json,
}

impl IntoArg for IdOrName {
    fn into_arg(self) -> Arg {
        match self {
            IdOrName::Id(id) => Arg::Int(id),
            IdOrName::Name(name) => Arg::Text(name),
        }
    }
}

impl<T: IntoArg> IntoArg for Vec<T> {
    fn into_arg(self) -> Arg {
        Arg::List(self.into_iter().map(IntoArg::into_arg).collect())
    }
}

impl<T: IntoArg> IntoArg for BTreeMap<String, T> {
    fn into_arg(self) -> Arg {
        Arg::Map(self.into_iter().map(|(key, value)| (key, value.into_arg())).collect())
    }
}

/// An argument that clears the field: `.description(Null)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Null;

/// The value of a field that can be cleared: a value, or [`Null`]. There is a third state: if the setter is not called,
/// the field does not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nullable<T> {
    /// Clears the field.
    Null,
    /// Sets the field.
    Value(T),
}

impl<T> Nullable<T> {
    /// Converts the value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Nullable<U> {
        match self {
            Nullable::Null => Nullable::Null,
            Nullable::Value(value) => Nullable::Value(change(value)),
        }
    }
}

impl<T> From<Null> for Nullable<T> {
    fn from(_: Null) -> Self {
        Nullable::Null
    }
}

impl<T> From<Option<T>> for Nullable<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Nullable::Null, Nullable::Value)
    }
}

macro_rules! nullable_from {
    ($($from:ty => $to:ty),* $(,)?) => {
        $(impl From<$from> for Nullable<$to> {
            fn from(value: $from) -> Self {
                Nullable::Value(value.into())
            }
        })*
    };
}

nullable_from! {
    bool => bool,
    i64 => i64,
    i32 => i64,
    f64 => f64,
    String => String,
    &str => String,
    Secret => Secret,
    &str => Secret,
    String => Secret,
    DateTime => DateTime,
    &str => DateTime,
    Date => Date,
    &str => Date,
    IdOrName => IdOrName,
    &str => IdOrName,
    i64 => IdOrName,
    Value => Value,
    Upload => Upload,
}

impl<T, U: Into<T>> From<Vec<U>> for Nullable<Vec<T>> {
    fn from(values: Vec<U>) -> Self {
        Nullable::Value(values.into_iter().map(Into::into).collect())
    }
}

impl<T: IntoArg> IntoArg for Nullable<T> {
    fn into_arg(self) -> Arg {
        match self {
            Nullable::Null => Arg::Null,
            Nullable::Value(value) => value.into_arg(),
        }
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Nullable::Null => serializer.serialize_unit(),
            Nullable::Value(value) => value.serialize(serializer),
        }
    }
}
