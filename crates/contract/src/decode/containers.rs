//! Options, boxes, lists and maps.

use super::traits::{Decode, ItemSeed};
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

impl<T: Decode> Decode for Option<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode_option(deserializer)
    }

    fn decode_item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        T::decode_option(deserializer).map(Some)
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::decode(deserializer).map(Box::new)
    }
}

/// A list; `null` is an empty one, and anything else that is not a list is a list of one. A `null` in it is left out,
/// unless its items may be `null`.
impl<T: Decode> Decode for Vec<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);

        impl<'de, T: Decode> Visitor<'de> for Visit<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_none<E: de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
                deserializer.deserialize_any(self)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let mut items = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(1024));
                while let Some(item) = seq.next_element_seed(ItemSeed::new())? {
                    items.extend(item);
                }
                Ok(items)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
                one(de::value::MapAccessDeserializer::new(map))
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Vec<T>, E> {
                if value.is_empty() { Ok(Vec::new()) } else { one(de::value::StrDeserializer::new(value)) }
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Vec<T>, E> {
                one(de::value::BoolDeserializer::new(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Vec<T>, E> {
                one(de::value::I64Deserializer::new(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Vec<T>, E> {
                one(de::value::U64Deserializer::new(value))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Vec<T>, E> {
                one(de::value::F64Deserializer::new(value))
            }
        }

        fn one<'de, T: Decode, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
            T::decode(deserializer).map(|item| vec![item])
        }

        deserializer.deserialize_any(Visit(PhantomData))
    }
}

/// A map; `null` is an empty one. A name whose value is `null` is left out, unless values may be `null`.
impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit<T>(PhantomData<T>);

        impl<'de, T: Decode> Visitor<'de> for Visit<T> {
            type Value = BTreeMap<String, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(BTreeMap::new())
            }

            fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(BTreeMap::new())
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                deserializer.deserialize_any(self)
            }

            // Some servers write an empty object as an empty list.
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                match seq.next_element::<IgnoredAny>()? {
                    None => Ok(BTreeMap::new()),
                    Some(_) => Err(de::Error::custom("expected an object, found a list with items")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = BTreeMap::new();
                while let Some(key) = map.next_key()? {
                    values.extend(map.next_value_seed(ItemSeed::new())?.map(|value| (key, value)));
                }
                Ok(values)
            }
        }

        deserializer.deserialize_any(Visit(PhantomData))
    }
}
