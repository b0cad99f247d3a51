//! Features by lines for cargo.

use std::fmt::Write;

/// The lines for cargo that switch resources and areas on for which the crate has no features.
pub(super) fn always_on(tags: &[&str]) -> String {
    let mut out = String::new();
    for tag in tags {
        // A String takes everything that is written to it.
        let _ = writeln!(out, "cargo::rustc-check-cfg=cfg(feature, values(\"{tag}\"))");
        let _ = writeln!(out, "cargo::rustc-cfg=feature=\"{tag}\"");
    }
    out
}
