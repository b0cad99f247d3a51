//! The same client without `async`: `cargo run --example blocking --features blocking`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use glabflow::Error;
use glabflow::blocking::Client;

fn main() -> Result<(), Error> {
    let gl = Client::from_env()?;
    for project in gl.projects().list().archived(false).items().limit(20) {
        println!("{}", project?.path_with_namespace.unwrap_or_default());
    }
    Ok(())
}
