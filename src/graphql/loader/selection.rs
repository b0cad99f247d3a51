//! Selections as text: what they cost without a schema, and taking them out of a generated document.

use glabflow_contract::graphql::cost::{LIMITS, Price};

/// The tokens that prices and cutting depend on, in the order of the text.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let first = rest.chars().next()?;
        let length = match first {
            '_' | 'a'..='z' | 'A'..='Z' | '0'..='9' => {
                rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len())
            }
            '"' => {
                let mut escaped = false;
                let end = rest.char_indices().skip(1).find(|(_, c)| {
                    let closes = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    closes
                });
                end.map_or(rest.len(), |(at, _)| at + 1)
            }
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '.' if rest.starts_with("...") => 3,
            c => c.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        rest = behind;
        Some(token)
    })
    .filter(|token| !token.starts_with('#'))
}

/// The text on one line, without what only people read.
pub(super) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for token in tokens(text) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(token);
    }
    out
}

/// What the fields of a selection, written without its braces, cost together; why it cannot be one otherwise.
pub(super) fn score(selection: &str) -> Result<u32, &'static str> {
    let tokens: Vec<&str> = tokens(selection).collect();
    let mut at = 0;
    let (score, _) = level(&tokens, &mut at)?;
    match (at == tokens.len(), score) {
        (false, _) => Err("it closes what it has not opened"),
        (true, 0) => Err("it selects nothing"),
        (true, score) => Ok(score),
    }
}

/// The price of the fields up to the closing brace, and whether they are those of a connection.
fn level(tokens: &[&str], at: &mut usize) -> Result<(u32, bool), &'static str> {
    let mut sum = 0_u32;
    let mut is_connection = false;
    while let Some(token) = tokens.get(*at).copied().filter(|token| *token != "}") {
        *at += 1;
        if token == "..." {
            if tokens.get(*at) == Some(&"on") {
                *at += 2;
            } else if tokens.get(*at).is_some_and(|next| *next != "{" && *next != "@") {
                return Err("it spreads a fragment that it does not define");
            }
            directives(tokens, at)?;
            if let Some((below, _)) = braces(tokens, at)? {
                sum = sum.saturating_add(below);
            }
            continue;
        }
        if !token.starts_with(|c: char| c == '_' || c.is_ascii_alphabetic()) {
            return Err("it is not a list of fields");
        }
        let mut name = token;
        if tokens.get(*at) == Some(&":") {
            name = tokens.get(*at + 1).copied().ok_or("it ends too early")?;
            *at += 2;
        }
        let given = arguments(tokens, at)?;
        directives(tokens, at)?;
        let below = braces(tokens, at)?;
        is_connection |= matches!(name, "nodes" | "edges" | "pageInfo");
        let size =
            given.iter().find(|(name, _)| matches!(*name, "first" | "last")).and_then(|(_, value)| value.parse().ok());
        let page = below.is_some_and(|(_, pages)| pages).then(|| size.unwrap_or(LIMITS.page_size));
        let names: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
        let price = Price::of(name, false, !names.is_empty(), &names, page);
        sum = sum.saturating_add(price.score(below.map_or(0, |(score, _)| score)));
    }
    Ok((sum, is_connection))
}

fn braces(tokens: &[&str], at: &mut usize) -> Result<Option<(u32, bool)>, &'static str> {
    if tokens.get(*at) != Some(&"{") {
        return Ok(None);
    }
    *at += 1;
    let below = level(tokens, at)?;
    if tokens.get(*at) != Some(&"}") {
        return Err("it ends too early");
    }
    *at += 1;
    Ok(Some(below))
}

/// The arguments of a field, with the first token of each value.
fn arguments<'a>(tokens: &[&'a str], at: &mut usize) -> Result<Vec<(&'a str, &'a str)>, &'static str> {
    let mut given = Vec::new();
    if tokens.get(*at) != Some(&"(") {
        return Ok(given);
    }
    let mut depth = 0_usize;
    loop {
        let token = *tokens.get(*at).ok_or("it ends too early")?;
        *at += 1;
        match token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            "$" => return Err("it has a variable; write its value"),
            name if depth == 1 && tokens.get(*at) == Some(&":") => {
                given.push((name, tokens.get(*at + 1).copied().unwrap_or_default()));
            }
            _ => {}
        }
        if depth == 0 {
            return Ok(given);
        }
    }
}

fn directives(tokens: &[&str], at: &mut usize) -> Result<(), &'static str> {
    while tokens.get(*at) == Some(&"@") {
        *at += 2;
        arguments(tokens, at)?;
    }
    Ok(())
}

/// What a document selects at a path of response keys, without the braces.
pub(super) fn at_path(document: &str, path: &[&str]) -> Option<String> {
    let tokens: Vec<&str> = tokens(document).collect();
    let mut from = body(&tokens, 0)?;
    for key in path {
        let mut at = from;
        from = loop {
            match *tokens.get(at)? {
                "}" => return None,
                token if token == *key => break body(&tokens, at)?,
                "(" | "{" => at = closing(&tokens, at)? + 1,
                _ => at += 1,
            }
        };
    }
    let end = closing(&tokens, from - 1)?;
    Some(tokens[from..end].join(" "))
}

/// Where the first selection at or behind a token begins.
fn body(tokens: &[&str], mut at: usize) -> Option<usize> {
    loop {
        match *tokens.get(at)? {
            "(" => at = closing(tokens, at)? + 1,
            "{" => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// The token that closes what this one opens.
fn closing(tokens: &[&str], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, token) in tokens.get(at..)?.iter().enumerate() {
        match *token {
            "(" | "{" | "[" => depth += 1,
            ")" | "}" | "]" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + offset);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_follow_the_rules() {
        assert_eq!(score("id name # more"), Ok(2));
        assert_eq!(score("id namespace { id fullPath }"), Ok(4));
        // Two below `nodes`, a resolver, 20 items: (1 + 1 + 2) * 1.2, cut.
        assert_eq!(score("labels(first: 20) { nodes { id title } }"), Ok(4));
        assert_eq!(score("pipelines { nodes { id } pageInfo { endCursor hasNextPage } }"), Ok(12));
        assert_eq!(score("... on User @skip(if: false) { id } ... { other: name }"), Ok(2));
    }

    #[test]
    fn what_is_no_selection_is_refused() {
        for text in ["", "id {", "id }", "id { }}", "...Other", "a(b: $c)", "a(b: 1", "1", "a:"] {
            assert!(score(text).is_err(), "{text}");
        }
    }

    #[test]
    fn selections_are_cut_out_of_documents() {
        let document = "query A($a: Int = 1, $b: [C!]) { x: y(a: $a) { nodes { id z { nodes { no } } s(t: \"}\") } } }";
        assert_eq!(at_path(document, &["x", "nodes"]).as_deref(), Some("id z { nodes { no } } s ( t : \"}\" )"));
        assert_eq!(at_path(document, &["x", "none"]), None);
        assert_eq!(compact("a\n  { b, c }"), "a { b c }");
    }
}
