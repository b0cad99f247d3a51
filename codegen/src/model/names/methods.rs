//! Names of the methods on a tag's handle: `list_project_issues` on `issues` becomes `list_for_project`.
//!
//! An operation's id is a verb and what it acts on. The handle already names the resource, so it is left out; what
//! stands before it says whose (`_for_project`) or which (`current`, `all`), what stands behind it says more
//! (`by_id`, `links`).

use super::{is_keyword, is_method, singular, words};
use std::collections::BTreeMap;

/// Verbs that operation ids begin with.
const VERBS: &[&str] = &[
    "accept", "activate", "add", "append", "apply", "approve", "archive", "assign", "authorize", "ban", "block", "cancel",
    "check", "clone", "close", "compare", "configure", "convert", "create", "deactivate", "delete", "deny", "disable",
    "discover", "download", "edit", "enable", "erase", "export", "fork", "generate", "get", "import", "invite", "keep",
    "lint", "list", "mark", "merge", "modify", "move", "override", "patch", "play", "post", "preview", "promote", "protect",
    "publish", "purge", "reassign", "rebase", "register", "reject", "remove", "renew", "reopen", "reorder", "repair",
    "request", "require", "reset", "resolve", "restore", "retry", "revoke", "rotate", "run", "schedule", "search", "set",
    "share", "star", "start", "stop", "submit", "subscribe", "sync", "take", "test", "track", "transfer", "trigger",
    "unapprove", "unarchive", "unban", "unblock", "unprotect", "unpublish", "unshare", "unstar", "unsubscribe", "update",
    "upload", "upsert", "validate", "verify", "yank",
];

/// Whose a resource can be.
const OWNERS: &[&str] = &[
    "agent", "board", "commit", "deployment", "environment", "epic", "group", "instance", "issue", "job", "merge_request",
    "milestone", "note", "package", "pipeline", "project", "release", "runner", "snippet", "user",
];

/// Words that tie a verb to its object; nothing of them is left when the object is not named.
const PREPOSITIONS: &[&str] = &["as", "for", "from", "in", "of", "on", "to", "with"];

/// Other words for a tag's resource, where operation ids use them.
const NOUNS: &[(&str, &[&str])] = &[
    ("access_tokens", &["token"]),
    ("alert_management", &["alert"]),
    ("application_settings", &["application"]),
    ("broadcast_messages", &["message"]),
    ("ci_config", &["config"]),
    ("ci_variables", &["variable"]),
    ("cluster_agents", &["agent"]),
    ("container_registry", &["registry_repository", "registry"]),
    ("draft_notes", &["draft"]),
    ("custom_attributes", &["attribute"]),
    ("discussions", &["discussion"]),
    ("external_status_checks", &["status_check"]),
    ("feature_flags", &["feature"]),
    ("import_export", &[]),
    ("job_token_scope", &["job_token"]),
    ("member_roles", &["role"]),
    ("merge_request_approvals", &["approval"]),
    ("mirrors", &["mirror"]),
    ("model_registry", &["ml_model"]),
    ("pages", &["pages"]),
    ("pipeline_triggers", &["trigger"]),
    ("registry_protection_rules", &["protection_rule"]),
    ("repository_files", &["file"]),
    ("repository_storage_moves", &["storage_move"]),
    ("resource_events", &["event"]),
    ("secure_files", &["secure_file"]),
    ("system_hooks", &["hook"]),
    ("terraform_states", &["state"]),
    ("webhooks", &["hook"]),
];

/// The name which one operation asks for.
///
/// ```
/// use glabflow_codegen::model::names::methods::wanted;
/// assert_eq!(wanted("list_project_issues", "issues"), "list_for_project");
/// assert_eq!(wanted("share_project_with_group", "projects"), "share_with_group");
/// assert_eq!(wanted("move_issue", "issues"), "move_issue");
/// ```
pub fn wanted(id: &str, tag: &str) -> String {
    let all = words(id);
    let Some((verb, rest)) = all.split_first().filter(|(verb, _)| VERBS.contains(&verb.as_str())) else {
        return id.to_owned();
    };
    let Some((start, length)) = find_noun(rest, tag) else {
        return id.to_owned();
    };
    let before: Vec<&str> = rest[..start].iter().map(String::as_str).collect();
    let behind = rest[start + length..].iter().map(String::as_str);
    let (owner, which) = split_owner(&before);
    let mut name = vec![verb.as_str()];
    name.extend(which);
    name.extend(behind);
    if !owner.is_empty() {
        name.push("for");
        name.extend(owner);
    }
    let name = name.join("_");
    if is_keyword(&name) || is_method(&name) { id.to_owned() } else { name }
}

/// Where a tag's resource is named, and by how many words; the longest name wins, then the first place.
fn find_noun(rest: &[String], tag: &str) -> Option<(usize, usize)> {
    let others = NOUNS.iter().find(|(name, _)| *name == tag).map_or(&[][..], |(_, nouns)| nouns);
    let nouns = std::iter::once(tag).chain(others.iter().copied()).map(words);
    let mut best: Option<(usize, usize)> = None;
    for noun in nouns {
        for start in 0..rest.len() {
            let Some(window) = rest.get(start..start + noun.len()) else { break };
            let same = window.iter().zip(&noun).all(|(a, b)| singular(a) == singular(b));
            if same && best.is_none_or(|(_, length)| noun.len() > length) {
                best = Some((start, noun.len()));
            }
        }
    }
    best
}

/// Splits the words before a resource into whose it is and which it is.
fn split_owner<'a>(before: &[&'a str]) -> (Vec<&'a str>, Vec<&'a str>) {
    let owner_at = |at: usize| -> usize {
        let length = |owner: &&&str| {
            let owner: Vec<&str> = owner.split('_').collect();
            let window = before.get(at..at + owner.len());
            if window.is_some_and(|window| window == owner) { owner.len() } else { 0 }
        };
        OWNERS.iter().map(|owner| length(&owner)).max().unwrap_or(0)
    };
    let (mut owner, mut which) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < before.len() {
        let length = owner_at(at);
        if length > 0 {
            owner.extend_from_slice(&before[at..at + length]);
            at += length;
        } else {
            if !PREPOSITIONS.contains(&before[at]) {
                which.push(before[at]);
            }
            at += 1;
        }
    }
    (owner, which)
}

/// The names of all methods of one handle: the wanted ones, or full ids for those who want the same.
///
/// `forced` names are taken as they are.
pub fn settle(tag: &str, operations: &[(&str, Option<&str>)]) -> Vec<String> {
    let wishes: Vec<String> =
        operations.iter().map(|(id, forced)| forced.map_or_else(|| wanted(id, tag), str::to_owned)).collect();
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for name in wishes.iter().map(String::as_str).chain(operations.iter().map(|(id, _)| *id)) {
        *count.entry(name).or_default() += 1;
    }
    let alone = |wish: &str, id: &str| count.get(wish).copied().unwrap_or(0) == if wish == id { 2 } else { 1 };
    operations
        .iter()
        .zip(&wishes)
        .map(|((id, forced), wish)| if forced.is_some() || alone(wish, id) { wish.clone() } else { (*id).to_owned() })
        .map(super::escape)
        .collect()
}
