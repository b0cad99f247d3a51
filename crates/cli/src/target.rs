//! The target of a command line: an operation of the index, or a path that the index does not know.

use crate::failure::Failure;
use crate::suggest;
use glabflow_contract::Method;
use glabflow_contract::encode::percent_encode;
use glabflow_contract::index::{LazyIndex, Operation};
use glabflow_contract::query;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What to call.
#[derive(Debug)]
pub(crate) enum Target {
    /// An operation of the index.
    Known {
        /// The operation.
        operation: &'static Operation,
        /// Path parameters with values in the path, decoded.
        values: Vec<(&'static str, String)>,
        /// Placeholders of the path with another name than the parameter: the placeholder, the parameter.
        renamed: Vec<(String, &'static str)>,
        /// The query after the path, decoded.
        query: Vec<(String, String)>,
    },
    /// A path that the index does not know with this method.
    Unknown {
        /// The method.
        method: Method,
        /// The path with placeholders in braces; the rest is encoded.
        path: String,
        /// The names of the placeholders.
        placeholders: Vec<String>,
        /// The methods with which the index knows the path.
        known_as: Vec<Method>,
        /// The query after the path, decoded.
        query: Vec<(String, String)>,
    },
}

impl Target {
    /// Resolves `OPERATION`, `PATH` or `METHOD PATH`.
    pub(crate) fn resolve(index: &'static LazyIndex, words: &[String]) -> Result<Target, Failure> {
        match words {
            [word] => match operation(index, word) {
                Some(operation) => Ok(Target::operation(operation)),
                None => by_path(index, Method::Get, word),
            },
            [method_word, word] => {
                let method = method(method_word)?;
                match operation(index, word) {
                    Some(operation) if operation.method == method => Ok(Target::operation(operation)),
                    Some(operation) => Err(Failure::usage(format!(
                        "`{word}` is {} {}; omit the method, or write a path",
                        operation.method, operation.path
                    ))),
                    None => by_path(index, method, word),
                }
            }
            _ => Err(Failure::usage("an operation or a path is required")),
        }
    }

    fn operation(operation: &'static Operation) -> Target {
        Target::Known { operation, values: Vec::new(), renamed: Vec::new(), query: Vec::new() }
    }
}

fn operation(index: &'static LazyIndex, id: &str) -> Option<&'static Operation> {
    index.operations().iter().find(|operation| operation.id == id)
}

fn method(word: &str) -> Result<Method, Failure> {
    const METHODS: [Method; 6] = [Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete];
    METHODS.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(word)).ok_or_else(|| {
        let names = METHODS.map(Method::as_str);
        Failure::usage(format!("`{word}` is not an HTTP method: {}", names.join(", ")))
    })
}

fn by_path(index: &'static LazyIndex, method: Method, word: &str) -> Result<Target, Failure> {
    if word.contains("://") {
        return Err(Failure::usage("write only the path: the server is set by --url or GITLAB_URL"));
    }
    let (path, query) = word.split_once('?').unwrap_or((word, ""));
    let query = decoded_pairs(query)?;
    let path = path.trim_matches('/');
    let path = path.strip_prefix("api/v4/").unwrap_or(path);
    let path = format!("/{path}");

    let matches = |with: Method| best_match(index, with, &path);
    if let Some((operation, captures)) = matches(method) {
        let (mut values, mut renamed) = (Vec::new(), Vec::new());
        for (name, text) in captures {
            match placeholder(text) {
                Some(written) if written == name => {}
                Some(written) => renamed.push((written.to_owned(), name)),
                None => values.push((name, percent_decode(text)?)),
            }
        }
        return Ok(Target::Known { operation, values, renamed, query });
    }
    // A single word is more likely a mistyped id than an unknown path.
    if !word.contains(['/', '?']) {
        let ids = index.operations().iter().map(|operation| operation.id.as_str());
        return Err(Failure::usage(format!("there is no operation `{word}`{}", suggest::question(word, ids))).hint(
            format!("`gl operations {word}` searches; begin a path that the schema does not know with a slash"),
        ));
    }
    let others = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let known_as = others.into_iter().filter(|other| *other != method && matches(*other).is_some()).collect();
    let (path, placeholders) = literal(&path)?;
    Ok(Target::Unknown { method, path, placeholders, known_as, query })
}

/// The operation with the best match for a path, which is the one with the most literal text, and the values of its
/// parameters.
fn best_match<'p>(
    index: &'static LazyIndex,
    method: Method,
    path: &'p str,
) -> Option<(&'static Operation, Vec<(&'static str, &'p str)>)> {
    let mut best = None;
    for operation in index.operations().iter().filter(|operation| operation.method == method) {
        let mut captures = Vec::new();
        if fits(operation, &operation.path, path, &mut captures) {
            let names: usize = captures.iter().map(|(name, _)| name.len() + 2).sum();
            let rank = (operation.path.len() - names, operation.alias_of.is_none(), !operation.deprecated);
            if best.as_ref().is_none_or(|(best, _, _)| rank > *best) {
                best = Some((rank, operation, captures));
            }
        }
    }
    best.map(|(_, operation, captures)| (operation, captures))
}

/// Whether a path matches a template. Collects the value of each parameter.
fn fits<'p>(
    operation: &'static Operation,
    template: &'static str,
    path: &'p str,
    captures: &mut Vec<(&'static str, &'p str)>,
) -> bool {
    let Some((literal, after)) = template.split_once('{') else { return template == path };
    let Some(path) = path.strip_prefix(literal) else { return false };
    let Some((name, after)) = after.split_once('}') else { return false };
    let wildcard = operation.params.iter().any(|param| param.name == name && param.wildcard);
    let longest = if wildcard { path.len() } else { path.find('/').unwrap_or(path.len()) };
    let depth = captures.len();
    for end in (1..=longest).rev().filter(|end| path.is_char_boundary(*end)) {
        captures.push((name, &path[..end]));
        if fits(operation, after, &path[end..], captures) {
            return true;
        }
        captures.truncate(depth);
    }
    false
}

/// The name in `:name` or `{name}`.
fn placeholder(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix(':').or_else(|| segment.strip_prefix('{')?.strip_suffix('}'))?;
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    is_name.then_some(name)
}

/// An unknown path, ready to be sent: placeholders in braces, everything else percent-encoded.
fn literal(path: &str) -> Result<(String, Vec<String>), Failure> {
    let (mut out, mut placeholders) = (String::new(), Vec::new());
    for segment in path.split('/').skip(1) {
        out.push('/');
        if let Some(name) = placeholder(segment) {
            placeholders.push(name.to_owned());
            out.push_str(&format!("{{{name}}}"));
            continue;
        }
        if matches!(percent_decode(segment)?.as_str(), "." | "..") {
            return Err(Failure::usage("a path must not contain the segments `.` or `..`"));
        }
        // Encoded characters stay encoded.
        for (at, piece) in segment.split('%').enumerate() {
            let (done, rest) = if at == 0 { ("", piece) } else { piece.split_at(2) };
            if at > 0 {
                out.push('%');
                out.push_str(done);
            }
            percent_encode(&mut out, rest, false);
        }
    }
    Ok((out, placeholders))
}

/// Decodes `%2F` and the like.
fn percent_decode(text: &str) -> Result<String, Failure> {
    let invalid = || Failure::usage(format!("`{text}` is not percent-encoded text: write `%25` for a percent sign"));
    let is_code = |after: &str| after.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    if !text.split('%').skip(1).all(is_code) {
        return Err(invalid());
    }
    percent_decode_str(text).decode_utf8().map(Cow::into_owned).map_err(|_| invalid())
}

/// The pairs of a query string, decoded.
fn decoded_pairs(query: &str) -> Result<Vec<(String, String)>, Failure> {
    let decode = |text: &str| percent_decode(&text.replace('+', " "));
    query::pairs(query).map(|(name, value)| Ok((decode(name)?, decode(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_index::INDEX;

    fn resolve(line: &str) -> Result<Target, Failure> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Target::resolve(&INDEX, &words)
    }

    fn known(line: &str) -> (String, Vec<(String, String)>) {
        match resolve(line).unwrap() {
            Target::Known { operation, values, .. } => {
                (operation.id.clone(), values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }
            other => panic!("{line}: {other:?}"),
        }
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn operations_are_found_by_id_and_by_path() {
        for line in
            ["list_projects", "projects", "/projects/", "api/v4/projects", "get /api/v4/projects", "GET list_projects"]
        {
            assert_eq!(known(line), ("list_projects".to_owned(), vec![]), "{line}");
        }
        assert_eq!(known("POST projects").0, "create_project");
    }

    #[test]
    fn path_segments_set_parameters() {
        assert_eq!(known("projects/7"), ("get_project".to_owned(), vec![pair("id", "7")]));
        assert_eq!(known("projects/a%2Fb%20c").1, vec![pair("id", "a/b c")]);
        assert_eq!(known("projects/:id/issues"), ("list_project_issues".to_owned(), vec![]));
        assert_eq!(known("projects/{id}/issues/7").1, vec![pair("issue_iid", "7")]);
    }

    #[test]
    fn most_specific_path_wins() {
        assert_eq!(
            known("projects/1/repository/files/src/lib.rs/raw"),
            ("get_raw_file".to_owned(), vec![pair("id", "1"), pair("file_path", "src/lib.rs")])
        );
    }

    #[test]
    fn placeholder_may_have_another_name() {
        let Target::Known { renamed, .. } = resolve("projects/:project/issues").unwrap() else { panic!() };
        assert_eq!(renamed, [("project".to_owned(), "id")]);
    }

    #[test]
    fn the_query_of_a_path_is_parsed() {
        let Target::Known { query, .. } = resolve("projects?archived=false&search=a+b%2Bc").unwrap() else { panic!() };
        assert_eq!(query, [pair("archived", "false"), pair("search", "a b+c")]);
    }

    #[test]
    fn unknown_paths_are_kept() {
        let Target::Unknown { method, path, placeholders, known_as, .. } =
            resolve("DELETE new/a%2Fb/:thing/grüße").unwrap()
        else {
            panic!()
        };
        assert_eq!((method, path.as_str()), (Method::Delete, "/new/a%2Fb/{thing}/gr%C3%BC%C3%9Fe"));
        assert_eq!(placeholders, ["thing"]);
        assert_eq!(known_as, []);
        let Target::Unknown { known_as, .. } = resolve("PUT projects/1/issues").unwrap() else { panic!() };
        assert_eq!(known_as, [Method::Get]);
    }

    #[test]
    fn unknown_operations_are_explained() {
        let message = |line: &str| resolve(line).unwrap_err().to_string();
        assert_eq!(
            message("list_project"),
            "there is no operation `list_project`; did you mean one of `list_projects`, `list_project_issues`?"
        );
        assert_eq!(message("POST list_projects"), "`list_projects` is GET /projects; omit the method, or write a path");
        assert!(message("FETCH projects").starts_with("`FETCH` is not an HTTP method: GET"));
        assert!(message("https://gitlab.com/api/v4/projects").contains("--url"));
        assert!(message("new/%2e%2e/projects").contains("`..`"));
        assert!(message("projects/%").contains("percent"));
    }
}
