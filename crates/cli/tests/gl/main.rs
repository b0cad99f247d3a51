//! The real program, with its exit codes, stdout and stderr.

mod api;
mod check_schema;
mod commands;
mod demo;
mod fake;
mod graphql;
mod operations;

use std::io::Write;
use std::process::{Command, Stdio};

/// The result of a run.
#[derive(Debug)]
struct Run {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Run {
    /// The outputs of a run that must succeed.
    #[track_caller]
    fn succeeded(self) -> Self {
        assert_eq!(self.code, 0, "stderr: {}", self.stderr);
        self
    }

    /// The stderr of a run that must fail with this code.
    #[track_caller]
    fn failed(self, code: i32) -> String {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert_eq!(self.stdout, "", "stdout carries data only");
        self.stderr
    }
}

/// The program with an environment without server, token and proxy.
fn gl(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gl"));
    for name in [
        "GITLAB_URL",
        "GITLAB_TOKEN",
        "CI_SERVER_URL",
        "CI_JOB_TOKEN",
        "GLABFLOW_QUERIES",
        "NO_COLOR",
        "http_proxy",
        "HTTP_PROXY",
    ] {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end with this stdin.
fn finish(mut command: Command, input: &[u8]) -> Run {
    let mut child = command.stdin(Stdio::piped()).spawn().expect("gl starts");
    // A program that does not read its input closes it.
    let _ = child.stdin.take().expect("stdin is a pipe").write_all(input);
    let output = child.wait_with_output().expect("gl ends");
    let text = |bytes| String::from_utf8(bytes).expect("output is text");
    Run { code: output.status.code().expect("no signal"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the program to its end.
fn run(args: &[&str]) -> Run {
    finish(gl(args), b"")
}
