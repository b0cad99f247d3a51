//! The repository's own rules. They are checked by reading its files as text.
//!
//! | rule | module |
//! | --- | --- |
//! | no import circle between the files of a crate | [`imports`], [`circles`] |
//! | layout of source folders, one module style | [`layout`] |
//! | no banned phrase in prose, no banned word in comments and documents | [`prose`] |
//! | every `#[ignore]` has a reason | [`ignored`] |
//! | links between documents work | [`links`] |
//! | paths that documents name exist | [`paths`] |
//! | documents contain no placeholders | [`placeholders`] |
//!
//! Each rule returns its findings as lines of text. The tests in `tests/rules.rs` expect none.

pub mod circles;
pub mod files;
pub mod ignored;
pub mod imports;
pub mod layout;
pub mod lexer;
pub mod links;
pub mod markdown;
pub mod paths;
pub mod phrases;
pub mod placeholders;
pub mod prose;
mod reader;
