//! `gl completions`: scripts that complete commands and flags in a shell.

use crate::args::Cli;
use crate::failure::Failure;
use crate::output::Output;
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;

/// Writes the script for a shell.
pub(crate) fn run(shell: Shell, out: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "gl", &mut script);
    out.write_all(&script).map_err(Failure::stdout)
}
