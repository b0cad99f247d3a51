//! Every `#[ignore]` has a reason.

use crate::lexer;

/// The lines with an `#[ignore]` without a reason.
#[must_use]
pub fn without_reason(source: &str) -> Vec<usize> {
    let tokens = lexer::code(source);
    let ignored = tokens
        .windows(3)
        .filter(|tokens| tokens[0].is_punct("[") && tokens[1].is_word("ignore") && tokens[2].is_punct("]"));
    ignored.map(|tokens| tokens[1].line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bare_ignore_is_found() {
        let source = "#[ignore]\nfn a() {}\n#[ignore = \"needs a server\"]\nfn b() {}\n// #[ignore]\n";
        assert_eq!(without_reason(source), [1]);
    }
}
