//! `gl fake`: the embedded fake GitLab as a program.

use crate::args::FakeArgs;
use crate::console;
use crate::failure::Failure;
use crate::output::Output;
use glabflow_fake::Fake;
use std::future::poll_fn;
use std::io::Write;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Runs the command until Ctrl-C.
pub(crate) async fn run(args: FakeArgs) -> Result<(), Failure> {
    let mut builder = Fake::builder()
        .port(args.port)
        .users(args.users)
        .projects(args.projects)
        .latency(Duration::from_millis(args.latency_ms))
        .fail_rate(args.fail_rate)
        .seed(args.seed);
    if let Some(requests) = args.rate_limit {
        builder = builder.rate_limit(requests);
    }
    // Listens for Ctrl-C before the URL is printed, because a script may send it immediately.
    let mut stop = pin!(tokio::signal::ctrl_c());
    if let Poll::Ready(end) = poll_fn(|context| Poll::Ready(stop.as_mut().poll(context))).await {
        return end.map_err(Failure::io("cannot wait for Ctrl-C"));
    }
    let fake = builder.start().await.map_err(Failure::io("cannot start the fake GitLab"))?;

    let mut out = Output::stdout();
    writeln!(out, "{}", fake.url()).and_then(|()| out.flush()).map_err(Failure::stdout)?;
    console::note(format_args!(
        "A fake GitLab with {} users and {} projects. Stop it with Ctrl-C.\n\n  \
           {:<20} administrator\n  {:<20} read-only\n  {:<20} a plain user\n\n\
         Try it in another terminal:\n\n  \
           export GITLAB_URL={} GITLAB_TOKEN={}\n  \
           gl api list_projects --limit 10 --format table\n",
        console::thousands(args.users),
        console::thousands(args.projects),
        glabflow_fake::ADMIN_TOKEN,
        glabflow_fake::READ_ONLY_TOKEN,
        glabflow_fake::USER_TOKEN,
        fake.url(),
        glabflow_fake::ADMIN_TOKEN,
    ));
    stop.await.map_err(Failure::io("cannot wait for Ctrl-C"))?;
    console::note(format_args!("requests served: {}", console::thousands(fake.requests().total)));
    Ok(())
}
