//! From the operation index to Rust.
