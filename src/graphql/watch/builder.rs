//! How a watch begins.

use super::changes::ChangeStream;
use super::source::{Request, Source};
use super::state::WatchState;
use crate::graphql::handle::{Graphql, GraphqlCall};
use crate::graphql::pager;
use glabflow_contract::Decode;
use glabflow_contract::graphql::{ConnectionOperation, GraphqlOperation, List, Variables};
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

impl Graphql {
    /// Watches a connection: reads all of it at intervals and reports what has changed.
    ///
    /// ```no_run
    /// # use glabflow::graphql::{Change, ConnectionOperation};
    /// # async fn run<O>(gl: glabflow::Client, issues: O, key: fn(&O::Node) -> String) -> Result<(), glabflow::Error>
    /// # where O: ConnectionOperation<Node: Send + 'static> + Clone + Send + Sync + 'static {
    /// let mut changes = gl.graphql().watch(issues).by(key);
    /// while let Some(change) = changes.next().await {
    ///     if let Change::Removed { key } = change? {
    ///         println!("{key} was removed");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch<O>(&self, operation: O) -> WatchBuilder<O::Node>
    where
        O: ConnectionOperation + Clone + Send + Sync + 'static,
    {
        let variables = operation.clone().into_variables();
        let set = match serde_json::to_value(&variables) {
            Ok(Value::Object(set)) => pager::page_size(&set),
            _ => None,
        };
        let page_size = set.unwrap_or(variables.descriptor().page_size);
        let request = move |cursor, size| GraphqlCall::page(&operation, cursor, size);
        WatchBuilder::new(self, variables, page_size, Arc::new(request))
    }

    /// Watches a list without pages.
    pub fn watch_list<T: Decode, O>(&self, operation: O) -> WatchBuilder<T>
    where
        O: GraphqlOperation<Output = List<T>> + Clone + Send + Sync + 'static,
    {
        let variables = operation.clone().into_variables();
        // A size of 1 cannot be halved.
        WatchBuilder::new(self, variables, 1, Arc::new(move |_, _| GraphqlCall::typed(operation.clone())))
    }
}

/// A list to watch. [`WatchBuilder::by`] sets the key of its items.
#[must_use = "call `by` to watch the list"]
pub struct WatchBuilder<T> {
    source: Source,
    variables: Variables,
    item: PhantomData<fn() -> T>,
}

impl<T: Decode> WatchBuilder<T> {
    fn new(graphql: &Graphql, variables: Variables, page_size: u32, request: Request) -> Self {
        // A cached response would hide changes.
        let graphql = graphql.clone().uncached();
        let source = Source { graphql, request, descriptor: variables.descriptor(), page_size };
        WatchBuilder { source, variables, item: PhantomData }
    }

    /// Identifies items by a key. The operation must select what the key is made of.
    pub fn by<K: ToString>(self, key: impl Fn(&T) -> K + Send + Sync + 'static) -> ChangeStream<T> {
        ChangeStream::new(self.source, WatchState::new(&self.variables), move |item| key(item).to_string())
    }
}

impl<T> fmt::Debug for WatchBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchBuilder").field("operation", &self.source.descriptor.id).finish_non_exhaustive()
    }
}
