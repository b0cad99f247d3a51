//! Lenient decoding of what GitLab sends.
//!
//! Generated types do not derive serde's `Deserialize`: they list their fields once ([`Object`]) and share the
//! code below, which takes a number sent as a string, `null` for a list, a single object for a list of one,
//! missing and unknown fields. That costs less to compile than a derive and decodes as fast, because a field
//! name is first compared with the one that followed last time.

use crate::facts::Facts;
use crate::scalar::{Date, DateTime, IdOrName, Secret};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU16, Ordering};

/// A type that decodes from what GitLab sends, on whichever thread the answer came to.
pub trait Decode: Sized + Send + 'static {
    /// Decodes a value.
    ///
    /// # Errors
    /// When the JSON is broken, or its shape cannot be understood as this type.
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

    /// Decodes an item of a list or a value of a map; none for a `null` that says nothing.
    ///
    /// # Errors
    /// As for [`Decode::decode`].
    fn decode_item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::decode_option(deserializer)
    }

    /// What the value says of itself as an item of a list; `None` where its type has no `id`.
    fn facts(&self) -> Option<Facts<'_>> {
        None
    }
}

/// A generated object type: its fields, listed once.
pub trait Object: Default {
    /// The fields' names on the wire, sorted.
    const FIELDS: &'static [&'static str];

    /// Decodes the value of the field at a position of [`Object::FIELDS`].
    ///
    /// # Errors
    /// When the value cannot be understood as the field's type.
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error>;

    /// What the object says of itself as an item of a list; `None` where its type has no `id`.
    fn facts(&self) -> Option<Facts<'_>> {
        None
    }
}

/// Which field followed which when an object of a type was last decoded; [`object!`](crate::object) implements it.
pub trait FieldOrder: Object {
    /// One slot for each field, and one behind them for the field that comes first.
    fn order() -> &'static [AtomicU16];
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
/// When the JSON is broken.
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
struct ItemSeed<T>(PhantomData<T>);

impl<'de, T: Decode> DeserializeSeed<'de> for ItemSeed<T> {
    type Value = Option<T>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::decode_item(deserializer)
    }
}

/// Decodes an object type; what [`object!`](crate::object) calls.
///
/// # Errors
/// When the JSON is broken, is not an object, or a field cannot be understood.
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

    // An empty hash can come as an empty list, as it can for maps.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(T::default()),
            Some(_) => Err(de::Error::custom("expected an object, found a list with items")),
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<T, M::Error> {
        let mut object = T::default();
        let order = T::order();
        // The slot behind the last field says what comes first.
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

/// Finds a field by its name: the guess first, then by binary search.
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

/// Implements [`Decode`] for a scalar by one visitor that takes every JSON scalar.
///
/// `deserialize_any` lets the visitor see what really came; an empty string stands for nothing, as GitLab sends
/// it in some numeric fields.
macro_rules! scalar {
    ($type:ty, $expecting:literal, $($method:ident($from:ty) = $convert:expr;)+) => {
        impl Decode for $type {
            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <$type>::decode_option(deserializer)?.ok_or_else(|| de::Error::custom(concat!("expected ", $expecting, ", found null")))
            }

            fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                struct Visit;
                impl<'de> Visitor<'de> for Visit {
                    type Value = Option<$type>;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
                        Ok(None)
                    }
                    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                        Ok(None)
                    }
                    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                        deserializer.deserialize_any(self)
                    }
                    $(fn $method<E: de::Error>(self, value: $from) -> Result<Self::Value, E> {
                        let convert: fn($from) -> Result<Self::Value, String> = $convert;
                        convert(value).map_err(E::custom)
                    })+
                }
                deserializer.deserialize_any(Visit)
            }
        }
    };
}

fn whole(value: f64) -> Result<Option<i64>, String> {
    // 2^63 is the first value that does not fit.
    if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 {
        Ok(Some(value as i64))
    } else {
        Err(format!("expected a whole number, found {value}"))
    }
}

scalar! { i64, "a whole number",
    visit_i64(i64) = |value| Ok(Some(value));
    visit_u64(u64) = |value| i64::try_from(value).map(Some).map_err(|_| format!("{value} is too large"));
    visit_f64(f64) = whole;
    visit_bool(bool) = |value| Ok(Some(i64::from(value)));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).or_else(|_| match text.parse::<f64>() {
            Ok(number) => whole(number),
            Err(_) => Err(format!("expected a whole number, found \"{text}\"")),
        }),
    };
}

scalar! { f64, "a number",
    visit_i64(i64) = |value| Ok(Some(value as f64));
    visit_u64(u64) = |value| Ok(Some(value as f64));
    visit_f64(f64) = |value| Ok(Some(value));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("expected a number, found \"{text}\"")),
    };
}

scalar! { bool, "true or false",
    visit_bool(bool) = |value| Ok(Some(value));
    visit_i64(i64) = |value| Ok(Some(value != 0));
    visit_u64(u64) = |value| Ok(Some(value != 0));
    visit_str(&str) = |value| match value.trim() {
        "" => Ok(None),
        "true" | "t" | "yes" | "on" | "1" => Ok(Some(true)),
        "false" | "f" | "no" | "off" | "0" => Ok(Some(false)),
        text => Err(format!("expected true or false, found \"{text}\"")),
    };
}

/// Text-like types: any scalar has a text, and an object or a list keeps its JSON.
struct TextVisitor<T>(PhantomData<T>);

impl<'de, T: From<String> + for<'a> From<&'a str>> Visitor<'de> for TextVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Option<T>, E> {
        Ok(Some(value.into()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Option<T>, E> {
        Ok(Some(value.into()))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<T>, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<T>, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<T>, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<T>, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<T>, A::Error> {
        let value = Value::deserialize(de::value::SeqAccessDeserializer::new(seq))?;
        Ok(Some(value.to_string().into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        let value = Value::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(Some(value.to_string().into()))
    }
}

/// Decodes a text-like type; what [`open_enum!`](crate::open_enum!) calls too.
///
/// # Errors
/// When the JSON is broken.
pub fn text<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: From<String> + for<'a> From<&'a str>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(TextVisitor(PhantomData))
}

/// Implements [`Decode`] for types that are made from text.
macro_rules! text_types {
    ($($type:ty),* $(,)?) => {
        $(impl Decode for $type {
            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                text(deserializer)?.ok_or_else(|| de::Error::custom("expected text, found null"))
            }

            fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                text(deserializer)
            }
        })*
    };
}

text_types! { String, DateTime, Date, Secret }

impl Decode for IdOrName {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Number(number) if number.as_i64().is_some() => IdOrName::Id(number.as_i64().unwrap_or_default()),
            Value::String(text) => IdOrName::Name(text),
            other => IdOrName::Name(other.to_string()),
        })
    }
}

/// A JSON value that may be `null`.
pub(crate) fn value_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(if value.is_null() { None } else { Some(value) })
}

impl Decode for Value {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer)
    }

    fn decode_item<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

/// Nothing: whatever comes is ignored.
impl Decode for () {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(drop)
    }
}

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

/// A list; `null` is an empty one, and anything else that is not a list is a list of one. A `null` in it is left out, unless its
/// items may be `null`.
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
                while let Some(item) = seq.next_element_seed(ItemSeed(PhantomData))? {
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

            // Ruby and PHP proxies write an empty hash as an empty list.
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                match seq.next_element::<IgnoredAny>()? {
                    None => Ok(BTreeMap::new()),
                    Some(_) => Err(de::Error::custom("expected an object, found a list with items")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = BTreeMap::new();
                while let Some(key) = map.next_key()? {
                    values.extend(map.next_value_seed(ItemSeed(PhantomData))?.map(|value| (key, value)));
                }
                Ok(values)
            }
        }

        deserializer.deserialize_any(Visit(PhantomData))
    }
}

/// The text of a JSON document.
///
/// Checked once as a whole, it is not checked again string by string, which takes a third of the time of decoding.
///
/// # Errors
/// When the bytes are not UTF-8, which JSON is: with the place of the first string that is not.
pub fn text_of(document: &[u8]) -> Result<&str, serde_json::Error> {
    std::str::from_utf8(document).map_err(|error| {
        // The parser tells lines and columns; it does not get past what is no UTF-8 unless that stands behind the document.
        serde_json::from_slice::<Value>(document).err().unwrap_or_else(|| de::Error::custom(error))
    })
}

/// Decodes a JSON document.
///
/// # Errors
/// When the bytes are not one JSON document of a shape that can be understood as `T`.
pub fn from_slice<T: Decode>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text_of(bytes)?);
    let value = T::decode(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}
