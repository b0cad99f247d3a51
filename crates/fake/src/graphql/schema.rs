//! The schema that documents are executed against.

use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::{ExtendedType, Implementers, ObjectType};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Schema as Compiled};
use std::sync::LazyLock;

/// The schema, with the implementers of its abstract types.
pub(super) struct Schema {
    pub(super) valid: Valid<Compiled>,
    pub(super) implementers: HashMap<Name, Implementers>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = include_str!("../../schema.graphql");
    // The generator has validated the text, so errors are not expected.
    let compiled = Compiled::parse(text, "schema.graphql").unwrap_or_else(|broken| broken.partial);
    let implementers = compiled.implementers_map();
    Schema { valid: Valid::assume_valid(compiled), implementers }
});

/// The schema. It is parsed on first use.
pub(super) fn schema() -> &'static Schema {
    &SCHEMA
}

impl Schema {
    /// The definition of a type.
    pub(super) fn named(&'static self, name: &str) -> Option<&'static ExtendedType> {
        self.valid.types.get(name)
    }

    /// The object types that a value of a type can be of.
    pub(super) fn possible(&'static self, name: &str) -> Vec<&'static ObjectType> {
        let object = |name: &Name| self.named(name).and_then(ExtendedType::as_object);
        match self.named(name) {
            Some(ExtendedType::Object(object)) => vec![object],
            Some(ExtendedType::Union(union)) => union.members.iter().filter_map(|name| object(name)).collect(),
            Some(ExtendedType::Interface(_)) => {
                let known = self.implementers.get(name);
                known.iter().flat_map(|known| &known.objects).filter_map(object).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether an object type meets the condition of a fragment.
    pub(super) fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.valid.is_subtype(condition, object)
    }
}
