//! Decoding accepts what GitLab really sends.

use glabflow_contract::decode::{self, from_slice};
use glabflow_contract::{Date, DateTime, Object, OpenEnum, Secret, object, open_enum};
use proptest::prelude::*;
use serde::de::MapAccess;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Active,
    Blocked,
    Other(String),
}

impl OpenEnum for State {
    const VALUES: &'static [&'static str] = &["active", "blocked"];
    fn from_wire(value: &str) -> Self {
        match value {
            "active" => State::Active,
            "blocked" => State::Blocked,
            other => State::Other(other.to_owned()),
        }
    }
    fn as_str(&self) -> &str {
        match self {
            State::Active => "active",
            State::Blocked => "blocked",
            State::Other(value) => value,
        }
    }
}
open_enum!(State);

#[derive(Debug, Default, PartialEq)]
struct User {
    admin: Option<bool>,
    created_at: Option<DateTime>,
    id: Option<i64>,
    labels: Vec<String>,
    manager: Option<Box<User>>,
    name: Option<String>,
    score: Option<f64>,
    settings: BTreeMap<String, i64>,
    since: Option<Date>,
    state: Option<State>,
    token: Option<Secret>,
}

impl Object for User {
    const FIELDS: &'static [&'static str] =
        &["admin", "created_at", "id", "labels", "manager", "name", "score", "settings", "since", "state", "token"];
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.admin = decode::value(map)?,
            1 => self.created_at = decode::value(map)?,
            2 => self.id = decode::value(map)?,
            3 => self.labels = decode::value(map)?,
            4 => self.manager = decode::value(map)?,
            5 => self.name = decode::value(map)?,
            6 => self.score = decode::value(map)?,
            7 => self.settings = decode::value(map)?,
            8 => self.since = decode::value(map)?,
            9 => self.state = decode::value(map)?,
            10 => self.token = decode::value(map)?,
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}
object!(User);

fn user(value: Value) -> User {
    from_slice(value.to_string().as_bytes()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[test]
fn a_complete_object_decodes() {
    let found = user(json!({
        "id": 7, "name": "Ada", "admin": true, "labels": ["a", "b"], "score": 1.5, "state": "active",
        "manager": {"id": 1}, "settings": {"x": 3}, "created_at": "2026-01-31T12:00:00Z", "since": "2026-01-31",
        "token": "glpat-secret", "unknown": {"deep": [1, {"x": null}]},
    }));
    assert_eq!(found.id, Some(7));
    assert_eq!(found.name.as_deref(), Some("Ada"));
    assert_eq!(found.labels, ["a", "b"]);
    assert_eq!(found.state, Some(State::Active));
    assert_eq!(found.manager.and_then(|manager| manager.id), Some(1));
    assert_eq!(found.settings["x"], 3);
    assert_eq!(found.created_at.map(|time| time.is_valid()), Some(true));
    assert_eq!(found.token.as_ref().map(Secret::expose), Some("glpat-secret"));
}

#[test]
fn missing_and_null_fields_are_equal() {
    let nothing = json!({"admin": null, "created_at": null, "id": null, "labels": null, "manager": null, "name": null,
        "score": null, "settings": null, "since": null, "state": null, "token": null});
    assert_eq!(user(nothing), User::default());
    assert_eq!(user(json!({})), User::default());
    assert_eq!(user(Value::Null), User::default());
}

#[test]
fn scalars_of_another_type_are_converted() {
    let found = user(json!({"id": "42", "name": 12, "admin": "true", "score": "2.5", "labels": "one",
        "settings": {"x": "3"}, "created_at": 5}));
    assert_eq!(found.id, Some(42));
    assert_eq!(found.name.as_deref(), Some("12"));
    assert_eq!(found.admin, Some(true));
    assert_eq!(found.score, Some(2.5));
    assert_eq!(found.labels, ["one"]);
    assert_eq!(found.settings["x"], 3);
    let found = user(json!({"id": 42.0, "score": 3, "admin": 1, "name": {"a": [1]}, "labels": [1, true, {"id": 2}]}));
    assert_eq!((found.id, found.score, found.admin), (Some(42), Some(3.0), Some(true)));
    assert_eq!(found.name.as_deref(), Some(r#"{"a":[1]}"#));
    assert_eq!(found.labels, ["1", "true", r#"{"id":2}"#]);
    let found = user(json!({"id": "", "score": "", "admin": "", "labels": "", "settings": []}));
    assert_eq!(found, User::default());
}

#[test]
fn unknown_enum_value_is_kept() {
    let found = user(json!({"state": "ldap_blocked"})).state.unwrap();
    assert_eq!(found, State::Other("ldap_blocked".to_owned()));
    assert_eq!(found.to_string(), "ldap_blocked");
    assert_eq!(serde_json::to_value(&found).unwrap(), "ldap_blocked");
    assert_eq!(user(json!({"state": 7})).state, Some(State::Other("7".to_owned())));
}

#[test]
fn single_object_decodes_as_a_list_of_one() {
    let found: Vec<User> = from_slice(br#"{"id": 1}"#).unwrap();
    assert_eq!(found.len(), 1);
    assert!(from_slice::<Vec<User>>(b"null").unwrap().is_empty());
    assert_eq!(from_slice::<Vec<User>>(br#"[{"id":1},{"id":2}]"#).unwrap().len(), 2);
}

#[test]
fn a_null_within_a_list_or_map_is_dropped_unless_the_items_are_optional() {
    let found = user(json!({"labels": ["a", null, "b"], "settings": {"x": null, "y": 1}}));
    assert_eq!(found.labels, ["a", "b"]);
    assert_eq!(found.settings.into_iter().collect::<Vec<_>>(), [("y".to_owned(), 1)]);
    assert_eq!(from_slice::<Vec<Option<i64>>>(b"[1, null, 2]").unwrap(), [Some(1), None, Some(2)]);
    assert_eq!(from_slice::<Vec<serde_json::Value>>(b"[null]").unwrap().len(), 1);
}

#[test]
fn an_empty_list_decodes_as_an_empty_object() {
    let decoded = user(json!({"manager": [], "settings": []}));
    assert_eq!((decoded.manager, decoded.settings), (Some(Box::default()), BTreeMap::new()));
    assert!(from_slice::<User>(br#"{"manager": [{}]}"#).is_err(), "items are not dropped silently");
}

#[test]
fn bytes_that_are_not_utf8_are_an_error_with_a_position() {
    let error = decode::from_slice::<Vec<String>>(b"[\"a\",\n\"\xff\"]").expect_err("it is no text");
    assert_eq!((error.line(), error.to_string().contains("unicode")), (2, true), "{error}");
    assert!(decode::from_slice::<i64>(b"1 \xff").is_err());
}

#[test]
fn values_of_the_wrong_shape_are_errors() {
    for bad in
        [r#"{"id": "abc"}"#, r#"{"id": [1]}"#, r#"{"manager": "x"}"#, r#"{"settings": [1]}"#, r#"{"id": 1"#, "[]x", "7"]
    {
        assert!(from_slice::<User>(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(from_slice::<User>(br#"{"id": 9223372036854775808}"#).is_err());
    assert!(from_slice::<User>(br#"{"id": 1.5}"#).is_err());
    assert!(from_slice::<User>(br#"{} {}"#).is_err(), "trailing data");
}

proptest! {
    /// The guess of the next field is only a shortcut: the order of fields does not change the result.
    #[test]
    fn fields_decode_in_any_order(orders in proptest::collection::vec(Just(vec![
        (r#""id":7"#), (r#""name":"n""#), (r#""admin":true"#), (r#""x":[{}]"#), (r#""score":1"#), (r#""labels":["l"]"#),
    ]).prop_shuffle(), 1..6)) {
        for fields in orders {
            let found: User = from_slice(format!("{{{}}}", fields.join(",")).as_bytes()).unwrap();
            prop_assert_eq!(found.id, Some(7));
            prop_assert_eq!(found.name.as_deref(), Some("n"));
            prop_assert_eq!(found.admin, Some(true));
            prop_assert_eq!(found.score, Some(1.0));
            prop_assert_eq!(found.labels, vec!["l".to_owned()]);
        }
    }

    #[test]
    fn bytes_and_text_decode_alike(bytes in proptest::collection::vec(any::<u8>(), 0..40), text in ".{0,40}") {
        for bytes in [bytes, serde_json::to_vec(&text).expect("text")] {
            match (decode::from_slice::<Value>(&bytes), serde_json::from_slice::<Value>(&bytes)) {
                (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
                (Err(_), Err(_)) => {}
                (ours, theirs) => prop_assert!(false, "{:?}: {:?} and {:?}", bytes, ours, theirs),
            }
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = from_slice::<Vec<User>>(&bytes);
    }
}
