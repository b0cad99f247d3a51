//! Runs a program in its own process and measures its resources.

use crate::outcome::Outcome;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use serde::{Deserialize, Serialize};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a contestant reports, as a line of JSON.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Said {
    /// Items that it read.
    pub(crate) items: u64,
    /// From the creation of its client to the last item, without the start of an interpreter.
    pub(crate) seconds: f64,
}

/// What the kernel reports for a process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Took {
    /// Processor seconds of the whole process, user and system.
    pub(crate) processor: f64,
    /// Peak memory in bytes.
    pub(crate) memory: u64,
}

/// Runs a program, passes its output on, and adds a line of JSON with the resources that it used.
///
/// The kernel counts all children of a process together. Each contestant therefore gets a parent process of its own.
pub(crate) fn watch(command: &[String]) -> Outcome<()> {
    let (program, arguments) = command.split_first().ok_or("no program to run")?;
    let status = Command::new(program).args(arguments).status().map_err(|error| format!("{program}: {error}"))?;
    if !status.success() {
        return Err(format!("{program}: {status}").into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    // Linux counts in kibibytes.
    let memory = u64::try_from(usage.max_rss())? * 1024;
    say(&Took { processor: micros as f64 / 1e6, memory })
}

/// Writes a line of JSON for the process that started this one.
pub(crate) fn say(what: &impl Serialize) -> Outcome<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

/// Runs a contestant and collects its report and that of the kernel.
pub(crate) fn measure(command: &[String]) -> Outcome<(Said, Took)> {
    let output = Command::new(std::env::current_exe()?)
        .args(["watch", "--"])
        .args(command)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let (text, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        // The last line is from `watch`, and has only the exit status.
        let complaint = complaints.trim().lines().rev().nth(1).unwrap_or("it ended without an error message");
        return Err(complaint.trim().to_owned().into());
    }
    let mut lines = text.lines().rev();
    let mut line = || lines.next().ok_or("it printed nothing");
    let took = serde_json::from_str(line()?)?;
    let said = serde_json::from_str(line()?)?;
    Ok((said, took))
}
