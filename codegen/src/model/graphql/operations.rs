//! The operations of a schema: every root field, and every connection of objects that root fields return.

use super::document::{self, Declaration, Selection, Step};
use super::rules::Missing;
use super::shapes::{Key, Shapes, is_connection, node_type};
use crate::ingest::graphql::schema::{Field, InputValue, Kind as TypeKind, Schema, TypeExpr};
use crate::names;
use anyhow::{Context, Result, bail};
use glabflow_contract::graphql::cost::{LIMITS, Price};
use glabflow_contract::graphql::{Edition, Kind};
use std::collections::{BTreeMap, BTreeSet};

/// Arguments for reading backwards, which streams never do.
const BACKWARDS: &[&str] = &["before", "last"];

/// The path to an operation's output.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Route {
    pub(super) kind: Kind,
    pub(super) path: Vec<String>,
}

/// An operation whose types have no names yet.
pub(super) struct Draft {
    pub(super) route: Route,
    pub(super) id: String,
    pub(super) rust_type: String,
    pub(super) arguments: Vec<Argument>,
    pub(super) input: bool,
    /// The type of the output.
    pub(super) output: TypeExpr,
    /// The selection of it, or of its nodes if it is a connection.
    pub(super) selected: Option<Key>,
    pub(super) page_size: u32,
    pub(super) edition: Edition,
    pub(super) since: Option<String>,
    pub(super) experiment: Option<String>,
    pub(super) deprecated: Option<String>,
    pub(super) description: Option<String>,
    pub(super) complexity: u32,
    pub(super) depth: u32,
    pub(super) document: String,
}

/// An argument of one of the fields, or a field of the mutation's input.
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) value: InputValue,
    /// The default that the document declares.
    pub(super) declared: Option<String>,
}

impl Argument {
    fn declaration(&self) -> Declaration {
        Declaration { name: self.name.clone(), ty: declared_type(&self.value), default: self.declared.clone() }
    }
}

/// All paths, sorted.
pub(super) fn routes(shapes: &Shapes<'_>) -> Result<Vec<Route>> {
    let schema = shapes.schema;
    let roots = [
        (Kind::Query, Some(&schema.query)),
        (Kind::Mutation, schema.mutation.as_ref()),
        (Kind::Subscription, schema.subscription.as_ref()),
    ];
    let mut routes = BTreeSet::new();
    for (kind, root) in roots {
        let fields = root.and_then(|root| schema.fields(root)).into_iter().flatten();
        routes.extend(fields.map(|(field, _)| Route { kind, path: vec![field.clone()] }));
    }
    for parent in parents(shapes)? {
        let (_, field) = last(schema, &schema.query, &parent)?;
        for (connection, value) in schema.fields(field.ty.name()).into_iter().flatten() {
            if is_connection(schema, value.ty.name()) && value.marks.retired().is_none() {
                let mut path = parent.clone();
                path.push(connection.clone());
                routes.insert(Route { kind: Kind::Query, path });
            }
        }
    }
    Ok(routes.into_iter().collect())
}

/// The paths to objects whose connections are operations: root fields that return one object, and those in the rules.
fn parents(shapes: &Shapes<'_>) -> Result<Vec<Vec<String>>> {
    let schema = shapes.schema;
    let gives_object = |field: &Field| {
        !field.ty.is_list() && schema.fields(field.ty.name()).is_some() && !is_connection(schema, field.ty.name())
    };
    let roots = schema.fields(&schema.query).into_iter().flatten();
    let mut parents: Vec<Vec<String>> =
        roots.filter(|(_, field)| gives_object(field)).map(|(name, _)| vec![name.clone()]).collect();
    let ignores_missing = shapes.rules.missing == Missing::Ignore;
    for also in &shapes.rules.parents.also {
        let path: Vec<String> = also.split('.').map(str::to_owned).collect();
        let field = match last(schema, &schema.query, &path) {
            Ok((_, field)) => field,
            Err(_) if ignores_missing => continue,
            Err(error) => return Err(error.context(format!("selection.toml: parents: {also}"))),
        };
        if !gives_object(field) {
            if ignores_missing {
                continue;
            }
            bail!("selection.toml: parents: {also} does not return one object");
        }
        parents.push(path);
    }
    for not in &shapes.rules.parents.not {
        let before = parents.len();
        parents.retain(|parent| parent.join(".") != *not);
        if parents.len() == before && !ignores_missing {
            bail!("selection.toml: parents: {not} is not a parent");
        }
    }
    Ok(parents)
}

/// The last field of a path, and its type.
fn last<'a>(schema: &'a Schema, root: &'a str, path: &[String]) -> Result<(&'a str, &'a Field)> {
    let mut owner = root;
    let mut found = None;
    for name in path {
        let field = schema.fields(owner).and_then(|fields| fields.get(name));
        let field = field.with_context(|| format!("{owner} has no field `{name}`"))?;
        found = Some((owner, field));
        owner = field.ty.name();
    }
    found.context("the path is empty")
}

/// The ids and Rust types of all paths.
pub(super) fn names(routes: &[Route]) -> Vec<(String, String)> {
    let mut ids = names::Scope::new();
    let mut types = names::Scope::with_taken(names::TAKEN_TYPES);
    let named = |route: &Route| {
        let words: Vec<String> = route.path.iter().flat_map(|field| names::words(field)).collect();
        let id = ids.settle([words.join("_"), format!("{}_{}", words.join("_"), route.kind.as_str())]);
        let plain = names::pascal_words(&words);
        let rust_type = match route.kind {
            Kind::Query => format!("{plain}Query"),
            Kind::Mutation => plain,
            Kind::Subscription => format!("{plain}Subscription"),
        };
        (id, rust_type)
    };
    let named: Vec<_> = routes.iter().map(named).collect();
    named
        .into_iter()
        .map(|(id, rust_type)| (id, types.settle([rust_type.clone(), format!("{rust_type}Operation")])))
        .collect()
}

/// The operation of a path.
pub(super) fn draft(shapes: &mut Shapes<'_>, route: Route, id: String, rust_type: String) -> Result<Draft> {
    let schema = shapes.schema;
    let (fields, mut marks) = fields(schema, &route)?;
    let (_, output) = *fields.last().context("a route is never empty")?;
    let node = node_type(schema, output.ty.name());
    let is_paged = node.is_some() && output.args.contains_key("first") && output.args.contains_key("after");
    if shapes.is_experiment(node.unwrap_or(output.ty.name())) && marks.experiment.is_none() {
        // The type of the output is an experiment, even if the field is not.
        marks.experiment = Some(String::new());
    }
    let selected = match node {
        Some(node) if is_paged => (!schema.is_leaf(node)).then(|| shapes.detail(node)),
        _ if schema.is_leaf(output.ty.name()) => None,
        _ if route.kind == Kind::Mutation => Some(shapes.payload(output.ty.name(), marks.experiment.is_some())),
        _ => Some(shapes.detail(output.ty.name())),
    };
    let page_size = if is_paged { LIMITS.page_size } else { 0 };

    let (arguments, steps) = arguments(&fields, &marks, page_size);
    let declarations: Vec<Declaration> = arguments.iter().map(Argument::declaration).collect();
    let selection = match &selected {
        None if !is_paged => Selection::Leaf,
        Some(key) if !is_paged => Selection::Object(key),
        key => Selection::Page(key.as_ref()),
    };
    let (document, depth) = document::write(shapes, route.kind.as_str(), &rust_type, &declarations, &steps, &selection);
    let complexity = complexity(shapes, &fields, &selection, page_size);
    let input = input_fields(schema, &route, output);
    let is_input = input.is_some();
    let mut arguments = input.map_or(arguments, input_arguments);
    arguments.sort_by_key(|argument| (!argument.value.is_required(), key_rank(&argument.name)));
    Ok(Draft {
        id,
        rust_type,
        arguments,
        input: is_input,
        output: output.ty.clone(),
        selected,
        page_size,
        edition: if marks.since.is_some() { Edition::Enterprise } else { Edition::Community },
        since: marks.since,
        experiment: marks.experiment,
        deprecated: marks.deprecated,
        description: output.marks.description.clone(),
        complexity,
        depth,
        document,
        route,
    })
}

/// The fields of a path with their names, and the marks of an operation with this path.
fn fields<'a>(schema: &'a Schema, route: &'a Route) -> Result<(Vec<(&'a str, &'a Field)>, Marks)> {
    let root = match route.kind {
        Kind::Query => Some(&schema.query),
        Kind::Mutation => schema.mutation.as_ref(),
        Kind::Subscription => schema.subscription.as_ref(),
    };
    let mut owner = root.context("the schema has no such root type")?.as_str();
    let mut marks = Marks::default();
    let mut fields = Vec::new();
    for name in &route.path {
        let (_, field) = last(schema, owner, std::slice::from_ref(name))?;
        marks.add(schema, owner, field);
        fields.push((name.as_str(), field));
        owner = field.ty.name();
    }
    Ok((fields, marks))
}

/// The arguments of all fields of a path, and the fields with the variables of their arguments. `page_size` is 0 if the
/// last field is not paged.
fn arguments(fields: &[(&str, &Field)], marks: &Marks, page_size: u32) -> (Vec<Argument>, Vec<Step>) {
    let mut arguments: Vec<Argument> = Vec::new();
    let mut steps = Vec::new();
    for (at, (name, field)) in fields.iter().enumerate() {
        let is_paged = at + 1 == fields.len() && page_size > 0;
        let mut given = Vec::new();
        for (argument, value) in &field.args {
            if !marks.offers(value) || (is_paged && BACKWARDS.contains(&argument.as_str())) {
                continue;
            }
            let is_taken = arguments.iter().any(|other| other.name == *argument);
            let variable = if is_taken { join(name, argument) } else { argument.clone() };
            let declared = (is_paged && argument == "first").then(|| page_size.to_string());
            arguments.push(Argument { name: variable.clone(), value: value.clone(), declared });
            given.push((argument.clone(), variable));
        }
        steps.push(Step { field: (*name).to_owned(), arguments: given });
    }
    (arguments, steps)
}

/// The fields of a mutation's input as arguments.
fn input_arguments(fields: &BTreeMap<String, InputValue>) -> Vec<Argument> {
    let fields = fields.iter().filter(|(name, _)| *name != "clientMutationId");
    fields.map(|(name, value)| Argument { name: name.clone(), value: value.clone(), declared: None }).collect()
}

/// The order of required arguments: the owner first, then the id.
fn key_rank(name: &str) -> usize {
    const KEYS: &[&str] = &["fullPath", "projectPath", "groupPath", "namespacePath", "id", "iid", "name", "title"];
    KEYS.iter().position(|key| *key == name).unwrap_or(KEYS.len())
}

/// The declared type of a variable: with a default it is optional.
pub(super) fn declared_type(value: &InputValue) -> String {
    match &value.ty {
        TypeExpr::NonNull(inner) if !value.is_required() => inner.to_string(),
        ty => ty.to_string(),
    }
}

/// The fields of a mutation's one argument `input`.
fn input_fields<'a>(schema: &'a Schema, route: &Route, field: &Field) -> Option<&'a BTreeMap<String, InputValue>> {
    let (name, value) = field.args.iter().next()?;
    let is_input = route.kind == Kind::Mutation && route.path.len() == 1 && field.args.len() == 1 && name == "input";
    match &schema.types.get(value.ty.name())?.kind {
        TypeKind::Input(fields) if is_input => Some(fields),
        _ => None,
    }
}

/// `boards` and `id` as one name: `boardsId`.
fn join(field: &str, argument: &str) -> String {
    let mut letters = argument.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    field.chars().chain(first).chain(letters).collect()
}

fn complexity(shapes: &Shapes<'_>, fields: &[(&str, &Field)], selection: &Selection<'_>, page_size: u32) -> u32 {
    let mut child = match selection {
        Selection::Leaf => 0,
        Selection::Object(key) => shapes.cost(key),
        Selection::Page(node) => shapes.page_cost(*node),
    };
    for (at, (name, field)) in fields.iter().enumerate().rev() {
        let page = (at + 1 == fields.len() && page_size > 0).then_some(page_size);
        let given: Vec<&str> =
            field.args.iter().filter(|(_, value)| value.is_required()).map(|(name, _)| name.as_str()).collect();
        child = Price::of(name, at == 0, !field.args.is_empty(), &given, page).score(child);
    }
    child
}

/// The marks of the operation, from all fields of its path.
#[derive(Default)]
struct Marks {
    since: Option<String>,
    experiment: Option<String>,
    deprecated: Option<String>,
}

impl Marks {
    fn add(&mut self, schema: &Schema, owner: &str, field: &Field) {
        let of_type = |name: &str| schema.types.get(name).and_then(|ty| ty.marks.ee.clone());
        for since in [field.marks.ee.clone(), of_type(owner), of_type(field.ty.name())].into_iter().flatten() {
            self.since.get_or_insert(since);
        }
        if let Some(since) = field.marks.experiment() {
            self.experiment.get_or_insert(since.to_owned());
        }
        if let Some(since) = field.marks.retired() {
            self.deprecated.get_or_insert(since.to_owned());
        }
    }

    /// Whether the document of such an operation may have an argument. A server of another edition or version rejects a
    /// document with an unknown argument, even without a value.
    fn offers(&self, value: &InputValue) -> bool {
        value.is_required()
            || (value.marks.retired().is_none()
                && (value.marks.experiment().is_none() || self.experiment.is_some())
                && (value.marks.ee.is_none() || self.since.is_some()))
    }
}
