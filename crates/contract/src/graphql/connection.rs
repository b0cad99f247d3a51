//! Lists: pages of connections, and complete lists.

use super::walk::Walk;
use crate::decode::{self, Decode};
use crate::object;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// One page of a connection.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Connection<T> {
    /// The items, without those that GitLab hides from the caller.
    pub nodes: Vec<T>,
    /// The cursor of the end of the page, and whether there is a next page.
    pub page_info: PageInfo,
}

impl<T> Default for Connection<T> {
    fn default() -> Self {
        Connection { nodes: Vec::new(), page_info: PageInfo::default() }
    }
}

impl<T: Decode> Decode for Connection<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::decode_option(deserializer)?.unwrap_or_default())
    }

    fn decode_option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        struct Visit<T>(PhantomData<T>);
        impl<'de, T: Decode> Visitor<'de> for Visit<T> {
            type Value = Option<Connection<T>>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a connection")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut connection = Connection::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "nodes" => connection.nodes = present(&mut map)?,
                        "edges" => {
                            let edges = decode::value::<Vec<Edge<T>>, M>(&mut map)?;
                            connection.nodes = edges.into_iter().filter_map(|edge| edge.0).collect();
                        }
                        "pageInfo" => connection.page_info = decode::value(&mut map)?,
                        _ => decode::skip(&mut map)?,
                    }
                }
                Ok(Some(connection))
            }
        }
        deserializer.deserialize_any(Visit(PhantomData))
    }
}

impl<'de, T: Decode> Deserialize<'de> for Connection<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::decode(deserializer)
    }
}

/// Decodes a list without the items that GitLab hides from the caller. They arrive as `null`.
///
/// # Errors
/// If an item does not fit its type.
pub fn present<'de, T: Decode, M: MapAccess<'de>>(map: &mut M) -> Result<Vec<T>, M::Error> {
    let items = decode::value::<Vec<Option<T>>, M>(map)?;
    Ok(items.into_iter().flatten().collect())
}

/// The item of an edge.
struct Edge<T>(Option<T>);

impl<T: Decode> Decode for Edge<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Walk::new(&["node"]).deserialize(deserializer).map(Edge)
    }
}

/// A complete list in one response.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct List<T> {
    /// The items, without those that GitLab hides from the caller.
    pub items: Vec<T>,
}

impl<T: Decode> Decode for List<T> {
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::<Option<T>>::decode(deserializer)?;
        Ok(List { items: items.into_iter().flatten().collect() })
    }
}

/// The end of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageInfo {
    /// The cursor after the last item.
    pub end_cursor: Option<String>,
    /// Whether there are more items.
    pub has_next_page: bool,
}

impl crate::Object for PageInfo {
    const FIELDS: &'static [&'static str] = &["endCursor", "hasNextPage"];

    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.end_cursor = decode::value(map)?,
            1 => self.has_next_page = decode::value::<Option<bool>, M>(map)?.unwrap_or_default(),
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}

object!(PageInfo);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_omits_hidden_items() {
        let json = br#"{"count": 3, "nodes": ["a", null, "b"], "pageInfo": {"endCursor": "x", "hasNextPage": true, "new": {}}}"#;
        let page: Connection<String> = decode::from_slice(json).unwrap();
        assert_eq!(page.nodes, ["a", "b"]);
        assert_eq!(page.page_info, PageInfo { end_cursor: Some("x".into()), has_next_page: true });
        for empty in ["{}", "null", r#"{"nodes": null, "pageInfo": null}"#] {
            let page: Connection<String> = decode::from_slice(empty.as_bytes()).unwrap();
            assert!(page.nodes.is_empty() && !page.page_info.has_next_page, "{empty}");
        }
        let page: Connection<String> =
            decode::from_slice(br#"{"edges": [{"node": "a"}, null, {"node": null}]}"#).unwrap();
        assert_eq!(page.nodes, ["a"]);
    }
}
