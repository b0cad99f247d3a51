//! Prices by the schema.

use super::estimate::Estimate;
use super::walk::{Known, Meter, Types};
use crate::ast::{Executable, Field};
use crate::schema::{Schema, Type};
use serde_json::Map;

/// Estimates a valid document.
pub(crate) fn estimate(tree: &Executable, text: &str, depth: u32, values: &Map<String, serde_json::Value>) -> Estimate {
    let schema = Schema::get();
    let cost = tree.operations.first().and_then(|operation| {
        let mut meter = Meter::new(schema, &tree.fragments, &operation.variables, Some(values));
        Some(meter.root(schema.root(operation.kind)?, &operation.selections))
    });
    let (complexity, parts) = cost.unwrap_or_default();
    Estimate { complexity, depth, characters: text.chars().count(), parts }
}

impl Types for &'static Schema {
    type Type = &'static Type;

    fn name(ty: Self::Type) -> &'static str {
        ty.name
    }

    fn possible(ty: Self::Type) -> &'static [&'static str] {
        &ty.possible
    }

    fn named(&self, name: &str) -> Option<Self::Type> {
        self.ty(name)
    }

    fn field(&self, parent: Self::Type, field: &Field) -> Option<Known<Self::Type>> {
        let known = Schema::field(self, parent, &field.name)?;
        Some(Known {
            takes_arguments: !known.arguments.is_empty(),
            is_connection: known.ty.name().ends_with("Connection"),
            value: self.ty(known.ty.name()).filter(|ty| ty.is_composite()),
        })
    }
}
