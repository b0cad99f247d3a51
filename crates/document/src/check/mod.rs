//! Checks documents against the schema, by the rules of the GraphQL specification.
//!
//! - here: documents and operations
//! - `fragments`: fragment definitions and spreads
//! - `selections`: fields and the types of fragments
//! - `arguments`: arguments, directives and literal values
//! - `variables`: declarations and uses of variables
//! - `merge`: selections that share a response key

mod arguments;
mod checker;
mod fragments;
mod merge;
mod selections;
mod variables;

pub(crate) use checker::Findings;

use crate::ast::{Executable, Selection};
use crate::parse::{DEEPEST, is_name};
use crate::problem::Problem;
use checker::Checker;
use glabflow_contract::graphql::Kind;
use std::collections::HashMap;

/// How deep selections may nest with all fragments written out. Merging and pricing are recursive too.
const WITH_FRAGMENTS: usize = 2 * DEEPEST;

/// Checks a document with one operation.
pub(crate) fn check(document: &Executable) -> Findings {
    let mut checker = Checker::new();
    checker.document(document);
    let mut findings = checker.findings;
    if findings.problems.is_empty() {
        match depth(document) {
            Some(depth) => {
                findings.depth = depth;
                findings.problems = merge::conflicts(document);
            }
            None => {
                let message = format!("nests deeper than {WITH_FRAGMENTS} levels with its fragments");
                findings.problems.push(Problem { message, path: String::new(), position: None });
            }
        }
    }
    findings.problems.sort_by_key(|problem| problem.position);
    findings
}

impl<'a> Checker<'a> {
    fn document(&mut self, document: &'a Executable) {
        let [operation] = &document.operations[..] else {
            let at = document.operations.get(1).and_then(|operation| operation.at);
            return self
                .reject(at, format!("a document holds one operation, this one holds {}", document.operations.len()));
        };
        if let Some(name) = operation.name.as_ref().filter(|name| !is_name(name)) {
            self.reject(operation.at, format!("`{name}` cannot be the name of an operation"));
        }
        for fragment in &document.fragments {
            if !is_name(&fragment.name) || fragment.name == "on" {
                self.reject(fragment.at, format!("`{}` cannot be the name of a fragment", fragment.name));
            }
            if self.fragments.insert(&fragment.name, fragment).is_some() {
                self.reject(fragment.at, format!("there are two fragments `{}`", fragment.name));
            }
        }
        self.declarations(operation);
        if self.has_cycles(operation, document) {
            return;
        }
        let location = match operation.kind {
            Kind::Query => "QUERY",
            Kind::Mutation => "MUTATION",
            Kind::Subscription => "SUBSCRIPTION",
        };
        self.directives(&operation.directives, location);
        match self.schema.root(operation.kind) {
            Some(root) => self.selections(root, &operation.selections, operation.at, 0),
            None => self.reject(operation.at, format!("the schema has no {}s", location.to_lowercase())),
        }
        if location == "SUBSCRIPTION" {
            self.one_root_field(&operation.selections, operation.at);
        }
        for fragment in &document.fragments {
            self.directives(&fragment.directives, "FRAGMENT_DEFINITION");
            if let Some(ty) = self.condition(&fragment.on, fragment.at) {
                self.selections(ty, &fragment.selections, fragment.at, 0);
            }
        }
        self.all_used(operation);
    }
}

/// How deep the fields of a valid document nest with all fragments written out; `None` if it is too deep.
fn depth(document: &Executable) -> Option<u32> {
    let mut known = HashMap::new();
    let mut depth = 0;
    for operation in &document.operations {
        depth = depth.max(depth_of(&operation.selections, document, &mut known, 0)?);
    }
    Some(depth)
}

fn depth_of<'a>(
    selections: &'a [Selection],
    document: &'a Executable,
    known: &mut HashMap<&'a str, u32>,
    level: usize,
) -> Option<u32> {
    if level > WITH_FRAGMENTS {
        return None;
    }
    let mut deepest = 0;
    for selection in selections {
        let depth = match selection {
            Selection::Field(field) => 1 + depth_of(&field.selections, document, known, level + 1)?,
            Selection::Inline(inline) => depth_of(&inline.selections, document, known, level + 1)?,
            Selection::Spread(spread) => match known.get(spread.fragment.as_str()) {
                Some(depth) => *depth,
                None => {
                    let fragment = document.fragment(&spread.fragment);
                    let selections = fragment.map(|fragment| &fragment.selections[..]).unwrap_or_default();
                    let depth = depth_of(selections, document, known, level + 1)?;
                    known.insert(&spread.fragment, depth);
                    depth
                }
            },
        };
        deepest = deepest.max(depth);
    }
    Some(deepest)
}
