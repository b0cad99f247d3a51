//! Figures about a model: operations and types by kind, and what is left out.

mod counts;
mod graphql;

pub use graphql::GraphqlStats;

use crate::model::rest::{Exclusion, Model};
use counts::{Counts, counts};
use glabflow_contract::index::{Body, Output, Paging, TypeDef};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Figures about a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Stats {
    /// All operations.
    pub operations: usize,
    /// Operations by HTTP method.
    pub by_method: Counts,
    /// Operations by kind of paging.
    pub by_paging: Counts,
    /// Operations by format of the body.
    pub by_body: Counts,
    /// Operations by kind of output.
    pub by_output: Counts,
    /// Operations by source.
    pub by_source: Counts,
    /// Operations by tag.
    pub by_tag: Counts,
    /// Operations that GitLab deprecated.
    pub deprecated: usize,
    /// Operations with a page in GitLab's documentation.
    pub documented: usize,
    /// Parameters of all operations.
    pub parameters: usize,
    /// Parameters that can be cleared with `null`.
    pub clearable_parameters: usize,
    /// Object types.
    pub objects: usize,
    /// Fields of all objects.
    pub fields: usize,
    /// Enumerations.
    pub enums: usize,
    /// Operations that are left out, with the reasons.
    pub exclusions: Vec<Exclusion>,
    /// Figures about the GraphQL index, if there is a GraphQL schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<GraphqlStats>,
}

impl Stats {
    /// Counts a model.
    pub fn of(model: &Model) -> Self {
        let operations = &model.index.operations;
        let count = |kind: &dyn Fn(&glabflow_contract::index::Operation) -> String| counts(operations.iter().map(kind));
        let parameters = || operations.iter().flat_map(|operation| &operation.params);
        let objects = || {
            model.index.types.values().filter_map(|definition| match definition {
                TypeDef::Object(object) => Some(object),
                TypeDef::Enum(_) | TypeDef::IntEnum(_) => None,
            })
        };
        Stats {
            operations: operations.len(),
            by_method: count(&|operation| operation.method.to_string()),
            by_paging: count(&|operation| paging(&operation.paging).to_owned()),
            by_body: count(&|operation| body(&operation.body).to_owned()),
            by_output: count(&|operation| output(&operation.output).to_owned()),
            by_source: model.sources.clone(),
            by_tag: count(&|operation| operation.tag.clone()),
            deprecated: operations.iter().filter(|operation| operation.deprecated).count(),
            documented: operations.iter().filter(|operation| operation.docs.is_some()).count(),
            parameters: parameters().count(),
            clearable_parameters: parameters().filter(|param| param.nullable).count(),
            objects: objects().count(),
            fields: objects().map(|object| object.fields.len()).sum(),
            enums: model.index.types.len() - objects().count(),
            exclusions: model.exclusions.clone(),
            graphql: None,
        }
    }
}

fn paging(paging: &Paging) -> &'static str {
    match paging {
        Paging::None => "none",
        Paging::Link => "link",
        Paging::Offset => "offset",
        Paging::Keyset(_) => "keyset",
    }
}

fn body(body: &Body) -> &'static str {
    match body {
        Body::None => "none",
        Body::Json => "json",
        Body::Multipart => "multipart",
        Body::Raw(_) => "raw",
    }
}

fn output(output: &Output) -> &'static str {
    match output {
        Output::Empty => "empty",
        Output::Json(_) => "json",
        Output::List(_) => "list",
        Output::File(_) => "file",
    }
}

/// Text: totals first, the long list of tags last.
impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |f: &mut fmt::Formatter<'_>, title: &str, counts: &Counts| {
            writeln!(f, "\n{title}")?;
            counts.iter().try_for_each(|(name, count)| writeln!(f, "  {name:<28} {count:>6}"))
        };
        writeln!(f, "operations                     {:>6}", self.operations)?;
        writeln!(f, "  deprecated                   {:>6}", self.deprecated)?;
        writeln!(f, "  with a documentation page    {:>6}", self.documented)?;
        writeln!(f, "parameters                     {:>6}", self.parameters)?;
        writeln!(f, "  that null clears             {:>6}", self.clearable_parameters)?;
        writeln!(f, "object types                   {:>6}", self.objects)?;
        writeln!(f, "  fields                       {:>6}", self.fields)?;
        writeln!(f, "enumerations                   {:>6}", self.enums)?;
        group(f, "operations by method", &self.by_method)?;
        group(f, "operations by paging", &self.by_paging)?;
        group(f, "operations by body", &self.by_body)?;
        group(f, "operations by output", &self.by_output)?;
        group(f, "operations by source", &self.by_source)?;
        group(f, "operations by tag", &self.by_tag)?;
        if self.exclusions.is_empty() {
            writeln!(f, "\nnothing is left out")?;
        } else {
            writeln!(f, "\nleft out")?;
        }
        for exclusion in &self.exclusions {
            writeln!(f, "  {}: {}", exclusion.operation, exclusion.reason)?;
        }
        self.graphql.iter().try_for_each(|graphql| graphql.fmt(f))
    }
}
