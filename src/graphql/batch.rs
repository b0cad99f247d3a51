//! Several operations and documents at once.

use super::document::Document;
use super::envelope::Serde;
use super::handle::{Graphql, GraphqlCall};
use super::response::Response;
use crate::error::{Error, ErrorKind};
use futures_util::stream::{self, StreamExt};
use glabflow_contract::Decode;
use glabflow_contract::graphql::{GraphqlOperation, ResponseData};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Default number of concurrent requests.
const CONCURRENCY: usize = 4;

impl Graphql {
    /// Several operations and documents, sent concurrently, with one result for all.
    pub fn batch(&self) -> Batch {
        Batch { graphql: self.clone(), entries: Vec::new(), concurrency: CONCURRENCY }
    }
}

/// An entry of a [`Batch`]: a typed operation or a [`Document`].
#[derive(Debug)]
pub struct Entry(Result<GraphqlCall, Error>);

impl<O: GraphqlOperation> From<O> for Entry {
    fn from(operation: O) -> Self {
        Entry(GraphqlCall::typed(operation))
    }
}

impl From<Document> for Entry {
    fn from(document: Document) -> Self {
        Entry(document.call())
    }
}

/// Operations and documents by name.
///
/// ```no_run
/// # use glabflow::graphql::GraphqlOperation;
/// # async fn run<O: GraphqlOperation>(gl: glabflow::Client, pipelines: O) -> Result<(), glabflow::Error> {
/// let graphql = gl.graphql();
/// let me = graphql.document("{ currentUser { username } }");
/// let mut results = graphql.batch().add("me", me).add("pipelines", pipelines).concurrency(2).run().await?;
/// let pipelines = results.take::<O>("pipelines")?;
/// for (name, error) in results.failures() {
///     eprintln!("{name}: {error}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "call `run` to send the batch"]
pub struct Batch {
    graphql: Graphql,
    entries: Vec<(String, Entry)>,
    concurrency: usize,
}

impl Batch {
    /// Adds an operation or a document. It is sent with the options of the handle that created the batch.
    pub fn add(mut self, name: impl Into<String>, entry: impl Into<Entry>) -> Self {
        self.entries.push((name.into(), entry.into()));
        self
    }

    /// Maximum number of concurrent requests of the batch (default: 4). The limit of the
    /// [client](crate::ClientBuilder::concurrency) also applies.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Sends all entries and waits for their results. A failure of an entry is a result too. Dropping the future cancels the requests.
    ///
    /// # Errors
    /// If two entries have the same name. Nothing is sent then.
    pub async fn run(self) -> Result<Results, Error> {
        let mut names = std::collections::BTreeSet::new();
        if let Some((name, _)) = self.entries.iter().find(|(name, _)| !names.insert(name.as_str())) {
            return Err(Error::new(ErrorKind::Argument, format!("the batch has two entries named `{name}`")));
        }
        let graphql = &self.graphql;
        let work = self.entries.into_iter().map(|(name, entry)| async move {
            let result = match entry.0 {
                Ok(call) => graphql.run(&call, Serde::<Value>::new(), |data| data).await,
                Err(error) => Err(error),
            };
            (name, result)
        });
        let results = stream::iter(work).buffer_unordered(self.concurrency).collect().await;
        Ok(Results(results))
    }
}

/// The results of a [`Batch`] by name.
pub struct Results(BTreeMap<String, Result<Response<Value>, Error>>);

impl Results {
    /// Whether nothing failed. A partial response is not a failure.
    pub fn is_ok(&self) -> bool {
        self.0.values().all(Result::is_ok)
    }

    /// The failures by name.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &Error)> {
        self.0.iter().filter_map(|(name, result)| Some((name.as_str(), result.as_ref().err()?)))
    }

    /// The result with this name.
    pub fn get(&self, name: &str) -> Option<&Result<Response<Value>, Error>> {
        self.0.get(name)
    }

    /// Removes and returns the result of a typed operation.
    ///
    /// # Errors
    /// The operation's own error. Also if there is no result with this name, or it belongs to another operation.
    pub fn take<O: GraphqlOperation>(&mut self, name: &str) -> Result<Response<O::Output>, Error> {
        let missing = || Error::new(ErrorKind::Argument, format!("the batch has no result named `{name}`"));
        let response = self.0.remove(name).ok_or_else(missing)??;
        response.try_map(|data| Ok(ResponseData::<O>::decode(data)?.output))
    }

    /// All results by name.
    pub fn into_map(self) -> BTreeMap<String, Result<Response<Value>, Error>> {
        self.0
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("entries", &self.entries.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.0).finish()
    }
}
