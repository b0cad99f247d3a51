//! The `glabflow-codegen` command.

use anyhow::Result;
use std::path::PathBuf;

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<PathBuf> = args.map(PathBuf::from).collect();
    let mut out = std::io::stdout();
    match command.as_str() {
        "ingest-graphql" => {
            let (schema, report) = glabflow_codegen::ingest::graphql::files(&rest[1..])?;
            std::fs::write(&rest[0], glabflow_codegen::ingest::graphql::print(&schema))?;
            std::io::Write::write_all(&mut out, report.to_string().as_bytes())?;
        }
        _ => {}
    }
    Ok(())
}
