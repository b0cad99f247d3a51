//! Speed and memory beside other clients, and beside loops written by hand.
//!
//! `cargo run --release -p glabflow-bench -- run` starts the fake GitLab as a process of its own, lets every contestant read
//! the same things as a process of its own, one after the other and round by round, and writes table and plot into
//! `docs/`. A contestant whose language or package is missing is left out, with a note.

mod contestant;
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

/// What everything here can fail with: this is a tool for people, who read the text.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Runs glabflow beside other clients, and writes table and plot into docs/")]
struct Arguments {
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Run contestants beside each other.
    Run(run::Options),
    /// Draw the plot anew from the tables in docs/performance.md.
    Plot,
    /// Serve a fake GitLab until the standard input ends.
    Serve(replay::Options),
    /// Be one contestant, and say how it went.
    Be(contestant::Options),
    /// Run a program, and say what it took.
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
            run::note(&format!("failed: {error}"));
            ExitCode::FAILURE
        }
    }
}
