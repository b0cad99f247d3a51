//! Filters and orders of lists.

use glabflow_contract::DateTime;
use serde_json::Value;
use std::cmp::Ordering;

/// A thing that filters and orders are applied to.
pub(crate) trait Subject {
    /// The value at a dotted path; `null` if there is none.
    fn fact(&self, path: &str) -> Value;

    /// The access level of a user in its project or group; zero for users who are not members.
    fn access(&self, user: u64) -> u64;

    /// Whether its project or group is visible to a user, or to everybody.
    fn is_visible_to(&self, user: Option<u64>) -> bool;
}

/// A condition on the things of a list.
///
/// Its `Debug` text identifies it: the cache of selections uses it as a key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    /// A field has this text, ignoring case.
    Is(String, String),
    /// A field does not have this text.
    IsNot(String, String),
    /// A field has one of these texts.
    OneOf(String, Vec<String>),
    /// One of these fields contains this text, ignoring case.
    Contains(&'static [&'static str], String),
    /// A field starts with this text.
    StartsWith(&'static str, String),
    /// A list contains all of these texts.
    HasAll(String, Vec<String>),
    /// A number is larger.
    Above(&'static str, i64),
    /// A number is smaller.
    Below(&'static str, i64),
    /// A time is not before.
    Since(String, DateTime),
    /// A time is not after.
    Until(String, DateTime),
    /// The thing's project or group is visible to this user, or to anonymous users.
    VisibleTo(Option<u64>),
    /// The user is a member of the project or group with at least this access.
    Member(u64, u64),
    /// A field is `null`.
    Missing(&'static str),
}

impl Filter {
    /// The end of a list that it cuts off, if it has no other effect.
    pub(crate) fn end(&self) -> Option<End> {
        match self {
            Filter::Above("id", _) => Some(End::Lower),
            Filter::Below("id", _) => Some(End::Upper),
            Filter::Since(field, _) if field == "created_at" => Some(End::Lower),
            Filter::Until(field, _) if field == "created_at" => Some(End::Upper),
            _ => None,
        }
    }

    /// Whether a thing meets the condition.
    pub(crate) fn passes(&self, item: &impl Subject) -> bool {
        match self {
            Filter::Is(field, wanted) => text(&item.fact(field)).is_some_and(|text| text.eq_ignore_ascii_case(wanted)),
            Filter::IsNot(field, wanted) => {
                !text(&item.fact(field)).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
            }
            Filter::OneOf(field, wanted) => text(&item.fact(field)).is_some_and(|text| wanted.contains(&text)),
            Filter::Contains(fields, wanted) => fields.iter().any(|field| {
                item.fact(field).as_str().is_some_and(|text| text.to_lowercase().contains(wanted.as_str()))
            }),
            Filter::StartsWith(field, wanted) => {
                item.fact(field).as_str().is_some_and(|text| text.starts_with(wanted.as_str()))
            }
            Filter::HasAll(field, wanted) => {
                let Value::Array(items) = item.fact(field) else { return false };
                wanted.iter().all(|one| items.iter().any(|item| item.as_str() == Some(one)))
            }
            Filter::Above(field, bound) => item.fact(field).as_i64().is_some_and(|number| number > *bound),
            Filter::Below(field, bound) => item.fact(field).as_i64().is_some_and(|number| number < *bound),
            Filter::Since(field, bound) => nanos(&item.fact(field)) >= bound.unix_nanos(),
            Filter::Until(field, bound) => {
                nanos(&item.fact(field)).is_some_and(|time| Some(time) <= bound.unix_nanos())
            }
            Filter::VisibleTo(user) => item.is_visible_to(*user),
            Filter::Member(user, level) => item.access(*user) >= *level,
            Filter::Missing(field) => item.fact(field).is_null(),
        }
    }
}

/// The end of a list in natural order that a filter cuts off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Lower,
    Upper,
}

/// The order of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// The field to sort by.
    pub(crate) field: String,
    /// Largest first.
    pub(crate) backwards: bool,
}

impl Order {
    /// Whether it is the order of creation, which is also the order of the slots.
    pub(crate) fn is_natural(&self) -> bool {
        matches!(self.field.as_str(), "id" | "created_at")
    }

    /// The sort key of a thing: the field's value, ignoring case.
    pub(crate) fn key(&self, item: &impl Subject) -> Value {
        match item.fact(&self.field) {
            Value::String(text) => Value::String(text.to_lowercase()),
            other => other,
        }
    }
}

/// Compares two values: `null` first, then numbers, then texts.
pub(crate) fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().unwrap_or(0.0).partial_cmp(&b.as_f64().unwrap_or(0.0)).unwrap_or(Ordering::Equal)
        }
        (Value::String(a), Value::String(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    }
}

/// A plain value as it is written in a query.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn nanos(value: &Value) -> Option<i128> {
    DateTime::new(value.as_str()?).unix_nanos()
}
