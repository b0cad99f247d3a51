//! Streams all users, and prints their number and the rate at the end. Memory does not grow with their number.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints")]

use glabflow::{Client, Error};
use std::time::Instant;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let gl = Client::from_env()?;
    let start = Instant::now();
    let mut users = gl.users().list().items().prefetch(2);
    let (mut read, mut bad) = (0_u64, 0_u64);
    while let Some(user) = users.next().await {
        match user {
            Ok(_) => read += 1,
            // An undecodable item does not end the stream. An unreadable page does.
            Err(error) if error.is_decode() => {
                eprintln!("{error}");
                bad += 1;
            }
            Err(error) => {
                if let Some(token) = error.resume_token() {
                    eprintln!("continue with {token}");
                }
                return Err(error);
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{read} users, {bad} undecodable, {:.0} a second", read as f64 / seconds);
    Ok(())
}
