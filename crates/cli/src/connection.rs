//! Creates a client from flags and environment.

use crate::args::ConnectionArgs;
use crate::console::{self, Style, thousands};
use crate::failure::Failure;
use glabflow::{Client, ClientBuilder, Event, EventKind, Token};
use std::env;
use std::fs;

/// Creates a client from flags and environment.
pub(crate) fn client(args: &ConnectionArgs) -> Result<Client, Failure> {
    let mut builder = builder(args)?.user_agent(concat!("gl/", env!("CARGO_PKG_VERSION")));
    if let Some(path) = &args.token_file {
        let text = fs::read_to_string(path).map_err(Failure::io(format!("cannot read {}", path.display())))?;
        builder = builder.token(Token::personal(text));
    }
    if let Some(timeout) = args.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(concurrency) = args.concurrency {
        builder = builder.concurrency(usize::from(concurrency));
    }
    if args.verbose {
        builder = builder.observer(report);
    }
    Ok(builder.build()?)
}

/// Server and token, before the other flags. There is no flag for the token, because every user of the machine can read
/// the arguments of a program.
fn builder(args: &ConnectionArgs) -> Result<ClientBuilder, Failure> {
    let Some(url) = &args.url else { return Ok(ClientBuilder::from_env()?) };
    let builder = Client::builder(url.as_str());
    // The token of a CI job is for the job's own server, so it is not sent to another one.
    Ok(match env::var("GITLAB_TOKEN") {
        Ok(token) if !token.trim().is_empty() => builder.token(Token::personal(token)),
        _ => builder,
    })
}

/// Reports the events of a request. Secrets in URLs and errors are already masked.
fn report(event: &Event<'_>) {
    let what = match &event.kind {
        EventKind::Finished { status, bytes, duration, .. } => {
            let size = bytes.map_or_else(String::new, |bytes| format!(", {} bytes", thousands(bytes as u64)));
            format!("{status}{size}, {} ms", duration.as_millis())
        }
        EventKind::Failed { error, duration } => {
            let status = error.status().map_or_else(|| "no response".to_owned(), |status| status.to_string());
            format!("{status}, {} ms", duration.as_millis())
        }
        EventKind::Retrying { delay, .. } => format!("retry in {} ms", delay.as_millis()),
        EventKind::Waiting { delay, budget, .. } => {
            let time = match delay {
                Some(delay) => format!("for {} ms", delay.as_millis()),
                None => "until other requests finish".to_owned(),
            };
            format!("waits {time}: the rate limit `{budget}` is exhausted")
        }
        _ => return,
    };
    let line = format!("{} {} {} -> {what}", event.operation, event.method, event.url());
    console::note(Style::stderr().faint(&line));
}
