//! Compares speed and memory with other clients, and with loops written by hand.
//!
//! `cargo run --release -p glabflow-bench -- run` starts the fake GitLab in its own process. Each contestant reads the same
//! items in its own process, one after the other and round by round. With `--write`, the tables and the plot go into `docs/`.
//! A contestant whose language or package is missing is skipped, with a note.

mod contestant;
mod http;
mod measurement;
mod outcome;
mod peers;
mod plot;
mod process;
mod replay;
mod report;
mod run;
mod scenario;
mod tracer;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(about = "Compares glabflow with other clients, and writes tables and plot into docs/")]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Run the contestants and compare them.
    Run(run::Options),
    /// Draw the plot again from the tables in docs/performance.md.
    Plot,
    /// Serve a fake GitLab until the standard input ends.
    Serve(replay::Options),
    /// Be one contestant, and print its result.
    Be(contestant::options::Options),
    /// Run a program, and print the resources that it used.
    Watch {
        /// The program and its arguments.
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().mode {
        Mode::Run(options) => run::run(&options),
        Mode::Plot => report::write(&run::docs(), &[]),
        Mode::Serve(options) => replay::serve(&options),
        Mode::Be(options) => contestant::be(&options),
        Mode::Watch { command } => process::watch(&command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            outcome::note(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}
