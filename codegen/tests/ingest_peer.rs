//! Each endpoint of the predecessor that GitLab is known to have is one of our operations.
//!
//! `tests/fixtures/peer/rest-endpoints.json` lists all its endpoints. Each names our operation and how its path differs, or the
//! reason why there is none.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Endpoint {
    /// Method and path below `/api/v4`, as the predecessor writes them.
    call: String,
    operation: Option<String>,
    /// How the operation's path differs, if it does.
    by: Option<By>,
    /// Why no reference has it.
    unknown: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum By {
    /// `*name` for a parameter that takes slashes.
    Wildcard,
    /// `(*path/)` or `(ref/:ref/)`: an optional part, which ours omits.
    #[serde(rename = "optional group")]
    OptionalGroup,
    /// Another spelling that our overlay adds.
    Alias,
    /// An operation that our overlay adds.
    Overlay,
    /// `:slug` for a segment: we have an operation for each value.
    Slug,
    /// GitLab does not have this call. Ours does the same.
    #[serde(rename = "other call")]
    OtherCall,
}

/// Calls of the predecessor that GitLab does not have, each with the call that does the same.
const OTHER_CALLS: [(&str, &str); 4] = [
    ("GET /groups/:id/export", "GET /groups/{id}/export/download"),
    ("PUT /projects/:id/job_token_scope/:job_token_scope_id", "PATCH /projects/{id}/job_token_scope"),
    ("PUT /projects/:id/protected_branches/:id", "PATCH /projects/{id}/protected_branches/{name}"),
    ("POST /projects/:id/repository/files/", "POST /projects/{id}/repository/files/{file_path}"),
];

struct Operation {
    call: String,
    source: String,
    alias: bool,
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn endpoints() -> Vec<Endpoint> {
    let text = std::fs::read_to_string(root().join("tests/fixtures/peer/rest-endpoints.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn operations() -> BTreeMap<String, Operation> {
    let text = std::fs::read_to_string(root().join("schema/rest/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path.strip_prefix("/api/v4").unwrap();
            operations.insert(
                operation["operationId"].as_str().unwrap().to_owned(),
                Operation {
                    call: format!("{} {path}", method.to_uppercase()),
                    source: operation["x-gitlab-source"].as_str().unwrap().to_owned(),
                    alias: operation.get("x-gitlab-alias-of").is_some(),
                },
            );
        }
    }
    operations
}

/// A call with each parameter written as `{}` instead of `{name}`, `:name` or `*name`.
fn shape(call: &str) -> String {
    let mut out = String::new();
    let mut letters = call.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' => {
                letters.by_ref().take_while(|letter| *letter != '}').for_each(drop);
                out.push_str("{}");
            }
            ':' | '*' => {
                while letters.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_').is_some() {}
                out.push_str("{}");
            }
            other => out.push(other),
        }
    }
    out
}

/// A call without its optional groups.
fn without_optional_groups(call: &str) -> String {
    let mut out = String::new();
    let mut rest = call;
    while let Some((before, group)) = rest.split_once('(') {
        out.push_str(before);
        rest = group.split_once(')').map_or("", |(_, after)| after);
    }
    out + rest
}

/// Whether two shapes are equal if the last segment of the first matches any word.
fn last_segment_fits(theirs: &str, ours: &str) -> bool {
    match (theirs.rsplit_once('/'), ours.rsplit_once('/')) {
        (Some((one, "{}")), Some((other, word))) => one == other && !word.contains('{'),
        _ => false,
    }
}

#[test]
fn each_known_endpoint_of_the_peer_has_an_operation() {
    let operations = operations();
    let mut problems = Vec::new();
    for endpoint in endpoints() {
        let call = &endpoint.call;
        let Some(id) = &endpoint.operation else {
            if endpoint.unknown.is_none() {
                problems.push(format!("{call}: neither an operation nor a reason"));
            }
            continue;
        };
        let Some(ours) = operations.get(id) else {
            problems.push(format!("{call}: there is no operation {id}"));
            continue;
        };
        let (theirs_shape, ours_shape) = (shape(call), shape(&ours.call));
        let same = theirs_shape == ours_shape;
        let fits = match endpoint.by {
            None => same,
            Some(By::Wildcard) => same && call.contains('*'),
            Some(By::Alias) => same && ours.alias && ours.source == "overlay",
            Some(By::Overlay) => same && ours.source == "overlay",
            Some(By::OptionalGroup) => call.contains('(') && shape(&without_optional_groups(call)) == ours_shape,
            Some(By::Slug) => call.ends_with("/:slug") && last_segment_fits(&theirs_shape, &ours_shape),
            Some(By::OtherCall) => OTHER_CALLS.iter().any(|(theirs, real)| theirs == call && shape(real) == ours_shape),
        };
        if !fits {
            problems.push(format!("{call}: {id} is {} ({:?})", ours.call, endpoint.by));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn list_of_peer_endpoints_is_complete() {
    let endpoints = endpoints();
    let known = endpoints.iter().filter(|endpoint| endpoint.unknown.is_none()).count();
    assert_eq!((known, endpoints.len() - known), (1066, 335));
    let calls: std::collections::BTreeSet<&str> = endpoints.iter().map(|endpoint| endpoint.call.as_str()).collect();
    assert_eq!(calls.len(), endpoints.len(), "a call is listed twice");
}

#[test]
fn endpoint_without_counterpart_is_not_in_the_document() {
    let operations = operations();
    let shapes: BTreeMap<String, &String> =
        operations.iter().map(|(id, operation)| (shape(&operation.call), id)).collect();
    for endpoint in endpoints().iter().filter(|endpoint| endpoint.operation.is_none()) {
        let found = shapes.get(&shape(&endpoint.call));
        assert!(found.is_none(), "{}: the document has it as {found:?}", endpoint.call);
    }
}
