//! Names of the methods on a tag's handle: `list_project_issues` on `issues` becomes `list_for_project`.
//!
//! An operation's id is a verb and what it acts on. The handle already names the resource, so it is left out; what
//! stands before it says whose (`_for_project`) or which (`current`, `all`), what stands behind it says more
//! (`by_id`, `links`).

use super::verbs::is_verb;
use super::{is_keyword, is_method, singular, words};
use std::collections::BTreeMap;

/// Whose a resource can be.
const OWNERS: &[&str] = &[
    "agent",
    "board",
    "commit",
    "current_user",
    "deployment",
    "environment",
    "epic",
    "group",
    "instance",
    "issue",
    "job",
    "merge_request",
    "milestone",
    "note",
    "package",
    "pipeline",
    "project",
    "release",
    "runner",
    "snippet",
    "user",
];

/// Words that tie a verb to its object; nothing of them is left when the object is not named.
const PREPOSITIONS: &[&str] = &["as", "by", "for", "from", "in", "of", "on", "to", "with"];

/// Other words for a tag's resource, where operation ids use them.
const NOUNS: &[(&str, &[&str])] = &[
    ("access_tokens", &["token"]),
    ("alert_management", &["alert"]),
    ("application_settings", &["application"]),
    ("boards", &["issue_board"]),
    ("broadcast_messages", &["message"]),
    ("ci_config", &["config"]),
    ("ci_variables", &["variable"]),
    ("cluster_agents", &["agent"]),
    ("container_registry", &["registry_repository", "registry"]),
    ("draft_notes", &["draft"]),
    ("custom_attributes", &["attribute"]),
    ("external_status_checks", &["status_check"]),
    ("feature_flags", &["feature"]),
    ("job_token_scope", &["job_token"]),
    ("member_roles", &["role"]),
    ("merge_request_approvals", &["approval"]),
    ("mirrors", &["mirror"]),
    ("model_registry", &["ml_model"]),
    ("pipeline_triggers", &["trigger"]),
    ("registry_protection_rules", &["protection_rule"]),
    ("repository_files", &["file"]),
    ("repository_storage_moves", &["storage_move"]),
    ("resource_events", &["event"]),
    ("system_hooks", &["hook"]),
    ("terraform_states", &["state"]),
    ("webhooks", &["hook", "webhook"]),
    ("wikis", &["wiki_page"]),
];

/// The name which one operation asks for.
///
/// ```
/// use glabflow_codegen::names::methods::wanted;
/// assert_eq!(wanted("list_project_issues", "issues"), "list_for_project");
/// assert_eq!(wanted("share_project_with_group", "projects"), "share_with_group");
/// assert_eq!(wanted("move_issue", "issues"), "move_issue");
/// ```
pub fn wanted(id: &str, tag: &str) -> String {
    let all = words(id);
    let Some((verb, rest)) = split_verb(&all) else {
        return id.to_owned();
    };
    let Some((start, length)) = find_noun(rest, tag) else {
        return id.to_owned();
    };
    let before: Vec<&str> = rest[..start].iter().map(String::as_str).collect();
    let Some((owner, mut which)) = split_owner(&before) else {
        return id.to_owned();
    };
    // The tag says `custom` already when it is about custom attributes.
    let tag_words = words(tag);
    which.retain(|word| !tag_words.iter().any(|said| said == word));
    let behind = rest[start + length..].iter().map(String::as_str);
    let mut name = vec![verb.join("_")];
    name.extend(which.into_iter().chain(behind).map(str::to_owned));
    if !owner.is_empty() {
        name.push("for".to_owned());
        name.extend(owner.into_iter().map(str::to_owned));
    }
    let name = name.join("_");
    if is_keyword(&name) || is_method(&name) { id.to_owned() } else { name }
}

/// Splits an id into its verb, which may be two words, and the rest.
fn split_verb(words: &[String]) -> Option<(&[String], &[String])> {
    (1..=words.len().min(2)).map(|length| words.split_at(length)).find(|(verb, _)| is_verb(&verb.join("_")))
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

/// Splits the words before a resource into whose it is and which it is; none where they are about something else,
/// as in `add_group_to_allowlist`.
fn split_owner<'a>(before: &[&'a str]) -> Option<(Vec<&'a str>, Vec<&'a str>)> {
    let before = match before {
        [first, rest @ ..] if PREPOSITIONS.contains(first) => rest,
        all => all,
    };
    if before.iter().any(|word| PREPOSITIONS.contains(word)) {
        return None;
    }
    let owner_at = |at: usize| -> usize {
        let lengths = OWNERS.iter().map(|owner| {
            let owner: Vec<&str> = owner.split('_').collect();
            if before.get(at..at + owner.len()).is_some_and(|window| window == owner) { owner.len() } else { 0 }
        });
        lengths.max().unwrap_or(0)
    };
    let start = (0..before.len()).find(|at| owner_at(*at) > 0).unwrap_or(before.len());
    let mut end = start;
    while end < before.len() && owner_at(end) > 0 {
        end += owner_at(end);
    }
    let which = before[..start].iter().chain(&before[end..]).copied().collect();
    Some((before[start..end].to_vec(), which))
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
        .map(crate::names::escape)
        .collect()
}
