//! `gl demo`: the demonstration of `glabflow-demo`, with sizes that the caller chooses.

use crate::args::DemoArgs;
use crate::failure::Failure;
use crate::output::Output;
use glabflow_demo::Options;
use std::io::Write;
use std::time::Duration;

const NEXT: &str = "
Next:
  gl fake                          run this server until Ctrl-C
  gl operations merge requests     find an operation
  gl api list_projects --paginate  call it, with GITLAB_URL and GITLAB_TOKEN set
";

/// Runs the command.
pub(crate) async fn run(args: DemoArgs) -> Result<(), Failure> {
    let mut options = Options::default();
    options.users = args.users;
    options.projects = args.projects;
    options.concurrency = args.concurrency;
    options.latency = Duration::from_millis(args.latency_ms);
    let mut out = Output::stdout();
    glabflow_demo::run(&options, &mut out).await?;
    out.write_all(NEXT.as_bytes()).and_then(|()| out.flush()).map_err(Failure::stdout)
}

impl From<glabflow_demo::Failure> for Failure {
    fn from(failure: glabflow_demo::Failure) -> Self {
        match failure {
            glabflow_demo::Failure::Call(error) => Failure::Call(error),
            glabflow_demo::Failure::Output(source) => Failure::stdout(source),
            glabflow_demo::Failure::Start(source) => Failure::io("cannot start the fake GitLab")(source),
        }
    }
}
