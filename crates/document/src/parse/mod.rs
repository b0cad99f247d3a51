//! Parses documents of operations and fragments: the executable half of the GraphQL language.
//!
//! `lexer` splits the text into tokens, `strings` reads string literals, `grammar` builds the tree.

mod grammar;
mod lexer;
mod strings;

#[cfg(feature = "schema")]
pub(crate) use grammar::{DEEPEST, type_text};
pub use grammar::{parse_document, parse_selections};
#[cfg(feature = "schema")]
pub(crate) use lexer::is_name;
