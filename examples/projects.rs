//! Lists projects: `GITLAB_URL=https://gitlab.example.com GITLAB_TOKEN=... cargo run --example projects`.
//!
//! Without a GitLab at hand, `cargo run -p glabflow-cli -- fake` starts one and prints how to reach it.
#![expect(clippy::print_stdout, reason = "an example prints")]

use glabflow::{Client, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let gl = Client::from_env()?;
    let mut projects = gl.projects().list().archived(false).items().limit(20);
    while let Some(project) = projects.next().await {
        println!("{}", project?.path_with_namespace.unwrap_or_default());
    }
    Ok(())
}
