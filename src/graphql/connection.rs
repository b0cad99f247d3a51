//! Finds connections and lists in responses. Their items stay JSON text until each is decoded by itself.

use super::envelope::{At, Envelope};
use super::pager::Page;
use super::{complaints, response};
use crate::error::{Error, ErrorKind};
use crate::paging::item_facts::ItemFacts;
use crate::send::response::RawResponse;
use bytes::Bytes;
use glabflow_contract::Decode;
use glabflow_contract::graphql::PageInfo;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A connection. Nodes that GitLab hides from the caller are `None`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "N: Deserialize<'de>"))]
struct Connection<N> {
    #[serde(default)]
    page_info: Value,
    #[serde(default, deserialize_with = "present")]
    nodes: Option<Option<Vec<Option<N>>>>,
    #[serde(default, deserialize_with = "present")]
    edges: Option<Option<Vec<Option<Edge<N>>>>>,
}

#[derive(serde::Deserialize)]
struct Edge<N> {
    #[serde(default = "Option::default")]
    node: Option<N>,
}

/// Distinguishes a member that is `null` from one that is missing.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<N> Connection<N> {
    /// The nodes; `None` if the document does not select them.
    fn into_nodes(self) -> Option<Vec<Option<N>>> {
        match (self.nodes, self.edges) {
            (Some(Some(nodes)), _) => Some(nodes),
            (_, Some(Some(edges))) => Some(edges.into_iter().map(|edge| edge?.node).collect()),
            (None, None) => None,
            _ => Some(Vec::new()),
        }
    }
}

/// The facts of the nodes of the connection at this path, without hidden nodes.
pub(super) fn nodes(body: &Bytes, path: &[String]) -> Option<Vec<ItemFacts>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let envelope = Envelope::decode(body, At::<Connection<ItemFacts>>::new(&path)).ok()?;
    Some(envelope.data.flatten().flatten()?.into_nodes()?.into_iter().flatten().collect())
}

/// Decodes the connection at a path as a page. Each item is decoded by itself.
pub(super) fn page<T>(
    response: &RawResponse,
    path: &[&str],
    item: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Result<Page<T>, Error> {
    let (mut connection, errors) = value_at::<Connection<Box<RawValue>>>(response, path, "connection")?;
    let wrong = |what: &str| {
        let path = path.join(".");
        response.error(ErrorKind::Decode, format!("the connection at `{path}` {what}"))
    };
    let info = std::mem::take(&mut connection.page_info);
    let has_info =
        info.as_object().is_some_and(|info| info.contains_key("endCursor") && info.contains_key("hasNextPage"));
    let (info, nodes) = match (has_info, connection.into_nodes()) {
        (true, Some(nodes)) => (Some(PageInfo::decode(info).map_err(|_| wrong("has an invalid `pageInfo`"))?), nodes),
        // The errors say why something is missing.
        _ if errors.is_some() => (None, Vec::new()),
        (false, _) => return Err(wrong("has no `pageInfo { endCursor hasNextPage }`, so its end is unknown")),
        (true, None) => return Err(wrong("has neither `nodes` nor `edges`")),
    };
    Ok(Page { items: items(response, nodes, item), info, errors, body: response.body.clone() })
}

/// Decodes the list at a path as the only page. Each item is decoded by itself.
pub(super) fn list<T>(
    response: &RawResponse,
    path: &[&str],
    item: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Result<Page<T>, Error> {
    let (nodes, errors) = value_at::<Vec<Option<Box<RawValue>>>>(response, path, "list")?;
    let items = items(response, nodes, item);
    Ok(Page { items, info: Some(PageInfo::default()), errors, body: response.body.clone() })
}

/// The value at a path, and the errors of the response.
fn value_at<T: DeserializeOwned>(
    response: &RawResponse,
    path: &[&str],
    what: &str,
) -> Result<(T, Option<Error>), Error> {
    let Envelope { data, errors, .. } = Envelope::open(response, At::<T>::new(path))?;
    let errors = (!errors.is_empty()).then(|| complaints::rejected(response, errors));
    match data {
        Some(Some(Some(value))) => Ok((value, errors)),
        Some(None) => {
            let text = format!("the response has no {what} at `{}`", path.join("."));
            Err(response.error(ErrorKind::Decode, text).with_hint(Some("the path has the response keys below `data`")))
        }
        Some(Some(None)) | None => Err(errors.unwrap_or_else(|| response::missing(response))),
    }
}

/// Decodes nodes. GitLab returns `null` for those that the caller may not see.
fn items<T>(
    response: &RawResponse,
    nodes: Vec<Option<Box<RawValue>>>,
    item: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Vec<Result<T, Error>> {
    let decode = |(index, node): (usize, Option<Box<RawValue>>)| {
        let node = node?;
        let text = node.get().as_bytes();
        Some(item(text).map_err(|error| response.undecodable_item(index, text, error)))
    };
    nodes.into_iter().enumerate().filter_map(decode).collect()
}
