//! Decodes a value from within objects that have no type of their own.

use crate::decode::Decode;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// Follows a path of response keys, then decodes.
pub(super) struct Walk<T> {
    path: &'static [&'static str],
    output: PhantomData<T>,
}

impl<T> Walk<T> {
    pub(super) fn new(path: &'static [&'static str]) -> Self {
        Walk { path, output: PhantomData }
    }
}

impl<'de, T: Decode> DeserializeSeed<'de> for Walk<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        if self.path.is_empty() { T::decode_option(deserializer) } else { deserializer.deserialize_any(self) }
    }
}

impl<'de, T: Decode> Visitor<'de> for Walk<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path {
            [key, ..] => write!(f, "an object with `{key}`"),
            [] => f.write_str("a value"),
        }
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Option<T>, M::Error> {
        let mut output = None;
        while let Some(key) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((first, rest)) if *first == key => {
                    output = map.next_value_seed(Walk::new(rest))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(output)
    }
}
