//! The faults.

use crate::client::Patience;
use crate::column::Column;
use glabflow_fake::{Fake, Fault};
use std::time::Duration;

/// Number of changes while a list is read.
const CHANGES: u64 = 5;
/// Requests that succeed before the first fault.
const BEFORE: u64 = 2;

/// A body whose bytes never take longer than the read timeout, but which takes longer than the timeout of a call.
const LORIS: Fault = Fault::Slow(Duration::from_secs(1));

/// A fault.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
}

/// What happens.
#[derive(Debug)]
pub enum Kind {
    /// Faults of requests: temporarily one after the other, permanently the first one.
    Requests(Vec<Fault>),
    /// The server restarts.
    Restart,
    /// The token is revoked.
    Revoked,
    /// The list changes before each of some requests.
    Meanwhile(&'static str),
    /// The client has a wrong address, which the function makes from the right port.
    Address(fn(u16) -> String),
}

/// How long a fault lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// It hits one request or a few.
    Passing,
    /// It stays until the client has given up.
    Lasting,
}

impl Row {
    /// All faults, the slow ones first.
    pub fn all() -> Vec<Row> {
        let millis = Duration::from_millis;
        let row = |name, kind| Row { name, kind };
        let one = |name, fault| row(name, Kind::Requests(vec![fault]));
        vec![
            one("slow-loris body", LORIS),
            one("hang", Fault::Hang),
            one("latency", Fault::Latency(millis(30))),
            row("jitter", Kind::Requests([40, 1, 25, 3].map(|time| Fault::Latency(millis(time))).into())),
            one("slow body", Fault::Slow(millis(5))),
            one("429 with Retry-After", Fault::RateLimited),
            one("429 without", Fault::RateLimitedBare),
            one("500", Fault::Status(500)),
            one("502", Fault::Status(502)),
            one("503", Fault::Status(503)),
            one("504", Fault::Status(504)),
            row("520 to 525, HTML", Kind::Requests((520..=525).map(Fault::Status).collect())),
            row("526 to 530, HTML", Kind::Requests((526..=530).map(Fault::Status).collect())),
            one("409 resource lock", Fault::ResourceLock),
            one("truncated body", Fault::Truncate),
            one("reset before the response", Fault::Reset),
            one("reset in the body", Fault::ResetMidBody),
            one("wrong Content-Length", Fault::WrongLength),
            one("invalid JSON", Fault::InvalidJson),
            one("gzip bomb", Fault::GzipBomb(256)),
            one("oversize page", Fault::Oversize(8)),
            // The name is too long to be valid, so no name server is asked.
            row("DNS failure", Kind::Address(|port| format!("http://{}.invalid:{port}", "long".repeat(16)))),
            row("TLS failure", Kind::Address(|port| format!("https://127.0.0.1:{port}"))),
            row("server restart", Kind::Restart),
            row("token revoked", Kind::Revoked),
            row(
                "inserts while reading",
                Kind::Meanwhile(
                    "POST /users?email=new{n}@new.example&username=new{n}&name=New&password=Qx7-vR2-kLm{n}",
                ),
            ),
            row("deletes while reading", Kind::Meanwhile("DELETE /users/13{n}")),
            // Some lists start at the other end.
            row("deletes at the other end", Kind::Meanwhile("DELETE /users/2{n}")),
        ]
    }

    /// Why this combination is not tested, if it is not.
    pub fn why_not(&self, column: Column, run: Run) -> Option<&'static str> {
        match (&self.kind, run) {
            (Kind::Meanwhile(_), _) if !column.is_list() => Some("it does not read pages, so no page can shift"),
            (Kind::Address(_), Run::Passing) => Some("the client keeps the address that it was built with"),
            (Kind::Revoked, Run::Passing) => Some("a revoked token stays revoked"),
            _ => None,
        }
    }

    /// Sets the fault up.
    pub fn begin(&self, fake: &Fake, what: &str, run: Run) {
        match &self.kind {
            Kind::Requests(faults) if run == Run::Lasting => fake.fail_on(what, BEFORE, u64::MAX, faults[0].clone()),
            // The only fault twice: the retry fails as well.
            Kind::Requests(faults) if faults.len() == 1 => fake.fail_on(what, BEFORE, 2, faults[0].clone()),
            Kind::Requests(faults) => {
                for (at, fault) in (0..).zip(faults) {
                    fake.fail_on(what, BEFORE + at, 1, fault.clone());
                }
            }
            Kind::Restart => {
                // Longer than the attempts of a client whose waits take no time.
                let away = Duration::from_millis(if run == Run::Lasting { 10_000 } else { 100 });
                fake.fail_on(what, BEFORE, 1, Fault::Restart(away));
            }
            Kind::Revoked => fake.fail_on(what, BEFORE, 1, Fault::Revoke),
            Kind::Meanwhile(request) => {
                let times = if run == Run::Lasting { CHANGES } else { 1 };
                fake.fail_on(what, BEFORE, times, Fault::Meanwhile((*request).to_owned()));
            }
            Kind::Address(_) => {}
        }
    }

    /// How long the client waits for the server.
    pub fn patience(&self) -> Patience {
        match &self.kind {
            Kind::Requests(faults) if faults.contains(&Fault::Hang) => Patience::SILENCE,
            Kind::Requests(faults) if faults.contains(&LORIS) => Patience::DRIBBLE,
            _ => Patience::MUCH,
        }
    }

    /// The address of the client until the fault is gone.
    pub fn url(&self, fake: &Fake) -> String {
        match self.kind {
            Kind::Address(url) => url(fake.address().port()),
            _ => fake.url(),
        }
    }

    /// How many requests the fault has hit, as counted by the server.
    pub fn hits(&self, fake: &Fake) -> u64 {
        let requests = fake.requests();
        let of = |fault: &Fault| requests.with_fault(fault);
        match &self.kind {
            Kind::Requests(faults) => {
                let mut names: Vec<&Fault> = faults.iter().collect();
                names.dedup_by_key(|fault| fault.name());
                names.into_iter().map(of).sum()
            }
            Kind::Restart => of(&Fault::Restart(Duration::ZERO)),
            Kind::Revoked => requests.with_status(401),
            Kind::Meanwhile(_) => of(&Fault::Meanwhile(String::new())),
            Kind::Address(_) => 0,
        }
    }
}
