//! Uses operations that only your own GitLab has, from generated crates.

use gitlab::launches::Launches;
use gitlab::projects::Projects;
use gitlab_graphql::ids::Launch;
use gitlab_graphql::launches::{LaunchAbort, ProjectLaunchesQuery};
use glabflow::contract::{Operation, Unbound, decode};
use glabflow::graphql::GlobalId;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let gl = glabflow::Client::builder("https://gitlab.example.com").build()?;
    // `.send().await` would send it.
    let _call = Projects::new(gl.clone()).get("group/project").with_launch_codes(true);
    let _launches = Launches::new(gl.clone()).list();
    // `.await` would send it.
    let graphql = gl.graphql();
    let _abort = graphql.execute(LaunchAbort::new(GlobalId::<Launch>::of(1)).reason("wind".to_owned()));
    let _nodes = graphql.stream(ProjectLaunchesQuery::new("group/project"));

    let request = Projects::new(Unbound).get(1).with_launch_codes(true).into_request().encode()?;
    assert_eq!(request.query, "with_launch_codes=true");
    let project: gitlab::types::Project = decode::from_slice(br#"{"launch_code": "4-3-2-1"}"#)?;
    let in_graphql: gitlab_graphql::types::Project = decode::from_slice(br#"{"launchCode": "4-3-2-1"}"#)?;
    assert_eq!(in_graphql.launch_code, project.launch_code);

    #[cfg(feature = "removed")]
    let _ = (project.archived, in_graphql.archived);

    assert_eq!(gitlab::SCHEMA.to_string(), "18.6.0 ee");
    assert_eq!(gitlab_graphql::SCHEMA.to_string(), "18.6.0 ee");
    println!("{} has the code {}", gl.url(), project.launch_code.unwrap_or_default());
    Ok(())
}
