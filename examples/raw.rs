//! Requests without a typed operation: any path, any type, and the raw response.
#![expect(clippy::print_stdout, reason = "an example prints")]

use glabflow::{Client, Error};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let gl = Client::from_env()?;
    let version = gl.get("version").send::<Value>().await?.into_inner();
    println!("{version}");

    // All pages of a list at any path.
    let mut issues = gl.get("issues").query("scope", "all").query("labels", "bug").items::<Value>().limit(5);
    while let Some(issue) = issues.next().await {
        println!("{}", issue?["title"]);
    }

    let response = gl.get("projects").query("per_page", 1).bytes().await?;
    println!("{} bytes, {:?}", response.len(), response.page());
    Ok(())
}
