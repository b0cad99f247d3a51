//! Objects: their fields are listed once and found by name.

use super::traits::skip;
use crate::item_facts::ItemFacts;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU16, Ordering};

/// A generated object type: its fields, listed once.
pub trait Object: Default {
    /// The fields' names on the wire, sorted.
    const FIELDS: &'static [&'static str];

    /// Decodes the value of the field at a position of [`Object::FIELDS`].
    ///
    /// # Errors
    /// If the value does not fit the field's type.
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error>;

    /// The facts of the object as an item of a list; `None` if its type has no `id`.
    fn facts(&self) -> Option<ItemFacts<'_>> {
        None
    }
}

/// The order of the fields in the last object of a type that was decoded. [`object!`](crate::object) implements it.
pub trait FieldOrder: Object {
    /// For each field the field that came next; after them, the field that came first.
    fn order() -> &'static [AtomicU16];
}

/// Decodes an object type. [`object!`](crate::object) calls it.
///
/// # Errors
/// If the JSON is invalid or not an object, or a field does not fit its type.
pub fn object<'de, T: FieldOrder, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: FieldOrder> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok(T::default())
    }

    // As with maps, an empty object can arrive as an empty list.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(T::default()),
            Some(_) => Err(de::Error::custom("expected an object, found a list with items")),
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<T, M::Error> {
        let mut object = T::default();
        let order = T::order();
        // The slot after the last field holds the first one.
        let mut last = T::FIELDS.len();
        while let Some(found) = map.next_key_seed(FieldSeed { names: T::FIELDS, guess: guess(order, last) })? {
            match found {
                Some(field) => {
                    if let Some(slot) = order.get(last)
                        && usize::from(slot.load(Ordering::Relaxed)) != field
                    {
                        // A type has far fewer than 65,536 fields.
                        slot.store(field as u16, Ordering::Relaxed);
                    }
                    last = field;
                    object.set(field, &mut map)?;
                }
                None => skip(&mut map)?,
            }
        }
        Ok(object)
    }
}

fn guess(order: &[AtomicU16], last: usize) -> usize {
    order.get(last).map_or(usize::MAX, |slot| usize::from(slot.load(Ordering::Relaxed)))
}

/// Finds a field by its name: compares the guess first, then searches.
struct FieldSeed {
    names: &'static [&'static str],
    guess: usize,
}

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldSeed {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Option<usize>, E> {
        if self.names.get(self.guess).is_some_and(|guess| *guess == name) {
            return Ok(Some(self.guess));
        }
        Ok(self.names.binary_search(&name).ok())
    }
}
