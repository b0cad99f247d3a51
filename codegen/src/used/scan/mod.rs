//! Looking for operations in Rust source, token by token: macros are tokens too, and types are not known either way.

use crate::diff::source::Schemas;
use crate::method;
use crate::names;
use crate::used::query_builder;
use crate::used::tokens::{arguments, flat, is_punct, text_of, word};
use glabflow_contract::Method;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// What names in source mean; the numbers are positions in the index.
#[derive(Default)]
pub(super) struct Names {
    /// The methods of each tag's handle.
    methods: BTreeMap<String, BTreeMap<String, usize>>,
    /// The tags by the name of their handle.
    handles: BTreeMap<String, String>,
    rest_types: BTreeMap<String, usize>,
    graphql_types: BTreeMap<String, usize>,
    rest_ids: BTreeMap<String, usize>,
    graphql_ids: BTreeMap<String, usize>,
    paths: Vec<(Method, Vec<String>, usize)>,
}

/// The loaders that the client has, each with the generated operation that tells its fields.
const LOADERS: [(&str, &str); 7] = [
    ("projects_by_path", "ProjectsQuery"),
    ("projects_by_id", "ProjectsQuery"),
    ("users_by_username", "UsersQuery"),
    ("users_by_id", "UsersQuery"),
    ("groups_by_path", "GroupQuery"),
    ("groups_by_id", "GroupsQuery"),
    ("issues", "ProjectIssuesQuery"),
];

/// What a file uses.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) rest: BTreeSet<usize>,
    pub(super) graphql: BTreeSet<usize>,
    pub(super) documents: BTreeSet<String>,
    /// Files that derives name as their documents.
    pub(super) document_files: BTreeSet<String>,
}

impl Scanned {
    /// A file that is a document as a whole. Schemas are in files of this kind too, and use nothing.
    pub(super) fn document(text: String) -> Result<Self, String> {
        if graphql_parser::parse_query::<String>(&text).is_ok() {
            return Ok(Scanned { documents: BTreeSet::from([text]), ..Scanned::default() });
        }
        match graphql_parser::parse_schema::<String>(&text) {
            Ok(_) => Ok(Scanned::default()),
            Err(error) => Err(format!("neither a GraphQL document nor a schema: {error}")),
        }
    }
}

impl Names {
    pub(super) fn of(schemas: &Schemas) -> Self {
        let mut all = Names::default();
        for (at, operation) in schemas.rest.iter().flat_map(|index| &index.operations).enumerate() {
            all.handles.insert(names::handle(&operation.tag), operation.tag.clone());
            all.methods.entry(operation.tag.clone()).or_default().insert(operation.name.clone(), at);
            all.rest_types.insert(operation.rust_type.clone(), at);
            all.rest_ids.insert(operation.id.clone(), at);
            all.paths.push((operation.method, segments(&operation.path), at));
        }
        for (at, operation) in schemas.graphql.iter().flat_map(|graphql| &graphql.index.operations).enumerate() {
            all.graphql_types.insert(operation.rust_type.clone(), at);
            all.graphql_ids.insert(operation.id.clone(), at);
        }
        all
    }

    /// What a Rust file uses.
    pub(super) fn rust(&self, text: &str) -> Result<Scanned, String> {
        // A byte order mark and a `#!` line are no tokens.
        let text = text.trim_start_matches('\u{feff}');
        let text = match text.strip_prefix("#!") {
            Some(rest) if !rest.trim_start().starts_with('[') => rest.split_once('\n').map_or("", |(_, rest)| rest),
            _ => text,
        };
        let tokens = TokenStream::from_str(text).map_err(|error| format!("not Rust: {error}"))?;
        let mut file = File {
            names: self,
            found: Scanned::default(),
            held: BTreeSet::new(),
            called: BTreeSet::new(),
            loaders: BTreeSet::new(),
            has_loaders: false,
        };
        file.tokens(tokens);
        if file.has_loaders {
            file.found.graphql.append(&mut file.loaders);
        }
        // A handle that is kept in a variable: its methods may be called anywhere in the file.
        for tag in &file.held {
            let methods = self.methods.get(tag).into_iter().flatten();
            file.found.rest.extend(methods.filter(|(name, _)| file.called.contains(*name)).map(|(_, at)| at));
        }
        Ok(file.found)
    }
}

/// The parts of a path; parameters, and what `format!` puts in, are `None` of any.
fn segments(path: &str) -> Vec<String> {
    let path = path.split('?').next().unwrap_or_default();
    path.trim_matches('/')
        .split('/')
        .map(|part| if part.contains('{') { "{}".to_owned() } else { part.to_owned() })
        .collect()
}

/// The parts of a text that is the path of a raw request, read as the client reads it. Without a slash before it, what
/// begins with a parameter may be anything.
fn raw_path(text: &str) -> Option<Vec<String>> {
    let path = text.trim_start_matches('/');
    let path = path.strip_prefix("api/v4/").unwrap_or(path);
    (text.starts_with('/') || !path.starts_with('{')).then(|| segments(path))
}

/// A file while it is read.
struct File<'a> {
    names: &'a Names,
    found: Scanned,
    /// Tags whose handles are made without being called at once.
    held: BTreeSet<String>,
    /// All methods that are called on anything.
    called: BTreeSet<String>,
    /// The operations of loaders that are called like something else too.
    loaders: BTreeSet<usize>,
    /// Whether loaders are mentioned.
    has_loaders: bool,
}

impl File<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(name) => {
                    self.name(&name.to_string());
                    self.found.documents.extend(query_builder::document(&tokens[at..]));
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = text_of(&literal.to_string()) {
                        let is_document_file = is_punct(tokens.get(at.wrapping_sub(1)), '=')
                            && word(tokens.get(at.wrapping_sub(2))).is_some_and(|name| name == "query_path");
                        self.text(&text, is_document_file);
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == '.' => self.call(&tokens[at + 1..]),
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn name(&mut self, name: &str) {
        self.found.rest.extend(self.names.rest_types.get(name));
        self.found.graphql.extend(self.names.graphql_types.get(name));
        self.has_loaders |= matches!(name, "loaders" | "Loaders");
        self.held.extend(self.names.handles.get(name).cloned());
    }

    /// What follows a dot: `projects().list(`, or `get("/projects")`.
    fn call(&mut self, tokens: &[TokenTree]) {
        let (Some(name), Some(given)) = (word(tokens.first()), arguments(tokens.get(1))) else { return };
        self.called.insert(name.clone());
        self.loader(&name, &given);
        self.raw(&name, given.clone());
        let Some(methods) = self.names.methods.get(&name).filter(|_| given.is_empty()) else { return };
        let next = is_punct(tokens.get(2), '.').then(|| word(tokens.get(3))).flatten();
        match next.and_then(|next| methods.get(&next)) {
            Some(at) => {
                self.found.rest.insert(*at);
            }
            None => {
                self.held.insert(name);
            }
        }
    }

    /// A loader that is there already: `loaders().projects_by_path()`.
    fn loader(&mut self, name: &str, given: &TokenStream) {
        let operation = LOADERS.iter().find(|(loader, _)| *loader == name && given.is_empty());
        let Some(at) = operation.and_then(|(_, operation)| self.names.graphql_types.get(*operation)) else { return };
        // The handle of REST issues is called like a loader.
        if name == "issues" {
            self.loaders.insert(*at);
        } else {
            self.found.graphql.insert(*at);
        }
    }

    /// A request by its path: `get("projects")`, `raw(Method::Get, "/api/v4/projects")`.
    fn raw(&mut self, name: &str, given: TokenStream) {
        let words: Vec<String> = flat(given.clone());
        let method = match name {
            "raw" => words.iter().find_map(|word| method::parse(word)),
            name => method::parse(name),
        };
        let path = words.iter().find_map(|word| raw_path(&text_of(word)?));
        let (Some(method), Some(path)) = (method, path) else { return };
        let fits = |known: &[String]| {
            known.len() == path.len() && known.iter().zip(&path).all(|(a, b)| a == b || a == "{}" || b == "{}")
        };
        // A path that is written out is the operation of that path, and not one with a parameter in its place.
        let fitting: Vec<_> =
            self.names.paths.iter().filter(|(verb, known, _)| *verb == method && fits(known)).collect();
        let exact = fitting.iter().filter(|(_, known, _)| *known == path).map(|(_, _, at)| *at).next();
        match exact {
            Some(at) => self.found.rest.extend([at]),
            None => self.found.rest.extend(fitting.iter().map(|(_, _, at)| *at)),
        }
    }

    fn text(&mut self, text: &str, is_document_file: bool) {
        if is_document_file {
            self.found.document_files.insert(text.to_owned());
        }
        // A single word is too common a text to mean an operation.
        if text.contains('_') {
            self.found.rest.extend(self.names.rest_ids.get(text));
            self.found.graphql.extend(self.names.graphql_ids.get(text));
        }
        let start = text.trim_start();
        let is_document =
            ["query", "mutation", "subscription", "fragment", "{", "#"].iter().any(|word| start.starts_with(word));
        if is_document && text.contains('{') && graphql_parser::parse_query::<String>(text).is_ok() {
            self.found.documents.insert(text.to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
