//! The command tree: every command, flag and help text of `gl`.

mod parse;

pub(crate) use parse::Assignment;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use glabflow_contract::graphql::Kind;
use parse::{duration, share};
use std::path::PathBuf;
use std::time::Duration;

/// GitLab on the command line: any REST operation or GraphQL document, checked against GitLab's schema before it is
/// sent.
#[derive(Debug, Parser)]
#[command(
    name = "gl",
    version,
    about,
    arg_required_else_help = true,
    subcommand_required = true,
    infer_long_args = false,
    after_help = "Exit codes: 0 success, 1 failure, 2 usage, 3 not found, 4 not authorized, 5 rate limited.\n\
                  Data goes to stdout; notes, progress and errors go to stderr."
)]
pub(crate) struct Cli {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Call any operation, by id or by path
    Api(Box<ApiArgs>),
    /// Execute a GraphQL document or operation, or estimate its cost
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Graphql(Box<GraphqlArgs>),
    /// List GitLab's operations, or show one with its parameters
    #[command(args_conflicts_with_subcommands = true)]
    Operations(OperationsArgs),
    /// Compare a server with the schema of the operations
    CheckSchema(CheckSchemaArgs),
    /// See typed operations stream from an embedded fake GitLab
    Demo(DemoArgs),
    /// Run the embedded fake GitLab until Ctrl-C
    Fake(FakeArgs),
    /// Print a completion script for a shell
    #[command(after_help = "bash:  source <(gl completions bash)\n\
                            zsh:   source <(gl completions zsh)\n\
                            fish:  gl completions fish | source")]
    Completions {
        /// The shell.
        shell: Shell,
    },
}

/// Formats of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One indented JSON document
    Json,
    /// One line of JSON for each item
    Ndjson,
    /// Columns
    Table,
}

/// `gl api`.
#[derive(Debug, Args)]
#[command(
    override_usage = "gl api [OPTIONS] OPERATION\n       gl api [OPTIONS] [METHOD] PATH",
    after_help = "Examples:\n  \
        gl api get_project --field id=group/project\n  \
        gl api list_projects --field archived=false --paginate --format ndjson\n  \
        gl api projects/:id/issues --field id=group/project --field state=opened --format table\n  \
        gl api POST projects/1/issues --field title='A new issue' --field labels=bug\n\n\
        `gl operations WORD...` finds operations, `gl operations show ID` lists the parameters of one."
)]
pub(crate) struct ApiArgs {
    /// An operation's id, or a path; a method may precede the path (default: GET)
    #[arg(value_name = "METHOD|PATH|OPERATION", num_args = 1..=2, required = true)]
    pub(crate) target: Vec<String>,

    /// A parameter, checked against its type; `@FILE` reads the value or uploads the file, `@-` is stdin
    #[arg(short = 'F', long = "field", value_name = "NAME=VALUE", value_parser = Assignment::parse)]
    pub(crate) fields: Vec<Assignment>,

    /// A parameter sent as unchanged text, even if the schema does not know it
    #[arg(short = 'f', long = "raw-field", value_name = "NAME=VALUE", value_parser = Assignment::parse)]
    pub(crate) raw_fields: Vec<Assignment>,

    /// The request body: a JSON object, or the file if the operation takes one; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,

    /// Read all pages of a list and write items as they arrive
    #[arg(long)]
    pub(crate) paginate: bool,

    /// Stop after this many items of a list; reads no more pages than necessary
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,

    /// The output format (default: json, or table if columns are selected)
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// The columns of a table, such as id,name,owner.username
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,

    /// Write the response to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Report status and headers of the response on stderr
    #[arg(short, long)]
    pub(crate) include: bool,

    /// The server and the connection to it.
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// `gl graphql`.
#[derive(Debug, Args)]
#[command(
    override_usage = "gl graphql [OPTIONS] QUERY|FILE|-|@NAME|OPERATION\n       gl graphql operations|show ...",
    after_help = "Examples:\n  \
        gl graphql '{ currentUser { username } }'\n  \
        gl graphql project_pipelines --var fullPath=group/project --paginate --format ndjson\n  \
        gl graphql create_issue --var projectPath=group/project --var title='A new issue'\n  \
        gl graphql issues.graphql --var path=group/project --paginate project.issues --dry-run\n\n\
        `gl graphql operations WORD...` finds operations, `gl graphql show ID` shows the variables and the document of one."
)]
pub(crate) struct GraphqlArgs {
    /// `operations` and `show`.
    #[command(subcommand)]
    pub(crate) command: Option<GraphqlCommand>,

    /// A document, a .graphql file, `-` for stdin, `@` and the name of a saved query, or an operation's id
    #[arg(value_name = "QUERY|FILE|-|@NAME|OPERATION", required = true)]
    pub(crate) query: Option<String>,

    /// A variable of the type in the document; `@FILE` reads the value, `@-` is stdin
    #[arg(short = 'F', long = "var", value_name = "NAME=VALUE", value_parser = Assignment::parse)]
    pub(crate) variables: Vec<Assignment>,

    /// Read all pages of a connection and write items as they arrive; PATH is required if there are several connections
    #[arg(long, value_name = "PATH", num_args = 0..=1)]
    pub(crate) paginate: Option<Option<String>>,

    /// Stop after this many items of the connection; reads no more pages than necessary
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,

    /// Print the document, the variables and the estimated cost, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// The folder of saved queries [env: GLABFLOW_QUERIES]
    #[arg(long, value_name = "DIR", env = "GLABFLOW_QUERIES", hide_env = true)]
    pub(crate) saved: Option<PathBuf>,

    /// The output format (default: json, or table if columns are selected)
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,

    /// The columns of a table, such as iid,title,author.username
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,

    /// Write the response to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// The server and the connection to it.
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// Subcommands of `gl graphql`.
#[derive(Debug, Subcommand)]
pub(crate) enum GraphqlCommand {
    /// List the generated operations
    Operations {
        /// Words that must all occur in the id, kind, path or area
        #[arg(value_name = "SEARCH")]
        search: Vec<String>,

        /// Only operations of this kind
        #[arg(long, value_enum)]
        kind: Option<OperationKind>,

        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Show one operation: variables with types, response, edition, cost, document
    Show {
        /// The operation's id
        id: String,

        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// The kinds of GraphQL operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OperationKind {
    /// Reads
    Query,
    /// Writes
    Mutation,
    /// Receives changes
    Subscription,
}

impl From<OperationKind> for Kind {
    fn from(kind: OperationKind) -> Self {
        match kind {
            OperationKind::Query => Kind::Query,
            OperationKind::Mutation => Kind::Mutation,
            OperationKind::Subscription => Kind::Subscription,
        }
    }
}

/// The server and the connection to it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    /// The server, with or without /api/v4 [env: GITLAB_URL; CI_SERVER_URL; default: gitlab.com]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// A file that holds the access token [env: GITLAB_TOKEN; in a CI job CI_JOB_TOKEN, for its own server]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// The timeout of a call including all retries, such as 30s, 2m or 500ms
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// The maximum number of requests in flight; with --paginate, of pages that are read at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: Option<u16>,

    /// Report each request on stderr, without its secrets
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// `gl operations`.
#[derive(Debug, Args)]
pub(crate) struct OperationsArgs {
    /// `show`.
    #[command(subcommand)]
    pub(crate) command: Option<OperationsCommand>,

    /// Words that must all occur in the id, method, path or tag
    #[arg(value_name = "SEARCH")]
    pub(crate) search: Vec<String>,

    /// Only operations of this tag, such as projects
    #[arg(long)]
    pub(crate) tag: Option<String>,

    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

/// `gl operations show`.
#[derive(Debug, Subcommand)]
pub(crate) enum OperationsCommand {
    /// Show one operation: parameters with types, response, paging, documentation
    Show {
        /// The operation's id
        id: String,

        /// The output format
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

/// `gl check-schema`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 if the server matches, 1 if it differs, lacks something or does not report its version; others as for \
                        every command."
)]
pub(crate) struct CheckSchemaArgs {
    /// The output format; table is text
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,

    /// The server and the connection to it.
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
}

/// The maximum number of users and of projects of the fake GitLab.
const MOST: u64 = 10_000_000;

/// `gl demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The number of users of the fake GitLab
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(2..=MOST))]
    pub(crate) users: u64,

    /// The number of projects of the fake GitLab
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MOST))]
    pub(crate) projects: u64,

    /// The maximum number of requests in flight
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,

    /// The delay of each response of the fake GitLab
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,
}

/// `gl fake`.
#[derive(Debug, Args)]
#[command(after_help = "stdout carries only the URL, so that a script can read it; everything else goes to stderr.")]
pub(crate) struct FakeArgs {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) port: u16,

    /// The number of users
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(2..=MOST))]
    pub(crate) users: u64,

    /// The number of projects
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=MOST))]
    pub(crate) projects: u64,

    /// The delay of each response
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency_ms: u64,

    /// The share of requests that fail, from 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = share)]
    pub(crate) fail_rate: f64,

    /// The maximum number of requests of a token in a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) rate_limit: Option<u64>,

    /// The seed of data and failures; the same seed gives the same server
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_tree_is_valid() {
        Cli::command().debug_assert();
    }
}
