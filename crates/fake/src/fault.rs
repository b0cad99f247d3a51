//! Injected faults.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// An injected fault.
///
/// The builder sets up faults for a share of all requests or for certain requests. A request can also ask for faults in
/// its `X-Fake-Fault` header. `Display` writes the name of a fault in that header, `Fault::from_str` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `latency=50`: the response is delayed.
    Latency(Duration),
    /// `429`: too many requests, with `Retry-After` and `RateLimit-*` headers.
    RateLimited,
    /// `429-bare`: too many requests, without any header about when to retry.
    RateLimitedBare,
    /// `500`, `502`, `503`, `504`: the server fails. `520` to `530`: a proxy in front of GitLab fails, with an HTML
    /// page. The request has no effect.
    Status(u16),
    /// `409-lock`: the resource is temporarily locked.
    ResourceLock,
    /// `truncate`: the connection ends in the middle of the body.
    Truncate,
    /// `hang`: there is no response until the client gives up.
    Hang,
    /// `reset`: the connection is reset before the response.
    Reset,
    /// `reset-mid`: the connection is reset in the middle of the body.
    ResetMidBody,
    /// `slow` or `slow=20`: the body is sent in eight parts with this delay between them.
    Slow(Duration),
    /// `invalid-json`: the body is incomplete, but the response is not.
    InvalidJson,
    /// `wrong-length`: `Content-Length` is too small.
    WrongLength,
    /// `gzip-bomb` or `gzip-bomb=1024`: a small compressed body that inflates to this number of MiB.
    GzipBomb(u32),
    /// `oversize` or `oversize=256`: this number of MiB of white space follows the body.
    Oversize(u32),
    /// `revoke`: the token of the request is revoked before the request is processed, and stays revoked.
    Revoke,
    /// `restart` or `restart=100`: the server ends all connections and accepts no new ones for this number of
    /// milliseconds. The request has no effect; the data is kept.
    Restart(Duration),
    /// `meanwhile=DELETE /users/5`: this other request runs first, as the administrator. Its parameters are in its
    /// query; `{n}` becomes a different number each time.
    Meanwhile(String),
    /// `redirect` or `redirect=URL`: a redirect to this URL, by default to the same one.
    Redirect(Option<String>),
    /// `graphql-error=project.pipelines`: the field at this path of a GraphQL response fails; the rest of the response
    /// is complete. It has no effect on REST requests.
    GraphqlError(String),
}

impl Fault {
    /// Its name without a value: `latency`, `503`.
    pub fn name(&self) -> String {
        let text = self.to_string();
        text.split_once('=').map_or(text.as_str(), |(name, _)| name).to_owned()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Latency(time) => write!(f, "latency={}", time.as_millis()),
            Fault::RateLimited => f.write_str("429"),
            Fault::RateLimitedBare => f.write_str("429-bare"),
            Fault::Status(status) => write!(f, "{status}"),
            Fault::ResourceLock => f.write_str("409-lock"),
            Fault::Truncate => f.write_str("truncate"),
            Fault::Hang => f.write_str("hang"),
            Fault::Reset => f.write_str("reset"),
            Fault::ResetMidBody => f.write_str("reset-mid"),
            Fault::Slow(pause) => write!(f, "slow={}", pause.as_millis()),
            Fault::InvalidJson => f.write_str("invalid-json"),
            Fault::WrongLength => f.write_str("wrong-length"),
            Fault::GzipBomb(size) => write!(f, "gzip-bomb={size}"),
            Fault::Oversize(size) => write!(f, "oversize={size}"),
            Fault::Revoke => f.write_str("revoke"),
            Fault::Restart(pause) => write!(f, "restart={}", pause.as_millis()),
            Fault::Meanwhile(request) => write!(f, "meanwhile={request}"),
            Fault::Redirect(None) => f.write_str("redirect"),
            Fault::Redirect(Some(to)) => write!(f, "redirect={to}"),
            Fault::GraphqlError(path) => write!(f, "graphql-error={path}"),
        }
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, value) =
            text.trim().split_once('=').map_or((text.trim(), None), |(name, value)| (name, Some(value)));
        let unknown = || UnknownFault(text.to_owned());
        let number = |usual: u32| value.map_or(Ok(usual), |value| value.trim().parse().map_err(|_| unknown()));
        let millis = |usual: u32| number(usual).map(|millis| Duration::from_millis(millis.into()));
        Ok(match name {
            "latency" => Fault::Latency(millis(50)?),
            "slow" => Fault::Slow(millis(10)?),
            "429" => Fault::RateLimited,
            "429-bare" => Fault::RateLimitedBare,
            "409-lock" => Fault::ResourceLock,
            "truncate" => Fault::Truncate,
            "hang" => Fault::Hang,
            "reset" => Fault::Reset,
            "reset-mid" => Fault::ResetMidBody,
            "invalid-json" => Fault::InvalidJson,
            "wrong-length" => Fault::WrongLength,
            "gzip-bomb" => Fault::GzipBomb(number(1024)?),
            "oversize" => Fault::Oversize(number(256)?),
            "revoke" => Fault::Revoke,
            "restart" => Fault::Restart(millis(100)?),
            "meanwhile" => Fault::Meanwhile(value.ok_or_else(unknown)?.to_owned()),
            "redirect" => Fault::Redirect(value.map(str::to_owned)),
            "graphql-error" => Fault::GraphqlError(value.ok_or_else(unknown)?.to_owned()),
            status => match status.parse() {
                Ok(status @ (500 | 502..=504 | 520..=530)) => Fault::Status(status),
                _ => return Err(unknown()),
            },
        })
    }
}

/// A text that is not the name of a [`Fault`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFault(String);

impl fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown fault `{}`", self.0)
    }
}

impl std::error::Error for UnknownFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_parse() {
        assert_eq!("latency=70".parse(), Ok(Fault::Latency(Duration::from_millis(70))));
        assert_eq!(" 503 ".parse(), Ok(Fault::Status(503)));
        assert_eq!("redirect=http://x/".parse(), Ok(Fault::Redirect(Some("http://x/".into()))));
        for text in ["418", "501", "519", "531", "latency=soon", "meanwhile", ""] {
            assert_eq!(Fault::from_str(text), Err(UnknownFault(text.into())));
        }
    }

    #[test]
    fn display_and_parse_are_inverse() {
        for text in [
            "latency=50",
            "429",
            "429-bare",
            "500",
            "502",
            "503",
            "504",
            "520",
            "530",
            "409-lock",
            "truncate",
            "hang",
            "reset",
            "reset-mid",
            "slow=10",
            "invalid-json",
            "wrong-length",
            "gzip-bomb=1024",
            "oversize=256",
            "revoke",
            "restart=100",
            "meanwhile=DELETE /users/5",
            "redirect",
            "redirect=http://x/?a=b",
            "graphql-error=a.b",
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!(fault.to_string(), text);
            let (name, value) = text.split_once('=').unwrap_or((text, ""));
            assert_eq!(fault.name(), name);
            if value.parse::<u32>().is_ok() {
                assert_eq!(name.parse(), Ok(fault), "the default value");
            }
        }
    }
}
