//! Empty: this package consists of tests, see `tests/validation.rs`.
