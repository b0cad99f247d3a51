//! How close the client gets to the best throughput of a saturated server, over real sockets. Prints requests per second for
//! fixed and for adaptive numbers of concurrent requests.
//!
//! ```sh
//! cargo run --release -p glabflow --example concurrency
//! ```

use futures_util::future::join_all;
use glabflow::{Client, Concurrency, Token};
use glabflow_fake::Fake;
use std::time::{Duration, Instant};

/// Requests of one measurement.
const REQUESTS: usize = 2000;
/// The time that a worker of the server takes for a request.
const SERVICE: Duration = Duration::from_millis(20);

/// The result of one number of concurrent requests.
struct Measured {
    /// Successful requests per second.
    rate: f64,
    /// Requests that failed although they were retried: the server rejects requests while its queue is full.
    failed: usize,
    /// Concurrent requests in the end.
    at_once: usize,
}

fn measure(workers: usize, queue: usize, concurrency: Concurrency) -> Result<Measured, Box<dyn std::error::Error>> {
    let fake = Fake::builder().users(5).capacity(workers, SERVICE, queue).start_blocking()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).concurrency(concurrency).build()?;
    let start = Instant::now();
    let outcomes = runtime.block_on(join_all((0..REQUESTS).map(|_| gl.get("users/1").bytes())));
    let failed = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    let rate = (REQUESTS - failed) as f64 / start.elapsed().as_secs_f64();
    Ok(Measured { rate, failed, at_once: gl.concurrency() })
}

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("workers  queue  at once       requests/s  failed");
    for (workers, queue) in [(4, 100), (20, 100), (20, 10)] {
        let mut best = 0.0_f64;
        for fixed in [workers, workers + workers / 4, workers * 2] {
            let Measured { rate, failed, .. } = measure(workers, queue, Concurrency::fixed(fixed))?;
            println!("{workers:7}  {queue:5}  fixed {fixed:3}     {rate:10.0}  {failed:6}");
            best = best.max(rate);
        }
        let Measured { rate, failed, at_once } = measure(workers, queue, Concurrency::adaptive(100))?;
        let share = rate / best * 100.0;
        println!("{workers:7}  {queue:5}  adaptive {at_once:3}  {rate:10.0}  {failed:6}  {share:.0} % of the best");
    }
    Ok(())
}
