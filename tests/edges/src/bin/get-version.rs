//! Prints the version of a server: `get-version URL CA_FILE`. For tests of environment variables.

use glabflow::{Client, RetryPolicy};
use std::io::Write;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(ca_file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: get-version URL CA_FILE".into());
    };
    let gl = Client::builder(url).ca_file(ca_file).retry(RetryPolicy::never()).build()?;
    let version = gl.get("version").send::<serde_json::Value>().await?;
    writeln!(std::io::stdout(), "{}", version.into_inner())?;
    Ok(())
}
