//! The terminal: notes on stderr, and colours.

pub(crate) use glabflow_demo::thousands;

use std::fmt;
use std::io::{self, IsTerminal, Write};

/// Writes one line to stderr. Errors are ignored, because they cannot be reported.
pub(crate) fn note(line: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Text attributes. They are on for a terminal, without `NO_COLOR`, and unless it is a dumb terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    /// For text on stderr.
    pub(crate) fn stderr() -> Self {
        Style { on: io::stderr().is_terminal() && has_colours() }
    }

    /// Bold.
    pub(crate) fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    /// Faint.
    pub(crate) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// Red.
    pub(crate) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

fn has_colours() -> bool {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("TERM").is_none_or(|term| term != "dumb")
}

/// Text from a server, made safe for a terminal: no control characters, so no escape sequences.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if is_unsafe(letter) { ' ' } else { letter }).collect()
}

/// Control characters, and the marks that change the direction of the text around them.
fn is_unsafe(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(printable("a\x1b[31mb\nc\u{202e}d\u{9b}e"), "a [31mb c d e");
    }
}
