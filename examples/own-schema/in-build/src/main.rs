//! Uses operations that only your own GitLab has.

use glabflow::contract::graphql::GraphqlOperation;
use glabflow::contract::{Operation, Unbound, decode};
use glabflow::graphql::builder::Query;
use glabflow::graphql::operations;
use glabflow::types::Project;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A parameter that only your own GitLab has.
    let operation = glabflow::rest::projects::Projects::new(Unbound).get("group/project").with_launch_codes(true);
    let request = operation.into_request().encode()?;
    assert_eq!(
        (request.path.as_str(), request.query.as_str()),
        ("/projects/group%2Fproject", "with_launch_codes=true")
    );

    // A field that only your own GitLab has.
    let project: Project = decode::from_slice(br#"{"id": 1, "launch_code": "4-3-2-1"}"#)?;
    assert_eq!(project.launch_code.as_deref(), Some("4-3-2-1"));

    // A resource that only your own GitLab has. `glabflow` has no feature for it, so it is always there.
    let gl = glabflow::Client::builder("https://gitlab.example.com").build()?;
    let _launches = gl.launches().list();

    // GraphQL: a connection in an additional area, an enum, and a field that the generated query selects.
    let launches = operations::launches::ProjectLaunchesQuery::new("group/project");
    let variables = launches.state(operations::types::LaunchState::Landed).into_variables();
    assert!(serde_json::to_string(&variables)?.contains(r#""state":"LANDED""#));
    let in_graphql: operations::types::Project = decode::from_slice(br#"{"launchCode": "4-3-2-1"}"#)?;
    assert_eq!(in_graphql.launch_code, project.launch_code);

    // The builder checks against your own schema.
    let select = |field: &'static str| {
        Query::new("P").field("project", |p| p.arg("fullPath", "a/b").field(field, |f| f)).build()
    };
    assert!(select("launchCode").is_ok());
    assert!(select("archived").is_err_and(|invalid| invalid.to_string().contains("archived")));

    // Fields that your own GitLab lacks do not compile.
    #[cfg(feature = "removed")]
    let _ = (project.archived, in_graphql.archived);

    assert_eq!(glabflow::rest::SCHEMA.to_string(), "18.6.0 ee");
    assert_eq!(operations::SCHEMA.to_string(), "18.6.0 ee");
    println!("{} has the code {}", gl.url(), project.launch_code.unwrap_or_default());
    Ok(())
}
