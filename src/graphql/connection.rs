//! Connections taken out of answers: which nodes there are. They stay the JSON that came until each is decoded by itself.

use super::envelope::{At, Envelope};
use super::pager::Page;
use super::{complaints, response};
use crate::error::{Error, ErrorKind};
use crate::paging::item_facts::Facts;
use crate::send::response::Answer;
use bytes::Bytes;
use glabflow_contract::Decode;
use glabflow_contract::graphql::PageInfo;
use serde::de::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A connection, with nodes that GitLab hides from the caller as `None`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "N: Deserialize<'de>"))]
struct Connection<N> {
    #[serde(default)]
    page_info: Value,
    #[serde(default, deserialize_with = "there")]
    nodes: Option<Option<Vec<Option<N>>>>,
    #[serde(default, deserialize_with = "there")]
    edges: Option<Option<Vec<Option<Edge<N>>>>>,
}

#[derive(serde::Deserialize)]
struct Edge<N> {
    #[serde(default = "Option::default")]
    node: Option<N>,
}

/// A member that is there, also when it is `null`.
fn there<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<N> Connection<N> {
    /// The nodes; `None` when none were asked for.
    fn into_nodes(self) -> Option<Vec<Option<N>>> {
        match (self.nodes, self.edges) {
            (Some(Some(nodes)), _) => Some(nodes),
            (_, Some(Some(edges))) => Some(edges.into_iter().map(|edge| edge?.node).collect()),
            (None, None) => None,
            _ => Some(Vec::new()),
        }
    }
}

/// What the nodes of a connection that an answer has at this path say of themselves, less those that are hidden.
pub(super) fn nodes(body: &Bytes, path: &[String]) -> Option<Vec<Facts>> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let envelope = Envelope::decode(body, At::<Connection<Facts>>::new(&path)).ok()?;
    Some(envelope.data.flatten().flatten()?.into_nodes()?.into_iter().flatten().collect())
}

/// Decodes a page one item after the other.
pub(super) fn page<T>(
    answer: &Answer,
    path: &[&str],
    item: impl Fn(&[u8]) -> Result<T, serde_json::Error>,
) -> Result<Page<T>, Error> {
    let Envelope { data, errors, .. } = Envelope::open(answer, At::<Connection<Box<RawValue>>>::new(path))?;
    let complaint = (!errors.is_empty()).then(|| complaints::refused(answer, errors));
    let wrong = |what: &str| {
        let path = path.join(".");
        answer.error(ErrorKind::Decode, format!("the answer has no connection at `{path}`: {what}"))
    };
    let mut connection = match data {
        Some(Some(Some(connection))) => connection,
        Some(None) => {
            let hint = "the path are response keys, below `data`";
            return Err(wrong("nothing of that name").with_hint(Some(hint)));
        }
        Some(Some(None)) | None => return Err(complaint.unwrap_or_else(|| response::missing(answer))),
    };
    let info = std::mem::take(&mut connection.page_info);
    if !info.as_object().is_some_and(|info| info.contains_key("endCursor") && info.contains_key("hasNextPage")) {
        return Err(wrong("it has no `pageInfo { endCursor hasNextPage }`, so its end cannot be known"));
    }
    let info = PageInfo::decode(info).map_err(|_| wrong("its `pageInfo` makes no sense"))?;
    let nodes = connection.into_nodes().ok_or_else(|| wrong("it has neither `nodes` nor `edges`"))?;
    let decode = |(index, node): (usize, Option<Box<RawValue>>)| {
        // What GitLab hides from the caller comes as null.
        let node = node?;
        let text = node.get().as_bytes();
        Some(item(text).map_err(|error| answer.undecodable_item(index, text, error)))
    };
    let items = nodes.into_iter().enumerate().filter_map(decode).collect();
    Ok(Page { items, info, complaint, body: answer.body.clone() })
}
