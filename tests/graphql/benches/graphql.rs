//! How fast a connection is streamed, and what a loader saves against asking for each project by itself.
//!
//! `cargo bench -p glabflow-graphql-tests`. The fake GitLab runs in the same process and executes the documents, so it takes
//! most of the time; with latency, requests do.

use glabflow::graphql::operations::projects::ProjectQuery;
use glabflow::graphql::operations::users::UsersQuery;
use glabflow::{Client, Error, Token, fanout};
use glabflow_fake::Fake;
use std::io::Write;
use std::time::{Duration, Instant};

const NODES: u64 = 20_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut out = std::io::stdout().lock();
    let fake = Fake::builder().users(NODES).start_blocking()?;
    let gl = client(&fake)?;
    for _ in 0..3 {
        let start = Instant::now();
        let nodes = runtime.block_on(stream(&gl))?;
        assert_eq!(nodes, NODES);
        writeln!(out, "{nodes} users as nodes: {:.0}/s", nodes as f64 / start.elapsed().as_secs_f64())?;
    }
    for latency in [0, 50] {
        let fake = Fake::builder().projects(200).latency(Duration::from_millis(latency)).start_blocking()?;
        let gl = client(&fake)?;
        let paths = runtime.block_on(paths(&gl))?;
        assert_eq!(paths.len(), 200);
        writeln!(out, "200 projects by path, {latency} ms latency:")?;
        for (name, how) in
            [("loader", How::Loader), ("each by itself, 20 at once", How::Each(20)), ("one by one", How::Each(1))]
        {
            fake.forget_requests();
            let start = Instant::now();
            let found = runtime.block_on(load(&gl, &paths, how))?;
            let (time, requests) = (start.elapsed(), fake.requests().total);
            assert_eq!(found, paths.len());
            writeln!(out, "  {name}: {requests} requests, {:.0} ms", time.as_secs_f64() * 1e3)?;
        }
    }
    Ok(())
}

fn client(fake: &Fake) -> Result<Client, Error> {
    Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build()
}

async fn stream(gl: &Client) -> Result<u64, Error> {
    let mut users = gl.graphql().stream(UsersQuery::new());
    let mut count = 0;
    while let Some(user) = users.next().await {
        count += u64::from(user?.username.is_some());
    }
    Ok(count)
}

async fn paths(gl: &Client) -> Result<Vec<String>, Error> {
    let projects = gl.projects().list().items().all().await?;
    Ok(projects.into_iter().filter_map(|project| project.path_with_namespace).collect())
}

#[derive(Clone, Copy)]
enum How {
    Loader,
    Each(usize),
}

async fn load(gl: &Client, paths: &[String], how: How) -> Result<usize, Error> {
    let mut found = 0;
    match how {
        How::Loader => {
            for project in gl.graphql().loaders().projects_by_path().load_all(paths.iter().cloned()).await {
                found += usize::from(project?.is_some());
            }
        }
        How::Each(at_once) => {
            let graphql = gl.graphql();
            let ask = |path: String| {
                let (graphql, operation) = (graphql.clone(), ProjectQuery::new(path));
                async move { graphql.execute(operation).await }
            };
            let mut all = fanout(paths.to_vec(), at_once, ask);
            while let Some(outcome) = all.next().await {
                found += usize::from(outcome.result?.output.is_some());
            }
        }
    }
    Ok(found)
}
