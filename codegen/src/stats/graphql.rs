//! Figures on the GraphQL half.

use super::counts::{Counts, counts};
use glabflow_contract::graphql::{Edition, Kind};
use glabflow_contract::index::graphql::{Index, Operation, Shape, TypeDef};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Figures on the GraphQL operations and types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphqlStats {
    /// All operations.
    pub operations: usize,
    /// Queries of root fields.
    pub queries: usize,
    /// Mutations.
    pub mutations: usize,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Queries of the connections of objects which root fields give.
    pub connections: usize,
    /// Operations whose output is read page by page.
    pub paged: usize,
    /// Operations that every edition has.
    pub community: usize,
    /// Operations that GitLab calls experiments.
    pub experiments: usize,
    /// Operations that GitLab has deprecated.
    pub deprecated: usize,
    /// The price of the most expensive document.
    pub highest_complexity: u32,
    /// The depth of the deepest document.
    pub highest_depth: u32,
    /// The length of the longest document in characters.
    pub longest_document: usize,
    /// Types by what they are.
    pub types: Counts,
    /// Kinds of global ids.
    pub ids: usize,
    /// Operations by area.
    pub by_area: Counts,
}

impl GraphqlStats {
    /// Counts an index.
    pub fn of(index: &Index) -> Self {
        let operations = &index.operations;
        let count =
            |wanted: &dyn Fn(&Operation) -> bool| operations.iter().filter(|operation| wanted(operation)).count();
        let roots = |kind: Kind| count(&|operation| operation.kind == kind && operation.path.len() == 1);
        let kind = |definition: &TypeDef| match definition.shape {
            Shape::Object(_) => "objects".to_owned(),
            Shape::Payload(_) => "payloads".to_owned(),
            Shape::OneOf(_) => "interfaces and unions".to_owned(),
            Shape::Enum(_) => "enums".to_owned(),
            Shape::Input(_) => "inputs".to_owned(),
        };
        GraphqlStats {
            operations: operations.len(),
            queries: roots(Kind::Query),
            mutations: roots(Kind::Mutation),
            subscriptions: roots(Kind::Subscription),
            connections: count(&|operation| operation.path.len() > 1),
            paged: count(&|operation| operation.page_size > 0),
            community: count(&|operation| operation.edition == Edition::Community),
            experiments: count(&|operation| operation.experiment.is_some()),
            deprecated: count(&|operation| operation.deprecated.is_some()),
            highest_complexity: operations.iter().map(|operation| operation.complexity).max().unwrap_or(0),
            highest_depth: operations.iter().map(|operation| operation.depth).max().unwrap_or(0),
            longest_document: operations.iter().map(|operation| operation.document.chars().count()).max().unwrap_or(0),
            types: counts(index.types.values().map(kind)),
            ids: index.ids.len(),
            by_area: counts(operations.iter().map(|operation| operation.area.clone())),
        }
    }
}

impl fmt::Display for GraphqlStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nGraphQL operations             {:>6}", self.operations)?;
        for (name, number) in [
            ("queries of root fields", self.queries),
            ("mutations", self.mutations),
            ("subscriptions", self.subscriptions),
            ("connections of objects", self.connections),
            ("read page by page", self.paged),
            ("in every edition", self.community),
            ("experiments", self.experiments),
            ("deprecated", self.deprecated),
        ] {
            writeln!(f, "  {name:<28} {number:>6}")?;
        }
        writeln!(
            f,
            "at most {} points, {} levels, {} characters a document",
            self.highest_complexity, self.highest_depth, self.longest_document
        )?;
        writeln!(f, "\nGraphQL types, and {} kinds of global ids", self.ids)?;
        self.types.iter().try_for_each(|(name, count)| writeln!(f, "  {name:<28} {count:>6}"))?;
        writeln!(f, "\nGraphQL operations by area")?;
        self.by_area.iter().try_for_each(|(name, count)| writeln!(f, "  {name:<28} {count:>6}"))
    }
}
