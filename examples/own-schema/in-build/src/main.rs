//! Uses what only the own GitLab has.

use glabflow::contract::{Operation, Unbound, decode};
use glabflow::types::Project;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A parameter of its own.
    let operation = glabflow::rest::projects::Projects::new(Unbound).get("group/project").with_launch_codes(true);
    let request = operation.into_request().encode()?;
    assert_eq!((request.path.as_str(), request.query.as_str()), ("/projects/group%2Fproject", "with_launch_codes=true"));

    // A field of its own.
    let project: Project = decode::from_slice(br#"{"id": 1, "launch_code": "4-3-2-1"}"#)?;
    assert_eq!(project.launch_code.as_deref(), Some("4-3-2-1"));

    // A resource of its own, for which `glabflow` has no feature: it is always there.
    let gl = glabflow::Client::builder("https://gitlab.example.com").build()?;
    let _launches = gl.launches().list();

    // What the own GitLab does not have does not compile.
    #[cfg(feature = "removed")]
    let _ = project.archived;

    assert_eq!(glabflow::rest::SCHEMA.to_string(), "18.6.0 ee");
    println!("{} has the code {}", gl.url(), project.launch_code.unwrap_or_default());
    Ok(())
}
