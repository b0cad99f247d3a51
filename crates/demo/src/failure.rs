//! Why the demonstration ended early.

use std::error::Error;
use std::{fmt, io};

/// Why the demonstration ended early.
#[derive(Debug)]
pub enum Failure {
    /// The fake GitLab did not start.
    Start(io::Error),
    /// A call failed.
    Call(glabflow::Error),
    /// The output could not be written.
    Output(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Start(_) => f.write_str("cannot start the fake GitLab"),
            Failure::Call(error) => error.fmt(f),
            Failure::Output(_) => f.write_str("cannot write the output"),
        }
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Failure::Start(error) | Failure::Output(error) => Some(error),
            Failure::Call(error) => error.source(),
        }
    }
}

impl From<glabflow::Error> for Failure {
    fn from(error: glabflow::Error) -> Self {
        Failure::Call(error)
    }
}
