//! What doc comments say: facts in short sentences.

use super::markdown::markdown;
use crate::names;
use glabflow_contract::Location;
use glabflow_contract::index::{Index, Operation, Output, Paging, Parameter, TypeDef, TypeRef};
use proc_macro2::TokenStream;
use quote::quote;

/// Enums with more values than this are linked to and not spelled out.
const SPELLED_OUT: usize = 8;

/// Doc attributes, one for each line.
pub(super) fn attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().flat_map(|line| line.split('\n')).map(|line| {
        let line = line.trim_end();
        if line.is_empty() { String::new() } else { format!(" {line}") }
    });
    quote!(#(#[doc = #lines])*)
}

/// The same for the module or crate that they stand in.
pub(super) fn inner_attributes(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#![doc = #lines])*)
}

/// A description of the schema, as a paragraph below the facts.
pub(super) fn description(text: Option<&str>) -> Option<String> {
    text.map(markdown).filter(|text| !text.is_empty()).map(|text| format!("\n{text}"))
}

/// Text in code quotes; an empty one is still to be seen.
pub(super) fn code(text: &str) -> String {
    if text.is_empty() { "`\"\"`".to_owned() } else { format!("`{}`", text.replace('`', "'")) }
}

fn codes<S: AsRef<str>>(values: &[S]) -> String {
    values.iter().map(|value| code(value.as_ref())).collect::<Vec<_>>().join(", ")
}

/// A tag as words: `merge requests`.
pub(super) fn tag_words(tag: &str) -> String {
    names::words(tag).join(" ")
}

/// The doc comment of an operation.
pub(super) fn operation(operation: &Operation) -> Vec<String> {
    let mut lines = vec![format!("{}.", code(&format!("{} {}", operation.method, operation.path)))];
    let answer = match &operation.output {
        Output::Empty => "",
        Output::Json(_) => "",
        Output::List(_) => match &operation.paging {
            Paging::None => "Answers with a list, all of it at once.",
            Paging::Link => "Answers with a list; further pages are read where GitLab links to them.",
            Paging::Offset | Paging::Keyset(_) => "Answers with a list, paged.",
        },
        Output::File(content_type) => {
            lines.push(String::new());
            lines.push(format!("Answers with a file ({content_type}), streamed."));
            ""
        }
    };
    if !answer.is_empty() {
        lines.extend([String::new(), answer.to_owned()]);
    }
    if let Paging::Keyset(keyset) = &operation.paging {
        let mut line = "Keyset pagination".to_owned();
        if keyset.anonymous_only {
            line.push_str(" for requests without a token");
        }
        if !keyset.orders.is_empty() {
            line.push_str(&format!(", ordered by {}", codes(&keyset.orders)));
        }
        if !keyset.sorts.is_empty() {
            line.push_str(&format!(" ({})", codes(&keyset.sorts)));
        }
        lines.push(format!("{line}."));
    }
    if let Some(range) = operation.ranges.first() {
        lines.push(format!("Can be read in pieces at once, by {}.", code(range.key.field())));
    }
    if operation.deprecated {
        lines.extend([String::new(), format!("Deprecated by GitLab{}.", instead(operation))]);
    }
    if let Some(docs) = &operation.docs {
        lines.extend([String::new(), format!("GitLab's documentation: <{docs}>")]);
    }
    lines
}

/// What to use in the place of a deprecated operation, where that is known.
pub(super) fn instead(operation: &Operation) -> String {
    operation.alias_of.as_ref().map(|path| format!("; the newer path is {}", code(path))).unwrap_or_default()
}

/// The doc comment of a setter.
pub(super) fn setter(index: &Index, param: &Parameter) -> Vec<String> {
    let place = match param.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
        Location::Body => "body",
    };
    let mut line = format!("{} ({place})", code(&param.name));
    if let Some(values) = values(index, &param.ty) {
        line.push_str(&format!(": {values}"));
    }
    if let Some(default) = &param.default {
        let default = default.as_str().map_or_else(|| default.to_string(), str::to_owned);
        line.push_str(&format!("; GitLab's default is {}", code(&default)));
    }
    line.push('.');
    let mut lines = vec![line];
    if param.nullable {
        lines.push("[`Null`](glabflow_contract::Null) clears it.".to_owned());
    }
    lines.extend(description(param.description.as_deref()));
    lines
}

/// The values of an enum that is small enough, as prose.
fn values(index: &Index, ty: &TypeRef) -> Option<String> {
    let name = match ty {
        TypeRef::Named(name) => name,
        TypeRef::List(item) => return values(index, item).map(|values| format!("a list of {values}")),
        _ => return None,
    };
    match index.types.get(name)? {
        TypeDef::Enum(values) if values.values.len() <= SPELLED_OUT => {
            let values: Vec<&str> = values.values.iter().map(|value| value.name.as_str()).collect();
            Some(codes(&values))
        }
        _ => None,
    }
}

/// The doc comment of a field.
pub(super) fn field(name: &str, nullable: bool, deprecated: bool, about: Option<&str>) -> Vec<String> {
    let mut line = code(name);
    if nullable {
        line.push_str("; [`Null`](glabflow_contract::Null) clears it");
    }
    if deprecated {
        line.push_str(" (deprecated by GitLab)");
    }
    line.push('.');
    let mut lines = vec![line];
    lines.extend(description(about));
    lines
}
