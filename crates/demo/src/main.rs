//! `glabflow-demo`: the README's first command.

use glabflow_demo::{Failure, Options, run};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use tokio::runtime::Runtime;

const NEXT: &str = "
Next:
  cargo run -p glabflow-cli -- fake                       keep such a server running, to try things on
  cargo run -p glabflow-cli -- operations merge requests  find one of GitLab's operations
  README.md                                               use glabflow in a program of your own
";

fn main() -> ExitCode {
    match demonstrate() {
        Ok(()) => ExitCode::SUCCESS,
        // Programs such as `head` stop reading when they have seen enough.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            let cause = failure.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            let _ = writeln!(io::stderr(), "glabflow-demo: {failure}{cause}");
            ExitCode::FAILURE
        }
    }
}

fn demonstrate() -> Result<(), Failure> {
    let runtime = Runtime::new().map_err(Failure::Start)?;
    let mut out = io::stdout();
    runtime.block_on(run(&Options::default(), &mut out))?;
    out.write_all(NEXT.as_bytes()).map_err(Failure::Output)
}
