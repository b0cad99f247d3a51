//! GitLab's schemas in, a typed Rust SDK out.
