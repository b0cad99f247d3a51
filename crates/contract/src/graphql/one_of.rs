//! Interfaces and unions: an enum over the objects that the schema knows, with a variant for unknown ones.

use crate::decode::{self, Decode};
use serde_json::{Map, Value};

/// An object of a type for which the operation's document has no selection.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Other {
    /// The type's name; empty if GitLab did not send it.
    pub typename: String,
    /// All fields of the response.
    pub fields: Map<String, Value>,
}

impl Other {
    /// Reads an object of a response. If fields of several variants have the same name but different types, the document
    /// renames them to `name__Type`. Here they get their own name back.
    ///
    /// # Errors
    /// If the value is not an object.
    pub fn from_value(value: Value) -> Result<Other, String> {
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            other => return Err(format!("expected an object, found {other:.40}")),
        };
        let mut object = Other::default();
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("__typename", Value::String(typename)) => object.typename = typename,
                ("__typename", _) => {}
                (_, value) => {
                    let plain = name.find("__").filter(|at| *at > 0).map(|at| name[..at].to_owned());
                    object.fields.insert(plain.unwrap_or(name), value);
                }
            }
        }
        Ok(object)
    }
}

/// Decodes a variant of [`one_of!`](crate::one_of).
///
/// # Errors
/// If a field does not fit its type.
pub fn variant<T: Decode>(object: Other) -> Result<Box<T>, serde_json::Error> {
    T::decode(Value::Object(object.fields)).map(Box::new)
}

/// Decodes an object with its `__typename`. [`one_of!`](crate::one_of) calls it.
///
/// # Errors
/// If the value is not an object.
pub fn object<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Other>, D::Error> {
    use serde::de::Error;
    match decode::value_option(deserializer)? {
        None => Ok(None),
        Some(value) => Other::from_value(value).map(Some).map_err(D::Error::custom),
    }
}

#[cfg(test)]
#[expect(
    clippy::box_collection,
    unreachable_pub,
    reason = "the macro is for generated enums, which are public and box"
)]
mod tests {
    use super::Other;
    use crate::decode::from_slice;
    use crate::one_of;
    use std::collections::BTreeMap;

    #[derive(Debug, Clone, PartialEq)]
    enum Issuable {
        Issue(Box<BTreeMap<String, String>>),
        MergeRequest(Box<BTreeMap<String, i64>>),
        Other(Other),
    }

    one_of!(Issuable { Issue = "Issue", MergeRequest = "MergeRequest" });

    fn decode(json: &str) -> Issuable {
        from_slice(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
    }

    #[test]
    fn the_typename_selects_the_variant_at_any_position() {
        for json in [r#"{"__typename": "Issue", "state": "opened"}"#, r#"{"state": "opened", "__typename": "Issue"}"#] {
            let Issuable::Issue(fields) = decode(json) else { panic!("{json}") };
            assert_eq!(fields["state"], "opened");
        }
        assert_eq!(decode("null"), Issuable::default());
    }

    #[test]
    fn renamed_fields_get_their_own_name_back() {
        let decoded = decode(r#"{"__typename": "MergeRequest", "state__MergeRequest": 1, "iid": 2}"#);
        assert_eq!(decoded.typename(), "MergeRequest");
        let Issuable::MergeRequest(fields) = decoded else { panic!("{decoded:?}") };
        assert_eq!((fields["state"], fields["iid"]), (1, 2));
    }

    #[test]
    fn object_of_an_unknown_type_is_kept() {
        let decoded = decode(r#"{"__typename": "Epic", "title": "t"}"#);
        assert_eq!(decoded.typename(), "Epic");
        let Issuable::Other(other) = decoded else { panic!("{decoded:?}") };
        assert_eq!(other.fields["title"], "t");
        assert!(from_slice::<Issuable>(b"[1]").is_err());
    }
}
