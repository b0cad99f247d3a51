//! Converts the text of a field to the type of its parameter.

use crate::suggest;
use glabflow_contract::index::{Field, LazyIndex, TypeDef, TypeRef};
use glabflow_contract::{Arg, Date, DateTime, Secret};
use serde_json::Value;

/// A problem with a value. The text continues a sentence that begins with the parameter's name.
pub(crate) type Problem = String;

/// Converts text to a value of a type.
pub(crate) fn from_text(index: &'static LazyIndex, ty: &TypeRef, text: &str) -> Result<Arg, Problem> {
    let not = |what: &str| Err(format!("must be {what} (got `{text}`)"));
    match ty {
        TypeRef::Bool => match text {
            "true" => Ok(Arg::Bool(true)),
            "false" => Ok(Arg::Bool(false)),
            _ => not("true or false"),
        },
        TypeRef::Int => text.parse().map(Arg::Int).or_else(|_| not("a whole number")),
        TypeRef::Float => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Arg::Float(number)),
            _ => not("a number"),
        },
        TypeRef::String => Ok(Arg::Text(text.to_owned())),
        TypeRef::Secret => Ok(Arg::Secret(Secret::from(text))),
        TypeRef::DateTime => match DateTime::from(text) {
            time if time.is_valid() => Ok(Arg::DateTime(time)),
            _ => not("a time such as 2026-01-31T12:00:00Z"),
        },
        TypeRef::Date => match Date::from(text) {
            date if date.is_valid() => Ok(Arg::Date(date)),
            _ => not("a day such as 2026-01-31"),
        },
        TypeRef::Any => Ok(serde_json::from_str(text).map_or_else(|_| Arg::Text(text.to_owned()), Arg::Json)),
        TypeRef::IdOrName => Ok(text.parse().map_or_else(|_| Arg::Text(text.to_owned()), Arg::Int)),
        TypeRef::File => Err("is a file: write `@PATH` as its value".to_owned()),
        TypeRef::List(item) if text.starts_with('[') => {
            let value = parse(text, |value| value.is_array()).ok_or("must be a value or a JSON list")?;
            from_json(index, ty, value).or_else(|problem| {
                // A text that begins with a bracket but is not JSON is a list of one text.
                if matches!(**item, TypeRef::String) { from_text(index, item, text).map(one) } else { Err(problem) }
            })
        }
        TypeRef::List(item) => from_text(index, item, text).map(one),
        TypeRef::Map(_) => object(index, ty, text),
        TypeRef::Named(name) => match index.types().get(name) {
            Some(TypeDef::Object(_)) => object(index, ty, text),
            Some(TypeDef::Enum(known)) => {
                let values = || known.values.iter().map(|value| value.name.as_str());
                if values().any(|value| value == text) {
                    return Ok(Arg::Text(text.to_owned()));
                }
                Err(format!("must be one of {} (got `{text}`){}", list(values()), suggest::question(text, values())))
            }
            Some(TypeDef::IntEnum(known)) => match text.parse() {
                Ok(number) if known.values.contains(&number) => Ok(Arg::Int(number)),
                _ => not(&format!("one of {}", list(known.values.iter().map(ToString::to_string)))),
            },
            None => Ok(Arg::Text(text.to_owned())),
        },
    }
}

/// Converts JSON to a type, for values that are written as JSON.
pub(crate) fn from_json(index: &'static LazyIndex, ty: &TypeRef, value: Value) -> Result<Arg, Problem> {
    check(index, ty, &value)?;
    Ok(match value {
        Value::Array(items) => Arg::List(items.into_iter().map(Arg::Json).collect()),
        Value::String(text) if *ty == TypeRef::Secret => Arg::Secret(Secret::from(text.as_str())),
        other => Arg::Json(other),
    })
}

/// The type of one member of a map or object, for fields written as `name[member]=value`.
pub(crate) fn member_type(index: &'static LazyIndex, ty: &TypeRef, member: &str) -> Result<TypeRef, Problem> {
    match ty {
        TypeRef::Map(value) => Ok((**value).clone()),
        TypeRef::Any => Ok(TypeRef::Any),
        TypeRef::Named(name) => match index.types().get(name) {
            Some(TypeDef::Object(object)) => find_member(&object.fields, member).map(|field| field.ty.clone()),
            _ => Err("has no members".to_owned()),
        },
        _ => Err("has no members".to_owned()),
    }
}

fn find_member<'f>(fields: &'f [Field], member: &str) -> Result<&'f Field, Problem> {
    fields.iter().find(|field| field.name == member).ok_or_else(|| {
        let names = || fields.iter().map(|field| field.name.as_str());
        format!("has no member `{member}`{}; it has {}", suggest::question(member, names()), list(names()))
    })
}

fn check(index: &'static LazyIndex, ty: &TypeRef, value: &Value) -> Result<(), Problem> {
    let not = |what: &str| Err(format!("must be {what} (got {})", kind(value)));
    let as_text = |ty: &TypeRef| match value {
        Value::String(text) => from_text(index, ty, text).map(drop),
        _ => not("text"),
    };
    match (ty, value) {
        // Only GitLab knows which fields `null` clears.
        (_, Value::Null) | (TypeRef::Any, _) => Ok(()),
        (TypeRef::Bool, value) => {
            if value.is_boolean() {
                Ok(())
            } else {
                not("true or false")
            }
        }
        (TypeRef::Int, value) => {
            if value.is_i64() {
                Ok(())
            } else {
                not("a whole number")
            }
        }
        (TypeRef::Float, value) => {
            if value.is_number() {
                Ok(())
            } else {
                not("a number")
            }
        }
        (TypeRef::IdOrName, value) => {
            if value.is_i64() || value.is_string() {
                Ok(())
            } else {
                not("an id or a name")
            }
        }
        (TypeRef::String | TypeRef::Secret | TypeRef::DateTime | TypeRef::Date, _) => as_text(ty),
        (TypeRef::File, _) => Err("is a file, which JSON cannot contain: use `--field NAME=@PATH`".to_owned()),
        (TypeRef::List(item), Value::Array(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, value)| check(index, item, value).map_err(|problem| format!("[{at}] {problem}"))),
        (TypeRef::List(_), _) => not("a list"),
        (TypeRef::Map(item), Value::Object(members)) => members
            .iter()
            .try_for_each(|(name, value)| check(index, item, value).map_err(|problem| format!("[{name}] {problem}"))),
        (TypeRef::Map(_), _) => not("an object"),
        (TypeRef::Named(name), value) => match (index.types().get(name), value) {
            (Some(TypeDef::Object(object)), Value::Object(members)) => members.iter().try_for_each(|(name, value)| {
                let field = find_member(&object.fields, name)?;
                check(index, &field.ty, value).map_err(|problem| format!("[{name}] {problem}"))
            }),
            (Some(TypeDef::Object(_)), _) => not("an object"),
            (Some(TypeDef::Enum(_)), _) => as_text(ty),
            (Some(TypeDef::IntEnum(_)), Value::Number(number)) => from_text(index, ty, &number.to_string()).map(drop),
            (Some(TypeDef::IntEnum(_)), _) => not("a whole number"),
            (None, _) => Ok(()),
        },
    }
}

fn one(item: Arg) -> Arg {
    Arg::List(vec![item])
}

fn object(index: &'static LazyIndex, ty: &TypeRef, text: &str) -> Result<Arg, Problem> {
    let value = parse(text, Value::is_object)
        .ok_or("must be a JSON object, or written member by member: `NAME[MEMBER]=VALUE`")?;
    from_json(index, ty, value)
}

fn parse(text: &str, is_right: impl Fn(&Value) -> bool) -> Option<Value> {
    serde_json::from_str(text).ok().filter(is_right)
}

fn list<T: AsRef<str>>(values: impl Iterator<Item = T>) -> String {
    values.map(|value| format!("`{}`", value.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The kind of a JSON value, without the value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A type in words, for `gl operations show`.
pub(crate) fn describe(index: &'static LazyIndex, ty: &TypeRef) -> String {
    match ty {
        TypeRef::Bool => "boolean".to_owned(),
        TypeRef::Int => "integer".to_owned(),
        TypeRef::Float => "number".to_owned(),
        TypeRef::String => "text".to_owned(),
        TypeRef::Secret => "secret text".to_owned(),
        TypeRef::DateTime => "time".to_owned(),
        TypeRef::Date => "day".to_owned(),
        TypeRef::Any => "any JSON".to_owned(),
        TypeRef::IdOrName => "id or full path".to_owned(),
        TypeRef::File => "file".to_owned(),
        TypeRef::List(item) => format!("list of {}", describe(index, item)),
        TypeRef::Map(item) => format!("map of {}", describe(index, item)),
        TypeRef::Named(name) => match index.types().get(name) {
            Some(TypeDef::Enum(known)) => {
                known.values.iter().map(|value| value.name.as_str()).collect::<Vec<_>>().join(" | ")
            }
            Some(TypeDef::IntEnum(known)) => {
                known.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
            }
            _ => name.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_index::INDEX;

    fn named(name: &str) -> TypeRef {
        TypeRef::Named(name.to_owned())
    }

    fn list_of(item: TypeRef) -> TypeRef {
        TypeRef::List(Box::new(item))
    }

    /// The value in a JSON body, or the problem.
    fn value(ty: &TypeRef, text: &str) -> String {
        match from_text(&INDEX, ty, text) {
            Ok(arg) => serde_json::to_string(&arg).unwrap(),
            Err(problem) => problem,
        }
    }

    #[test]
    fn text_converts_to_the_type() {
        let cases = [
            (TypeRef::Bool, "true", "true"),
            (TypeRef::Int, "-7", "-7"),
            (TypeRef::Float, "0.5", "0.5"),
            (TypeRef::String, "12", "\"12\""),
            (TypeRef::DateTime, "2026-01-31T12:00:00Z", "\"2026-01-31T12:00:00Z\""),
            (TypeRef::Any, "{\"a\":1}", "{\"a\":1}"),
            (TypeRef::Any, "plain", "\"plain\""),
            (TypeRef::IdOrName, "12", "12"),
            (TypeRef::IdOrName, "group/project", "\"group/project\""),
            (list_of(TypeRef::Int), "1", "[1]"),
            (list_of(TypeRef::Int), "[1,2]", "[1,2]"),
            (list_of(TypeRef::String), "[\"a\"]", "[\"a\"]"),
            (named("IssueState"), "opened", "\"opened\""),
            (named("AccessLevel"), "30", "30"),
            (named("Policy"), "{\"enabled\":true,\"keep_n\":null}", "{\"enabled\":true,\"keep_n\":null}"),
        ];
        for (ty, text, expected) in cases {
            assert_eq!(value(&ty, text), expected, "{ty:?} {text}");
        }
    }

    #[test]
    fn errors_describe_valid_values() {
        let cases = [
            (TypeRef::Bool, "yes", "must be true or false (got `yes`)"),
            (TypeRef::Int, "1.5", "must be a whole number (got `1.5`)"),
            (TypeRef::Float, "NaN", "must be a number (got `NaN`)"),
            (TypeRef::Date, "2026-02-30", "must be a day such as 2026-01-31 (got `2026-02-30`)"),
            (TypeRef::File, "a", "is a file: write `@PATH` as its value"),
            (list_of(TypeRef::Int), "[1,\"a\"]", "[1] must be a whole number (got text)"),
            (named("IssueState"), "open", "must be one of `opened`, `closed` (got `open`) (did you mean `opened`?)"),
            (named("AccessLevel"), "31", "must be one of `10`, `20`, `30`, `40`, `50` (got `31`)"),
            (
                named("Policy"),
                "{\"enable\":true}",
                "has no member `enable` (did you mean `enabled`?); it has `enabled`, `keep_n`",
            ),
            (named("Policy"), "{\"enabled\":1}", "[enabled] must be true or false (got a number)"),
            (named("Policy"), "x", "must be a JSON object, or written member by member: `NAME[MEMBER]=VALUE`"),
        ];
        for (ty, text, expected) in cases {
            assert_eq!(value(&ty, text), expected, "{ty:?} {text}");
        }
    }
}
