//! Converts `--var NAME=VALUE` to variables, by the types in the document.

use super::source::{self, Source};
use crate::args::Assignment;
use crate::failure::Failure;
use crate::files;
use crate::suggest;
use glabflow_document::Schema;
use glabflow_document::schema::{Input, Shape, TypeRef};
use serde_json::{Map, Value};
use std::path::Path;

/// The variable that contains the fields of a mutation's input.
const INPUT: &str = "input";

/// Scalars whose values are not only texts: numbers, and scalars for any value.
const NOT_TEXT: [&str; 7] =
    ["Boolean", "CiInputsValue", "Duration", "Float", "Int", "JSON", "PayloadAlertFieldPathSegment"];

/// The values of all variables: the saved ones, overridden by the command line. They are checked against the document.
pub(crate) fn read(source: &Source, assignments: &[Assignment]) -> Result<Map<String, Value>, Failure> {
    let mut draft = Draft { source, set: Map::new() };
    for assignment in assignments {
        draft.assign(assignment)?;
    }
    let mut values = source.variables.clone();
    values.extend(draft.set);
    if takes_fields(source) {
        // If the object exists, the check reports its missing fields.
        values.entry(INPUT).or_insert_with(|| Value::Object(Map::new()));
    }
    source.document.check_variables(&values).map_err(|invalid| {
        let failure = Failure::usage(source::problems("the variables", &invalid));
        match source.operation {
            Some(operation) => failure.hint(format!("`gl graphql show {}` lists the variables", operation.id)),
            None => failure,
        }
    })?;
    Ok(values)
}

/// Whether the variables of an operation are the fields of its single variable.
fn takes_fields(source: &Source) -> bool {
    source.operation.is_some_and(|operation| operation.input)
}

struct Draft<'a> {
    source: &'a Source,
    set: Map<String, Value>,
}

impl<'a> Draft<'a> {
    fn assign(&mut self, Assignment { name, value }: &Assignment) -> Result<(), Failure> {
        if let Some(ty) = self.declared(name) {
            return insert(&mut self.set, name, convert(name, ty, value)?);
        }
        // `input[title]`, or `title` alone if the operation has only an input.
        let member = name.strip_suffix(']').and_then(|name| name.split_once('['));
        let (variable, field) = match member {
            Some((variable, field)) => (variable, field),
            None if takes_fields(self.source) => (INPUT, name.as_str()),
            None => return Err(self.unknown(name)),
        };
        let fields = self.declared(variable).and_then(fields).ok_or_else(|| self.unknown(name))?;
        let Some(known) = fields.iter().find(|known| known.name == field) else {
            let question = suggest::question(field, fields.iter().map(|known| known.name));
            return Err(Failure::usage(format!("the variable `{variable}` has no field `{field}`{question}")));
        };
        let value = convert(name, known.ty, value)?;
        match self.set.entry(variable).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(members) => insert(members, field, value),
            _ => Err(Failure::usage(format!("the variable `{variable}` is set both as a whole and by field"))),
        }
    }

    /// The type that the document declares for a variable.
    fn declared(&self, name: &str) -> Option<TypeRef<'a>> {
        let found = self.source.document.variables().find(|(known, _)| *known == name)?;
        Some(TypeRef::new(found.1))
    }

    fn unknown(&self, name: &str) -> Failure {
        let names: Vec<&str> = self.source.document.variables().map(|(name, _)| name).collect();
        if names.is_empty() {
            return Failure::usage(format!("there is no variable `{name}`: the document declares none"));
        }
        let question = suggest::question(name, names.iter().copied());
        Failure::usage(format!("there is no variable `{name}`{question}; there are `{}`", names.join("`, `")))
    }
}

/// The fields of an input object.
fn fields(ty: TypeRef<'_>) -> Option<&'static [Input]> {
    match &Schema::get().ty(ty.name())?.shape {
        Shape::Input(fields) if ty.item().is_none() => Some(fields),
        _ => None,
    }
}

/// Sets a value. Lists grow, other values can be set only once.
fn insert(values: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Failure> {
    match (values.get_mut(name), value) {
        (None, value) => {
            values.insert(name.to_owned(), value);
        }
        (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
        _ => return Err(Failure::usage(format!("the variable `{name}` is set twice"))),
    }
    Ok(())
}

/// A value on the command line. `@` begins the name of a file.
fn convert(name: &str, ty: TypeRef<'_>, text: &str) -> Result<Value, Failure> {
    let file = match text.strip_prefix('@') {
        Some(path) => Some(files::text(Path::new(path))?),
        None => None,
    };
    let text = match &file {
        // Editors end a file with a line break. Only texts keep it.
        Some(text) if ty.name() != "String" => text.trim_end_matches(['\r', '\n']),
        Some(text) => text,
        None => text,
    };
    value(ty, text).map_err(|error| {
        let message =
            format!("the variable `{name}` has the type {ty}: write JSON, or single fields with `{name}[FIELD]=VALUE`");
        Failure::usage(format!("{message}: {error}"))
    })
}

/// Converts a text to a type. If it does not fit, it stays text, and the check reports the problem.
fn value(ty: TypeRef<'_>, text: &str) -> Result<Value, serde_json::Error> {
    if text == "null" && !ty.is_required() {
        return Ok(Value::Null);
    }
    if let Some(item) = ty.item() {
        return match serde_json::from_str(text) {
            Ok(Value::Array(items)) => Ok(Value::Array(items)),
            _ => Ok(Value::Array(vec![value(item, text)?])),
        };
    }
    if fields(ty.nullable()).is_some() {
        return serde_json::from_str(text);
    }
    let guess = if NOT_TEXT.contains(&ty.name()) { serde_json::from_str(text).ok() } else { None };
    Ok(guess.unwrap_or_else(|| Value::String(text.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(argument: &str, assignments: &[(&str, &str)]) -> Result<Value, String> {
        let source = Source::resolve(argument, None).unwrap();
        let assignments: Vec<Assignment> = assignments
            .iter()
            .map(|(name, value)| Assignment { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        read(&source, &assignments).map(Value::Object).map_err(|failure| failure.to_string())
    }

    #[test]
    fn texts_convert_to_the_declared_types() {
        let cases = [
            ("Int", "7", json!(7)),
            ("Float!", "0.5", json!(0.5)),
            ("Boolean", "true", json!(true)),
            ("Boolean", "null", json!(null)),
            ("String", "7", json!("7")),
            ("ID!", "7", json!("7")),
            ("BigInt", "7", json!("7")),
            ("Time", "2026-01-31T12:00:00Z", json!("2026-01-31T12:00:00Z")),
            ("JSON", "{\"a\":1}", json!({"a": 1})),
            ("JSON", "plain", json!("plain")),
            ("[Int!]", "1", json!([1])),
            ("[Int!]", "[1,2]", json!([1, 2])),
            ("[String!]", "[wip", json!(["[wip"])),
            ("CreateNoteInput!", "{\"body\":\"x\"}", json!({"body": "x"})),
        ];
        for (ty, text, expected) in cases {
            assert_eq!(value(TypeRef::new(ty), text).unwrap(), expected, "{ty} {text}");
        }
        assert!(value(TypeRef::new("CreateNoteInput!"), "body").is_err());
    }

    #[test]
    fn scalars_that_are_not_text_exist_in_the_schema() {
        for name in NOT_TEXT {
            assert!(matches!(Schema::get().ty(name).unwrap().shape, Shape::Scalar), "{name}");
        }
    }

    #[test]
    fn the_fields_of_an_input_are_set_by_name_by_member_or_as_a_whole() {
        let expected =
            json!({"input": {"projectPath": "a/b", "title": "T", "labels": ["x", "y"], "confidential": true}});
        let alone =
            [("projectPath", "a/b"), ("title", "T"), ("labels", "x"), ("labels", "y"), ("confidential", "true")];
        assert_eq!(set("create_issue", &alone).unwrap(), expected);
        let members = alone.map(|(name, value)| (format!("input[{name}]"), value));
        let members: Vec<(&str, &str)> = members.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        assert_eq!(set("create_issue", &members).unwrap(), expected);
        assert_eq!(set("create_issue", &[("input", &expected["input"].to_string())]).unwrap(), expected);
        assert_eq!(
            set("create_issue", &[("input", "{\"projectPath\":\"a/b\",\"title\":\"T\"}"), ("title", "U")]).unwrap_err(),
            "the variable `title` is set twice"
        );
    }

    #[test]
    fn invalid_variables_are_explained() {
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);
        let cases: [Case<'_>; 8] = [
            ("project_pipelines", &[("fullpath", "a/b")], "there is no variable `fullpath` (did you mean `fullPath`?)"),
            ("project_pipelines", &[], "the variables: $fullPath: needs a value: ID!"),
            ("project_pipelines", &[("fullPath", "a/b"), ("first", "many")], "$first: is Int, not a string"),
            ("project_pipelines", &[("fullPath", "a/b"), ("scope", "FINISHD")], "did you mean `FINISHED`?"),
            ("create_issue", &[("titel", "x")], "the variable `input` has no field `titel` (did you mean `title`?)"),
            ("create_issue", &[("projectPath", "a/b")], "`CreateIssueInput` needs `title`: String!"),
            (
                "create_issue",
                &[("input", "title")],
                "the variable `input` has the type CreateIssueInput!: write JSON, or",
            ),
            ("{ currentUser { id } }", &[("a", "1")], "there is no variable `a`: the document declares none"),
        ];
        for (argument, assignments, message) in cases {
            let said = set(argument, assignments).unwrap_err();
            assert!(said.contains(message), "{said}");
        }
    }
}
