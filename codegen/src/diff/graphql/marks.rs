//! Deprecations, experiments and editions.

use super::walk::Walk;
use crate::diff::change::{Change, Deprecation};
use crate::diff::kind::Kind;
use crate::ingest::graphql::schema::{Kind as TypeKind, Marks, Schema};

impl Walk {
    /// Compares what a schema says about an element besides its type.
    pub(super) fn marks(&mut self, at: &str, old: &Marks, new: &Marks) {
        if old.deprecated != new.deprecated {
            let is_experiment = |marks: &Marks| marks.experiment().is_some();
            let kind = match (&old.deprecated, &new.deprecated) {
                (_, None) if is_experiment(old) => Kind::GraphqlExperimentEnded,
                (_, None) => Kind::GraphqlUndeprecated,
                (Some(_), Some(_)) if is_experiment(old) == is_experiment(new) => Kind::GraphqlDeprecationChanged,
                (_, Some(_)) if is_experiment(new) => Kind::GraphqlBecameExperiment,
                (_, Some(_)) => Kind::GraphqlDeprecated,
            };
            let mut change = Change::new(kind, at);
            let [before, after] = [old, new].map(|marks| marks.deprecated.as_deref().map(Deprecation::of_mark));
            change.from = before.as_ref().map(ToString::to_string);
            change.to = after.as_ref().map(ToString::to_string);
            self.add(change.deprecation(after));
        }
        if self.editions && old.ee.is_some() != new.ee.is_some() {
            let kind = if new.ee.is_some() { Kind::GraphqlEnterpriseOnly } else { Kind::GraphqlEveryEdition };
            self.add(Change::new(kind, at));
        }
    }
}

/// Whether a schema says anywhere that something is in the Enterprise edition alone; one that never does was taken
/// from one server, which does not know.
pub(super) fn tells_editions(schema: &Schema) -> bool {
    schema.types.values().any(|ty| {
        ty.marks.ee.is_some()
            || match &ty.kind {
                TypeKind::Object(object) | TypeKind::Interface(object) => object
                    .fields
                    .values()
                    .any(|field| field.marks.ee.is_some() || field.args.values().any(|value| value.marks.ee.is_some())),
                TypeKind::Input(fields) => fields.values().any(|value| value.marks.ee.is_some()),
                TypeKind::Enum(values) => values.values().any(|marks| marks.ee.is_some()),
                TypeKind::Scalar | TypeKind::Union(_) => false,
            }
    })
}
