//! `gl`: GitLab on the command line.
//!
//! All commands use the operation indexes and the schema. The code here has no list of operations.

mod api;
mod args;
mod check_schema;
mod completions;
mod connection;
mod console;
mod demo;
mod failure;
mod fake;
mod files;
mod graphql;
mod operations;
mod output;
mod request;
mod suggest;
mod target;
#[cfg(test)]
mod test_index;
mod values;

use args::{Cli, Command};
use clap::Parser;
use failure::Failure;
use output::Output;
use std::io::Write;
use std::process::ExitCode;
use tokio::runtime::Builder;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    let index = &glabflow_index::REST;
    let mut out = Output::stdout();
    match command {
        Command::Api(args) => return wait_for(one_thread(), api::run(index, *args)),
        Command::Graphql(args) => match args.command {
            Some(command) => graphql::operations::run(command, &mut out)?,
            None => return wait_for(one_thread(), graphql::run(*args)),
        },
        Command::Demo(args) => return wait_for(threads(), demo::run(args)),
        Command::Fake(args) => return wait_for(threads(), fake::run(args)),
        Command::Operations(args) => operations::run(index, args, &mut out)?,
        Command::CheckSchema(args) => return wait_for(one_thread(), check_schema::run(args)),
        Command::Completions { shell } => completions::run(shell, &mut out)?,
    }
    out.flush().map_err(Failure::stdout)
}

/// Runs a command that needs the network.
fn wait_for(mut runtime: Builder, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    runtime.enable_all().build().map_err(Failure::io("cannot start"))?.block_on(work)
}

/// One thread: enough for one list, and quick to start.
fn one_thread() -> Builder {
    Builder::new_current_thread()
}

/// Several threads, for a server and its clients in one program.
fn threads() -> Builder {
    Builder::new_multi_thread()
}
