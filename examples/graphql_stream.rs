//! Streams a connection, and prints a resume token if it is interrupted:
//! `cargo run --example graphql_stream --features graphql -- gitlab-org [TOKEN]`.

use serde_json::{Value, json};
use std::io::Write;

const DOCUMENT: &str = "
query ($group: ID!, $after: String, $first: Int) {
  group(fullPath: $group) {
    projects(after: $after, first: $first, includeSubgroups: true) {
      nodes { fullPath }
      pageInfo { endCursor hasNextPage }
    }
  }
}";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let group = args.next().ok_or("give the path of a group")?;
    let gl = glabflow::Client::from_env()?;
    let variables = json!({ "group": group });
    let mut projects = gl.graphql().stream_document::<Value>(DOCUMENT, variables, &["group", "projects"]);
    if let Some(token) = args.next() {
        projects = projects.resume(token.parse()?);
    }
    let mut out = std::io::stdout();
    while let Some(project) = projects.next().await {
        match project {
            Ok(project) => writeln!(out, "{}", project["fullPath"])?,
            Err(error) => writeln!(out, "{error}\ncontinue with: {}", projects.resume_token())?,
        }
    }
    Ok(())
}
