//! Paths and the parameters in them.

use crate::ingest::rest::document::{Document, Key, Object, Operation, Parameter};
use crate::ingest::rest::report::Notes;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The root of GitLab's REST API.
pub(crate) const ROOT: &str = "/api/v4";

/// A path, or a call with one, with the names of its parameters left out.
pub(crate) fn shape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        out.push(letter);
    }
    out
}

/// The names of the parameters in a path, in order.
pub(crate) fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// A path in plain spelling.
struct Plain {
    path: String,
    /// The parameters that were written `*name`.
    wildcards: Vec<String>,
}

/// Reads the spelling of GitLab's router: `*name` takes slashes, `:name` does not, `(...)` is optional, `\` escapes.
///
/// A group without parameters is kept, as in `(-/)search`: both spellings exist, and this one is the canonical one.
/// A group with parameters is dropped: the parameters have defaults, or travel elsewhere.
fn plain(path: &str) -> Plain {
    let mut out = String::new();
    let mut wildcards = Vec::new();
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '(' => {
                let rest: String = letters.clone().take_while(|letter| *letter != ')').collect();
                // Brackets are also plain characters, as in `Packages()`.
                let optional = rest.contains(['/', '*', ':']) && letters.clone().any(|letter| letter == ')');
                if !optional {
                    out.push('(');
                    continue;
                }
                letters.by_ref().take_while(|letter| *letter != ')').for_each(drop);
                if !rest.contains(['*', ':', '{']) && rest != "/" {
                    out.push_str(&rest);
                }
            }
            '*' | ':' => {
                let mut name = String::new();
                while let Some(next) = letters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_') {
                    name.push(next);
                }
                if name.is_empty() {
                    out.push(letter);
                    continue;
                }
                out.push('{');
                out.push_str(&name);
                out.push('}');
                if letter == '*' {
                    wildcards.push(name);
                }
            }
            '{' => {
                // What is inside braces is a name already.
                out.push('{');
                out.extend(letters.by_ref().take_while(|letter| *letter != '}'));
                out.push('}');
            }
            other => out.push(other),
        }
    }
    Plain { path: out, wildcards }
}

/// A path in plain spelling below the API's root, and its wildcards.
fn spell(path: &str) -> (String, Vec<String>) {
    let Plain { mut path, wildcards } = plain(path);
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    if !path.starts_with(&format!("{ROOT}/")) && path != ROOT {
        path.insert_str(0, ROOT);
    }
    while path.ends_with('/') {
        path.pop();
    }
    (path, wildcards)
}

pub(super) fn spelling(document: &mut Document, notes: &mut Notes) {
    let mut operations: BTreeMap<Key, Operation> = BTreeMap::new();
    for (key, mut operation) in std::mem::take(&mut document.operations) {
        let (path, wildcards) = spell(&key.path);
        for name in &wildcards {
            mark_wildcard(&mut operation, name);
        }
        let new = Key { path, method: key.method };
        if new.path != key.path {
            notes.repaired(format!("{key} -> {}", new.path));
        }
        let mut seen = std::collections::BTreeSet::new();
        let broken = names(&new.path).any(|name| name.is_empty() || !seen.insert(name))
            || new.path.matches('{').count() != new.path.matches('}').count();
        if broken {
            notes.excluded(&key, "the path has a parameter without a name, or one name twice");
        } else if spell(&new.path).0 != new.path {
            notes.excluded(&key, "the path's marks cannot be told from plain characters");
        } else if let Entry::Vacant(place) = operations.entry(new) {
            place.insert(operation);
        } else {
            notes.excluded(&key, "the document has this call twice, in two spellings; one is kept");
        }
    }
    document.operations = operations;
}

fn mark_wildcard(operation: &mut Operation, name: &str) {
    let wildcard = ("x-gitlab-wildcard".to_owned(), json!(true));
    match operation.parameters.iter_mut().find(|parameter| parameter.name == name && parameter.location == "path") {
        Some(parameter) => {
            parameter.facts.extend([wildcard]);
        }
        None => operation.parameters.push(Parameter {
            name: name.to_owned(),
            location: "path".to_owned(),
            required: true,
            schema: json!({"type": "string"}),
            facts: Object::from_iter([wildcard]),
        }),
    }
}

pub(super) fn undeclared(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        let order: Vec<&str> = names(&key.path).collect();
        for name in &order {
            match operation
                .parameters
                .iter_mut()
                .find(|parameter| parameter.name == *name && parameter.location == "path")
            {
                Some(parameter) => parameter.required = true,
                None => {
                    notes.repaired(format!("{key}: {name}"));
                    operation.parameters.push(Parameter {
                        name: (*name).to_owned(),
                        location: "path".to_owned(),
                        required: true,
                        schema: json!({"type": "string"}),
                        facts: Object::new(),
                    });
                }
            }
        }
        // Path parameters come first, in the order of the path; a stable sort keeps the order of the others.
        operation.parameters.sort_by_key(|parameter| {
            let at = order.iter().position(|name| *name == parameter.name).filter(|_| parameter.location == "path");
            at.unwrap_or(order.len())
        });
    }
}

pub(super) fn stray(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        let known: Vec<&str> = names(&key.path).collect();
        for parameter in &mut operation.parameters {
            if parameter.location == "path" && !known.contains(&parameter.name.as_str()) {
                notes.repaired(format!("{key}: {}", parameter.name));
                parameter.location = "query".to_owned();
                // It was optional in the path, or the call could not be written at all.
                parameter.required = false;
                parameter.facts.retain(|name, value| name != "x-gitlab-wildcard" || *value != Value::Bool(true));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn router_spellings_are_normalised() {
        for (path, expected, wildcards) in [
            ("/projects/{id}/(-/)search", "/projects/{id}/-/search", &[][..]),
            ("/projects/{id}/(ref/{ref}/)trigger/pipeline", "/projects/{id}/trigger/pipeline", &[]),
            ("/x/*package_version/(*path/){file_name}", "/x/{package_version}/{file_name}", &["package_version"]),
            ("/releases/permalink/latest(/)(*suffix_path)", "/releases/permalink/latest", &[]),
            ("/v2/FindPackagesById\\(\\)", "/v2/FindPackagesById()", &[]),
            ("/v2/FindPackagesById()", "/v2/FindPackagesById()", &[]),
            (
                "/v2/Packages\\(Id='*name',Version='*version'\\)",
                "/v2/Packages(Id='{name}',Version='{version}')",
                &["name", "version"],
            ),
            ("/v2/Packages(Id='{name}',Version='{version}')", "/v2/Packages(Id='{name}',Version='{version}')", &[]),
            ("/projects/:id/x(.:format)", "/projects/{id}/x", &[]),
            ("/charts/{file_name}.tgz", "/charts/{file_name}.tgz", &[]),
            ("/nuget/v2/$metadata", "/nuget/v2/$metadata", &[]),
            ("/go/*module_name/@v/list", "/go/{module_name}/@v/list", &["module_name"]),
            ("/odd(open", "/odd(open", &[]),
        ] {
            let plain = plain(path);
            assert_eq!(
                (plain.path.as_str(), plain.wildcards.as_slice()),
                (expected, &wildcards.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()[..]),
                "{path}"
            );
        }
    }
}
