//! Failures of commands, and their exit codes.

use crate::console;
use glabflow::ErrorKind;
use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// The reason for the failure of a command.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong; nothing was sent.
    Usage {
        /// The problem.
        message: String,
        /// Advice.
        hint: Option<String>,
    },
    /// The call failed.
    Call(glabflow::Error),
    /// The result is `null`: it does not exist or is not visible.
    Missing(String),
    /// The response was written, and it reports a problem.
    Response(&'static str),
    /// A file or stream could not be read or written.
    Io {
        /// What failed.
        doing: String,
        /// The cause.
        source: io::Error,
    },
    /// The reader of stdout has stopped, as `head` does. This is not reported.
    ClosedPipe,
}

impl Failure {
    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::Usage { message: message.into(), hint: None }
    }

    /// A file or stream that could not be read or written.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Failure::Io { doing, source }
    }

    /// A failure of writing to stdout.
    pub(crate) fn stdout(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Io { doing: "cannot write to stdout".to_owned(), source },
        }
    }

    /// Reports it to the user, and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let code = self.exit_code();
        if let Failure::ClosedPipe = self {
            return ExitCode::SUCCESS;
        }
        let style = console::Style::stderr();
        console::note(format_args!("{} {self}", style.bad("gl:")));
        if let Failure::Usage { hint: Some(hint), .. } = &self {
            console::note(format_args!("{} {hint}", style.strong("hint:")));
        }
        ExitCode::from(code)
    }

    /// The exit code, as `gl --help` documents it.
    fn exit_code(&self) -> u8 {
        match self {
            Failure::ClosedPipe => 0,
            Failure::Io { .. } | Failure::Response(_) => 1,
            Failure::Usage { .. } => 2,
            Failure::Missing(_) => 3,
            Failure::Call(error) => match error.kind() {
                ErrorKind::Argument | ErrorKind::Configuration => 2,
                ErrorKind::NotFound => 3,
                ErrorKind::Unauthorized | ErrorKind::Forbidden => 4,
                ErrorKind::RateLimited => 5,
                _ => 1,
            },
        }
    }

    /// The same failure with advice.
    #[must_use]
    pub(crate) fn hint(self, advice: impl Into<String>) -> Self {
        match self {
            Failure::Usage { message, .. } => Failure::Usage { message, hint: Some(advice.into()) },
            other => other,
        }
    }
}

impl From<glabflow::Error> for Failure {
    fn from(error: glabflow::Error) -> Self {
        Failure::Call(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage { message, .. } => f.write_str(message),
            Failure::Call(error) => {
                write!(f, "{}", console::printable(&error.to_string()))?;
                let mut source = error.source();
                while let Some(cause) = source {
                    write!(f, ": {}", console::printable(&cause.to_string()))?;
                    source = cause.source();
                }
                Ok(())
            }
            Failure::Missing(what) => {
                write!(f, "{what}: the result is null; it does not exist, or is not visible to this token")
            }
            Failure::Response(what) => f.write_str(what),
            Failure::Io { doing, source } => write!(f, "{doing}: {source}"),
            Failure::ClosedPipe => f.write_str("the reader of the output has stopped"),
        }
    }
}
