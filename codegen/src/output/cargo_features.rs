//! Features that build scripts enable.

use std::fmt::Write;

/// The lines for cargo that enable resources and areas for which the crate has no features.
pub(super) fn always_on(tags: &[&str]) -> String {
    let mut out = String::new();
    for tag in tags {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "cargo::rustc-check-cfg=cfg(feature, values(\"{tag}\"))");
        let _ = writeln!(out, "cargo::rustc-cfg=feature=\"{tag}\"");
    }
    out
}
