//! What every command here returns, and how it reports a problem.

use std::io::Write as _;

/// The result of everything here. People use this tool, so the text of an error is enough.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Prints a note for the user.
pub(crate) fn note(text: &str) {
    // If standard error is closed, nobody can read the note.
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}
