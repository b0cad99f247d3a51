//! A query written by hand. `graphql_client` derives its types from the schema of this repository:
//! `cargo run --example graphql_derive --features graphql -- gitlab-org/gitlab`.

use graphql_client::GraphQLQuery;
use std::io::Write;

#[derive(GraphQLQuery)]
#[graphql(schema_path = "schema/graphql/schema.graphql", query_path = "examples/graphql/project.graphql")]
struct ProjectSummary;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("give the path of a project")?;
    let gl = glabflow::Client::from_env()?;
    let response = gl.graphql().query::<ProjectSummary>(project_summary::Variables { path }).await?;
    let project = response.required()?.project.ok_or("no such project, or it is not visible to this token")?;
    let group = project.group.map(|group| group.full_path).unwrap_or_default();
    writeln!(std::io::stdout(), "{} has {} stars, group `{group}`", project.name, project.star_count)?;
    Ok(())
}
