//! Assigns the parts of a response to keys. The parts stay JSON text until the loader decodes them.

use super::documents::Unit;
use super::key::{self, Key};
use super::shape::{ITEM_KEY, Shape};
use crate::error::graphql::{GraphqlError, Segment};
use crate::graphql::envelope::{At, DecodeData};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// The part of a key, or its errors.
pub(super) type Found = Result<Option<Arc<str>>, Vec<GraphqlError>>;

/// The value of a unit's field.
#[derive(Debug, Default)]
pub(super) enum Part {
    /// It does not exist, or this token may not see it.
    #[default]
    Null,
    One(Box<RawValue>),
    /// The items of a list; `null` for hidden ones.
    List(Vec<Box<RawValue>>),
}

/// Decodes the data of a response: the parts of these units, in their order.
pub(super) struct Parts<'a>(pub(super) &'a [Unit]);

impl DecodeData for Parts<'_> {
    type Data = Option<Vec<Part>>;

    fn decode<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Data, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Parts<'_> {
    type Value = Option<Vec<Part>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the keys' aliases")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut parts: Vec<Part> = self.0.iter().map(|_| Part::Null).collect();
        while let Some(alias) = map.next_key::<String>()? {
            let index = alias.strip_prefix('k').and_then(|index| index.parse::<usize>().ok());
            match index.and_then(|index| self.0.get(index).zip(parts.get_mut(index))) {
                Some((unit, part)) => {
                    let below: Vec<&str> = unit.shape.steps.iter().skip(1).map(|step| step.field.as_str()).collect();
                    *part = match unit.shape.list {
                        Some(_) => {
                            let list = map.next_value_seed(At::<Nodes>::new(&below))?.flatten();
                            list.and_then(|list| list.nodes).map_or(Part::Null, Part::List)
                        }
                        None => map.next_value_seed(At::new(&below))?.flatten().map_or(Part::Null, Part::One),
                    };
                }
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(parts))
    }
}

/// The items of a list, if it has any.
#[derive(serde::Deserialize)]
struct Nodes {
    nodes: Option<Vec<Box<RawValue>>>,
}

/// The key in an item of a list, and the item without it; `None` if it has no key.
fn keyed(item: &str) -> Option<(Value, Arc<str>)> {
    let (key, rest) = first_key(item).or_else(|| any_key(item))?;
    (!key.is_null()).then(|| (key, rest.into()))
}

/// The key if it comes first. The document selects it first, and responses keep the order of the document.
fn first_key(item: &str) -> Option<(Value, String)> {
    let item = item.trim_start().strip_prefix('{')?.trim_start().strip_prefix('"')?;
    let value = item.strip_prefix(ITEM_KEY)?.strip_prefix('"')?.trim_start().strip_prefix(':')?;
    let mut values = serde_json::Deserializer::from_str(value).into_iter::<Value>();
    let key = values.next()?.ok()?;
    let rest = value.get(values.byte_offset()..)?.trim_start();
    Some((key, format!("{{{}", rest.strip_prefix(',').unwrap_or(rest))))
}

/// The key at any position.
fn any_key(item: &str) -> Option<(Value, String)> {
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(item).ok()?;
    let key = serde_json::from_str(fields.remove(ITEM_KEY)?.get()).ok()?;
    Some((key, serde_json::to_string(&fields).ok()?))
}

/// The results of a document's keys.
pub(super) fn results(document: &[Unit], parts: Vec<Part>, errors: &[GraphqlError]) -> Vec<((Arc<Shape>, Key), Found)> {
    let general: Vec<&GraphqlError> = errors.iter().filter(|error| error.path.is_empty()).collect();
    let mut parts = parts.into_iter();
    let mut found = Vec::new();
    for (index, unit) in document.iter().enumerate() {
        let alias = format!("k{index}");
        let is_own = |error: &&GraphqlError| matches!(error.path.first(), Some(Segment::Key(key)) if *key == alias);
        let own: Vec<&GraphqlError> = errors.iter().filter(is_own).collect();
        let part = parts.next().unwrap_or_default();
        let results = match &unit.shape.list {
            Some(_) => items(unit, part, &own, &general),
            None => {
                let value = match part {
                    Part::One(value) => Some(Arc::from(value.get())),
                    Part::Null | Part::List(_) => None,
                };
                let instead = if value.is_none() { &general[..] } else { &[] };
                let result = or_errors(own.iter().chain(instead), value);
                unit.keys.iter().map(|_| result.clone()).collect()
            }
        };
        let keys = unit.keys.iter().map(|key| (Arc::clone(&unit.shape), key.clone()));
        found.extend(keys.zip(results));
    }
    found
}

/// The value, unless there are errors.
fn or_errors<'a>(errors: impl Iterator<Item = &'a &'a GraphqlError>, value: Option<Arc<str>>) -> Found {
    let errors: Vec<_> = errors.map(|error| (*error).clone()).collect();
    if errors.is_empty() { Ok(value) } else { Err(errors) }
}

/// The results of a list's keys, in their order.
fn items(unit: &Unit, part: Part, own: &[&GraphqlError], general: &[&GraphqlError]) -> Vec<Found> {
    // The path of an error about one item: the alias, the fields below the first, `nodes`, the index.
    let place = unit.shape.steps.len() + 1;
    let mut of_item: BTreeMap<u64, Vec<&GraphqlError>> = BTreeMap::new();
    let mut of_all: Vec<&GraphqlError> = Vec::new();
    for error in own {
        match error.path.get(place) {
            Some(Segment::Index(index)) => of_item.entry(*index).or_default().push(error),
            _ => of_all.push(error),
        }
    }
    if !of_all.is_empty() {
        return unit.keys.iter().map(|_| or_errors(of_all.iter(), None)).collect();
    }
    let nodes = match part {
        Part::List(nodes) => nodes,
        Part::Null | Part::One(_) => Vec::new(),
    };
    let mut items: HashMap<String, Found> = HashMap::with_capacity(nodes.len());
    let mut missing: Vec<&GraphqlError> = Vec::new();
    for (at, node) in (0_u64..).zip(&nodes) {
        let errors = of_item.remove(&at).unwrap_or_default();
        match keyed(node.get()) {
            Some((key, item)) => {
                items.insert(key::compared(&unit.shape, &key), or_errors(errors.iter(), Some(item)));
            }
            // The item has no key, so its errors may belong to any missing key.
            None => missing.extend(errors),
        }
    }
    missing.extend(of_item.into_values().flatten().chain(general.iter().copied()));
    let of_key = |key: &Key| items.get(key.item()).cloned().unwrap_or_else(|| or_errors(missing.iter(), None));
    unit.keys.iter().map(of_key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_key_of_an_item_is_found_at_any_position() {
        for item in [
            r#"{"glabflowKey":"a/b","id":1,"n":{"x":[1.50]}}"#,
            " {\n \"glabflowKey\" : \"a\\u002fb\" ,\n \"id\": 1, \"n\": {\"x\": [1.50]} }",
            r#"{"id":1,"glabflowKey":"a/b","n":{"x":[1.50]}}"#,
            r#"{"id":1,"n":{"x":[1.50]},"glabflowKey":"a/b"}"#,
            r#"{"id":1,"n":{"x":[1.50]},"glabflow\u004bey":"a/b"}"#,
        ] {
            let (key, rest) = keyed(item).expect(item);
            assert_eq!(key, "a/b", "{item}");
            assert_eq!(serde_json::from_str::<Value>(&rest).expect(item), json!({"id": 1, "n": {"x": [1.5]}}));
            assert!(rest.contains("1.50"), "numbers keep their text: {rest}");
        }
        let (key, rest) = keyed(r#"{"glabflowKey": 7}"#).expect("a key");
        assert_eq!((key, &*rest), (json!(7), "{}"));
        for item in ["null", "1", "[]", "{}", r#"{"id":1}"#, r#"{"glabflowKey":null,"id":1}"#] {
            assert!(keyed(item).is_none(), "{item}");
        }
    }
}
