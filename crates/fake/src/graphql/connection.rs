//! Pages of connections.

use super::relation::snake;
use crate::filter::{Filter, Order};
use crate::identity::Identity;
use crate::page::{read_cursor, write_cursor};
use crate::seed::Kind;
use crate::store::{Scope, Selection, Store};
use glabflow_contract::DateTime;
use glabflow_contract::graphql::cost::LIMITS;
use serde_json::{Map, Value};

/// The number of things in a connection without data.
const MADE: u64 = 3;

/// One page.
pub(super) struct Page {
    source: Source,
    /// The positions on the page.
    pub(super) start: u64,
    pub(super) end: u64,
    /// The number of things on all pages.
    pub(super) total: u64,
}

enum Source {
    Listed(Kind, Selection, Order),
    Chosen(Vec<(Kind, u64)>),
    Made(u64),
}

/// A thing on a page.
pub(super) enum Node {
    Item(Kind, u64),
    Made(u64),
}

impl Page {
    /// A page of a list of the store.
    ///
    /// # Errors
    /// If GitLab rejects an argument.
    pub(super) fn listed(
        store: &Store,
        caller: Option<Identity>,
        kind: Kind,
        scope: &Scope,
        mut filters: Vec<Filter>,
        arguments: &Map<String, Value>,
    ) -> Result<Page, String> {
        filters.extend(wanted(kind, arguments)?);
        let open = match scope {
            Scope::All => true,
            Scope::Within(above, _) => *above == Kind::Group || *above == Kind::User,
        };
        if open && !caller.is_some_and(Identity::is_admin) {
            filters.push(Filter::VisibleTo(caller.map(|caller| caller.user)));
        }
        let order = order(store, kind, arguments);
        let selection = store.select(kind, scope, &filters, &order);
        let total = selection.len();
        let position = |cursor: &str| {
            let place = read_cursor(cursor)?;
            Some(selection.partition_point(|slot| store.against(kind, slot, &order, &place).is_le()))
        };
        let (start, end) = range(arguments, total, position)?;
        Ok(Page { source: Source::Listed(kind, selection, order), start, end, total })
    }

    /// A page of these things.
    pub(super) fn chosen(things: Vec<(Kind, u64)>, arguments: &Map<String, Value>) -> Result<Page, String> {
        let total = things.len() as u64;
        let (start, end) = range(arguments, total, numbered)?;
        Ok(Page { source: Source::Chosen(things), start, end, total })
    }

    /// A page of generated things.
    pub(super) fn made(seed: u64, arguments: &Map<String, Value>) -> Result<Page, String> {
        let (start, end) = range(arguments, MADE, numbered)?;
        Ok(Page { source: Source::Made(seed), start, end, total: MADE })
    }

    /// The thing at a position.
    pub(super) fn at(&self, position: u64) -> Node {
        match &self.source {
            Source::Listed(kind, selection, _) => Node::Item(*kind, selection.at(position)),
            Source::Chosen(things) => {
                let (kind, slot) = things[position as usize];
                Node::Item(kind, slot)
            }
            Source::Made(seed) => Node::Made(crate::random::mix(*seed, &[position])),
        }
    }

    /// The cursor of the thing at a position.
    pub(super) fn cursor(&self, store: &Store, position: u64) -> String {
        match &self.source {
            Source::Listed(kind, selection, order) => {
                let slot = selection.at(position);
                let value = if order.is_natural() { Value::Null } else { order.key(&store.item(*kind, slot)) };
                write_cursor(&(value, slot))
            }
            Source::Chosen(_) | Source::Made(_) => write_cursor(&(Value::Null, position)),
        }
    }
}

/// The position after the cursor of a short list.
fn numbered(cursor: &str) -> Option<u64> {
    read_cursor(cursor).map(|(_, position)| position.saturating_add(1))
}

/// The positions of a page; `position` returns the first one after a cursor.
fn range(
    arguments: &Map<String, Value>,
    total: u64,
    position: impl Fn(&str) -> Option<u64>,
) -> Result<(u64, u64), String> {
    let cursor = |name: &str| match arguments.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => position(text).map(Some).ok_or_else(|| "Please provide a valid cursor".to_owned()),
    };
    let count = |name: &str| match arguments.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => match number.as_u64() {
            Some(number) => Ok(Some(number.min(LIMITS.page_size.into()))),
            None => Err(format!("{name} must be greater than or equal to 0")),
        },
    };
    let start = cursor("after")?.unwrap_or(0).min(total);
    let end = cursor("before")?.map_or(total, |behind| behind.saturating_sub(1)).clamp(start, total);
    match (count("first")?, count("last")?) {
        (Some(_), Some(_)) => Err("Can only provide either `first` or `last`, not both".to_owned()),
        (None, Some(last)) => Ok((end.saturating_sub(last).max(start), end)),
        (first, None) => Ok((start, (start + first.unwrap_or(LIMITS.page_size.into())).min(end))),
    }
}

/// The filters in the arguments. Arguments without data are ignored.
fn wanted(kind: Kind, arguments: &Map<String, Value>) -> Result<Vec<Filter>, String> {
    let mut filters = Vec::new();
    for (name, value) in arguments {
        let texts: Vec<String> = match value {
            Value::Array(items) => items.iter().filter_map(crate::filter::text).collect(),
            Value::Null => continue,
            value => crate::filter::text(value).into_iter().collect(),
        };
        let Some(first) = texts.first().cloned() else {
            // An empty list matches nothing.
            if value.is_array() && matches!(name.as_str(), "ids" | "iids" | "fullPaths" | "usernames") {
                filters.push(Filter::OneOf("id".into(), Vec::new()));
            }
            continue;
        };
        let lower = || texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>();
        let one_of = |field: &str, texts: Vec<String>| Filter::OneOf(field.to_owned(), texts);
        let time = |field: &str, since: bool| {
            let at = DateTime::new(&first);
            if since { Filter::Since(field.to_owned(), at) } else { Filter::Until(field.to_owned(), at) }
        };
        filters.push(match name.as_str() {
            "state" | "status" | "statuses" | "visibility" => {
                if first.eq_ignore_ascii_case("all") {
                    continue;
                }
                one_of(if name.starts_with("status") { "status" } else { name }, lower())
            }
            "search" | "searchTerm" | "searchTitle" => Filter::Contains(kind.searched(), first.to_lowercase()),
            "ids" => {
                let numbers = texts.iter().map(|id| id.rsplit('/').next().unwrap_or(id).to_owned());
                one_of("id", numbers.collect())
            }
            "iid" | "iids" => one_of("iid", texts),
            "fullPaths" if texts.len() > 50 => {
                return Err("fullPaths is too long (maximum is 50)".to_owned());
            }
            "fullPaths" => one_of(if kind == Kind::Group { "full_path" } else { "path_with_namespace" }, texts),
            "username" | "usernames" if kind == Kind::User => one_of("username", texts),
            "username" if kind == Kind::Pipeline => Filter::Is("user.username".into(), first),
            "authorUsername" => Filter::Is("author.username".into(), first),
            "assigneeUsername" | "assigneeUsernames" => one_of("assignee.username", texts),
            "labelName" | "labels" => Filter::HasAll("labels".into(), texts),
            "milestoneTitle" => one_of("milestone.title", texts),
            "title" | "name" | "ref" | "sha" | "source" | "draft" | "confidential" | "key" => {
                let field = match (kind, name.as_str()) {
                    (Kind::ProjectLabel | Kind::GroupLabel, "title") => "name",
                    (_, name) => name,
                };
                Filter::Is(field.to_owned(), first)
            }
            "sourceBranches" => one_of("source_branch", texts),
            "targetBranches" => one_of("target_branch", texts),
            "createdAfter" => time("created_at", true),
            "createdBefore" => time("created_at", false),
            "updatedAfter" => time("updated_at", true),
            "updatedBefore" => time("updated_at", false),
            "archived" if kind == Kind::Project => match first.as_str() {
                "ONLY" => Filter::Is("archived".into(), "true".into()),
                "EXCLUDE" => Filter::Is("archived".into(), "false".into()),
                _ => continue,
            },
            _ => continue,
        });
    }
    Ok(filters)
}

/// The order of `sort`, if the things have such a field.
fn order(store: &Store, kind: Kind, arguments: &Map<String, Value>) -> Order {
    let order = arguments.get("sort").and_then(Value::as_str).and_then(|sort| {
        let sort = sort.to_lowercase();
        let (field, way) = sort.rsplit_once('_')?;
        let field = match field {
            "created" => "created_at",
            "updated" => "updated_at",
            "released" => "released_at",
            "merged" => "merged_at",
            "closed" => "closed_at",
            other => other,
        };
        let order = Order { field: snake(field), backwards: way == "desc" };
        let known = order.is_natural() || store.shapes.has(kind, &order.field);
        (known && matches!(way, "asc" | "desc")).then_some(order)
    });
    order.unwrap_or_else(|| kind.order())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(arguments: &Value) -> Result<(u64, u64), String> {
        range(arguments.as_object().unwrap(), 250, |cursor| cursor.parse().ok())
    }

    #[test]
    fn pages_are_read_from_both_ends() {
        assert_eq!(of(&json!({})), Ok((0, 100)));
        assert_eq!(of(&json!({ "first": 20, "after": "40" })), Ok((40, 60)));
        assert_eq!(of(&json!({ "first": 1000, "after": "200" })), Ok((200, 250)));
        assert_eq!(of(&json!({ "last": 10 })), Ok((240, 250)));
        assert_eq!(of(&json!({ "last": 10, "before": "6" })), Ok((0, 5)));
        assert_eq!(of(&json!({ "first": 10, "after": "9999" })), Ok((250, 250)));
        for wrong in [json!({ "first": 1, "last": 1 }), json!({ "first": -1 }), json!({ "after": "x" })] {
            assert!(of(&wrong).is_err(), "{wrong}");
        }
    }
}
