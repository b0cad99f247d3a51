//! Counts the branches of each project, eight projects at a time, and reports every failure with its project.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use glabflow::{Client, Error};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let gl = Client::from_env()?;
    let projects = gl.projects().list().archived(false).items().limit(200);
    let mut outcomes = projects.fanout(8, |project| {
        let gl = gl.clone();
        async move {
            let mut branches = gl.branches().list(project.id.unwrap_or_default()).items();
            let mut count = 0;
            while let Some(branch) = branches.next().await {
                branch?;
                count += 1;
            }
            Ok::<u64, Error>(count)
        }
    });
    while let Some(outcome) = outcomes.next().await {
        let outcome = outcome?;
        let name = outcome.input.path_with_namespace.unwrap_or_default();
        match outcome.result {
            Ok(count) => println!("{count:6} {name}"),
            Err(error) => eprintln!("{name}: {error}"),
        }
    }
    Ok(())
}
