//! Facts about the schema in generated code.

use std::collections::BTreeSet;

/// Facts about the schema in generated code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SchemaInfo {
    /// The GitLab version of the schema.
    pub version: String,
    /// Its edition.
    pub edition: String,
    /// The resources for which the crate `glabflow` has features, if the code is for another schema than glabflow's own.
    /// Other resources are always compiled.
    pub facade: Option<BTreeSet<String>>,
}

impl SchemaInfo {
    /// The constant with the GitLab version.
    pub(super) fn constant(&self) -> String {
        format!(
            "/// The GitLab version whose schema this crate was generated from.\npub const SCHEMA: ::glabflow_contract::SchemaVersion =\n    \
             ::glabflow_contract::SchemaVersion {{ version: {:?}, edition: {:?} }};\n",
            self.version, self.edition
        )
    }

    /// Whether `glabflow` has a feature for a resource.
    pub(super) fn has_feature(&self, tag: &str) -> bool {
        self.facade.as_ref().is_none_or(|features| features.contains(tag))
    }
}
