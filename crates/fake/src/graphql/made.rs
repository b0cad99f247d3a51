//! Generated values that fit the schema, for everything without data. They are the same each time.

use super::schema::schema;
use crate::random::mix;
use crate::time::Time;
use apollo_compiler::schema::ExtendedType;
use serde_json::{Value, json};

/// The base of generated times.
const EPOCH: u64 = 1_700_000_000_000;

/// A number for a name. Different names have different numbers.
pub(super) fn name(text: &str) -> u64 {
    text.bytes().fold(0, |state, byte| mix(state, &[byte.into()]))
}

/// A value of a scalar or an enum, for a field of an object.
pub(super) fn leaf(ty: &str, object: &str, field: &str, seed: u64, origin: &str) -> Value {
    if let Some(ExtendedType::Enum(of)) = schema().named(ty) {
        return of.values.keys().next().map_or(Value::Null, |name| name.as_str().into());
    }
    let number = seed % 100;
    match ty {
        "Boolean" => seed.is_multiple_of(2).into(),
        "Int" => number.into(),
        "Float" | "Duration" => (number as f64 + 0.5).into(),
        "BigInt" => number.to_string().into(),
        "Time" | "ISO8601DateTime" => Time(EPOCH + seed % 30_000_000 * 1000).text().into(),
        "Date" | "ISO8601Date" => Time(EPOCH + seed % 30_000_000 * 1000).day().text().into(),
        "Color" => "#428bca".into(),
        "JSON" => json!({ "made": number }),
        "JsonString" => "{}".into(),
        "UntrustedRegexp" => ".*".into(),
        "ID" if field == "iid" => (number + 1).to_string().into(),
        "ID" => format!("gid://gitlab/{object}/{}", number + 1).into(),
        "String" => text(field, number, origin).into(),
        _ => match ty.strip_suffix("ID") {
            Some(class) => format!("gid://gitlab/{class}/{}", number + 1).into(),
            None => format!("{field} {number}").into(),
        },
    }
}

/// A text that suits the name of its field.
fn text(field: &str, number: u64, origin: &str) -> String {
    match field {
        "iid" => (number + 1).to_string(),
        _ if field.ends_with("Url") || field == "url" => format!("{origin}/{field}/{number}"),
        _ if field.ends_with("Path") || field == "path" => format!("/{field}/{number}"),
        _ if field.ends_with("Html") => format!("<p>{field} {number}</p>"),
        _ if field.to_lowercase().ends_with("email") => format!("{field}-{number}@example.com"),
        _ => format!("{field} {number}"),
    }
}
