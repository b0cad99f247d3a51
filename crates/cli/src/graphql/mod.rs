//! `gl graphql`: any document or operation, checked against the schema and run by the client.

mod dry_run;
pub(crate) mod operations;
mod source;
mod variables;

use crate::args::GraphqlArgs;
use crate::connection;
use crate::console;
use crate::failure::Failure;
use crate::output::{self, Formatter, Output};
use crate::suggest;
use futures_core::Stream;
use glabflow::graphql::Nodes;
use glabflow::{Client, Error, ErrorKind};
use glabflow_contract::graphql::Kind;
use glabflow_document::{Document, Estimate};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use source::Source;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// The maximum number of items that are written together.
const TOGETHER: usize = 100;

/// Runs the command.
pub(crate) async fn run(args: GraphqlArgs) -> Result<(), Failure> {
    let format = output::format(args.format, &args.columns)?;
    let source = Source::resolve(args.query.as_deref().unwrap_or_default(), args.saved.as_deref())?;
    let variables = variables::read(&source, &args.variables)?;
    let estimate = source.document.estimate(&variables);
    let path = if args.paginate.is_some() || args.limit.is_some() {
        Some(connection(&source, &estimate, args.paginate.as_ref().and_then(Option::as_deref))?)
    } else {
        None
    };
    remark(&source);
    let out = || Output::to(args.output.as_deref());
    let formatter = || Ok(Formatter::new(out()?, format, args.columns.clone()));
    if args.dry_run {
        return dry_run::write(&mut out()?, args.format, &source.document, &variables, &estimate);
    }
    let call = Call { client: connection::client(&args.connection)?, source, variables, estimate };
    match path {
        Some(path) => call.pages(&path, args.limit, formatter()?).await,
        None => call.one(formatter).await,
    }
}

/// Warns about deprecated parts.
fn remark(source: &Source) {
    for problem in source.document.deprecations() {
        console::note(format_args!("note: {problem}"));
    }
}

/// The path of the connection to read page by page. Checks that the document has all that paging requires.
fn connection(source: &Source, estimate: &Estimate, asked: Option<&str>) -> Result<String, Failure> {
    if source.document.kind() != Kind::Query {
        return Err(Failure::usage("--paginate and --limit require a query"));
    }
    let all: Vec<&str> =
        estimate.parts.iter().filter(|part| part.page.is_some()).map(|part| part.path.as_str()).collect();
    // A connection within another connection exists many times.
    let below = |path: &str| all.iter().any(|above| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.')));
    let known: Vec<&str> = all.iter().filter(|path| !below(path)).copied().collect();
    let operation = source.operation.filter(|operation| operation.page_size > 0);
    let whole = operation.map(|operation| operation.path.join("."));
    let path = match (asked.or(whole.as_deref()), known.as_slice()) {
        (_, []) => {
            return Err(Failure::usage("the document selects no connection: omit --paginate and --limit"));
        }
        (Some(path), known) if known.contains(&path) => path,
        (Some(path), known) => {
            let question = suggest::question(path, known.iter().copied());
            let message = format!("there is no connection at `{path}`, only at `{}`{question}", known.join("`, `"));
            return Err(Failure::usage(message).hint("the path consists of response keys, such as project.issues"));
        }
        (None, [one]) => one,
        (None, several) => {
            return Err(Failure::usage(format!(
                "the document selects several connections: `{}`",
                several.join("`, `")
            ))
            .hint(format!("--paginate {} reads one of them", several[0])));
        }
    };
    let selects = |name: &str| estimate.parts.iter().any(|part| part.path == format!("{path}.{name}"));
    if !selects("pageInfo") {
        return Err(Failure::usage(format!("`{path}` cannot be paged without its page info"))
            .hint("select `pageInfo { endCursor hasNextPage }` in it"));
    }
    if !selects("nodes") && !selects("edges") {
        return Err(Failure::usage(format!("no items of `{path}` are selected")).hint("select `nodes` in it"));
    }
    if !source.document.variables().any(|(name, _)| name == "after") {
        return Err(Failure::usage("the document has no variable `$after` for the cursor")
            .hint("declare `$after: String` and pass it to the connection's argument `after`"));
    }
    Ok(path.to_owned())
}

/// A valid call.
struct Call {
    client: Client,
    source: Source,
    variables: Map<String, Value>,
    estimate: Estimate,
}

impl Call {
    fn document(&self) -> &Document {
        &self.source.document
    }

    /// A single response: all data of a document, or the output of an operation.
    async fn one(self, formatter: impl FnOnce() -> Result<Formatter, Failure>) -> Result<(), Failure> {
        let document = self.client.graphql().document(self.document().text().to_owned());
        let response = document.variables(&self.variables).execute_as::<Box<RawValue>>().await;
        let response = response.map_err(|error| self.failed(error))?;
        let Some(data) = &response.output else {
            return Err(Failure::Missing("the document".to_owned()));
        };
        let whole = data.clone();
        let output = match self.source.operation {
            None => whole,
            Some(operation) => match below(&whole, &operation.path) {
                Some(output) => output,
                // The server's errors are more precise than the fact that the output is missing.
                None => {
                    response.complete().map_err(|error| self.failed(error))?;
                    return Err(Failure::Missing(operation.id.clone()));
                }
            },
        };
        let is_connection = self.source.operation.is_some_and(|operation| operation.page_size > 0);
        match page(&output).filter(|_| is_connection) {
            Some(page) => {
                let mut formatter = formatter()?;
                let items: Vec<&RawValue> = page.items.iter().map(|item| &**item).collect();
                formatter.items(&items)?;
                formatter.end()?;
                if page.has_next {
                    console::note("note: this is one page of several; --paginate reads the whole connection");
                }
            }
            None => formatter()?.document(&output)?,
        }
        for error in &response.errors {
            report(&error.to_string());
        }
        if !response.errors.is_empty() {
            return Err(Failure::Response("the response is incomplete"));
        }
        let reasons = if self.document().kind() == Kind::Mutation { reasons(data) } else { Vec::new() };
        for reason in &reasons {
            report(reason);
        }
        if reasons.is_empty() { Ok(()) } else { Err(Failure::Response("the mutation failed")) }
    }

    /// All pages of a connection, each written as soon as it arrives.
    async fn pages(self, path: &str, limit: Option<u64>, mut formatter: Formatter) -> Result<(), Failure> {
        let keys: Vec<&str> = path.split('.').collect();
        let graphql = self.client.graphql();
        let text = self.document().text().to_owned();
        let mut nodes = graphql.stream_document::<Box<RawValue>>(text, &self.variables, &keys);
        if let Some(operation) = self.source.operation
            && !self.variables.contains_key("first")
        {
            nodes = nodes.page_size(operation.page_size);
        }
        if let Some(limit) = limit {
            // Pages are not read ahead, because they may not be wanted.
            nodes = nodes.limit(limit).prefetch(0);
        }
        let mut written = 0;
        let mut partial = false;
        // The last error. It may be the end of the stream, or belong to a page with items.
        let mut last: Option<Error> = None;
        loop {
            let some = ready(&mut nodes).await;
            if some.is_empty() {
                break;
            }
            let mut items = Vec::with_capacity(some.len());
            for item in some {
                if let Some(error) = last.take() {
                    partial = true;
                    report(&error.to_string());
                }
                match item {
                    Ok(item) => items.push(item),
                    Err(error) => last = Some(error),
                }
            }
            if !items.is_empty() {
                written += items.len();
                formatter.items(&items.iter().map(|item| &**item).collect::<Vec<_>>())?;
            }
        }
        match last {
            Some(error) if written == 0 || error.is_resumable() => return Err(self.failed(error)),
            Some(error) => {
                partial = true;
                report(&error.to_string());
            }
            None => {}
        }
        formatter.end()?;
        if partial { Err(Failure::Response("the response is incomplete")) } else { Ok(()) }
    }

    /// Explains an error about the cost.
    fn failed(&self, error: Error) -> Failure {
        if error.kind() == ErrorKind::Complexity {
            console::note(format_args!("estimated cost: {}", self.estimate.explain()));
        }
        error.into()
    }
}

/// The next items: waits for the first one, then takes those that are ready. Empty at the end.
async fn ready<T: Send + 'static>(nodes: &mut Nodes<T>) -> Vec<Result<T, Error>> {
    let mut items = Vec::new();
    poll_fn(|context| {
        while items.len() < TOGETHER {
            match Pin::new(&mut *nodes).poll_next(context) {
                Poll::Ready(Some(item)) => items.push(item),
                Poll::Pending if items.is_empty() => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        Poll::Ready(())
    })
    .await;
    items
}

/// Reports an error of the server about a part of the response.
fn report(message: &str) {
    console::note(format_args!("{} {}", console::Style::stderr().bad("gl:"), console::printable(message)));
}

type Members = BTreeMap<String, Box<RawValue>>;

/// The value at a path of a JSON text; `None` if it, or a value on the path, is `null`.
fn below(data: &RawValue, path: &[String]) -> Option<Box<RawValue>> {
    let mut found = data.to_owned();
    for key in path {
        found = serde_json::from_str::<Members>(found.get()).ok()?.remove(key)?;
    }
    Some(found).filter(|found| found.get() != "null")
}

/// A page of a connection.
struct Page {
    items: Vec<Box<RawValue>>,
    has_next: bool,
}

/// The output of an operation as a page, without the items that GitLab hides, which are `null`.
fn page(output: &RawValue) -> Option<Page> {
    let mut members: Members = serde_json::from_str(output.get()).ok()?;
    let mut items: Vec<Box<RawValue>> = serde_json::from_str(members.remove("nodes")?.get()).ok()?;
    items.retain(|item| item.get() != "null");
    let info = members.remove("pageInfo").and_then(|info| serde_json::from_str::<Value>(info.get()).ok());
    Some(Page { items, has_next: info.is_some_and(|info| info["hasNextPage"] == true) })
}

/// The errors in the payloads of mutations.
fn reasons(data: &RawValue) -> Vec<String> {
    let payloads: BTreeMap<String, Value> = serde_json::from_str(data.get()).unwrap_or_default();
    let errors = payloads.values().filter_map(|payload| payload.get("errors")?.as_array()).flatten();
    errors.map(|error| error.as_str().map_or_else(|| error.to_string(), str::to_owned)).collect()
}
