//! Uses what only the own GitLab has, through operations of a crate of its own.

use gitlab::launches::Launches;
use gitlab::projects::Projects;
use glabflow::contract::{Operation, Unbound, decode};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let gl = glabflow::Client::builder("https://gitlab.example.com").build()?;
    // `.send().await` would send it.
    let _call = Projects::new(gl.clone()).get("group/project").with_launch_codes(true);
    let _launches = Launches::new(gl.clone()).list();

    let request = Projects::new(Unbound).get(1).with_launch_codes(true).into_request().encode()?;
    assert_eq!(request.query, "with_launch_codes=true");
    let project: gitlab::types::Project = decode::from_slice(br#"{"launch_code": "4-3-2-1"}"#)?;

    #[cfg(feature = "removed")]
    let _ = project.archived;

    assert_eq!(gitlab::SCHEMA.to_string(), "18.6.0 ee");
    println!("{} has the code {}", gl.url(), project.launch_code.unwrap_or_default());
    Ok(())
}
