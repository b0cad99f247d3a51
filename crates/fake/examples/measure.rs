//! Measures how fast the server serves users:
//! `cargo run --release -p glabflow-fake --example measure -- [USERS] [CONNECTIONS]`.
//!
//! The client only counts bytes, so the result is the speed of the server, in the same process and on the same cores.

use glabflow_fake::Fake;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let mut next = |usual: u64| numbers.next().unwrap_or(Ok(usual));
    let (users, connections) = (next(1_000_000)?, next(4)?);
    let pages = users.div_ceil(100);
    let fake = Fake::builder().users(users).offset_limit(None).threads(2).start_blocking()?;
    let (page, bytes) = (AtomicU64::new(1), AtomicU64::new(0));
    let start = Instant::now();
    let outcomes: Vec<std::io::Result<()>> = std::thread::scope(|scope| {
        let clients: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| read(fake.address(), pages, &page, &bytes))).collect();
        clients.into_iter().filter_map(|client| client.join().ok()).collect()
    });
    outcomes.into_iter().collect::<Result<Vec<()>, _>>()?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{pages} requests in {seconds:.2} s: {:.0} requests/s, {:.0} users/s, {:.0} MB/s; peak memory {}",
        pages as f64 / seconds,
        users as f64 / seconds,
        bytes.into_inner() as f64 / 1e6 / seconds,
        peak(),
    )?;
    Ok(())
}

/// Reads pages over one connection until there are none left.
fn read(address: SocketAddr, pages: u64, page: &AtomicU64, bytes: &AtomicU64) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::with_capacity(1 << 18, stream.try_clone()?);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let number = page.fetch_add(1, Ordering::Relaxed);
        if number > pages {
            return Ok(());
        }
        write!(
            stream,
            "GET /api/v4/users?per_page=100&page={number} HTTP/1.1\r\nHost: x\r\nPRIVATE-TOKEN: glpat-demo\r\n\r\n"
        )?;
        let mut length = 0;
        loop {
            line.clear();
            answers.read_line(&mut line)?;
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.trim().parse().unwrap_or(0);
            }
            if line.trim().is_empty() {
                break;
            }
        }
        body.resize(length, 0);
        answers.read_exact(&mut body)?;
        bytes.fetch_add(length as u64, Ordering::Relaxed);
    }
}

/// The peak memory of the process, as the system reports it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    line.trim().to_owned()
}
