//! Checks documents against the schema, by the rules of the GraphQL specification.
//!
//! - here: operations, fragments and selections
//! - `arguments`: arguments, directives and literal values
//! - `variables`: declarations and uses of variables
//! - `merge`: response keys that two selections share

mod arguments;
mod merge;
mod variables;

use crate::ast::{Executable, Field, Fragment, Position, Selection};
use crate::parse::{DEEPEST, is_name};
use crate::problem::Problem;
use crate::schema::{Schema, Type};
use crate::suggest;
use std::collections::{HashMap, HashSet};
use variables::Uses;

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Why GitLab would refuse the document.
    pub(crate) problems: Vec<Problem>,
    /// Deprecated fields, arguments and enum values that it uses.
    pub(crate) deprecations: Vec<Problem>,
    /// How deep its fields nest.
    pub(crate) depth: u32,
}

/// Checks a document with one operation.
pub(crate) fn check(document: &Executable) -> Findings {
    let mut checker = Checker {
        schema: Schema::get(),
        fragments: HashMap::new(),
        findings: Findings::default(),
        path: Vec::new(),
        uses: Uses::default(),
    };
    checker.document(document);
    let mut findings = checker.findings;
    if findings.problems.is_empty() {
        findings.depth = depth(document);
        findings.problems = merge::conflicts(document);
    }
    findings.problems.sort_by_key(|problem| problem.position);
    findings
}

struct Checker<'a> {
    schema: &'static Schema,
    fragments: HashMap<&'a str, &'a Fragment>,
    findings: Findings,
    path: Vec<&'a str>,
    uses: Uses<'a>,
}

impl<'a> Checker<'a> {
    fn refuse(&mut self, at: Option<Position>, message: impl Into<String>) {
        let problem = self.found(at, message.into());
        self.findings.problems.push(problem);
    }

    fn found(&self, position: Option<Position>, message: String) -> Problem {
        Problem { message, path: self.path.join("."), position }
    }

    /// Notes what is deprecated.
    fn deprecated(&mut self, at: Option<Position>, what: &str, name: &str, since: Option<&str>) {
        if let Some(since) = since {
            let since = if since.is_empty() { String::new() } else { format!(" since {}", since.replace('_', " ")) };
            let note = self.found(at, format!("{what} `{name}` is deprecated{since}"));
            self.findings.deprecations.push(note);
        }
    }

    fn document(&mut self, document: &'a Executable) {
        let [operation] = &document.operations[..] else {
            let at = document.operations.get(1).and_then(|operation| operation.at);
            return self
                .refuse(at, format!("a document holds one operation, this one holds {}", document.operations.len()));
        };
        if let Some(name) = operation.name.as_ref().filter(|name| !is_name(name)) {
            self.refuse(operation.at, format!("`{name}` cannot be the name of an operation"));
        }
        for fragment in &document.fragments {
            if !is_name(&fragment.name) || fragment.name == "on" {
                self.refuse(fragment.at, format!("`{}` cannot be the name of a fragment", fragment.name));
            }
            if self.fragments.insert(&fragment.name, fragment).is_some() {
                self.refuse(fragment.at, format!("there are two fragments `{}`", fragment.name));
            }
        }
        self.declarations(operation);
        if self.runs_in_circles(operation.selections.iter(), document) {
            return;
        }
        let location = match operation.kind {
            glabflow_contract::graphql::Kind::Query => "QUERY",
            glabflow_contract::graphql::Kind::Mutation => "MUTATION",
            glabflow_contract::graphql::Kind::Subscription => "SUBSCRIPTION",
        };
        self.directives(&operation.directives, location);
        match self.schema.root(operation.kind) {
            Some(root) => self.selections(root, &operation.selections, operation.at, 0),
            None => self.refuse(operation.at, format!("the schema has no {}s", location.to_lowercase())),
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

    /// Finds fragments that contain themselves, that do not exist, or that nothing uses; whether there is one of the first kind.
    fn runs_in_circles(&mut self, selections: std::slice::Iter<'a, Selection>, document: &'a Executable) -> bool {
        let mut used: HashSet<&str> = HashSet::new();
        let mut open: Vec<&str> = Vec::new();
        let mut spreads = Vec::new();
        collect_spreads(selections.as_slice(), &mut spreads, 0);
        for (name, at) in &spreads {
            if !self.fragments.contains_key(name) {
                let hint = suggest::hint(name, self.fragments.keys().copied());
                self.refuse(*at, format!("there is no fragment `{name}`{hint}"));
            }
            open.push(name);
        }
        let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
        for fragment in &document.fragments {
            let mut spreads = Vec::new();
            collect_spreads(&fragment.selections, &mut spreads, 0);
            for (name, at) in &spreads {
                if !self.fragments.contains_key(name) {
                    let hint = suggest::hint(name, self.fragments.keys().copied());
                    self.refuse(*at, format!("there is no fragment `{name}`{hint}"));
                }
            }
            edges.insert(&fragment.name, spreads.into_iter().map(|(name, _)| name).collect());
        }
        while let Some(name) = open.pop() {
            if used.insert(name) {
                open.extend(edges.get(name).into_iter().flatten());
            }
        }
        for fragment in document.fragments.iter().filter(|fragment| !used.contains(fragment.name.as_str())) {
            self.refuse(fragment.at, format!("the fragment `{}` is not used", fragment.name));
        }
        // What is left after taking away, again and again, fragments without spreads of what is left.
        loop {
            let before = edges.len();
            let leaves: Vec<&str> = edges
                .iter()
                .filter(|(_, below)| !below.iter().any(|name| edges.contains_key(name)))
                .map(|(name, _)| *name)
                .collect();
            for leaf in leaves {
                edges.remove(leaf);
            }
            if edges.len() == before {
                break;
            }
        }
        let mut circular: Vec<&str> = edges.keys().copied().collect();
        circular.sort_unstable();
        for name in &circular {
            let at = self.fragments.get(name).and_then(|fragment| fragment.at);
            self.refuse(at, format!("the fragment `{name}` contains itself"));
        }
        !circular.is_empty()
    }

    fn one_root_field(&mut self, selections: &'a [Selection], at: Option<Position>) {
        let mut keys = HashSet::new();
        let mut open: Vec<&'a [Selection]> = vec![selections];
        while let Some(selections) = open.pop() {
            for selection in selections {
                match selection {
                    Selection::Field(field) if field.name.starts_with("__") => {
                        self.refuse(field.at, "a subscription cannot select introspection fields at its root");
                    }
                    Selection::Field(field) => {
                        keys.insert(field.key());
                    }
                    Selection::Spread(spread) => {
                        open.extend(
                            self.fragments.get(spread.fragment.as_str()).map(|fragment| &fragment.selections[..]),
                        );
                    }
                    Selection::Inline(inline) => open.push(&inline.selections),
                }
            }
        }
        if keys.len() > 1 {
            self.refuse(at, "a subscription selects one field");
        }
    }

    /// The type which a fragment is on.
    fn condition(&mut self, name: &str, at: Option<Position>) -> Option<&'static Type> {
        let schema = self.schema;
        match schema.ty(name) {
            Some(ty) if ty.is_composite() => return Some(ty),
            Some(_) => self.refuse(at, format!("`{name}` has no fields, so a fragment cannot be on it")),
            None => {
                let known = schema.types().iter().filter(|ty| ty.is_composite()).map(|ty| ty.name);
                self.refuse(at, format!("there is no type `{name}`{}", suggest::hint(name, known)));
            }
        }
        None
    }

    fn selections(&mut self, parent: &'static Type, selections: &'a [Selection], at: Option<Position>, level: usize) {
        if level > DEEPEST {
            return self.refuse(at, format!("nests deeper than {DEEPEST} levels"));
        }
        if selections.is_empty() {
            self.refuse(at, format!("nothing is selected of `{}`", parent.name));
        }
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    self.path.push(field.key());
                    self.field(parent, field, level);
                    self.path.pop();
                }
                Selection::Inline(inline) => {
                    self.directives(&inline.directives, "INLINE_FRAGMENT");
                    let ty = match &inline.on {
                        Some(on) => self.condition(on, inline.at),
                        None => Some(parent),
                    };
                    if let Some(ty) = ty {
                        self.possible(parent, ty, inline.at);
                        self.selections(ty, &inline.selections, inline.at, level + 1);
                    }
                }
                Selection::Spread(spread) => {
                    self.directives(&spread.directives, "FRAGMENT_SPREAD");
                    let fragment = self.fragments.get(spread.fragment.as_str()).copied();
                    if let Some(ty) =
                        fragment.and_then(|fragment| self.schema.ty(&fragment.on)).filter(|ty| ty.is_composite())
                    {
                        self.possible(parent, ty, spread.at);
                    }
                }
            }
        }
    }

    fn possible(&mut self, parent: &Type, ty: &Type, at: Option<Position>) {
        if !parent.overlaps(ty) {
            self.refuse(at, format!("a `{}` is never a `{}`", parent.name, ty.name));
        }
    }

    fn field(&mut self, parent: &'static Type, field: &'a Field, level: usize) {
        if let Some(alias) = field.alias.as_ref().filter(|alias| !is_name(alias)) {
            self.refuse(field.at, format!("`{alias}` cannot be an alias"));
        }
        self.directives(&field.directives, "FIELD");
        let Some(known) = self.schema.field(parent, &field.name) else {
            let hint = suggest::hint(&field.name, parent.fields().iter().map(|field| field.name));
            return self.refuse(field.at, format!("`{}` has no field `{}`{hint}", parent.name, field.name));
        };
        self.deprecated(field.at, "the field", known.name, known.marks.deprecated);
        let owner = format!("`{}`", field.name);
        self.arguments(&owner, &known.arguments, &field.arguments, field.at);
        let Some(ty) = self.schema.ty(known.ty.name()) else { return };
        match (ty.is_composite(), field.selections.is_empty()) {
            (true, true) => {
                let message = format!("`{}` is a `{}`: say which of its fields are wanted", field.name, known.ty);
                self.refuse(field.at, message);
            }
            (false, false) => {
                self.refuse(field.at, format!("`{}` is a `{}`, which has no fields", field.name, known.ty));
            }
            (true, false) => self.selections(ty, &field.selections, field.at, level + 1),
            (false, true) => {}
        }
    }
}

/// The fragments that selections spread, without what those spread.
fn collect_spreads<'a>(selections: &'a [Selection], out: &mut Vec<(&'a str, Option<Position>)>, level: usize) {
    if level > DEEPEST {
        return;
    }
    for selection in selections {
        match selection {
            Selection::Field(field) => collect_spreads(&field.selections, out, level + 1),
            Selection::Inline(inline) => collect_spreads(&inline.selections, out, level + 1),
            Selection::Spread(spread) => out.push((&spread.fragment, spread.at)),
        }
    }
}

/// How deep the fields of a valid document nest.
fn depth(document: &Executable) -> u32 {
    fn of<'a>(selections: &'a [Selection], document: &'a Executable, known: &mut HashMap<&'a str, u32>) -> u32 {
        let depths = selections.iter().map(|selection| match selection {
            Selection::Field(field) => 1 + of(&field.selections, document, known),
            Selection::Inline(inline) => of(&inline.selections, document, known),
            Selection::Spread(spread) => {
                match (known.get(spread.fragment.as_str()), document.fragment(&spread.fragment)) {
                    (Some(depth), _) => *depth,
                    (None, Some(fragment)) => {
                        let depth = of(&fragment.selections, document, known);
                        known.insert(&spread.fragment, depth);
                        depth
                    }
                    (None, None) => 0,
                }
            }
        });
        depths.max().unwrap_or(0)
    }
    let mut known = HashMap::new();
    document.operations.iter().map(|operation| of(&operation.selections, document, &mut known)).max().unwrap_or(0)
}
