//! The outer shape of every GraphQL response: `data`, `errors`, `extensions`.

use super::complaints;
use crate::error::graphql::GraphqlError;
use crate::error::{Error, ErrorKind};
use crate::send::response::{RawResponse, or_null};
use bytes::Bytes;
use glabflow_contract::decode;
use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// How `data` is decoded. A trait, since closures cannot take a generic deserializer.
pub(super) trait DecodeData {
    /// What `data` decodes to.
    type Data;

    /// Decodes `data`, which may be `null`.
    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Data, D::Error>;
}

/// The members of a response.
pub(super) struct Envelope<T> {
    /// The data; `None` if the response has no such member.
    pub(super) data: Option<T>,
    pub(super) errors: Vec<GraphqlError>,
    pub(super) extensions: Option<Value>,
}

impl<T> Envelope<T> {
    /// Decodes a body in one pass.
    pub(super) fn decode<C: DecodeData<Data = T>>(body: &Bytes, decoder: C) -> Result<Self, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(decode::text_of(or_null(body))?);
        let envelope = Seed(decoder).deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(envelope)
    }

    /// Decodes a response. Its errors take precedence over an unexpected shape of its data.
    pub(super) fn open<C: DecodeData<Data = T>>(response: &RawResponse, decoder: C) -> Result<Self, Error> {
        let mut envelope = match Envelope::decode(&response.body, decoder) {
            Ok(envelope) => envelope,
            Err(error) => {
                return Err(match Envelope::decode(&response.body, Ignore) {
                    Ok(Envelope { errors, .. }) if !errors.is_empty() => complaints::rejected(response, errors),
                    _ => response.undecodable(error),
                });
            }
        };
        if envelope.data.is_none() && envelope.errors.is_empty() {
            let text = "the response has neither data nor errors";
            return Err(response
                .error(ErrorKind::Decode, text)
                .with_hint(Some("this may not be a GraphQL response of GitLab; check the base URL")));
        }
        envelope.errors.iter_mut().for_each(|error| error.hide(&response.secrets));
        Ok(envelope)
    }
}

/// Skips `data`.
pub(super) struct Ignore;

impl DecodeData for Ignore {
    type Data = ();

    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        IgnoredAny::deserialize(deserializer).map(drop)
    }
}

/// Data that serde decodes.
pub(super) struct Serde<T>(std::marker::PhantomData<fn() -> T>);

impl<T> Serde<T> {
    pub(super) fn new() -> Self {
        Serde(std::marker::PhantomData)
    }
}

impl<T: DeserializeOwned> DecodeData for Serde<T> {
    type Data = Option<T>;

    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        Option::<T>::deserialize(deserializer)
    }
}

/// Data of a typed operation.
pub(super) struct Typed<T>(std::marker::PhantomData<fn() -> T>);

impl<T> Typed<T> {
    pub(super) fn new() -> Self {
        Typed(std::marker::PhantomData)
    }
}

impl<T: glabflow_contract::Decode> DecodeData for Typed<T> {
    type Data = T;

    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::decode(deserializer)
    }
}

/// The value at a path of response keys below `data`. Everything else is skipped.
pub(super) struct At<'a, T> {
    path: &'a [&'a str],
    decoded: std::marker::PhantomData<fn() -> T>,
}

impl<'a, T> At<'a, T> {
    pub(super) fn new(path: &'a [&'a str]) -> Self {
        At { path, decoded: std::marker::PhantomData }
    }
}

impl<T: DeserializeOwned> DecodeData for At<'_, T> {
    /// `None` if the path does not exist; `Some(None)` if the value or one on the way to it is `null`.
    type Data = Option<Option<T>>;

    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Data, D::Error> {
        self.deserialize(deserializer)
    }
}

impl<'de, T: DeserializeOwned> DeserializeSeed<'de> for At<'_, T> {
    type Value = Option<Option<T>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.path.is_empty() {
            Option::deserialize(deserializer).map(Some)
        } else {
            deserializer.deserialize_any(self)
        }
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for At<'_, T> {
    type Value = Option<Option<T>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.path.join("."))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(None))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<String>()? {
            match self.path.split_first() {
                Some((key, path)) if name == *key => found = map.next_value_seed(At::<T>::new(path))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

struct Seed<C>(C);

impl<'de, C: DecodeData> DeserializeSeed<'de> for Seed<C> {
    type Value = Envelope<C::Data>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, C: DecodeData> Visitor<'de> for Seed<C> {
    type Value = Envelope<C::Data>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `data` or `errors`")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut decoder = Some(self.0);
        let mut envelope = Envelope { data: None, errors: Vec::new(), extensions: None };
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "data" => match decoder.take() {
                    Some(decoder) => envelope.data = Some(map.next_value_seed(Data(decoder))?),
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
                "errors" => envelope.errors.extend(GraphqlError::read_all(map.next_value()?)),
                // Errors from layers before GraphQL have REST's shapes.
                "error" | "message" => envelope.errors.extend(GraphqlError::read_all(map.next_value()?)),
                "extensions" => envelope.extensions = map.next_value()?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(envelope)
    }
}

struct Data<C>(C);

impl<'de, C: DecodeData> DeserializeSeed<'de> for Data<C> {
    type Value = C::Data;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<C::Data, D::Error> {
        self.0.decode(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(body: &'static str) -> Result<Envelope<Option<Value>>, serde_json::Error> {
        Envelope::decode(&Bytes::from_static(body.as_bytes()), Serde::<Value>::new())
    }

    #[test]
    fn responses_of_every_shape_are_decoded() {
        for (body, has_data, errors) in [
            (r#"{"data": {"a": 1}}"#, true, 0),
            (r#"{"data": null, "errors": [{"message": "x"}]}"#, false, 1),
            (r#"{"errors": [{"message": "x"}], "data": {"a": null}}"#, true, 1),
            (r#"{"errors": "x"}"#, false, 1),
            (r#"{"error": "x", "message": "y"}"#, false, 2),
            (r#"{"data": {}, "data": [], "extensions": {"a": 1}, "new": []}"#, true, 0),
        ] {
            let envelope = decode(body).expect(body);
            assert_eq!((envelope.data.flatten().is_some(), envelope.errors.len()), (has_data, errors), "{body}");
        }
        for body in ["", "[]", "1", "\"x\"", "<html>", r#"{"data": {}"#, r#"{"data": {}} x"#] {
            assert!(decode(body).is_err(), "{body}");
        }
    }
}
