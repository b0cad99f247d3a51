//! Documents of the caller's own.

use super::definitions::{Definition, Definitions};
use super::envelope::Serde;
use super::handle::{Graphql, GraphqlCall};
use super::response::Response;
use crate::error::{Error, ErrorKind};
use graphql_client::GraphQLQuery;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

impl Graphql {
    /// A document that the caller wrote.
    pub fn document(&self, text: impl Into<Cow<'static, str>>) -> Document {
        Document::new(self.clone(), text.into())
    }

    /// Executes a query or mutation that implements the trait of `graphql_client`, for example by its derive. The output is the
    /// response data. It includes the errors in the payload of a mutation.
    ///
    /// # Errors
    /// If the request fails, if the response has errors and no data, or if the data has another shape.
    pub async fn query<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Response<Q::ResponseData>, Error> {
        let call = {
            let body = Q::build_query(variables);
            let definitions = Definitions::of_static(body.query)?;
            let definition = definitions.select(Some(body.operation_name))?;
            GraphqlCall::new(
                body.operation_name,
                definition.kind,
                body.query,
                definition.name.as_deref(),
                &body.variables,
            )?
        };
        self.run(&call, Serde::<Q::ResponseData>::new(), |data| data).await
    }
}

/// A document with its variables, ready to execute.
#[derive(Clone)]
#[must_use = "call `execute` to send the document"]
pub struct Document {
    graphql: Graphql,
    text: Cow<'static, str>,
    operation: Option<String>,
    variables: Result<Map<String, Value>, String>,
    /// The operations of the text, parsed when they are first needed.
    definitions: Arc<OnceLock<Definitions>>,
}

impl Document {
    pub(super) fn new(graphql: Graphql, text: Cow<'static, str>) -> Self {
        Document { graphql, text, operation: None, variables: Ok(Map::new()), definitions: Arc::default() }
    }

    /// Selects an operation by its name, if the document has several.
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Adds variables: anything that serialises to a JSON object.
    pub fn variables(mut self, variables: impl Serialize) -> Self {
        self.variables = self.variables.and_then(|mut all| match serde_json::to_value(variables) {
            Ok(Value::Object(more)) => {
                all.extend(more);
                Ok(all)
            }
            Ok(Value::Null) => Ok(all),
            Ok(_) => Err("must be a JSON object".to_owned()),
            Err(error) => Err(error.to_string()),
        });
        self
    }

    /// Adds one variable.
    pub fn variable(self, name: impl Into<String>, value: impl Serialize) -> Self {
        let mut document = self;
        document.variables = document.variables.and_then(|mut all| {
            all.insert(name.into(), serde_json::to_value(value).map_err(|error| error.to_string())?);
            Ok(all)
        });
        document
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The variables.
    ///
    /// # Errors
    /// If they cannot be written as JSON.
    pub(super) fn values(&self) -> Result<&Map<String, Value>, Error> {
        self.variables.as_ref().map_err(|problem| {
            Error::new(ErrorKind::Argument, format!("the variables of the GraphQL document: {problem}"))
        })
    }

    /// The operations of the document.
    ///
    /// # Errors
    /// If it is not valid.
    fn definitions(&self) -> Result<&Definitions, Error> {
        match self.definitions.get() {
            Some(known) => Ok(known),
            None => {
                let parsed = match &self.text {
                    Cow::Borrowed(text) => Definitions::of_static(text)?,
                    Cow::Owned(text) => Definitions::of(text)?,
                };
                Ok(self.definitions.get_or_init(|| parsed))
            }
        }
    }

    /// The operation that is executed.
    ///
    /// # Errors
    /// If the document is not valid or has no such operation.
    pub(super) fn definition(&self) -> Result<&Definition, Error> {
        self.definitions()?.select(self.operation.as_deref())
    }

    /// The request.
    pub(super) fn call(&self) -> Result<GraphqlCall, Error> {
        let variables = self.values()?;
        let definition = self.definition()?;
        GraphqlCall::new("graphql", definition.kind, &self.text, definition.name.as_deref(), variables)
    }

    /// Sends the document. The output is its `data`.
    ///
    /// # Errors
    /// If it is not a valid document, if the request fails, or if the response has errors and no data.
    pub async fn execute(self) -> Result<Response<Value>, Error> {
        self.execute_as().await
    }

    /// Sends the document. The output is its `data`, decoded by serde.
    ///
    /// # Errors
    /// As for [`Document::execute`], and if the data has another shape.
    pub async fn execute_as<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let call = self.call()?;
        self.graphql.run(&call, Serde::<T>::new(), |data| data).await
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Variables may have secrets under any name.
        f.debug_struct("Document").field("text", &self.text).finish_non_exhaustive()
    }
}
