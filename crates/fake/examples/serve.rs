//! Serves a fake GitLab until it is interrupted: `cargo run -p glabflow-fake --example serve -- [PORT] [USERS]
//! [PROJECTS]`.

use glabflow_fake::Fake;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let mut next = |usual: u64| numbers.next().unwrap_or(Ok(usual));
    let (port, users, projects) = (u16::try_from(next(8080)?)?, next(1000)?, next(200)?);
    let fake =
        Fake::builder().port(port).users(users).projects(projects).offset_limit(None).threads(2).start_blocking()?;
    writeln!(std::io::stdout(), "{} (token {})", fake.url(), fake.admin_token())?;
    loop {
        std::thread::park();
    }
}
