//! Responses: one success, one media type, lists and pages.

use crate::ingest::rest::document::{Document, Operation, Response};
use crate::ingest::rest::report::Notes;
use glabflow_contract::Method;
use serde_json::{Value, json};

pub(super) fn media_type(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        let bodies = operation.body.iter_mut().map(|body| &mut body.media);
        let responses = operation.responses.iter_mut().map(|response| &mut response.media);
        for media in bodies.chain(responses) {
            for (kind, _) in media.iter_mut() {
                // GitLab accepts JSON wherever it accepts a form.
                if kind == "application/x-www-form-urlencoded" {
                    notes.repaired(format!("{key}: {kind}"));
                    *kind = "application/json".to_owned();
                } else if kind.is_empty() || kind == "*/*" {
                    notes.repaired(format!("{key}: no media type"));
                    *kind = "application/json".to_owned();
                }
            }
            if media.len() > 1 {
                let best = ["application/json", "multipart/form-data"]
                    .iter()
                    .find_map(|best| media.iter().position(|(kind, _)| kind == best))
                    .unwrap_or(0);
                notes.repaired(format!("{key}: {} of {} media types kept", media[best].0, media.len()));
                media.swap(0, best);
                media.truncate(1);
            }
        }
        if let Some(body) = &operation.body
            && body.media.is_empty()
        {
            notes.repaired(format!("{key}: an empty body"));
            operation.body = None;
        }
    }
}

pub(super) fn error_body(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        for response in operation.responses.iter_mut().filter(|response| !response.is_success()) {
            if !response.media.is_empty() {
                notes.repaired(format!("{key}: {}", response.status));
                response.media.clear();
            }
        }
    }
}

pub(super) fn success(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        for response in &mut operation.responses {
            let plain = response.status.to_ascii_uppercase();
            let valid = plain == "DEFAULT"
                || (plain.len() == 3
                    && plain.starts_with(|first: char| ('1'..='5').contains(&first))
                    && (plain[1..].eq("XX") || plain[1..].bytes().all(|digit| digit.is_ascii_digit())));
            if !valid {
                notes.repaired(format!("{key}: status {}", response.status));
            }
            response.status = if valid && plain != "DEFAULT" { plain } else { "default".to_owned() };
        }
        operation.responses.sort_by(|one, other| one.status.cmp(&other.status));
        operation.responses.dedup_by(|one, other| one.status == other.status);
        let successes = operation.responses.iter().filter(|response| response.is_success());
        let statuses: Vec<String> = successes.clone().map(|response| response.status.clone()).collect();
        // Prefer a response with a body, and then the first one.
        let kept = successes.clone().find(|response| !response.media.is_empty()).or_else(|| successes.clone().next());
        match kept.map(|response| response.status.clone()) {
            None => {
                notes.repaired(format!("{key}: none"));
                operation.responses.insert(0, Response { status: "2XX".to_owned(), media: Vec::new() });
            }
            Some(kept) if statuses.len() > 1 => {
                notes.repaired(format!("{key}: {kept} of {}", statuses.join(", ")));
                operation.responses.retain(|response| !response.is_success() || response.status == kept);
                let others: Vec<&String> = statuses.iter().filter(|status| **status != kept).collect();
                operation.facts.insert("x-gitlab-other-success".to_owned(), json!(others));
            }
            Some(_) => {}
        }
        if key.method == Method::Head {
            operation.responses.iter_mut().for_each(|response| response.media.clear());
        }
    }
}

/// Whether an operation has parameters for page number and size.
fn takes_pages(operation: &Operation) -> bool {
    operation.has("page", "query") && operation.has("per_page", "query")
}

/// Only for documents that do not mark what is paged. GitLab's own documents do not.
pub(super) fn list_as_object(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        if key.method != Method::Get || operation.facts.contains_key("x-gitlab-paginated") || !takes_pages(operation) {
            continue;
        }
        // The path of an object with a paged list inside ends with the name of the object.
        if key.path.ends_with('}') {
            continue;
        }
        for (_, schema) in operation
            .responses
            .iter_mut()
            .filter(|response| response.is_success())
            .flat_map(|response| &mut response.media)
        {
            if super::parameters::is_typed(schema) && schema.get("type").and_then(Value::as_str) != Some("array") {
                let kind = schema.get("type").and_then(Value::as_str);
                if kind.is_none() || kind == Some("object") {
                    notes.repaired(key);
                    *schema = json!({"type": "array", "items": schema.take()});
                }
            }
        }
    }
}

pub(super) fn paging(document: &mut Document, notes: &mut Notes) {
    for (key, operation) in &mut document.operations {
        let list = operation.success_schema().is_none_or(|schema| {
            schema.get("type").and_then(Value::as_str) == Some("array") || !super::parameters::is_typed(schema)
        });
        let declared = operation.facts.get("x-gitlab-paginated").and_then(Value::as_bool);
        let paged = list && key.method == Method::Get && declared.unwrap_or_else(|| takes_pages(operation));
        if declared != Some(paged) {
            notes.repaired(format!("{key}: {paged}"));
            operation.facts.insert("x-gitlab-paginated".to_owned(), json!(paged));
        }
    }
}
