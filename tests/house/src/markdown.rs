//! The lines of a Markdown document.

/// The lines outside code blocks, with their numbers.
pub fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
            return None;
        }
        (!in_code).then_some((index + 1, line))
    })
}

/// The code spans of a line: the text between two backticks.
pub fn spans(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split('`').count();
    // Every second part is code. The text after a backtick without a partner is not.
    line.split('`').enumerate().filter(move |(index, _)| index % 2 == 1 && index + 1 < parts).map(|(_, span)| span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_are_left_out() {
        assert_eq!(prose("a\n```sh\nb\n```\nc\n").collect::<Vec<_>>(), [(1, "a"), (5, "c")]);
    }

    #[test]
    fn spans_are_between_two_backticks() {
        assert_eq!(spans("a `b c` d `e` `f").collect::<Vec<_>>(), ["b c", "e"]);
    }
}
