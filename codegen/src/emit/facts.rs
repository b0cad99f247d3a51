//! What generated code says besides the operations.

use std::collections::BTreeSet;

/// What generated code says besides the operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The version of the GitLab that the schema is of.
    pub version: String,
    /// Its edition.
    pub edition: String,
    /// The resources for which the crate `glabflow` has features, where the code is for another schema than the one it
    /// comes with: what is not among them is always there.
    pub facade: Option<BTreeSet<String>>,
}

impl Facts {
    /// The constant that tells which GitLab it is.
    pub(super) fn constant(&self) -> String {
        format!(
            "/// The GitLab whose schema this was generated from.\npub const SCHEMA: ::glabflow_contract::SchemaVersion =\n    \
             ::glabflow_contract::SchemaVersion {{ version: {:?}, edition: {:?} }};\n",
            self.version, self.edition
        )
    }

    /// Whether users of `glabflow` switch a resource on by a feature.
    pub(super) fn has_feature(&self, tag: &str) -> bool {
        self.facade.as_ref().is_none_or(|features| features.contains(tag))
    }
}
