//! Which requests a server may count together, as far as a request shows it.

use crate::http::prepared::OperationId;
use glabflow_contract::{Descriptor, Method};

/// A group of requests that the client expects to share the same limits.
///
/// It is the operation where there is one. GitLab limits some kinds of requests separately, by their path. A raw request of
/// such a kind belongs to the class of the kind; all other raw requests form one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestClass {
    pub(super) name: &'static str,
    /// Whether GitLab is known to limit such requests separately, in addition to the limit of the token.
    pub(super) has_own_limit: bool,
}

impl RequestClass {
    /// The class of a request to a path below the API root.
    pub(crate) fn of(operation: OperationId, method: Method, path: &str) -> Self {
        let kind = kind(method, path);
        let name = match operation {
            OperationId::Named(id) => id,
            OperationId::Raw => kind.unwrap_or(Descriptor::RAW),
        };
        RequestClass { name, has_own_limit: kind.is_some() }
    }
}

/// The kind of requests that GitLab limits separately.
fn kind(method: Method, path: &str) -> Option<&'static str> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    // The part after `projects` or `groups` is a name, which may be any word.
    let rest: Vec<&str> =
        if matches!(first, "projects" | "groups") { parts.skip(1).collect() } else { parts.collect() };
    let has = |word: &str| rest.contains(&word);
    if first == "search" || has("search") {
        Some("search")
    } else if has("blobs") || has("raw") {
        Some("raw blobs")
    } else if has("archive") || rest.iter().any(|part| part.starts_with("archive.")) {
        Some("archives")
    } else if has("files") {
        Some("files")
    } else if has("export") || has("export_relations") || has("import") {
        Some("exports")
    } else if first == "packages" || has("packages") {
        Some("packages")
    } else if method == Method::Post && (has("notes") || has("discussions")) {
        Some("notes")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_paths_are_limited_separately() {
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
            assert_eq!(RequestClass::of(OperationId::Raw, Method::Get, path).name, class, "{path}");
        }
        let notes = |operation| RequestClass::of(operation, Method::Post, "/projects/1/issues/2/notes");
        assert_eq!(notes(OperationId::Raw), RequestClass { name: "notes", has_own_limit: true });
        let named = RequestClass { name: "create_note", has_own_limit: true };
        assert_eq!(notes(OperationId::Named("create_note")), named);
    }
}
