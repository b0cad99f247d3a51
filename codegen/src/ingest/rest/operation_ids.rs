//! Names: words of identifiers, and an operation's id from its method and path.

use crate::names::verbs::is_action;
use glabflow_contract::Method;

/// The lower-case words of a name: `Packages: Debian`, `packagesDebian` and `packages_debian` have the same.
pub(crate) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            open = false;
            continue;
        }
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        // A capital begins a word after a small letter, and as the last of several capitals before one.
        let begins = letter.is_ascii_uppercase()
            && (before.is_some_and(|before| before.is_ascii_lowercase() || before.is_ascii_digit())
                || (before.is_some_and(|before| before.is_ascii_uppercase())
                    && after.is_some_and(char::is_ascii_lowercase)));
        match words.last_mut().filter(|_| open && !begins) {
            Some(word) => word.push(letter.to_ascii_lowercase()),
            None => words.push(letter.to_ascii_lowercase().to_string()),
        }
        open = true;
    }
    words
}

/// A name in snake_case.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// A name in PascalCase.
pub(crate) fn pascal(name: &str) -> String {
    let capitalised = words(name).into_iter().map(|word| word[..1].to_ascii_uppercase() + &word[1..]);
    capitalised.collect()
}

/// Whether a name is in snake_case and begins with a letter.
pub(crate) fn is_snake(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && snake(name) == name
}

/// One of what a word means several of.
pub(crate) fn singular(word: &str) -> String {
    const SAME: [&str; 8] =
        ["news", "series", "kubernetes", "settings", "statistics", "analytics", "metadata", "status"];
    if SAME.iter().any(|same| word.ends_with(same)) {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for (ending, kept) in [("sses", 2), ("shes", 2), ("ches", 2), ("xes", 1), ("uses", 2), ("ases", 3)] {
        if word.ends_with(ending) {
            // `aliases` and `statuses` lose `es`, `releases` and `databases` lose `s`.
            let whole = ending == "ases" && !word.ends_with("aliases");
            let cut = if whole { word.len() - 1 } else { word.len() - ending.len() + kept };
            let cut = if ending == "ases" && !whole { word.len() - 2 } else { cut };
            return word[..cut].to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Ids for an operation, the best first; the last ones are long but differ for each call.
pub(crate) fn operation_ids(method: Method, path: &str, lists: bool) -> Vec<String> {
    let segments: Vec<&str> = path
        .trim_start_matches("/api/v4")
        .split('/')
        .filter(|segment| !segment.is_empty() && *segment != "-")
        .collect();
    let is_parameter = |segment: &&str| segment.starts_with('{') && segment.ends_with('}');
    let action = segments
        .last()
        .filter(|last| segments.len() > 1 && !is_parameter(last))
        .map(|last| snake(last))
        .filter(|last| is_action(last) && method != Method::Delete);
    let nouns = if action.is_some() { &segments[..segments.len() - 1] } else { &segments[..] };
    let last_noun = nouns.iter().rposition(|segment| !is_parameter(segment));
    let mut words = Vec::new();
    for (at, segment) in nouns.iter().enumerate() {
        if is_parameter(segment) {
            continue;
        }
        let word = snake(&literal(segment));
        if word.is_empty() {
            continue;
        }
        let addressed = nouns.get(at + 1).is_some_and(is_parameter);
        let created = method == Method::Post && Some(at) == last_noun && action.is_none();
        words.push(if addressed || created { singular(&word) } else { word });
    }
    let subject = if words.is_empty() { "root".to_owned() } else { words.join("_") };
    let verb_word = match method {
        Method::Get if lists => "list",
        Method::Get => "get",
        Method::Head => "check",
        Method::Post => "create",
        Method::Put => "update",
        Method::Patch => "patch",
        Method::Delete => "delete",
    };
    let first = match &action {
        Some(action) => format!("{action}_{subject}"),
        None => format!("{verb_word}_{subject}"),
    };
    let last_parameter = segments.iter().rev().find(|segment| is_parameter(segment));
    let by_last = last_parameter.map(|parameter| format!("{first}_by_{}", snake(parameter)));
    let with_verb = action.map(|action| format!("{verb_word}_{subject}_{action}"));
    let whole = format!("{verb_word}_{}", snake(&segments.join("_")));
    let exact = format!("{}_{}", method.as_str().to_ascii_lowercase(), snake(&path.replace('-', "_dash_")));
    [Some(first), by_last, with_verb, Some(whole), Some(exact)]
        .into_iter()
        .flatten()
        .filter(|id| is_snake(id))
        .collect()
}

/// A segment without the parameters inside it: `{file_name}.tgz` is `.tgz`.
fn literal(segment: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in segment.chars() {
        match letter {
            '{' => inside = true,
            '}' => {
                inside = false;
                out.push(' ');
            }
            _ if !inside => out.push(letter),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn operation_ids_are_derived_from_method_and_path() {
        for (method, path, lists, expected) in [
            (Method::Get, "/api/v4/projects/{id}/issues", true, "list_project_issues"),
            (Method::Get, "/api/v4/projects/{id}", false, "get_project"),
            (Method::Post, "/api/v4/groups/{id}/variables", false, "create_group_variable"),
            (
                Method::Delete,
                "/api/v4/projects/{id}/repository/branches/{branch}",
                false,
                "delete_project_repository_branch",
            ),
            (Method::Post, "/api/v4/projects/{id}/star", false, "star_project"),
            (
                Method::Put,
                "/api/v4/groups/{id}/access_requests/{user_id}/approve",
                false,
                "approve_group_access_request",
            ),
            (Method::Put, "/api/v4/application/settings", false, "update_application_settings"),
            (
                Method::Get,
                "/api/v4/projects/{id}/packages/helm/{channel}/charts/{file_name}.tgz",
                false,
                "get_project_packages_helm_charts_tgz",
            ),
            (Method::Get, "/api/v4/groups/{id}/-/search", true, "search_group"),
        ] {
            assert_eq!(operation_ids(method, path, lists)[0], expected, "{path}");
        }
    }

    #[test]
    fn plurals_become_singulars() {
        for (many, one) in [
            ("issues", "issue"),
            ("policies", "policy"),
            ("branches", "branch"),
            ("statuses", "status"),
            ("aliases", "alias"),
            ("releases", "release"),
            ("databases", "database"),
            ("boxes", "box"),
            ("access", "access"),
            ("dns", "dn"),
            ("settings", "settings"),
            ("compass", "compass"),
            ("status", "status"),
            ("s", ""),
            ("variables", "variable"),
        ] {
            assert_eq!(singular(many), one, "{many}");
        }
    }

    proptest! {
        #[test]
        fn snake_case_is_stable(name in ".{0,40}") {
            let once = snake(&name);
            prop_assert_eq!(snake(&once), once.clone());
            prop_assert!(once.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
            let _ = (pascal(&name), singular(&name));
        }
    }
}
