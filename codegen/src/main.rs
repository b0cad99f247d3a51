//! The `glabflow-codegen` command.

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};
use glabflow_codegen::diff::{self, DiffArgs};
use glabflow_codegen::documents::{self, DocumentsArgs};
#[cfg(feature = "fetch")]
use glabflow_codegen::fetch::{self, FetchArgs};
use glabflow_codegen::ingest::graphql::{self, GraphqlArgs};
use glabflow_codegen::ingest::rest::{self, RestArgs};
use glabflow_codegen::output::{self, Folders, GenerateArgs};
use glabflow_codegen::stats::{GraphqlStats, Stats};
use glabflow_codegen::used::{self, UsedArgs};
use std::io::{self, Write};
use std::process::ExitCode;

/// GitLab's schemas in, a typed Rust SDK out.
///
/// Exit codes: 0 success; 1 `check` found that the generated code is stale, or `diff` a difference of the
/// level that `--fail-on` names; 2 an error, or a wrong call.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read the schemas of a running GitLab and write a schema folder.
    #[cfg(feature = "fetch")]
    Fetch(FetchArgs),
    /// Turn what GitLab publishes into a facts-only document.
    #[command(subcommand)]
    Ingest(Ingest),
    /// Write the generated crates, and remove generated files that are not written any more.
    Generate(GenerateArgs),
    /// Compare the generated crates with what `generate` would write, without writing; exit 1 when they differ.
    Check(GenerateArgs),
    /// Count operations and types, and list what of the schema is left out.
    Stats {
        #[command(flatten)]
        folders: Folders,
        /// The form of the figures.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write every GraphQL document as a file.
    Documents(DocumentsArgs),
    /// Compare two schemas: what a GitLab upgrade changes on the wire and in Rust code. Exit 1 when `--fail-on` says so.
    Diff(DiffArgs),
    /// Find the operations that a code base uses, for `diff --used`.
    Used(UsedArgs),
    /// Print how every operation is called: tag, method, id, struct.
    Names(Folders),
}

#[derive(Debug, Subcommand)]
enum Ingest {
    /// The documents of the REST API.
    Rest(RestArgs),
    /// The schema of the GraphQL API.
    Graphql(GraphqlArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// The exit code of a `check` or a `diff` that found what it was asked to fail on.
const FOUND: u8 = 1;
/// The exit code of an error.
const FAILED: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Output { to: io::stdout().lock(), is_closed: false };
    let code = run(cli.command, &mut out).and_then(|code| Ok(out.flush().map(|()| code)?));
    match code {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to tell when the terminal is gone.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(FAILED)
        }
    }
}

/// The output. When whoever reads it has seen enough, as in `| head`, the rest goes nowhere, and the command does what it
/// does otherwise: its files are written, and its exit code is the same.
struct Output<W> {
    to: W,
    is_closed: bool,
}

impl<W: Write> Output<W> {
    fn unless_closed<T>(&mut self, value: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        if self.is_closed {
            return Ok(value);
        }
        match write(&mut self.to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(value)
            }
            other => other,
        }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_closed(bytes.len(), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_closed((), Write::flush)
    }
}

fn run(command: Command, out: &mut dyn Write) -> Result<ExitCode> {
    match command {
        Command::Ingest(Ingest::Rest(args)) => rest::run(&args, out)?,
        Command::Ingest(Ingest::Graphql(args)) => graphql::run(&args, out)?,
        #[cfg(feature = "fetch")]
        Command::Fetch(args) => fetch::run(&args, out)?,
        Command::Documents(args) => documents::run(&args, out)?,
        Command::Diff(args) => {
            if diff::run(&args, out)? {
                return Ok(ExitCode::from(FOUND));
            }
        }
        Command::Used(args) => used::run(&args, out)?,
        Command::Generate(args) => {
            let written = output::run(&args)?;
            for path in &written.removed {
                writeln!(out, "removed {}", path.display())?;
            }
            writeln!(
                out,
                "{} files written, {} unchanged, {} removed",
                written.changed.len(),
                written.unchanged,
                written.removed.len()
            )?;
        }
        Command::Check(args) => {
            let differences = output::check(&args)?;
            if !differences.is_empty() {
                write!(out, "{differences}")?;
                writeln!(out, "\nthe generated code is stale: run `glabflow-codegen generate` with the same options")?;
                return Ok(ExitCode::from(FOUND));
            }
            writeln!(out, "the generated code is up to date")?;
        }
        Command::Stats { folders, format } => {
            let mut stats = Stats::of(&folders.model()?);
            if folders.has_graphql() {
                stats.graphql = Some(GraphqlStats::of(&folders.graphql_model()?));
            }
            match format {
                Format::Text => write!(out, "{stats}")?,
                Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&stats)?)?,
            }
        }
        Command::Names(folders) => {
            for operation in folders.model()?.index.operations {
                let handle = format!("{}().{}", operation.tag, operation.name);
                writeln!(out, "{handle:<64} {:<60} {}", operation.id, operation.rust_type)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
