//! GraphQL.

use super::client::Client;
use super::engine::Engine;
use super::lists::Nodes;
use super::mirror::mirror;
use crate::error::Error;
use crate::graphql::{self, Cache, ConnectionOperation, GraphqlOperation, Response};
use graphql_client::GraphQLQuery;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Executes GraphQL. See [`glabflow::graphql::Graphql`](crate::graphql::Graphql).
#[derive(Clone, Debug)]
pub struct Graphql {
    inner: graphql::Graphql,
    engine: Arc<Engine>,
}

impl Client {
    /// Executes GraphQL.
    pub fn graphql(&self) -> Graphql {
        Graphql { inner: self.inner.graphql(), engine: Arc::clone(&self.engine) }
    }
}

impl Graphql {
    fn change(self, change: impl FnOnce(graphql::Graphql) -> graphql::Graphql) -> Self {
        Graphql { inner: change(self.inner), ..self }
    }

    mirror! { "graphql::Graphql"
        pub fn timeout(self, timeout: Duration) -> Self;
        pub fn cache(self, cache: &Cache) -> Self;
        pub fn uncached(self) -> Self;
        pub fn tag(self, tag: impl Into<String>) -> Self;
    }

    /// See [`glabflow::graphql::Graphql::execute`](crate::graphql::Graphql::execute).
    ///
    /// # Errors
    /// As for that method.
    pub fn execute<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        self.engine.wait(self.inner.execute(operation))
    }

    /// See [`glabflow::graphql::Graphql::execute_payload`](crate::graphql::Graphql::execute_payload).
    ///
    /// # Errors
    /// As for that method.
    pub fn execute_payload<O: GraphqlOperation>(&self, operation: O) -> Result<Response<O::Output>, Error> {
        self.engine.wait(self.inner.execute_payload(operation))
    }

    /// See [`glabflow::graphql::Graphql::query`](crate::graphql::Graphql::query).
    ///
    /// # Errors
    /// As for that method.
    pub fn query<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Response<Q::ResponseData>, Error> {
        self.engine.wait(self.inner.query::<Q>(variables))
    }

    /// See [`glabflow::graphql::Graphql::document`](crate::graphql::Graphql::document).
    pub fn document(&self, text: impl Into<Cow<'static, str>>) -> Document {
        Document { inner: self.inner.document(text), engine: Arc::clone(&self.engine) }
    }

    /// See [`glabflow::graphql::Graphql::stream`](crate::graphql::Graphql::stream).
    pub fn stream<O>(&self, operation: O) -> Nodes<O::Node>
    where
        O: ConnectionOperation<Node: Send + 'static> + Clone + Send + 'static,
    {
        Nodes::new(self.inner.stream(operation), &self.engine)
    }

    /// See [`glabflow::graphql::Graphql::stream_document`](crate::graphql::Graphql::stream_document).
    pub fn stream_document<T>(
        &self,
        text: impl Into<Cow<'static, str>>,
        variables: impl Serialize,
        path: &[&str],
    ) -> Nodes<T>
    where
        T: DeserializeOwned + Send + 'static,
    {
        Nodes::new(self.inner.stream_document(text, variables, path), &self.engine)
    }
}

/// A document with its variables, ready to execute. See [`glabflow::graphql::Document`](crate::graphql::Document).
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `execute`"]
pub struct Document {
    inner: graphql::Document,
    engine: Arc<Engine>,
}

impl Document {
    fn change(self, change: impl FnOnce(graphql::Document) -> graphql::Document) -> Self {
        Document { inner: change(self.inner), ..self }
    }

    mirror! { "graphql::Document"
        pub fn operation(self, name: impl Into<String>) -> Self;
        pub fn variables(self, variables: impl Serialize) -> Self;
        pub fn variable(self, name: impl Into<String>, value: impl Serialize) -> Self;
        pub async fn execute(self) -> Result<Response<Value>, Error>;
    }

    /// See [`glabflow::graphql::Document::execute_as`](crate::graphql::Document::execute_as).
    ///
    /// # Errors
    /// As for that method.
    pub fn execute_as<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        self.engine.wait(self.inner.execute_as())
    }
}
