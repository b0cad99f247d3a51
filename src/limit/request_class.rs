//! Which requests a server may count together, as far as a request shows by itself.

use crate::http::prepared::Plan;
use glabflow_contract::Method;

/// What stands for a request when the limit is looked for that counts it: requests of one class have one limit.
///
/// It is the operation where there is one. GitLab counts some kinds of requests on their own, by their path; a raw request
/// to one of them has a class of its own, all others share one.
pub(super) fn class(plan: &Plan) -> &'static str {
    match plan.operation {
        "raw" => of_path(plan.method, &plan.path),
        operation => operation,
    }
}

/// Whether GitLab is known to limit such requests on their own, besides what it allows a token as a whole.
pub(super) fn is_apart(plan: &Plan) -> bool {
    of_path(plan.method, &plan.path) != "raw"
}

fn of_path(method: Method, path: &str) -> &'static str {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    // What follows the project or group, whose name may be any word.
    let rest: Vec<&str> =
        if matches!(first, "projects" | "groups") { parts.skip(1).collect() } else { parts.collect() };
    let has = |word: &str| rest.contains(&word);
    if first == "search" || has("search") {
        "search"
    } else if has("blobs") || has("raw") {
        "raw blobs"
    } else if has("archive") || rest.iter().any(|part| part.starts_with("archive.")) {
        "archives"
    } else if has("files") {
        "files"
    } else if has("export") || has("export_relations") || has("import") {
        "exports"
    } else if first == "packages" || has("packages") {
        "packages"
    } else if method == Method::Post && (has("notes") || has("discussions")) {
        "notes"
    } else {
        "raw"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_gitlab_counts_on_their_own() {
        for (path, class) in [
            ("/projects/1/issues", "raw"),
            ("/projects/search/issues", "raw"),
            ("/search", "search"),
            ("/groups/1/search", "search"),
            ("/projects/1/-/search", "search"),
            ("/projects/1/repository/files/a%2Fb/raw", "raw blobs"),
            ("/projects/1/repository/blobs/0f/raw", "raw blobs"),
            ("/projects/1/repository/files/a%2Fb", "files"),
            ("/projects/1/repository/archive.zip", "archives"),
            ("/projects/1/export/download", "exports"),
            ("/projects/1/packages", "packages"),
            ("/projects/1/issues/2/notes", "raw"),
            ("", "raw"),
        ] {
            assert_eq!(of_path(Method::Get, path), class, "{path}");
        }
        assert_eq!(of_path(Method::Post, "/projects/1/issues/2/notes"), "notes");
    }
}
