//! Phrases and where they occur in prose.

use std::collections::HashMap;

/// A phrase that prose must not contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// Its text in the list.
    pub text: String,
    /// What to write instead.
    pub better: String,
    /// Its words: for each the forms that match; `None` matches any word.
    words: Vec<Option<Vec<String>>>,
}

/// The list of banned phrases.
#[derive(Debug, Default)]
pub struct Phrases {
    all: Vec<Phrase>,
    by_first_word: HashMap<String, Vec<usize>>,
}

/// A word of prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// In lower case.
    pub text: String,
    /// Its line.
    pub line: usize,
    /// Whether a sentence, a clause or a paragraph ended before it.
    pub after_break: bool,
}

impl Phrases {
    /// Reads a list. Each line has a phrase, a tab and the better words. `*` is any word, `a/b` is either form. Lines that
    /// start with `#` are comments.
    ///
    /// # Errors
    ///
    /// If a line has no better words, or a phrase starts with `*`.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut phrases = Phrases::default();
        for (at, line) in list.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let (text, better) = line.split_once('\t').ok_or_else(|| format!("line {}: no tab", at + 1))?;
            let words: Vec<_> = text
                .split_whitespace()
                .map(|word| (word != "*").then(|| word.split('/').map(str::to_lowercase).collect::<Vec<_>>()))
                .collect();
            let Some(Some(first)) = words.first() else { return Err(format!("line {}: starts with any word", at + 1)) };
            for form in first {
                phrases.by_first_word.entry(form.clone()).or_default().push(phrases.all.len());
            }
            phrases.all.push(Phrase { text: text.to_owned(), better: better.trim().to_owned(), words });
        }
        Ok(phrases)
    }

    /// The phrases in these words, with their lines.
    pub fn find<'a>(&'a self, words: &'a [Word]) -> impl Iterator<Item = (usize, &'a Phrase)> {
        words.iter().enumerate().flat_map(move |(at, word)| {
            let candidates = self.by_first_word.get(&word.text).into_iter().flatten().map(|phrase| &self.all[*phrase]);
            candidates.filter(move |phrase| phrase.starts(&words[at..])).map(|phrase| (word.line, phrase))
        })
    }
}

impl Phrase {
    fn starts(&self, words: &[Word]) -> bool {
        words.len() >= self.words.len()
            && self.words.iter().zip(words).enumerate().all(|(at, (forms, word))| {
                (at == 0 || !word.after_break) && forms.as_ref().is_none_or(|forms| forms.contains(&word.text))
            })
    }
}

/// Adds the words of a text that starts on a line. If `escapes` is set, a backslash and the character after it are
/// skipped.
pub fn add_words(words: &mut Vec<Word>, text: &str, mut line: usize, escapes: bool) {
    let mut current = String::new();
    let mut after_break = words.is_empty();
    let mut blank = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character.is_alphanumeric() || (character == '\'' && !current.is_empty()) {
            current.extend(character.to_lowercase());
            blank = false;
            continue;
        }
        if !current.is_empty() {
            words.push(Word { text: std::mem::take(&mut current), line, after_break });
            after_break = false;
        }
        match character {
            '\n' => {
                line += 1;
                after_break |= blank;
                blank = true;
            }
            '\\' if escapes => line += usize::from(characters.next() == Some('\n')),
            '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '|' | '–' | '—' => after_break = true,
            _ => {}
        }
    }
    if !current.is_empty() {
        words.push(Word { text: current, line, after_break });
    }
}

/// A text with `0` instead of each part between these characters, if it ends on the same line: code is not prose.
#[must_use]
pub fn without_code(text: &str, open: char, close: char) -> String {
    let mut prose = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let end = after.find([close, '\n']).filter(|end| after[*end..].starts_with(close));
        prose.push_str(before);
        prose.push(if end.is_some() { '0' } else { open });
        rest = end.map_or(after, |end| &after[end + close.len_utf8()..]);
    }
    prose.push_str(rest);
    prose
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_one_word() {
        assert_eq!(without_code("the `red fox` and `fox\n` or", '`', '`'), "the 0 and `fox\n` or");
        assert_eq!(without_code("{fox:?} is {", '{', '}'), "0 is {");
    }

    fn found(list: &str, prose: &str) -> Vec<(usize, String)> {
        let phrases = Phrases::parse(list).unwrap();
        let mut words = Vec::new();
        add_words(&mut words, prose, 1, true);
        phrases.find(&words).map(|(line, phrase)| (line, phrase.text.clone())).collect()
    }

    #[test]
    fn phrases_are_found_across_lines_in_any_case() {
        assert_eq!(found("green red fox\tcat", "The Green red\nfox."), [(1, "green red fox".to_owned())]);
    }

    #[test]
    fn phrases_match_whole_words_only() {
        assert!(found("fox\tcat", "foxes, outfox").is_empty());
    }

    #[test]
    fn phrases_do_not_cross_sentences_or_paragraphs() {
        assert!(found("red green *\tblue", "red green. Then. Red green\n\nmore").is_empty());
    }

    #[test]
    fn a_word_may_have_several_forms() {
        let found = found("run/runs red\tgreen", "runs red\nrun red\nran red");
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn escapes_are_no_part_of_a_word() {
        assert_eq!(found("fox\tcat", "first\\nfox"), [(1, "fox".to_owned())]);
    }

    #[test]
    fn a_list_without_better_words_is_rejected() {
        assert_eq!(Phrases::parse("# words\n\nfox").err().as_deref(), Some("line 3: no tab"));
    }
}
