//! Reads filters and an order from the query of a list request.

use crate::filter::{Filter, Order};
use crate::identity::Identity;
use crate::params::Params;
use crate::resource::Resource;
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::shapes::Shapes;
use glabflow_contract::DateTime;

/// The order of a request, or the default one of the kind.
pub(crate) fn order(params: &Params, kind: Kind) -> Order {
    let usual = kind.order();
    let field = params.get("order_by").map_or(usual.field, |field| match field {
        // Orders that require a search engine or a board are not supported: they use the default order.
        "similarity" | "relative_position" | "priority" | "label_priority" | "popularity" => "id".to_owned(),
        "released_at" => "created_at".to_owned(),
        "version" => "name".to_owned(),
        "user_id" => "user.id".to_owned(),
        field => field.to_owned(),
    });
    let backwards = match params.get("sort") {
        Some(sort) => sort == "desc",
        // Names are in alphabetical order by default, everything else newest first.
        None if params.get("order_by").is_some() => !matches!(field.as_str(), "name" | "path" | "title" | "username"),
        None => usual.backwards,
    };
    Order { field, backwards }
}

/// The filters of a request.
pub(crate) fn filters(
    params: &Params,
    resource: &Resource,
    shapes: &Shapes,
    caller: Option<Identity>,
) -> Result<Vec<Filter>, ErrorResponse> {
    let kind = resource.kind;
    let me = caller.map(|caller| caller.user);
    let mut filters = Vec::new();
    let mut scope = None;
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in &params.query {
        let name = name.strip_suffix("[]").unwrap_or(name);
        let (seen, value) = (names.contains(&name), value.as_str());
        names.push(name);
        if seen || value.is_empty() || matches!(value, "Any" | "None" | "any" | "none") {
            continue;
        }
        let flag = params.flag(name);
        match name {
            "page" | "per_page" | "pagination" | "cursor" | "order_by" | "sort" | "private_token" | "sudo" => {}
            "search" => filters.push(Filter::Contains(kind.searched(), value.to_lowercase())),
            "id_after" => filters.push(Filter::Above("id", whole(name, value)?)),
            "id_before" => filters.push(Filter::Below("id", whole(name, value)?)),
            "since" | "after" => filters.push(Filter::Since("created_at".into(), time(name, value)?)),
            "until" | "before" => filters.push(Filter::Until("created_at".into(), time(name, value)?)),
            "labels" => filters.push(Filter::HasAll("labels".into(), params.list("labels"))),
            "topic" => filters.push(Filter::HasAll("topics".into(), params.list("topic"))),
            "iids" => filters.push(Filter::OneOf("iid".into(), params.list("iids"))),
            "state" if value == "all" => {}
            "active" if kind == Kind::User && flag == Some(true) => is(&mut filters, "state", "active"),
            "active" if kind == Kind::Project => {
                is(&mut filters, "archived", if flag == Some(true) { "false" } else { "true" });
            }
            "blocked" if flag == Some(true) => is(&mut filters, "state", "blocked"),
            "admins" if flag == Some(true) => is(&mut filters, "is_admin", "true"),
            "external" if flag == Some(true) => is(&mut filters, "external", "true"),
            "exclude_external" if flag == Some(true) => {
                filters.push(Filter::IsNot("external".into(), "true".into()));
            }
            "exclude_active" if flag == Some(true) => filters.push(Filter::IsNot("state".into(), "active".into())),
            "two_factor" => {
                is(&mut filters, "two_factor_enabled", if value == "enabled" { "true" } else { "false" });
            }
            "owned" if flag == Some(true) => filters.push(Filter::Member(me.unwrap_or(u64::MAX), 50)),
            "membership" if flag == Some(true) => filters.push(Filter::Member(me.unwrap_or(u64::MAX), 1)),
            "min_access_level" => {
                let level = u64::try_from(whole(name, value)?).unwrap_or(0);
                filters.push(Filter::Member(me.unwrap_or(u64::MAX), level));
            }
            "top_level_only" if flag == Some(true) => filters.push(Filter::Missing("parent_id")),
            "skip_groups" => {
                filters.extend(params.list(name).into_iter().map(|id| Filter::IsNot("id".into(), id)));
            }
            "scope" => scope = Some(value),
            "author_id" => is(&mut filters, "author.id", value),
            "author_username" => is(&mut filters, "author.username", value),
            "assignee_id" => is(&mut filters, "assignee.id", value),
            "assignee_username" => is(&mut filters, "assignee.username", value),
            "milestone" => is(&mut filters, "milestone.title", value),
            "ref_name" => {}
            _ => {
                if let Some(field) = name.strip_suffix("_after") {
                    filters.push(Filter::Since(format!("{field}_at"), time(name, value)?));
                } else if let Some(field) = name.strip_suffix("_before") {
                    filters.push(Filter::Until(format!("{field}_at"), time(name, value)?));
                } else if shapes.has_plain_field(kind, name) {
                    let value = flag.filter(|_| shapes.is_flag(kind, name)).map_or(value.into(), |f| f.to_string());
                    is(&mut filters, name, &value);
                }
            }
        }
    }
    by_scope(&mut filters, params, resource, scope, me);
    Ok(filters)
}

/// What `scope` means depends on the list.
fn by_scope(filters: &mut Vec<Filter>, params: &Params, resource: &Resource, scope: Option<&str>, me: Option<u64>) {
    let me = me.map_or_else(String::new, |me| (me + 1).to_string());
    match resource.kind {
        Kind::Issue | Kind::MergeRequest => {
            // The lists of the whole instance contain the caller's own things by default.
            let own = matches!(resource.path, "/issues" | "/merge_requests");
            match scope.unwrap_or(if own { "created_by_me" } else { "all" }) {
                "created_by_me" | "created-by-me" => is(filters, "author.id", &me),
                "assigned_to_me" | "assigned-to-me" => is(filters, "assignee.id", &me),
                _ => {}
            }
        }
        Kind::Pipeline => match scope {
            Some("finished") => {
                let ends = ["success", "failed", "canceled", "skipped"];
                filters.push(Filter::OneOf("status".into(), ends.map(str::to_owned).to_vec()));
            }
            Some(status @ ("running" | "pending")) => is(filters, "status", status),
            _ => {}
        },
        Kind::Job if scope.is_some() => filters.push(Filter::OneOf("status".into(), params.list("scope"))),
        Kind::Runner => match scope {
            Some(status @ ("online" | "offline" | "stale")) => is(filters, "status", status),
            Some("paused") => is(filters, "paused", "true"),
            _ => {}
        },
        _ => {}
    }
}

fn is(filters: &mut Vec<Filter>, field: &str, value: &str) {
    filters.push(Filter::Is(field.to_owned(), value.to_owned()));
}

fn whole(name: &str, value: &str) -> Result<i64, ErrorResponse> {
    value.parse().map_err(|_| Response::error(400, format!("{name} is invalid")))
}

fn time(name: &str, value: &str) -> Result<DateTime, ErrorResponse> {
    let time = DateTime::new(value);
    if time.is_valid() { Ok(time) } else { Err(Response::error(400, format!("{name} is invalid"))) }
}
