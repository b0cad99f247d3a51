//! Uploads a file to a project: `cargo run --example upload --features markdown -- group/project FILE`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use glabflow::Client;
use glabflow::Upload;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(project), Some(path)) = (args.next(), args.next()) else {
        return Err("usage: upload PROJECT FILE".into());
    };
    let gl = Client::from_env()?;
    // The file is read while it is sent.
    let file = gl.markdown().upload_file_for_project(project, Upload::path(path)).send().await?;
    println!("{}", file.markdown.as_deref().unwrap_or_default());
    Ok(())
}
