//! Builds the operation index from a GraphQL schema and the selection rules.
//!
//! The model *is* [`glabflow_contract::index::graphql`], as with REST.
//!
//! - `rules` reads `schema/selection.toml`, `shapes` selects fields of each type.
//! - `operations` lists the operations, `document` writes their documents.
//! - `types` names and defines the types of variables and responses.

mod document;
mod operations;
mod rules;
mod shapes;
mod types;

pub use rules::Rules;
pub(crate) use types::mentioned;

use crate::ingest::graphql::schema::Schema;
use anyhow::{Context, Result, bail};
use glabflow_contract::graphql::cost::LIMITS;
use glabflow_contract::index::graphql::{Index, Operation, Output, TypeRef};
use rules::Missing;
use std::fmt;

/// How often details may shrink, each time by one eighth of the budgets.
const SHRINKS: usize = 6;

/// An index, and how the budgets of the rules were reduced for it.
#[derive(Debug)]
pub struct Fitted {
    /// The index.
    pub index: Index,
    /// The reduction of details.
    pub shrunk: Option<Shrunk>,
}

/// Details that select less than the rules allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shrunk {
    /// The eighths of the budgets that are left.
    pub eighths: usize,
    /// The maximum scalars of a detail, by the rules and now.
    pub leaves: (usize, usize),
    /// The maximum complexity of a detail in points, by the rules and now.
    pub points: (u32, u32),
    /// The reason.
    pub because: String,
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shrunk { eighths, leaves, points, because } = self;
        write!(
            f,
            "details shrink to {eighths}/8 of what selection.toml allows: at most {} scalars for {} points instead of {} \
             for {} ({because})",
            leaves.1, points.1, leaves.0, points.0
        )
    }
}

/// Builds the index of a schema, as [`fitted()`] does.
///
/// # Errors
/// The same.
pub fn build(schema: &Schema, rules: &Rules) -> Result<Index> {
    fitted(schema, rules).map(|fitted| fitted.index)
}

/// Builds the index of a schema.
///
/// Rules for schemas of any version adapt to this schema: what it does not have is ignored, and details shrink until every
/// document is within GitLab's limits.
///
/// # Errors
/// If a rule names something that the schema does not have, or if a document would exceed GitLab's limits.
pub fn fitted(schema: &Schema, rules: &Rules) -> Result<Fitted> {
    if rules.missing == Missing::Refuse {
        return by_rules(schema, rules).map(|index| Fitted { index, shrunk: None });
    }
    let fitting = shapes::Shapes::fitting(schema, rules);
    let rejected = match by_rules(schema, &fitting) {
        Ok(index) => return Ok(Fitted { index, shrunk: None }),
        Err(error) => error,
    };
    for shrinks in 1..=SHRINKS {
        let smaller = fitting.shrunk(shrinks);
        if let Ok(index) = by_rules(schema, &smaller) {
            let shrunk = Shrunk {
                eighths: 8 - shrinks,
                leaves: (fitting.budget.leaves, smaller.budget.leaves),
                points: (fitting.budget.detail, smaller.budget.detail),
                because: format!("{rejected:#}"),
            };
            return Ok(Fitted { index, shrunk: Some(shrunk) });
        }
    }
    Err(rejected)
}

fn by_rules(schema: &Schema, rules: &Rules) -> Result<Index> {
    let mut shapes = shapes::Shapes::new(schema, rules)?;
    let routes = operations::routes(&shapes)?;
    let names = operations::names(&routes);
    let mut drafts = Vec::with_capacity(routes.len());
    for (route, (id, rust_type)) in routes.into_iter().zip(names) {
        let path = route.path.join(".");
        let draft = operations::draft(&mut shapes, route, id, rust_type).with_context(|| path.clone())?;
        drafts.push(draft);
    }
    let made = shapes.into_made();
    let mut types = types::Types::new(schema, rules, &made, &drafts);
    let mut operations = Vec::with_capacity(drafts.len());
    let mut uses = Vec::new();
    for draft in drafts {
        let operation = Operation {
            area: rules.area(&draft.id).to_owned(),
            variables: types.variables(&draft),
            output: types.output(&draft),
            kind: draft.route.kind,
            path: draft.route.path,
            id: draft.id,
            rust_type: draft.rust_type,
            input: draft.input,
            page_size: draft.page_size,
            edition: draft.edition,
            since: draft.since,
            experiment: draft.experiment,
            deprecated: draft.deprecated,
            description: draft.description,
            complexity: draft.complexity,
            depth: draft.depth,
            document: draft.document,
        };
        check_limits(&operation)?;
        uses.push((operation.area.clone(), used(&operation)));
        operations.push(operation);
    }
    let (mut definitions, ids) = (types.types, types.ids);
    types::spread_areas(&mut definitions, &uses);
    definitions.retain(|_, definition| !definition.areas.is_empty());
    operations.sort_by(|a, b| (&a.area, &a.id).cmp(&(&b.area, &b.id)));
    Ok(Index { operations, types: definitions, ids })
}

fn check_limits(operation: &Operation) -> Result<()> {
    let Operation { id, complexity, depth, document, .. } = operation;
    if *complexity > LIMITS.complexity {
        bail!("{id} costs {complexity} points, more than {}; lower the budgets in selection.toml", LIMITS.complexity);
    }
    if *depth > LIMITS.depth || document.len() > LIMITS.characters {
        bail!("{id} is {depth} levels deep and {} characters long, which exceeds GitLab's limits", document.len());
    }
    Ok(())
}

/// The types that an operation uses directly.
fn used(operation: &Operation) -> Vec<String> {
    let (Output::One(output) | Output::Connection(output) | Output::Payload(output)) = &operation.output;
    let variables = operation.variables.iter().map(|variable| &variable.ty);
    variables.chain([output]).filter_map(TypeRef::named).map(str::to_owned).collect()
}
