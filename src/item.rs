//! What can be told of an item whatever its type: which one it is, and when it came to be.

use glabflow_contract::{DateTime, RangeKey};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The `id` of an item, which tells it from all others of its list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum ItemId {
    Number(i64),
    Text(String),
}

/// What an item says of itself.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Facts<'a> {
    id: Fact<'a>,
    created_at: Fact<'a>,
}

/// The name of a member, as far as it matters.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    Id,
    CreatedAt,
    #[serde(other)]
    Other,
}

/// A plain value; anything else is nothing here.
#[derive(Debug, Default, PartialEq)]
enum Fact<'a> {
    #[default]
    Nothing,
    Number(i64),
    Text(Cow<'a, str>),
}

impl Facts<'_> {
    /// The item's id.
    pub(crate) fn id(&self) -> Option<ItemId> {
        match &self.id {
            Fact::Nothing => None,
            Fact::Number(id) => Some(ItemId::Number(*id)),
            Fact::Text(id) => Some(ItemId::Text(id.as_ref().to_owned())),
        }
    }

    /// Where the item stands in a list that is cut by this key: its id, or the second in which it came to be.
    pub(crate) fn key(&self, key: RangeKey) -> Option<i64> {
        match (key, &self.id, &self.created_at) {
            (RangeKey::Id, Fact::Number(id), _) => Some(*id),
            (RangeKey::CreatedAt, _, Fact::Text(time)) => seconds(time),
            _ => None,
        }
    }
}

/// The second that a time is in, counted from 1970.
pub(crate) fn seconds(time: &str) -> Option<i64> {
    let nanos = DateTime::new(time).unix_nanos()?;
    i64::try_from(nanos.div_euclid(1_000_000_000)).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Facts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Item<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Item<'a> {
            type Value = Facts<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Facts<'a>, M::Error> {
                let mut facts = Facts::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::Id => facts.id = map.next_value()?,
                        Name::CreatedAt => facts.created_at = map.next_value()?,
                        Name::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(facts)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Facts<'a>, S::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Facts::default())
            }
            fn visit_unit<E>(self) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<Facts<'a>, E> {
                Ok(Facts::default())
            }
        }
        deserializer.deserialize_any(Item(std::marker::PhantomData))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fact<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Value<'a> {
            type Value = Fact<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_i64<E>(self, number: i64) -> Result<Fact<'a>, E> {
                Ok(Fact::Number(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Fact<'a>, E> {
                Ok(i64::try_from(number).map_or(Fact::Nothing, Fact::Number))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Fact<'a>, E> {
                Ok(Fact::Nothing)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Fact<'a>, E> {
                Ok(Fact::Nothing)
            }
            fn visit_unit<E>(self) -> Result<Fact<'a>, E> {
                Ok(Fact::Nothing)
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Fact<'a>, E> {
                Ok(Fact::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Fact<'a>, E> {
                Ok(Fact::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fact<'a>, M::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Fact::Nothing)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Fact<'a>, S::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Fact::Nothing)
            }
        }
        deserializer.deserialize_any(Value(std::marker::PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_found_in_whatever_comes() {
        let body = r#"[{"a": [1], "id": 7, "created_at": "1970-01-01T00:00:01.999Z"}, {"id": "x"}, 3, -3, 1.5, "s", null, true, [1],
            {"id": {"a": 1}, "created_at": 5}, {"id": 18446744073709551615, "\u0069d2": 1}]"#;
        let facts: Vec<Facts<'_>> = serde_json::from_str(body).expect("a list");
        assert_eq!((facts[0].id(), facts[0].key(RangeKey::Id)), (Some(ItemId::Number(7)), Some(7)));
        assert_eq!(facts[0].key(RangeKey::CreatedAt), Some(1));
        assert_eq!((facts[1].id(), facts[1].key(RangeKey::Id)), (Some(ItemId::Text("x".into())), None));
        assert!(facts[2..].iter().all(|facts| *facts == Facts::default() || facts.id().is_none()));
        assert_eq!(facts.len(), 11);
        assert_eq!(seconds("1969-12-31T23:59:59.5Z"), Some(-1));
    }
}
