//! The document of a command line: a text, a file, a saved query, or the document of an operation.

use crate::failure::Failure;
use crate::files;
use crate::suggest;
use glabflow_contract::index::graphql::Operation;
use glabflow_document::{Document, Invalid, Saved, SavedError};
use serde_json::{Map, Value};
use std::error::Error;
use std::path::Path;

/// A document that is valid against the schema.
#[derive(Debug)]
pub(crate) struct Source {
    /// The document.
    pub(crate) document: Document,
    /// The saved values of variables.
    pub(crate) variables: Map<String, Value>,
    /// The operation, if the document is from the index.
    pub(crate) operation: Option<&'static Operation>,
}

impl Source {
    /// Resolves an argument. `saved` is the folder of saved queries.
    pub(crate) fn resolve(argument: &str, saved: Option<&Path>) -> Result<Self, Failure> {
        if argument == "-" {
            return Source::parse("stdin", files::text(Path::new("-"))?);
        }
        if let Some(name) = argument.strip_prefix('@') {
            return Source::load(name, saved);
        }
        // Every document contains a brace, and names of files do not.
        if argument.contains('{') {
            return Source::parse("the document", argument.to_owned());
        }
        let path = Path::new(argument);
        let is_file = path.extension().is_some_and(|ending| ending == "graphql" || ending == "gql");
        if is_file || path.components().count() > 1 {
            return Source::parse(argument, files::text(path)?);
        }
        let operation = operation(argument)?;
        let source = Source::parse(&operation.id, operation.document.clone())?;
        Ok(Source { operation: Some(operation), ..source })
    }

    fn parse(name: &str, text: String) -> Result<Self, Failure> {
        let document = Document::parse(text).map_err(|invalid| Failure::usage(problems(name, &invalid)))?;
        Ok(Source { document, variables: Map::new(), operation: None })
    }

    fn load(name: &str, folder: Option<&Path>) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            return Err(Failure::usage(format!("`@{name}` is a saved query, but there is no folder of saved queries"))
                .hint("set it with --saved DIR or GLABFLOW_QUERIES"));
        };
        let saved = Saved::new(folder);
        let query = saved.load(name).map_err(|error| match error {
            SavedError::Io { path, source } => Failure::io(format!("cannot read {}", path.display()))(source),
            SavedError::Invalid { name, source } => Failure::usage(problems(&format!("@{name}"), &source)),
            SavedError::Missing { name } => {
                let known = saved.list().unwrap_or_default();
                let question = suggest::question(&name, known.iter().map(String::as_str));
                Failure::usage(format!("there is no saved query `{name}` in {}{question}", folder.display()))
            }
            error => {
                let why = error.source().map_or_else(String::new, |source| format!(": {source}"));
                Failure::usage(format!("{error}{why}"))
            }
        })?;
        Ok(Source { document: query.document, variables: query.variables, operation: None })
    }
}

/// The operation with an id.
pub(crate) fn operation(id: &str) -> Result<&'static Operation, Failure> {
    let index = glabflow_index::GRAPHQL.get();
    index.operation(id).ok_or_else(|| {
        let question = suggest::question(id, index.operations.iter().map(|operation| operation.id.as_str()));
        Failure::usage(format!("there is no operation `{id}`{question}"))
            .hint(format!("`gl graphql operations {id}` searches ids and fields; a document contains braces"))
    })
}

/// All problems of a document. Several problems are on separate lines.
pub(crate) fn problems(name: &str, invalid: &Invalid) -> String {
    match invalid.problems() {
        [one] => format!("{name}: {one}"),
        several => several.iter().fold(format!("{name}:"), |text, problem| format!("{text}\n  {problem}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(argument: &str, saved: Option<&Path>) -> String {
        Source::resolve(argument, saved).unwrap_err().to_string()
    }

    #[test]
    fn documents_are_found_in_all_places() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("me.graphql");
        std::fs::write(&path, "query Me { currentUser { id } }").unwrap();
        std::fs::write(folder.path().join("me.json"), "{}").unwrap();
        for argument in ["query Me { currentUser { id } }", path.to_str().unwrap(), "@me"] {
            let source = Source::resolve(argument, Some(folder.path())).unwrap();
            assert_eq!((source.document.name(), source.operation), (Some("Me"), None), "{argument}");
        }
        let source = Source::resolve("project_pipelines", None).unwrap();
        assert_eq!(source.document.name(), Some("ProjectPipelinesQuery"));
        assert_eq!(source.operation.unwrap().path, ["project", "pipelines"]);
    }

    #[test]
    fn unknown_documents_are_explained() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.graphql"), "{ currentUser { id } }").unwrap();
        assert!(message("project_pipeline", None).contains("`project_pipelines`"));
        assert!(message("@mine", None).contains("no folder"));
        assert!(message("@min", Some(folder.path())).ends_with("(did you mean `mine`?)"));
        assert!(message("@a b", Some(folder.path())).contains("cannot name a query"));
        assert!(message("no/such/file", None).starts_with("cannot read no/such/file"));
        assert_eq!(
            message("{ currentUser { nam usernam } }", None),
            "the document:\n  1:17: currentUser.nam: `CurrentUser` has no field `nam`; did you mean `name`?\n  \
             1:21: currentUser.usernam: `CurrentUser` has no field `usernam`; did you mean `username`?"
        );
    }
}
