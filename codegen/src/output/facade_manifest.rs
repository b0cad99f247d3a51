//! What the crate `glabflow` itself says in its manifest: its features for resources, and versions of dependencies.

use anyhow::{Context, Result};
use std::collections::BTreeSet;

/// The manifest of `glabflow`, and of its workspace.
const MANIFEST: &str = include_str!("../../facade.toml");

/// Between these lines of the workspace's manifest stand the generated features.
const MARKERS: (&str, &str) = ("# begin generated features\n", "# end generated features\n");

/// The resources for which `glabflow` has features.
pub(crate) fn resources() -> BTreeSet<String> {
    let lines = generated_features(MANIFEST).unwrap_or_default().lines();
    let forwarded = lines.filter_map(|line| {
        let (name, feature) = line.split_once(" = ")?;
        (feature == format!("[\"glabflow-rest/{name}\"]")).then(|| name.to_owned())
    });
    forwarded.filter(|name| name != "serialize").collect()
}

/// The dependencies that the workspace's crates share.
pub(crate) fn dependencies() -> Result<toml::Table> {
    let manifest: toml::Table = toml::from_str(MANIFEST).context("the manifest of glabflow")?;
    let found = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    found.and_then(toml::Value::as_table).cloned().context("the manifest of glabflow has no dependencies")
}

/// The generated features of a manifest; none where the text has no markers.
pub(super) fn generated_features(manifest: &str) -> Option<&str> {
    let (_, rest) = manifest.split_once(MARKERS.0)?;
    rest.split_once(MARKERS.1).map(|(features, _)| features)
}

/// Puts the features between the markers; none where the text has no markers.
pub(super) fn splice(manifest: &str, features: &str) -> Option<String> {
    let (before, rest) = manifest.split_once(MARKERS.0)?;
    let (_, after) = rest.split_once(MARKERS.1)?;
    Some(format!("{before}{}{features}{}{after}", MARKERS.0, MARKERS.1))
}

#[cfg(test)]
mod tests {
    #[test]
    fn features_are_those_of_the_workspace() {
        let resources = super::resources();
        assert!(resources.len() > 80, "{resources:?}");
        assert!(resources.contains("projects") && !resources.contains("full") && !resources.contains("serialize"));
        assert!(super::dependencies().expect("understood").contains_key("serde"));
    }
}
