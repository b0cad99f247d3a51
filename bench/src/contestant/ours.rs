//! glabflow with its ways of reading.

use super::options::{AT_ONCE, Options, paths};
use crate::outcome::Outcome;
use crate::scenario::Work;
use crate::tracer::Counter;
use glabflow::graphql::operations::users::UsersQuery;
use glabflow::{CircuitBreaker, Client, Concurrency, Items, RateLimits, RetryPolicy, Token, Tracing};

/// Requests in flight, as many as the forerunner has.
const WIDE: usize = 200;

pub(crate) async fn read(options: &Options) -> Outcome<u64> {
    let mut builder = Client::builder(&options.url).token(Token::personal(options.token.as_str()));
    match options.name.as_str() {
        "glabflow" | "glabflow-parallel" | "glabflow-partitioned" => {}
        "glabflow-wide" => builder = builder.concurrency(Concurrency::fixed(WIDE)),
        "glabflow-traced" => {
            tracing::subscriber::set_global_default(Counter::default())?;
            builder = builder.observer(Tracing);
        }
        "glabflow-off" => {
            builder = builder.retry(RetryPolicy::never()).rate_limits(RateLimits::off());
            builder = builder.circuit_breaker(CircuitBreaker::off()).concurrency(Concurrency::fixed(AT_ONCE));
        }
        name => return Err(format!("there is no contestant {name}").into()),
    }
    let gl = builder.build()?;
    match options.work {
        Work::Users => count(at_once(gl.users().list().items(), options), |user| user.id.is_some()).await,
        Work::Projects => count(at_once(gl.projects().list().items(), options), |project| project.id.is_some()).await,
        Work::Nodes => {
            let mut nodes = gl.graphql().stream(UsersQuery::new());
            let mut found = 0;
            while let Some(node) = nodes.next().await {
                found += u64::from(node?.id.is_some());
            }
            Ok(found)
        }
        Work::Paths => {
            let mut found = 0;
            for project in gl.graphql().loaders().projects_by_path().load_all(paths(options).await?).await {
                found += u64::from(project?.is_some());
            }
            Ok(found)
        }
    }
}

/// The stream of this contestant.
fn at_once<T: Send + 'static>(items: Items<T>, options: &Options) -> Items<T> {
    match options.name.as_str() {
        "glabflow-parallel" => items.parallel(AT_ONCE),
        "glabflow-wide" => items.parallel(WIDE),
        "glabflow-partitioned" => items.partitioned(AT_ONCE).unordered(),
        _ => items,
    }
}

async fn count<T: Send + 'static>(mut items: Items<T>, is_there: impl Fn(&T) -> bool) -> Outcome<u64> {
    let mut found = 0;
    while let Some(item) = items.next().await {
        found += u64::from(is_there(&item?));
    }
    Ok(found)
}
