//! The id of an item and the time of its creation, for every type of item.

use crate::resume_token::ItemId;
use glabflow_contract::{self as contract, DateTime, RangeKey};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// The id of an item and the second of its creation, if it has them.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ItemFacts {
    pub(crate) id: Option<ItemId>,
    created_at: Option<i64>,
}

/// The name of a member.
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Name {
    Id,
    CreatedAt,
    #[serde(other)]
    Other,
}

/// A number or a text; every other value is `Nothing`.
enum Fact<'a> {
    Nothing,
    Number(i64),
    Text(Cow<'a, str>),
}

impl ItemFacts {
    /// The facts of a decoded item.
    pub(crate) fn of(item: contract::ItemFacts<'_>) -> Self {
        ItemFacts { id: item.id.map(ItemId::from), created_at: item.created_at.and_then(second_of) }
    }

    /// The key of the item in a list that is split by this key: its id, or the second of its creation.
    pub(crate) fn key(&self, key: RangeKey) -> Option<i64> {
        match (key, &self.id) {
            (RangeKey::Id, Some(ItemId::Number(id))) => Some(*id),
            (RangeKey::Id, _) => None,
            (RangeKey::CreatedAt, _) => self.created_at,
        }
    }
}

/// The second of a time, counted from 1970.
pub(crate) fn seconds(time: &str) -> Option<i64> {
    second_of(&DateTime::new(time))
}

fn second_of(time: &DateTime) -> Option<i64> {
    i64::try_from(time.unix_nanos()?.div_euclid(1_000_000_000)).ok()
}

impl<'de> Deserialize<'de> for ItemFacts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Item;
        impl<'de> Visitor<'de> for Item {
            type Value = ItemFacts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an item")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<ItemFacts, M::Error> {
                let mut facts = ItemFacts::default();
                while let Some(name) = map.next_key()? {
                    match name {
                        Name::Id => {
                            facts.id = match map.next_value()? {
                                Fact::Nothing => None,
                                Fact::Number(id) => Some(ItemId::Number(id)),
                                Fact::Text(id) => Some(ItemId::Text(id.into_owned())),
                            }
                        }
                        Name::CreatedAt => {
                            facts.created_at = match map.next_value()? {
                                Fact::Text(time) => seconds(&time),
                                Fact::Nothing | Fact::Number(_) => None,
                            }
                        }
                        Name::Other => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(facts)
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<ItemFacts, S::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(ItemFacts::default())
            }
            fn visit_unit<E>(self) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
            fn visit_str<E>(self, _: &str) -> Result<ItemFacts, E> {
                Ok(ItemFacts::default())
            }
        }
        deserializer.deserialize_any(Item)
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
    fn facts_are_read_from_any_json() {
        let body = r#"[{"a": [1], "id": 7, "created_at": "1970-01-01T00:00:01.999Z"}, {"id": "x"}, 3, -3, 1.5, "s", null, true, [1],
            {"id": {"a": 1}, "created_at": 5}, {"id": 18446744073709551615, "\u0069d2": 1}]"#;
        let facts: Vec<ItemFacts> = serde_json::from_str(body).expect("a list");
        assert_eq!((facts[0].id.clone(), facts[0].key(RangeKey::Id)), (Some(ItemId::Number(7)), Some(7)));
        assert_eq!(facts[0].key(RangeKey::CreatedAt), Some(1));
        assert_eq!((facts[1].id.clone(), facts[1].key(RangeKey::Id)), (Some(ItemId::Text("x".into())), None));
        assert!(facts[2..].iter().all(|facts| *facts == ItemFacts::default() || facts.id.is_none()));
        assert_eq!(facts.len(), 11);
        assert_eq!(seconds("1969-12-31T23:59:59.5Z"), Some(-1));
    }
}
