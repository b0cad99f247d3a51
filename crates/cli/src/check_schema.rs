//! `gl check-schema`: compares a server with the schema of the operations.

use crate::args::{CheckSchemaArgs, Format};
use crate::connection;
use crate::console;
use crate::failure::Failure;
use crate::output::Output;
use glabflow::{Compared, MissingOperation, SchemaCheck, ServerVersion};
use serde_json::{Value, json};
use std::io::Write;

/// Runs the command.
pub(crate) async fn run(args: CheckSchemaArgs) -> Result<(), Failure> {
    let check = connection::client(&args.connection)?.check_schema().await?;
    let mut out = Output::stdout();
    match args.format {
        // The text contains the version from the server.
        Format::Table => check.to_string().lines().try_for_each(|line| writeln!(out, "{}", console::printable(line))),
        Format::Ndjson => writeln!(out, "{}", as_json(&check)),
        Format::Json => writeln!(out, "{:#}", as_json(&check)),
    }
    .and_then(|()| out.flush())
    .map_err(Failure::stdout)?;
    if check.is_match() {
        Ok(())
    } else {
        Err(Failure::Response("the server does not match the schema, or does not report its version"))
    }
}

fn as_json(check: &SchemaCheck) -> Value {
    let server = |server: &ServerVersion| json!({ "version": server.version, "enterprise": server.enterprise });
    json!({
        "server": check.server.as_ref().map(server),
        // GitLab does not report which REST operations it supports.
        "rest": interface(check.rest, None),
        "graphql": check.graphql.map(|graphql| interface(graphql, check.missing_operations.as_deref())),
        "matches": check.is_match(),
    })
}

fn interface(compared: Compared, missing: Option<&[MissingOperation]>) -> Value {
    let as_json = |missing: &MissingOperation| json!({ "operation": missing.operation, "lacks": missing.lacks });
    json!({
        "version": compared.schema.version,
        "edition": compared.schema.edition,
        "difference": compared.difference.as_str(),
        "missing": missing.map(|missing| missing.iter().map(as_json).collect::<Vec<_>>()),
    })
}
