//! From the text of a document to a valid one, or to errors in GitLab's words.

use super::schema::schema;
use apollo_compiler::ExecutableDocument;
use apollo_compiler::diagnostic::Diagnostic;
use apollo_compiler::validation::{DiagnosticData, Valid};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The maximum number of cached documents.
const REMEMBERED: usize = 256;

/// A cache of documents by their text.
#[derive(Default)]
pub(super) struct Documents(Mutex<HashMap<String, Arc<Valid<ExecutableDocument>>>>);

impl Documents {
    /// Reads a document.
    ///
    /// # Errors
    /// The problems, as members of `errors`.
    pub(super) fn read(&self, text: &str) -> Result<Arc<Valid<ExecutableDocument>>, Vec<Value>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(document) = known {
            return Ok(document);
        }
        let document = ExecutableDocument::parse_and_validate(&schema().valid, text, "query.graphql")
            .map_err(|broken| errors(broken.errors.iter(), &named(&broken.partial)))?;
        let document = Arc::new(document);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(text.to_owned(), document.clone());
        Ok(document)
    }
}

/// The first operation of a document, as errors name it.
fn named(document: &ExecutableDocument) -> String {
    match document.operations.iter().next() {
        Some(operation) => match &operation.name {
            Some(name) => name.to_string(),
            None => format!("anonymous {}", operation.operation_type),
        },
        None => "anonymous query".to_owned(),
    }
}

fn errors<'e>(found: impl Iterator<Item = Diagnostic<'e, DiagnosticData>>, operation: &str) -> Vec<Value> {
    let mut errors: Vec<Value> = Vec::new();
    for one in found {
        let error = in_gitlabs_words(&one, operation);
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

/// A diagnostic as an error of the library that GitLab uses.
fn in_gitlabs_words(found: &Diagnostic<'_, DiagnosticData>, operation: &str) -> Value {
    let (code, message) = code_and_message(found, operation);
    let mut error = json!({ "message": message, "extensions": { "code": code } });
    if let Some(range) = found.line_column_range() {
        error["locations"] = json!([{ "line": range.start.line, "column": range.start.column }]);
    }
    error
}

fn code_and_message(found: &Diagnostic<'_, DiagnosticData>, operation: &str) -> (&'static str, String) {
    let plain = found.error.to_string();
    // Names are between backticks, so every second part is a name.
    let mut names = plain.split('`').skip(1).step_by(2);
    let mut name = || names.next().unwrap_or_default();
    match found.error.unstable_error_name() {
        Some("UndefinedField") => {
            let (of, field) = (name(), name());
            ("undefinedField", format!("Field '{field}' doesn't exist on type '{of}'"))
        }
        Some("UndefinedArgument") => {
            let (argument, at) = (name(), name());
            let message = match at.strip_prefix('@') {
                Some(directive) => format!("Directive '{}' doesn't accept argument '{argument}'", head(directive)),
                None => format!("Field '{}' doesn't accept argument '{argument}'", field_of(at)),
            };
            ("argumentNotAccepted", message)
        }
        Some("RequiredArgument") => {
            let at = name();
            let argument = at.split('(').nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default();
            let of = match at.strip_prefix('@') {
                Some(directive) => format!("Directive '{}'", head(directive)),
                None => format!("Field '{}'", field_of(at)),
            };
            ("missingRequiredArguments", format!("{of} is missing required arguments: {argument}"))
        }
        Some("RequiredField") => {
            let at = name();
            let (of, field) = at.split_once('.').unwrap_or((at, ""));
            ("missingRequiredInputObjectAttribute", format!("Argument '{field}' on InputObject '{of}' is required"))
        }
        Some("UndefinedInputValue") => {
            let (field, of) = (name(), name());
            ("argumentNotAccepted", format!("InputObject '{of}' doesn't accept argument '{field}'"))
        }
        Some("UndefinedVariable") => {
            ("variableNotDefined", format!("Variable {} is used by {operation} but not declared", name()))
        }
        Some("UnusedVariable") => {
            ("variableNotUsed", format!("Variable {} is declared by {operation} but not used", name()))
        }
        Some("UniqueVariable") => (
            "variableNotUnique",
            format!("There can only be one variable named \"{}\"", name().trim_start_matches('$')),
        ),
        Some("VariableInputType") => ("variableRequiresValidType", format!("{} isn't a valid input type", name())),
        Some("DisallowedVariableUsage") => {
            let (variable, given, argument, wanted) = (name(), name(), name(), name());
            let nullability = wanted.trim_end_matches('!') == given.trim_end_matches('!');
            let kind = if nullability { "Nullability" } else { "Type" };
            (
                "variableMismatch",
                format!("{kind} mismatch on variable {variable} and argument {argument} ({given} / {wanted})"),
            )
        }
        Some("MissingSubselection") => {
            let (field, object) = field_and_type(found);
            let definition = schema().valid.type_field(&object, &field);
            let of = definition.map_or_else(|_| object, |definition| definition.ty.to_string());
            let hint = format!("Did you mean '{field} {{ ... }}'?");
            let message =
                format!("Field must have selections (field '{field}' returns {of} but has no selections. {hint})");
            ("selectionMismatch", message)
        }
        Some("SubselectionOnScalarType" | "SubselectionOnEnumType") => {
            let (field, of) = field_and_type(found);
            ("selectionMismatch", format!("Selections can't be made on scalars (field '{field}' returns {of})"))
        }
        Some("UndefinedFragment") => ("useAndDefineFragment", format!("Fragment {} was used, but not defined", name())),
        Some("UnusedFragment") => ("useAndDefineFragment", format!("Fragment {} was defined, but not used", name())),
        Some("UndefinedTypeInNamedFragmentTypeCondition" | "UndefinedTypeInInlineFragmentTypeCondition") => {
            ("undefinedType", format!("No such type {}, so it can't be a fragment condition", name()))
        }
        Some("UndefinedDefinition") => ("undefinedType", format!("{} isn't a defined input type", name())),
        Some("UndefinedDirective") => ("undefinedDirective", format!("Directive {} is not defined", name())),
        _ => ("invalidDocument", plain.clone()),
    }
}

/// The field and the type in a diagnostic about selections. The type is that of the field, or the one that has the
/// field. The longer text of the diagnostic has both between quotes.
fn field_and_type(found: &Diagnostic<'_, DiagnosticData>) -> (String, String) {
    let text = found.error.unstable_compat_message().unwrap_or_default();
    let mut names = text.split('"').skip(1).step_by(2);
    let mut name = || names.next().unwrap_or_default().to_owned();
    (name(), name())
}

/// The field of `Type.field` and of `Type.field(argument:)`.
fn field_of(coordinate: &str) -> &str {
    head(coordinate.split('.').nth(1).unwrap_or(coordinate))
}

fn head(text: &str) -> &str {
    text.split('(').next().unwrap_or(text)
}
