//! Permissions.

use crate::call::Call;
use crate::filter::Filter;
use crate::identity::Identity;
use crate::response::{ErrorResponse, Response};
use crate::seed::Kind;
use crate::store::Store;
use crate::world::Namespace;

/// Paths for administrators only, including everything below.
const ADMIN: [&str; 20] = [
    "/admin",
    "/application",
    "/applications",
    "/audit_events",
    "/deploy_keys",
    "/features",
    "/geo",
    "/geo_nodes",
    "/geo_sites",
    "/hooks",
    "/license",
    "/licenses",
    "/runners/all",
    "/service_accounts",
    "/sidekiq",
    "/usage_data",
    "/users/{}/custom_attributes",
    "/users/{}/emails",
    "/users/{}/impersonation_tokens",
    "/users/{}/memberships",
];
/// Paths for anonymous users, including everything below.
const OPEN: [&str; 9] = [
    "/projects",
    "/groups",
    "/users/{}",
    "/avatar",
    "/topics",
    "/templates",
    "/snippets/public",
    "/broadcast_messages",
    "/web_commits/public_key",
];
/// Parts of a project or group for maintainers only.
const SETTINGS: [&str; 7] =
    ["/hooks", "/variables", "/access_tokens", "/deploy_tokens", "/triggers", "/audit_events", "/remote_mirrors"];

/// Whether a thing is visible to a caller.
pub(crate) fn visible(store: &Store, kind: Kind, slot: u64, caller: Option<Identity>) -> bool {
    caller.is_some_and(Identity::is_admin)
        || !matches!(kind, Kind::Project | Kind::Group)
        || Filter::VisibleTo(caller.map(|caller| caller.user)).passes(&store.item(kind, slot))
}

/// Whether a list shows only the public fields.
pub(crate) fn brief_in_list(kind: Kind, call: &Call<'_>) -> bool {
    match kind {
        Kind::User => !call.is_admin(),
        Kind::Project => call.caller.is_none() || call.params.flag("simple") == Some(true),
        _ => false,
    }
}

/// Whether a single thing shows only the public fields.
pub(crate) fn brief(kind: Kind, slot: u64, call: &Call<'_>) -> bool {
    match kind {
        Kind::User => !call.is_admin() && call.caller.is_none_or(|caller| caller.user != slot),
        Kind::Project => call.caller.is_none(),
        _ => false,
    }
}

fn below(path: &str, of: &[&str]) -> bool {
    of.iter().any(|known| path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// Rejects requests for which the caller lacks permission.
pub(crate) fn check(store: &Store, call: &Call<'_>) -> Result<(), ErrorResponse> {
    let path = call.pattern;
    let read = call.operation.method.is_read();
    let Some(caller) = call.caller else {
        return match path {
            // Single users can be looked up, but not listed.
            "/users" if read && call.params.get("username").is_some() => Ok(()),
            "/users" if read => Err(Response::forbidden()),
            _ if read && below(path, &OPEN) && !below(path, &ADMIN) && !is_setting(path) => Ok(()),
            _ => Err(Response::unauthorized()),
        };
    };
    if caller.is_admin() {
        return Ok(());
    }
    if below(path, &ADMIN) {
        return Err(Response::forbidden());
    }
    if let Some(project) = call.parent(Kind::Project) {
        let level = store.access(Namespace::Project(project), caller.user);
        let needed = match (read, call.parents.last()) {
            (true, _) if is_setting(path) => 40,
            (true, _) => 0,
            // Everyone who can see a project can create issues and notes.
            (false, _) if path.contains("/issues") || path.contains("/notes") || path.contains("/award_emoji") => 10,
            (false, Some((Kind::Project, _))) if path == "/projects/{}" => {
                if call.operation.method == glabflow_contract::Method::Delete { 50 } else { 40 }
            }
            (false, _) if is_setting(path) || path.contains("/members") || path.contains("/protected_") => 40,
            (false, _) => 30,
        };
        let sees_it = needed <= 10 && visible(store, Kind::Project, project, call.caller);
        return if level >= needed || sees_it { Ok(()) } else { Err(Response::forbidden()) };
    }
    if let Some(group) = call.parent(Kind::Group) {
        let level = store.access(Namespace::Group(group), caller.user);
        let needed = match read {
            true if is_setting(path) => 50,
            true => 0,
            false if path == "/groups/{}" || is_setting(path) || path.contains("/members") => 50,
            false => 30,
        };
        return if level >= needed { Ok(()) } else { Err(Response::forbidden()) };
    }
    // Accounts are managed by administrators.
    if !read && below(path, &["/users", "/broadcast_messages", "/topics"]) {
        return Err(Response::forbidden());
    }
    Ok(())
}

fn is_setting(path: &str) -> bool {
    let mut segments = path.split('/').skip(3);
    segments.next().is_some_and(|segment| SETTINGS.iter().any(|setting| setting[1..] == *segment))
}
