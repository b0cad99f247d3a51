//! Doc comments of generated code: facts in short sentences, and descriptions if the schema has them.
//!
//! A comment that would only repeat the name of its item is left out.

use super::markdown::markdown;
use crate::names;
use proc_macro2::TokenStream;
use quote::quote;

/// The values of larger enums are not listed in comments of parameters.
pub(super) const SPELLED_OUT: usize = 8;

/// Names that are not written in lower case.
const PROPER: &[(&str, &str)] = &[
    ("api", "API"),
    ("ci", "CI"),
    ("conan", "Conan"),
    ("debian", "Debian"),
    ("geo", "Geo"),
    ("id", "ID"),
    ("ids", "IDs"),
    ("maven", "Maven"),
    ("npm", "npm"),
    ("nuget", "NuGet"),
    ("pypi", "PyPI"),
    ("terraform", "Terraform"),
    ("url", "URL"),
];

/// Doc attributes, one for each line.
pub(super) fn attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| line.split('\n')).map(|line| {
        let line = line.trim_end();
        if line.is_empty() { String::new() } else { format!(" {line}") }
    });
    quote!(#(#[doc = #lines])*)
}

/// Doc attributes for the module or crate that they are in.
pub(super) fn inner_attributes<S: AsRef<str>>(lines: &[S]) -> TokenStream {
    let lines = lines.iter().map(|line| match line.as_ref() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote!(#(#![doc = #lines])*)
}

/// Facts, and the description of the schema as a paragraph below them. No lines if there is neither.
pub(super) fn with_description(facts: Vec<String>, description: Option<&str>) -> Vec<String> {
    let mut lines = facts;
    if let Some(text) = description.map(markdown).filter(|text| !text.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(text);
    }
    lines
}

/// The facts about a value: a first sentence, its values, range and default, and whether null clears it.
pub(super) fn value_facts(
    first: String,
    values: Option<String>,
    range: Option<String>,
    default: Option<&str>,
    nullable: bool,
) -> Vec<String> {
    let mut line = first;
    if let Some(values) = values {
        line.push_str(&format!(": {values}"));
    }
    if let Some(range) = range {
        line.push_str(&format!(", {range}"));
    }
    line.push('.');
    if let Some(default) = default {
        line.push_str(&format!(" Default: {}.", code(default)));
    }
    let null = nullable.then(|| "[`Null`](glabflow_contract::Null) clears it.".to_owned());
    [line].into_iter().chain(null).collect()
}

/// A required argument of a function.
pub(super) struct Required {
    /// Its name and place.
    pub(super) name: String,
    /// The name, with all further facts.
    pub(super) lines: Vec<String>,
}

/// The required arguments of a function: one line if there are no further facts about them, else a list.
pub(super) fn required(arguments: Vec<Required>) -> Vec<String> {
    if arguments.is_empty() {
        return Vec::new();
    }
    let is_plain = |argument: &Required| argument.lines == [format!("{}.", argument.name)];
    let lines = if arguments.iter().all(is_plain) {
        let names: Vec<String> = arguments.into_iter().map(|argument| argument.name).collect();
        vec![format!("Required: {}.", names.join(", "))]
    } else {
        let items = bullets(arguments.into_iter().map(|argument| argument.lines));
        [vec!["Required:".to_owned()], items].concat()
    };
    [vec![String::new()], lines].concat()
}

/// A Markdown list whose items may have several paragraphs.
fn bullets(items: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let mut lines = Vec::new();
    for item in items {
        for (at, line) in item.iter().flat_map(|line| line.split('\n')).enumerate() {
            lines.push(match (at, line) {
                (0, line) => format!("- {line}"),
                (_, "") => String::new(),
                (_, line) => format!("  {line}"),
            });
        }
    }
    lines
}

/// Text in code quotes; empty text is shown as quotes.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { "`\"\"`".to_owned() } else { format!("`{}`", text.replace('`', "'")) }
}

/// Texts in code quotes.
pub(super) fn codes<S: AsRef<str>>(values: &[S]) -> String {
    values.iter().map(|value| code(value.as_ref())).collect::<Vec<_>>().join(", ")
}

/// The values of an enum, unless they are too many to list.
pub(super) fn one_of<S: AsRef<str>>(values: &[S]) -> Option<String> {
    match values.len() {
        1 => Some(format!("only {}", codes(values))),
        2..=SPELLED_OUT => Some(format!("one of {}", codes(values))),
        _ => None,
    }
}

/// A name as words: `merge requests`, `CI variables`.
pub(super) fn spaced(name: &str) -> String {
    let words = names::words(name);
    let words: Vec<&str> = words.iter().map(|word| proper(word)).collect();
    words.join(" ")
}

/// The name of one resource at the beginning of a sentence: `Merge request`, `CI variable`.
pub(super) fn title(tag: &str) -> String {
    let words = spaced(&names::singular_name(tag));
    let mut letters = words.chars();
    let starts_as_is = names::words(tag).first().is_some_and(|word| PROPER.iter().any(|(plain, _)| plain == word));
    match letters.next() {
        Some(first) if !starts_as_is => first.to_uppercase().chain(letters).collect(),
        _ => words,
    }
}

fn proper(word: &str) -> &str {
    PROPER.iter().find(|(plain, _)| *plain == word).map_or(word, |(_, written)| written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_titled_like_in_prose() {
        for (tag, expected) in [
            ("issues", "Issue"),
            ("merge_requests", "Merge request"),
            ("ci_variables", "CI variable"),
            ("npm_packages", "npm package"),
            ("pypi_packages", "PyPI package"),
            ("user_keys_and_emails", "User keys and email"),
        ] {
            assert_eq!(title(tag), expected);
        }
    }

    #[test]
    fn required_arguments_are_a_line_or_a_list() {
        let argument = |name: &str, lines: &[&str]| Required {
            name: name.to_owned(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let plain = || argument("`b` (query)", &["`b` (query)."]);
        assert!(required(Vec::new()).is_empty());
        let both = vec![argument("`a: ID!`", &["`a: ID!`."]), plain()];
        assert_eq!(required(both), ["", "Required: `a: ID!`, `b` (query)."]);
        let described = argument("`a` (body)", &["`a` (body): one of `x`, `y`.", "", "First.\nSecond."]);
        let lines = ["", "Required:", "- `a` (body): one of `x`, `y`.", "", "  First.", "  Second.", "- `b` (query)."];
        assert_eq!(required(vec![described, plain()]), lines);
    }
}
