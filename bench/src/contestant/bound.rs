//! Loops written by hand with the same HTTP library: no retries, no limits, no checks, and several numbered pages at once.

use super::nodes::{Connection, Data};
use super::options::{AT_ONCE, Options, paths};
use crate::http;
use crate::outcome::Outcome;
use crate::scenario::Work;
use bytes::Bytes;
use futures_util::stream::{self, FuturesUnordered, Stream, StreamExt as _};
use glabflow::contract::graphql::ResponseData;
use glabflow::graphql::GraphqlOperation as _;
use glabflow::graphql::operations::projects::ProjectsQuery;
use glabflow::graphql::operations::users::UsersQuery;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The types of a program that reads all fields, generated from the fields of our types; see `build.rs`.
mod types {
    #![allow(dead_code, unreachable_pub, missing_docs, clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/by_hand.rs"));
}

const PER_PAGE: u64 = 100;

/// Counts the items of a page.
type Counting = fn(&Bytes) -> Outcome<u64>;

pub(crate) async fn read(kind: &str, options: &Options) -> Outcome<u64> {
    let (list, typed): (&str, Counting) = match options.work {
        Work::Users => ("users", decoded::<types::User>),
        Work::Projects => ("projects", decoded::<types::Project>),
        Work::Nodes => return nodes(options).await,
        Work::Paths if kind == "rest" => return paths_by_rest(options).await,
        Work::Paths => return paths_by_list(options).await,
    };
    match kind {
        "typed" => by_number(options, list, typed).await,
        "raw" => by_number(options, list, thrown_away).await,
        "keyset" => by_keyset(options, list, typed).await,
        kind => Err(format!("there is no contestant bound-{kind}").into()),
    }
}

fn decoded<T: DeserializeOwned>(body: &Bytes) -> Outcome<u64> {
    let items: Vec<T> = serde_json::from_slice(body)?;
    Ok(std::hint::black_box(items).len() as u64)
}

/// A page that is not decoded counts as full, unless it is empty.
fn thrown_away(body: &Bytes) -> Outcome<u64> {
    Ok(if body.len() > 2 { PER_PAGE } else { 0 })
}

/// Several tasks. Each takes the next number until a page is not full.
async fn by_number(options: &Options, list: &str, count: Counting) -> Outcome<u64> {
    let http = http::client()?;
    let (page, found) = (Arc::new(AtomicU64::new(1)), Arc::new(AtomicU64::new(0)));
    let mut tasks = Vec::new();
    for _ in 0..AT_ONCE {
        let (http, page, found) = (http.clone(), Arc::clone(&page), Arc::clone(&found));
        let (token, url) = (options.token.clone(), format!("{}/api/v4/{list}?per_page={PER_PAGE}&page=", options.url));
        tasks.push(tokio::spawn(async move {
            loop {
                let number = page.fetch_add(1, Ordering::Relaxed);
                let response = http.get(format!("{url}{number}")).header("PRIVATE-TOKEN", &token).send().await?;
                let items = count(&response.error_for_status()?.bytes().await?)?;
                found.fetch_add(items, Ordering::Relaxed);
                if items < PER_PAGE {
                    return Outcome::Ok(());
                }
            }
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(found.load(Ordering::Relaxed))
}

/// One page after the other by the server's links, as GitLab requires for long lists.
async fn by_keyset(options: &Options, list: &str, count: Counting) -> Outcome<u64> {
    let http = http::client()?;
    let query = format!("pagination=keyset&order_by=id&sort=asc&per_page={PER_PAGE}");
    let mut next = Some(format!("{}/api/v4/{list}?{query}", options.url));
    let mut found = 0;
    while let Some(url) = next.take() {
        let response = http.get(url).header("PRIVATE-TOKEN", &options.token).send().await?.error_for_status()?;
        if let Some(link) = response.headers().get("link").and_then(|link| link.to_str().ok()) {
            let url = link.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
            next = url.filter(|(_, rest)| rest.contains("next")).map(|(url, _)| url.to_owned());
        }
        found += count(&response.bytes().await?)?;
    }
    Ok(found)
}

#[derive(Deserialize)]
struct Envelope {
    data: Data,
}

async fn graphql(
    http: &reqwest::Client,
    options: &Options,
    document: &str,
    variables: serde_json::Value,
) -> Outcome<Bytes> {
    let request = http.post(format!("{}/api/graphql", options.url)).header("PRIVATE-TOKEN", &options.token);
    let body = json!({ "query": document, "variables": variables }).to_string();
    let response = request.header("Content-Type", "application/json").body(body).send().await?.error_for_status()?;
    Ok(response.bytes().await?)
}

async fn nodes(options: &Options) -> Outcome<u64> {
    let http = http::client()?;
    let document = UsersQuery::DESCRIPTOR.document;
    let (mut found, mut after) = (0, None);
    loop {
        let body = graphql(&http, options, document, json!({ "first": PER_PAGE, "after": after })).await?;
        let Envelope { data: Data { users: Connection { nodes, page_info } } } = serde_json::from_slice(&body)?;
        found += std::hint::black_box(nodes).len() as u64;
        if !page_info.has_next_page {
            return Ok(found);
        }
        after = page_info.end_cursor;
    }
}

#[derive(Deserialize)]
struct Found {
    data: ResponseData<ProjectsQuery>,
}

/// As many paths in one request as GitLab accepts, all requests at once.
async fn paths_by_list(options: &Options) -> Outcome<u64> {
    let (http, paths) = (http::client()?, paths(options).await?);
    let document = ProjectsQuery::DESCRIPTOR.document;
    let asked = paths.chunks(50).map(async |paths| {
        let body = graphql(&http, options, document, json!({ "fullPaths": paths, "first": 50 })).await?;
        let Found { data } = serde_json::from_slice(&body)?;
        Outcome::Ok(data.output.map_or(0, |found| found.nodes.len() as u64))
    });
    sum(asked.collect::<FuturesUnordered<_>>()).await
}

async fn paths_by_rest(options: &Options) -> Outcome<u64> {
    let (http, paths) = (http::client()?, paths(options).await?);
    let asked = paths.into_iter().map(async |path: String| {
        let url = format!("{}/api/v4/projects/{}", options.url, path.replace('/', "%2F"));
        let response = http.get(url).header("PRIVATE-TOKEN", &options.token).send().await?.error_for_status()?;
        let project: types::Project = serde_json::from_slice(&response.bytes().await?)?;
        Outcome::Ok(u64::from(std::hint::black_box(project).f_id.is_some()))
    });
    sum(stream::iter(asked).buffer_unordered(AT_ONCE)).await
}

async fn sum(mut asked: impl Stream<Item = Outcome<u64>> + Unpin) -> Outcome<u64> {
    let mut found = 0;
    while let Some(more) = asked.next().await {
        found += more?;
    }
    Ok(found)
}
