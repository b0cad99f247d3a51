//! How fast a long list is read, against a loop written by hand over the same HTTP library and decoder, and how much
//! memory that takes.
//!
//! `cargo bench --bench stream` reads 200,000 users; `USERS=1000000 cargo bench --bench stream` reads a million. The server
//! runs in the same process: its memory is counted, and it takes part of the machine in both loops.

use glabflow::contract::decode;
use glabflow::types::User;
use glabflow::{Client, Token};
use glabflow_fake::Fake;
use std::error::Error;
use std::fmt;
use std::io::Write;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Outcome<()> {
    let users = std::env::var("USERS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let fake = Fake::builder().users(users).start_blocking()?;
    let mut out = std::io::stdout().lock();
    for round in 1..=3 {
        let hand = Pace::of(by_hand(&fake)).await?;
        let one_by_one = Pace::of(by_client(&fake, 0)).await?;
        let ahead = Pace::of(by_client(&fake, 1)).await?;
        assert!([&hand, &one_by_one, &ahead].iter().all(|pace| pace.items == users), "users are missing");
        writeln!(out, "round {round}: by hand {hand}; glabflow {ahead}; without reading ahead {one_by_one}")?;
    }
    if let Some(peak) = peak_memory() {
        writeln!(out, "{users} users, peak memory with the server {peak}")?;
    }
    Ok(())
}

/// How fast a loop was.
struct Pace {
    items: u64,
    seconds: f64,
    /// Processor time of the whole process, which other programs on the machine do not change much.
    processor: Option<f64>,
}

impl Pace {
    async fn of(work: impl Future<Output = Outcome<u64>>) -> Outcome<Self> {
        let (start, before) = (Instant::now(), processor_seconds());
        let items = work.await?;
        let processor = before.and_then(|before| Some(processor_seconds()? - before));
        Ok(Pace { items, seconds: start.elapsed().as_secs_f64(), processor })
    }
}

impl fmt::Display for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = self.items as f64;
        write!(f, "{:.0}/s", items / self.seconds)?;
        match self.processor {
            Some(seconds) => write!(f, " ({:.2} us of processor time an item)", seconds * 1e6 / items),
            None => Ok(()),
        }
    }
}

async fn by_client(fake: &Fake, prefetch: usize) -> Outcome<u64> {
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build()?;
    let mut users = gl.users().list().items().prefetch(prefetch);
    let mut count = 0;
    while let Some(user) = users.next().await {
        count += u64::from(user?.id.is_some());
    }
    Ok(count)
}

/// The loop that one writes without a client: no retries, no limits, no checks.
async fn by_hand(fake: &Fake) -> Outcome<u64> {
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(
            rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
                .with_safe_default_protocol_versions()?
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
        )
        .build()?;
    let query = "pagination=keyset&order_by=id&sort=asc&per_page=100";
    let mut next = Some(format!("{}/api/v4/users?{query}", fake.url()));
    let mut count = 0;
    while let Some(url) = next.take() {
        let answer = http.get(url).header("PRIVATE-TOKEN", fake.admin_token()).send().await?.error_for_status()?;
        if let Some(link) = answer.headers().get("link").and_then(|link| link.to_str().ok()) {
            let url = link.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
            next = url.filter(|(_, rest)| rest.contains("next")).map(|(url, _)| url.to_owned());
        }
        let users: Vec<User> = decode::from_slice(&answer.bytes().await?)?;
        count += users.iter().filter(|user| user.id.is_some()).count() as u64;
    }
    Ok(count)
}

/// Processor time of this process so far, where the kernel tells it in hundredths of a second.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may hold spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}

/// The most memory that the process has had, as the kernel tells it.
fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|size| size.trim().to_owned())
}
