//! Tests only: see `tests/validation.rs`.
