//! `glabflow-codegen fetch`: reads the schemas of a running GitLab into a schema folder.
//!
//! - `http` sends requests: where the token may be sent, limits on time and size, checks of responses.
//! - `proxy` reads the proxies from the environment.
//! - `server` is the GitLab server: its version, and queries to its GraphQL API.
//! - `introspect` reads the GraphQL schema, in one query or in parts.
//! - `openapi` finds the REST document.
//! - `folder` writes the schema folder atomically.

mod folder;
mod http;
mod introspect;
mod openapi;
mod proxy;
mod server;

use crate::ingest::graphql::schema::Schema;
use crate::ingest::rest::overlay::Overlay;
use crate::ingest::rest::print;
use crate::ingest::{graphql, rest};
use crate::model::{self, graphql::Rules};
use crate::schema_dir::fingerprint::fingerprint;
use crate::schema_dir::layout::{GRAPHQL_SCHEMA, REST_SCHEMA, SCHEMA_MANIFEST, SELECTION};
use crate::schema_dir::manifest;
use anyhow::{Context, Result, bail};
use folder::Folder;
use server::Server;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// The default variable of the token.
const TOKEN_ENV: &str = "GITLAB_TOKEN";

/// The selection rules for folders without rules: those of this project, as far as they fit.
const DEFAULT_SELECTION: &str = concat!(
    "# Entries that name something that the schema does not have are ignored.\nmissing = \"ignore\"\n\n",
    include_str!("../../selection.toml")
);

/// Reads the schemas of a GitLab server and writes a schema folder: facts only, unless `--docs` is given.
///
/// The token is read from the environment and sent only to the server of `--url`. The server reports its version only to
/// requests with a token; the GraphQL schema is often public.
#[derive(Debug, Clone, clap::Args)]
pub struct FetchArgs {
    /// The address of the server, such as `https://gitlab.example.com`, with the path if GitLab is installed below one.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The environment variable with the access token, whose scope is `read_api` [default: GITLAB_TOKEN, if it is set].
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
    /// The schema folder to write. Its other files are kept: selection rules, an overlay, older versions.
    #[arg(long, value_name = "DIR", default_value = "schema")]
    pub out: PathBuf,
    /// The OpenAPI document: a file, a URL, or `none` to keep the REST document of the folder [default: the document that
    /// GitLab published for the server's version].
    #[arg(long, value_name = "FILE|URL|none")]
    pub openapi: Option<String>,
    /// The server's version, if it does not report it.
    #[arg(long, value_name = "VERSION")]
    pub gitlab_version: Option<String>,
    /// The server's edition, `ce` or `ee`, if it does not report it.
    #[arg(long, value_name = "EDITION", value_parser = ["ce", "ee"])]
    pub edition: Option<String>,
    /// Keep descriptions, which become doc comments.
    #[arg(long)]
    pub docs: bool,
    /// Read the GraphQL schema in parts from the start, for servers and proxies that reject the complete query.
    #[arg(long)]
    pub parts: bool,
    /// A file with the certificates (PEM) of the authorities to trust for the server of `--url`, instead of the system's.
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// The maximum seconds for one response.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

/// Runs the command. The summary goes to `out`. Nothing is written unless everything is valid.
///
/// # Errors
/// If the server cannot be reached, is not a GitLab server or rejects a request, if a response is invalid, or if the folder
/// cannot be written.
pub fn run(args: &FetchArgs, out: &mut dyn Write) -> Result<()> {
    let out: &mut dyn Write = &mut Summary(out);
    let (folder, notes) = Folder::open(&args.out)?;
    for note in notes {
        writeln!(out, "{note}")?;
    }
    let http = http::Http::new(http::Settings {
        url: &args.url,
        token: token(args.token_env.as_deref())?,
        ca_file: args.ca_file.as_deref(),
        timeout: Duration::from_secs(args.timeout),
    })?;
    let server = Server::new(&http);
    let mut version = server.version()?;
    version.number = version.number.or_else(|| args.gitlab_version.clone());
    version.edition = version.edition.or_else(|| args.edition.clone());
    writeln!(out, "server: {version}")?;

    let mut files = Vec::new();
    let mut tables = Vec::new();
    let found = introspect::introspect(&server, args.parts, args.docs)?;
    write!(out, "GraphQL: read in {} requests", found.requests)?;
    match &found.parts {
        Some(parts) => writeln!(out, ", {parts}")?,
        None => writeln!(out)?,
    }
    let (schema, report) =
        graphql::documents(&[("the server's response".to_owned(), found.document.to_string())], args.docs)?;
    write!(out, "{report}")?;
    let text = graphql::print(&schema);
    tables.push(("graphql", entry("introspection", &version, ("types", schema.types.len()), &text)));
    files.push((GRAPHQL_SCHEMA, text.clone()));

    let number = version.number.as_deref();
    if let Some((name, document)) = openapi::find(&http, args.openapi.as_deref(), number)? {
        let overlay = folder.existing("rest/overlay.toml");
        let overlay = overlay.is_file().then(|| Overlay::read(&overlay)).transpose()?;
        let (document, report) = rest::ingest(vec![(name, document)], overlay.as_ref(), args.docs)?;
        write!(out, "{report}")?;
        let source = report.inputs.first().map_or("", |input| input.format);
        let text = print::document(&document);
        tables.push(("rest", entry(source, &version, ("operations", report.output.operations), &text)));
        files.push((REST_SCHEMA, text));
    } else if !folder.existing(REST_SCHEMA).is_file() {
        writeln!(out, "no REST document: `generate` needs one; use --openapi")?;
    }

    let selection = folder.read(SELECTION)?;
    operations(&schema, selection.as_deref().unwrap_or(DEFAULT_SELECTION), out)?;
    let old = folder.read(SCHEMA_MANIFEST)?.unwrap_or_default();
    files.push((SCHEMA_MANIFEST, manifest::with(&old, &tables).context(SCHEMA_MANIFEST)?));
    if selection.is_none() {
        files.push((SELECTION, DEFAULT_SELECTION.to_owned()));
    }
    folder.replace(&files)?;
    for (file, _) in &files {
        writeln!(out, "wrote {}", args.out.join(file).display())?;
    }
    Ok(())
}

/// Reports what will be generated from the GraphQL schema: the number of operations, and whether they select less than the
/// rules say. If the folder's rules do not fit the schema, that is a note, not an error: users change the rules afterwards.
fn operations(schema: &Schema, selection: &str, out: &mut dyn Write) -> Result<()> {
    match Rules::parse(selection).and_then(|rules| model::graphql::fitted(schema, &rules)) {
        Ok(fitted) => {
            write!(out, "GraphQL: {} operations", fitted.index.operations.len())?;
            match fitted.shrunk {
                Some(shrunk) => writeln!(out, "; {shrunk}")?,
                None => writeln!(out)?,
            }
        }
        Err(error) => writeln!(out, "GraphQL: `generate` will fail until {SELECTION} is changed: {error:#}")?,
    }
    Ok(())
}

/// The output of the summary. If the reader closes it early, as in `| head -1`, the folder is still written.
struct Summary<'a>(&'a mut dyn Write);

impl Write for Summary<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            outcome => outcome,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => outcome,
        }
    }
}

fn entry(source: &'static str, version: &server::Version, count: (&'static str, usize), text: &str) -> manifest::Entry {
    manifest::Entry {
        source,
        version: version.number.clone(),
        edition: version.edition.clone(),
        count,
        fingerprint: fingerprint(text.as_bytes()),
    }
}

/// The token from the environment.
fn token(name: Option<&str>) -> Result<Option<String>> {
    let value = match std::env::var(name.unwrap_or(TOKEN_ENV)) {
        Ok(value) => value.trim().to_owned(),
        Err(std::env::VarError::NotPresent) => String::new(),
        Err(std::env::VarError::NotUnicode(_)) => bail!("${} is not text", name.unwrap_or(TOKEN_ENV)),
    };
    match (name, value.is_empty()) {
        (Some(name), true) => bail!("${name} is not set; it must contain the access token"),
        (None, true) => Ok(None),
        // A value that is invalid in a header is not a token, and a later error would show it.
        (_, false) if !value.bytes().all(|byte| byte.is_ascii_graphic()) => {
            bail!("${} is not a token: tokens have only letters, digits and punctuation", name.unwrap_or(TOKEN_ENV))
        }
        (_, false) => Ok(Some(value)),
    }
}
