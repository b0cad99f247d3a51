//! Things that go wrong on purpose.

use crate::random::mix;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// Something that goes wrong with an answer.
///
/// A fault is set up by the builder, for a share of all requests or for certain ones, or asked for by a request in its
/// `X-Fake-Fault` header. Every fault has a name there: `Fault::from_str` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `latency=50`: the answer comes this much later.
    Latency(Duration),
    /// `429`: too many requests, with `Retry-After` and `RateLimit-*` headers.
    RateLimited,
    /// `429-bare`: too many requests, without any header that says when to come back.
    RateLimitedBare,
    /// `500`, `502`, `503`, `504`: the server fails. The request has had no effect.
    Status(u16),
    /// `520`: a proxy in front of GitLab fails, with a page of HTML.
    Cloudflare,
    /// `409-lock`: the resource is locked for the moment.
    ResourceLock,
    /// `truncate`: the connection ends in the middle of the body.
    Truncate,
    /// `hang`: there is no answer, until the client gives up.
    Hang,
    /// `reset`: the connection is reset before the answer.
    Reset,
    /// `slow` or `slow=20`: the body comes in eight pieces with this much time between them.
    Slow(Duration),
    /// `invalid-json`: the body ends in the middle, as if that were all.
    InvalidJson,
    /// `wrong-length`: `Content-Length` tells fewer bytes than there are.
    WrongLength,
    /// `redirect` or `redirect=URL`: the answer is somewhere else, by default at the same place.
    Redirect(Option<String>),
    /// `graphql-error=project.pipelines`: the field at this path of a GraphQL answer fails; what else was asked for is
    /// there. Requests to REST do not notice.
    GraphqlError(String),
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, value) =
            text.trim().split_once('=').map_or((text.trim(), None), |(name, value)| (name, Some(value)));
        let unknown = || UnknownFault(text.to_owned());
        let millis = |usual: u64| match value {
            Some(value) => value.trim().parse().map(Duration::from_millis).map_err(|_| unknown()),
            None => Ok(Duration::from_millis(usual)),
        };
        Ok(match name {
            "latency" => Fault::Latency(millis(50)?),
            "slow" => Fault::Slow(millis(10)?),
            "429" => Fault::RateLimited,
            "429-bare" => Fault::RateLimitedBare,
            "500" | "502" | "503" | "504" => Fault::Status(name.parse().map_err(|_| unknown())?),
            "520" => Fault::Cloudflare,
            "409-lock" => Fault::ResourceLock,
            "truncate" => Fault::Truncate,
            "hang" => Fault::Hang,
            "reset" => Fault::Reset,
            "invalid-json" => Fault::InvalidJson,
            "wrong-length" => Fault::WrongLength,
            "redirect" => Fault::Redirect(value.map(str::to_owned)),
            "graphql-error" => Fault::GraphqlError(value.ok_or_else(unknown)?.to_owned()),
            _ => return Err(unknown()),
        })
    }
}

/// A text that names no [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

impl std::fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no fault called `{}`", self.0)
    }
}

impl std::error::Error for UnknownFault {}

/// When faults happen.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) seed: u64,
    pub(crate) latency: Duration,
    pub(crate) jitter: Duration,
    /// How likely a request fails, and in which ways; all ways are equally likely.
    pub(crate) rate: f64,
    pub(crate) kinds: Vec<Fault>,
    pub(crate) script: Mutex<Vec<Scripted>>,
}

/// A fault for certain requests.
#[derive(Debug)]
pub(crate) struct Scripted {
    /// `GET /users`; the path is the one below `/api/v4`, or ends in `*`.
    pub(crate) what: String,
    /// How many such requests go well before, and then how many do not.
    pub(crate) skip: u64,
    pub(crate) times: u64,
    pub(crate) fault: Fault,
}

impl Scripted {
    fn is_about(&self, method: &str, path: &str) -> bool {
        let (of, at) = self.what.split_once(' ').unwrap_or(("", &self.what));
        let same_path = match at.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => path == at,
        };
        same_path && (of.is_empty() || of == method)
    }
}

impl Faults {
    /// The faults of a request: those that it asks for, or one from the script, or one by chance; and latency.
    ///
    /// # Errors
    /// When the request asks for a fault that does not exist.
    pub(crate) fn choose(
        &self,
        number: u64,
        method: &str,
        path: &str,
        asked: Option<&str>,
    ) -> Result<Vec<Fault>, UnknownFault> {
        let mut faults = Vec::new();
        let dice = mix(self.seed, &[0xfa, number]);
        if self.latency + self.jitter > Duration::ZERO {
            let jitter = self.jitter.mul_f64((dice >> 16) as f64 % 1000.0 / 1000.0);
            faults.push(Fault::Latency(self.latency + jitter));
        }
        if let Some(asked) = asked {
            for name in asked.split(',') {
                faults.push(name.parse()?);
            }
            return Ok(faults);
        }
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in script.iter_mut().filter(|entry| entry.is_about(method, path)) {
            if entry.skip > 0 {
                entry.skip -= 1;
            } else if entry.times > 0 {
                entry.times -= 1;
                faults.push(entry.fault.clone());
                return Ok(faults);
            }
        }
        // The same request sent again has another number, so that its luck is another one too.
        if !self.kinds.is_empty() && ((dice % 1_000_000) as f64) < self.rate * 1_000_000.0 {
            let kind = mix(dice, &[1]) % self.kinds.len() as u64;
            faults.push(self.kinds[kind as usize].clone());
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_faults() {
        assert_eq!("latency=70".parse(), Ok(Fault::Latency(Duration::from_millis(70))));
        assert_eq!(" 503 ".parse(), Ok(Fault::Status(503)));
        assert_eq!("redirect=http://x/".parse(), Ok(Fault::Redirect(Some("http://x/".into()))));
        assert_eq!(Fault::from_str("418"), Err(UnknownFault("418".into())));
        assert!(Fault::from_str("latency=soon").is_err());
    }

    #[test]
    fn a_share_of_requests_fails_the_same_ones_each_time() {
        let faults = Faults { rate: 0.1, kinds: vec![Fault::Reset, Fault::Status(503)], ..Faults::default() };
        let failed = |number: u64| !faults.choose(number, "GET", "/users", None).unwrap().is_empty();
        let first: Vec<bool> = (0..2000).map(failed).collect();
        let count = first.iter().filter(|failed| **failed).count();
        assert!((140..260).contains(&count), "{count} of 2000 failed");
        assert_eq!(first, (0..2000).map(failed).collect::<Vec<_>>());
    }

    #[test]
    fn latency_varies_within_its_bounds() {
        let (latency, jitter) = (Duration::from_millis(10), Duration::from_millis(40));
        let faults = Faults { latency, jitter, ..Faults::default() };
        let times: Vec<Fault> = (0..50).flat_map(|number| faults.choose(number, "GET", "/", None).unwrap()).collect();
        let within =
            |fault: &Fault| matches!(fault, Fault::Latency(time) if (latency..latency + jitter).contains(time));
        assert!(times.len() == 50 && times.iter().all(within), "{times:?}");
        assert!(times.iter().any(|fault| *fault != times[0]));
    }

    #[test]
    fn a_script_counts_the_requests_that_it_is_about() {
        let entry = Scripted { what: "GET /users*".into(), skip: 1, times: 2, fault: Fault::Hang };
        let faults = Faults { script: Mutex::new(vec![entry]), ..Faults::default() };
        let failed = |method: &str, path: &str| !faults.choose(0, method, path, None).unwrap().is_empty();
        assert!(!failed("POST", "/users") && !failed("GET", "/projects"));
        assert_eq!([0; 4].map(|_| failed("GET", "/users/1")), [false, true, true, false]);
    }
}
