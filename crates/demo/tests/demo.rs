//! The demonstration, as the program and as a library.

use glabflow_demo::{Failure, Options, run};
use std::io::{self, Write};
use std::process::Command;
use tokio::runtime::Runtime;

fn small(users: u64, projects: u64) -> Options {
    let mut options = Options::default();
    options.users = users;
    options.projects = projects;
    options
}

fn printed(options: &Options) -> String {
    let mut out = Vec::new();
    Runtime::new().unwrap().block_on(run(options, &mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

/// Result, requests and retries of the row whose call begins so.
fn row<'a>(output: &'a str, call: &str) -> Vec<&'a str> {
    let line = output.lines().find(|line| line.starts_with(call)).unwrap_or_else(|| panic!("{call}: {output}"));
    line[46..].split_whitespace().take(4).collect()
}

#[test]
fn every_call_reads_everything_and_the_failures_are_visible() {
    let output = printed(&small(120, 12));
    assert_eq!(row(&output, "gl.users().list().items()  "), ["120", "users", "2", "0"]);
    assert_eq!(row(&output, "gl.users().list().items().parallel(8)")[..2], ["120", "users"]);
    assert_eq!(row(&output, "gl.projects()"), ["12", "projects", "2", "1"]);
    assert_eq!(row(&output, "fanout(")[1..], ["pipelines", "12", "0"]);
    assert!(output.contains("11 other projects are complete"), "{output}");
}

#[test]
fn a_server_without_projects_is_shown_too() {
    let output = printed(&small(5, 0));
    assert_eq!(row(&output, "gl.projects()"), ["0", "projects", "2", "1"]);
    assert!(!output.contains("deleted"), "{output}");
}

#[test]
fn the_program_says_what_to_do_next() {
    let output = Command::new(env!("CARGO_BIN_EXE_glabflow-demo")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(output.stderr, b"");
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.contains("2,000 users") && stdout.contains("\nNext:\n"), "{stdout}");
}

#[test]
fn output_that_cannot_be_written_is_reported() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let failure = Runtime::new().unwrap().block_on(run(&small(5, 1), &mut Closed)).unwrap_err();
    assert!(matches!(failure, Failure::Output(_)), "{failure:?}");
}
