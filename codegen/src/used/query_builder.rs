//! Documents that source code puts together: by the query builder, `Query::new("Q").field("project", |project| ...)`, and by
//! a loader's spec, `LoaderSpec::field("projects").select("name")`.
//!
//! They are written down again from the names that stand in the source. Names that are computed, and selections made by
//! functions elsewhere, are not seen.

use super::tokens::{arguments, flat, is_punct, text_of, word};
use proc_macro2::{TokenStream, TokenTree};

/// The document that the tokens from here on build, if they begin with a call that begins one.
pub(super) fn document(tokens: &[TokenTree]) -> Option<String> {
    let path = is_punct(tokens.get(1), ':') && is_punct(tokens.get(2), ':');
    let given = arguments(tokens.get(4)).filter(|_| path)?;
    let (owner, function) = (word(tokens.first())?, word(tokens.get(3))?);
    let calls = chain(&tokens[5..]);
    let text = match (owner.as_str(), function.as_str()) {
        ("Query", "new") => built("query", &calls),
        ("Query", "mutation" | "subscription") => built(&function, &calls),
        ("LoaderSpec", "field") => looked_up(&first_name(&given)?, &calls),
        _ => None,
    };
    text.filter(|text| graphql_parser::parse_query::<String>(text).is_ok())
}

/// The calls that follow one another: `.name(arguments)`, until something else comes.
fn chain(tokens: &[TokenTree]) -> Vec<(String, TokenStream)> {
    let mut calls = Vec::new();
    let mut rest = tokens;
    while let (true, Some(name)) = (is_punct(rest.first(), '.'), word(rest.get(1))) {
        // What stands between `::<` and `>` are types, and says nothing about the document.
        let open = rest.iter().skip(2).take_while(|token| arguments(Some(token)).is_none()).count() + 2;
        let is_plain = open == 2 || (is_punct(rest.get(2), ':') && is_punct(rest.get(open - 1), '>'));
        let Some(given) = arguments(rest.get(open)).filter(|_| is_plain) else { break };
        calls.push((name, given));
        rest = &rest[open + 1..];
    }
    calls
}

fn built(kind: &str, calls: &[(String, TokenStream)]) -> Option<String> {
    let (mut variables, mut root, mut fragments) = (String::new(), String::new(), String::new());
    for (name, given) in calls {
        match (name.as_str(), &texts(given)[..]) {
            ("variable" | "variable_or", [variable, ty, ..]) => variables.push_str(&format!("${variable}: {ty} ")),
            ("fragment", [fragment, ty, ..]) => {
                let selected = selection(given.clone());
                fragments.push_str(&format!(" fragment {fragment} on {ty} {{{selected} }}"));
            }
            _ => select(name, given, &mut root),
        }
    }
    let variables = if variables.is_empty() { variables } else { format!("({})", variables.trim_end()) };
    (!root.is_empty()).then(|| format!("{kind}{variables} {{{root} }}{fragments}"))
}

/// A loader's document: the fields down to the value, and what is selected of it.
fn looked_up(field: &str, calls: &[(String, TokenStream)]) -> Option<String> {
    let mut path = vec![field.to_owned()];
    let mut selected = None;
    for (name, given) in calls {
        match name.as_str() {
            "below" => path.extend(first_name(given)),
            "select" | "decode" => selected = texts(given).into_iter().next(),
            _ => {}
        }
    }
    let inner = path.into_iter().rev().fold(selected?, |inner, field| format!("{field} {{ {inner} }}"));
    Some(format!("query {{ {inner} }}"))
}

/// What the tokens select, of whatever they are called on.
fn selection(tokens: TokenStream) -> String {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let call =
            at.checked_sub(2).filter(|dot| is_punct(tokens.get(*dot), '.')).and_then(|_| word(tokens.get(at - 1)));
        match (call, token) {
            (Some(name), TokenTree::Group(_)) => {
                if let Some(given) = arguments(Some(token)) {
                    select(&name, &given, &mut out);
                }
            }
            (_, TokenTree::Group(group)) => out.push_str(&selection(group.stream())),
            _ => {}
        }
    }
    out
}

/// Adds what one call of the builder selects.
fn select(name: &str, given: &TokenStream, out: &mut String) {
    let inner = || selection(given.clone());
    let braces = |text: String| if text.is_empty() { text } else { format!(" {{{text} }}") };
    match name {
        "field" => out.extend(first_name(given).map(|field| format!(" {field}{}", braces(inner())))),
        "fields" => out.extend(texts(given).iter().filter(|text| is_name(text)).map(|field| format!(" {field}"))),
        "spread" => out.extend(first_name(given).map(|fragment| format!(" ...{fragment}"))),
        // A fragment of which nothing is known says at least its type.
        "on" => out.extend(first_name(given).map(|ty| format!(" ... on {ty} {{ __typename{} }}", inner()))),
        _ => out.push_str(&inner()),
    }
}

/// The text that stands first, if it is a name.
fn first_name(given: &TokenStream) -> Option<String> {
    let first = given.clone().into_iter().next()?;
    text_of(&first.to_string()).filter(|text| is_name(text))
}

/// The texts among the arguments, also those in a list.
fn texts(given: &TokenStream) -> Vec<String> {
    flat(given.clone()).iter().filter_map(|literal| text_of(literal)).collect()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn of(source: &str) -> Option<String> {
        let tokens: Vec<TokenTree> = TokenStream::from_str(source).expect("tokens").into_iter().collect();
        document(&tokens)
    }

    #[test]
    fn builder_calls_are_turned_into_documents() {
        for (source, expected) in [
            (
                r#"Query::new("Issues").variable("path", "ID!").field("project", |project| {
                    project.arg("fullPath", var("path")).fields(["id", "name"]).field("issues", |issues| {
                        issues.arg("first", 20).field("nodes", |issue| issue.alias("it").fields(vec!["iid", "title"]))
                    })
                }).build()?"#,
                "query($path: ID!) { project { id name issues { nodes { iid title } } } }",
            ),
            (
                r#"Query::mutation("M").field("launch", |it| if dry { it.field("errors", |f| f) } else { it.fields(["id"]) })"#,
                "mutation { launch { errors id } }",
            ),
            (
                r#"Query::subscription("S").together(|it| it.field("job", |job| job.on("CiJob", build).spread("Core")))
                    .fragment("Core", "CiJob", |job| job.fields(&["name"]))"#,
                "subscription { job { ... on CiJob { __typename } ...Core } } fragment Core on CiJob { name }",
            ),
            // What is computed is not seen; the rest is.
            (r#"Query::new(name).field(root, |it| it.field("a", |a| a)).field("version", |v| v)"#, "query { version }"),
            (
                r#"LoaderSpec::field("projects").by_list("fullPaths", "[String!]", "fullPath").select::<String, Value>("name id")"#,
                "query { projects { name id } }",
            ),
            (
                r#"LoaderSpec::field("project").argument("p", "ID!").below("issue").decode("title")"#,
                "query { project { issue { title } } }",
            ),
        ] {
            assert_eq!(of(source).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn incomplete_builder_calls_are_ignored() {
        for source in [
            r#"Query::new("Q").build()"#,
            r#"Query::new("Q").field(name, |it| it)"#,
            r#"Query::new("Q").field("not a name", |it| it)"#,
            r#"Query::parse("Q").field("version", |it| it)"#,
            r#"LoaderSpec::field("projects").select(chosen)"#,
            r#"LoaderSpec::field("projects").select("name {")"#,
            "Query::new",
            "Query",
        ] {
            assert_eq!(of(source), None, "{source}");
        }
    }
}
