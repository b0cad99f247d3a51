//! The trait of types that decode, and the seeds that serde needs for it.

use crate::item_facts::ItemFacts;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A type that decodes from what GitLab sends, on any thread.
pub trait Decode: Sized + Send + 'static {
    /// Decodes a value.
    ///
    /// # Errors
    /// If the JSON is invalid, or does not fit this type.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// Decodes a value that may be `null`.
    ///
    /// # Errors
    /// As for [`Decode::decode`].
    fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Decode> Visitor<'de> for Visit<T> {
            type Value = Option<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }
            fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
            fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
                Ok(None)
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                T::decode(deserializer).map(Some)
            }
        }
        deserializer.deserialize_option(Visit(PhantomData))
    }

    /// Decodes an item of a list or a value of a map; `None` for a `null` without meaning.
    ///
    /// # Errors
    /// As for [`Decode::decode`].
    fn decode_item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::decode_option(deserializer)
    }

    /// The facts of the value as an item of a list; `None` if its type has no `id`.
    fn facts(&self) -> Option<ItemFacts<'_>> {
        None
    }
}

/// Decodes the next value of a map, leniently.
///
/// # Errors
/// As for [`Decode::decode`].
pub fn value<'de, T: Decode, M: MapAccess<'de>>(map: &mut M) -> Result<T, M::Error> {
    map.next_value_seed(Seed(PhantomData))
}

/// Skips the next value of a map.
///
/// # Errors
/// If the JSON is invalid.
pub fn skip<'de, M: MapAccess<'de>>(map: &mut M) -> Result<(), M::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// [`Decode`] where serde asks for a seed.
struct Seed<T>(PhantomData<T>);

impl<'de, T: Decode> DeserializeSeed<'de> for Seed<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::decode(deserializer)
    }
}

/// [`Decode::decode_item`] where serde asks for a seed.
pub(super) struct ItemSeed<T>(PhantomData<T>);

impl<T> ItemSeed<T> {
    pub(super) fn new() -> Self {
        ItemSeed(PhantomData)
    }
}

impl<'de, T: Decode> DeserializeSeed<'de> for ItemSeed<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::decode_item(deserializer)
    }
}
