//! Which differences touch what a code base uses: its operations, their parameters, and the types which they lead to.

use super::change::Change;
use super::graphql::Graphql;
use super::level::Area;
use super::rest::coordinates::{coordinate, type_coordinate};
use super::source::Schemas;
use super::usage::{RestUse, Used};
use crate::ingest::graphql::schema::{Kind, Schema};
use crate::model::rest::named;
use glabflow_contract::index::{Index, Operation, Output, TypeDef};
use graphql_parser::query::{self as ast, Definition, OperationDefinition, Selection, SelectionSet};
use std::collections::BTreeSet;

/// The coordinates that are used.
#[derive(Debug, Default)]
pub(super) struct Touched {
    operations: BTreeSet<String>,
    /// Types of REST, with all that is in them.
    types: BTreeSet<String>,
    /// Fields, arguments, objects and directives of GraphQL.
    exact: BTreeSet<String>,
    /// Types of GraphQL with all that is in them: enums, unions, interfaces and inputs.
    whole: BTreeSet<String>,
}

impl Touched {
    /// What is used, by both schemas: what went is known to the old one alone, what came to the new one.
    pub(super) fn of(used: &Used, old: &Schemas, new: &Schemas, notes: &mut Vec<String>) -> Self {
        let mut touched = Touched::default();
        for index in [&old.rest, &new.rest].into_iter().flatten() {
            used.rest.iter().filter_map(|it| find(index, it)).for_each(|it| touched.operation(index, it));
        }
        for graphql in [&old.graphql, &new.graphql].into_iter().flatten() {
            touched.graphql(used, graphql);
        }
        if old.rest.is_some() {
            let known = |index: &Option<Index>, it| index.as_ref().is_some_and(|index| find(index, it).is_some());
            let unknown = used.rest.iter().filter(|it| !known(&old.rest, it) && !known(&new.rest, it));
            notes.extend(unknown.map(|it| format!("{} is used, and neither schema has it", it.operation)));
        }
        touched
    }

    /// Whether a difference touches what is used.
    pub(super) fn has(&self, change: &Change) -> bool {
        let at = change.coordinate.as_str();
        match change.area {
            Area::Rest => {
                let operation = at.match_indices(' ').nth(1).map_or(at, |(end, _)| &at[..end]);
                let mut owners = at.match_indices('.').map(|(end, _)| &at[..end]).chain([at]);
                self.operations.contains(operation) || owners.any(|owner| self.types.contains(owner))
            }
            Area::Graphql => {
                // An argument of what is used, a location of a directive, an object that is an interface.
                let owner = at.split(['(', ' ']).next().unwrap_or(at);
                let ty = at.split(['.', ' ']).next().unwrap_or(at);
                let interface = at.split_once(" implements ").map_or("", |(_, interface)| interface);
                let is_root = at.starts_with("schema.") && !self.exact.is_empty();
                is_root || self.exact.contains(owner) || self.whole.contains(ty) || self.whole.contains(interface)
            }
        }
    }

    fn operation(&mut self, index: &Index, operation: &Operation) {
        self.operations.insert(coordinate(operation));
        let output = match &operation.output {
            Output::Json(ty) | Output::List(ty) => Some(ty),
            Output::Empty | Output::File(_) => None,
        };
        let mut open: Vec<&str> =
            operation.params.iter().map(|param| &param.ty).chain(output).filter_map(named).collect();
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            let Some(definition) = index.types.get(name).filter(|_| seen.insert(name)) else { continue };
            self.types.insert(type_coordinate(name, definition).to_owned());
            if let TypeDef::Object(object) = definition {
                open.extend(object.fields.iter().filter_map(|field| named(&field.ty)));
            }
        }
    }

    fn graphql(&mut self, used: &Used, graphql: &Graphql) {
        let schema = &graphql.schema;
        for it in &used.graphql {
            let known = graphql.index.operations.iter();
            let mut known = known.filter(|operation| operation.kind.as_str() == it.kind && operation.path == it.path);
            if let Some(operation) = known.next() {
                self.document(schema, &operation.document);
            } else {
                // What is not there any more, or not yet, is at least known by its fields.
                let mut owner = match it.kind.as_str() {
                    "query" => schema.query.as_str(),
                    "mutation" => schema.mutation.as_deref().unwrap_or("Mutation"),
                    _ => schema.subscription.as_deref().unwrap_or("Subscription"),
                };
                for field in &it.path {
                    owner = self.field(schema, owner, field);
                }
            }
        }
        used.documents.iter().for_each(|document| self.document(schema, &document.text));
    }

    /// Everything that a document mentions.
    fn document(&mut self, schema: &Schema, text: &str) {
        // It was read before it was written into the file; another one by hand mentions nothing.
        let Ok(document) = ast::parse_query::<String>(text) else { return };
        for definition in &document.definitions {
            let (root, selection, variables, directives) = match definition {
                Definition::Fragment(fragment) => {
                    let ast::TypeCondition::On(name) = &fragment.type_condition;
                    (Some(name.as_str()), &fragment.selection_set, None, &fragment.directives[..])
                }
                Definition::Operation(OperationDefinition::SelectionSet(set)) => {
                    (Some(schema.query.as_str()), set, None, &[][..])
                }
                Definition::Operation(OperationDefinition::Query(it)) => {
                    (Some(schema.query.as_str()), &it.selection_set, Some(&it.variable_definitions), &it.directives[..])
                }
                Definition::Operation(OperationDefinition::Mutation(it)) => {
                    (schema.mutation.as_deref(), &it.selection_set, Some(&it.variable_definitions), &it.directives[..])
                }
                Definition::Operation(OperationDefinition::Subscription(it)) => (
                    schema.subscription.as_deref(),
                    &it.selection_set,
                    Some(&it.variable_definitions),
                    &it.directives[..],
                ),
            };
            self.directives(directives);
            for variable in variables.into_iter().flatten() {
                self.input(schema, variable_type(&variable.var_type));
            }
            if let Some(root) = root {
                self.selection(schema, root, selection);
            }
        }
    }

    fn selection(&mut self, schema: &Schema, owner: &str, selection: &SelectionSet<'_, String>) {
        self.named_type(schema, owner);
        for item in &selection.items {
            match item {
                Selection::Field(field) => {
                    self.directives(&field.directives);
                    let ty = self.field(schema, owner, &field.name).to_owned();
                    self.selection(schema, &ty, &field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&fragment.directives);
                    let on = match &fragment.type_condition {
                        Some(ast::TypeCondition::On(name)) => name,
                        None => owner,
                    };
                    self.selection(schema, on, &fragment.selection_set);
                }
                // Fragments are gone through by themselves.
                Selection::FragmentSpread(spread) => self.directives(&spread.directives),
            }
        }
    }

    fn directives(&mut self, directives: &[ast::Directive<'_, String>]) {
        self.exact.extend(directives.iter().map(|directive| format!("@{}", directive.name)));
    }

    /// A field, with the types of its arguments; gives the name of its type, an empty one where it is not known.
    fn field<'a>(&mut self, schema: &'a Schema, owner: &str, name: &str) -> &'a str {
        self.exact.insert(owner.to_owned());
        self.exact.insert(format!("{owner}.{name}"));
        let Some(field) = schema.fields(owner).and_then(|fields| fields.get(name)) else { return "" };
        field.args.values().for_each(|argument| self.input(schema, argument.ty.name()));
        self.named_type(schema, field.ty.name());
        field.ty.name()
    }

    fn named_type(&mut self, schema: &Schema, name: &str) {
        match schema.types.get(name).map(|ty| &ty.kind) {
            Some(Kind::Enum(_) | Kind::Union(_)) => {
                self.whole.insert(name.to_owned());
            }
            Some(_) => {
                self.exact.insert(name.to_owned());
            }
            None => {}
        }
        // Which objects an interface can be matters to who reads it; its fields only where they are selected.
        if schema.is_abstract(name) {
            self.exact.extend(schema.possible(name).into_iter().map(|object| format!("{object} implements {name}")));
        }
    }

    /// An input type and all that it holds.
    fn input(&mut self, schema: &Schema, name: &str) {
        if !schema.types.contains_key(name) || !self.whole.insert(name.to_owned()) {
            return;
        }
        if let Some(Kind::Input(fields)) = schema.types.get(name).map(|ty| &ty.kind) {
            fields.values().for_each(|field| self.input(schema, field.ty.name()));
        }
    }
}

fn variable_type<'a>(ty: &'a ast::Type<'_, String>) -> &'a str {
    match ty {
        ast::Type::NamedType(name) => name,
        ast::Type::ListType(inner) | ast::Type::NonNullType(inner) => variable_type(inner),
    }
}

/// The operation of a use: by method and path, or by id where it was moved.
fn find<'a>(index: &'a Index, used: &RestUse) -> Option<&'a Operation> {
    let by_path = index.operations.iter().find(|operation| coordinate(operation) == used.operation);
    by_path.or_else(|| index.operation(&used.id))
}
