//! The repository's own rules, held by reading its files as text.
//!
//! | rule | module |
//! | --- | --- |
//! | no import circle between the files of a crate | [`imports`], [`circles`] |
//! | layout of source folders, one module style | [`layout`] |
//! | no banned phrase in prose | [`prose`] |
//! | every `#[ignore]` gives its reason | [`ignored`] |
//!
//! Each rule returns what it found as lines of text; the tests in `tests/rules.rs` expect none.

pub mod circles;
pub mod files;
pub mod ignored;
pub mod imports;
pub mod layout;
pub mod lexer;
pub mod phrases;
pub mod prose;
