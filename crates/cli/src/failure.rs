//! Why a command did not succeed, and the exit code that says so.

use crate::console;
use glabflow::ErrorKind;
use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line cannot be understood; nothing was sent.
    Usage {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The call failed.
    Call(glabflow::Error),
    /// What was asked for does not exist, or may not be seen: an answer came, and it is `null`.
    Missing(String),
    /// An answer came and has been written, and it says that something did not work out.
    Answer(&'static str),
    /// A file or stream could not be read or written.
    Io {
        /// What was being done.
        doing: String,
        /// What went wrong.
        source: io::Error,
    },
    /// Whoever reads stdout has gone, as `head` does when it has seen enough. Nobody needs to be told.
    ClosedPipe,
}

impl Failure {
    /// A command line that cannot be understood.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure::Usage { message: message.into(), hint: None }
    }

    /// A file or stream that could not be read or written.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Failure::Io { doing, source }
    }

    /// What became of writing to stdout.
    pub(crate) fn stdout(source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Io { doing: "cannot write to stdout".to_owned(), source },
        }
    }

    /// Tells the user about it, and gives the exit code.
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
            Failure::Io { .. } | Failure::Answer(_) => 1,
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
                write!(f, "{what}: the server answers with null; it does not exist, or this token may not see it")
            }
            Failure::Answer(what) => f.write_str(what),
            Failure::Io { doing, source } => write!(f, "{doing}: {source}"),
            Failure::ClosedPipe => f.write_str("nobody reads the output"),
        }
    }
}
