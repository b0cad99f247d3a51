//! Proxies from the environment, by the rules of curl and others: `HTTPS_PROXY` for `https`, `HTTP_PROXY` for `http`,
//! `ALL_PROXY` for both, and `NO_PROXY` for exceptions.

use anyhow::{Result, anyhow};
use std::net::IpAddr;
use ureq::Proxy;
use url::Url;

/// The proxies in the environment.
pub(super) struct Proxies {
    http: Option<Named>,
    https: Option<Named>,
    without: Vec<String>,
}

/// A proxy, and the variable that sets it.
#[derive(Clone)]
pub(super) struct Named {
    variable: String,
    pub(super) proxy: Proxy,
}

impl Named {
    /// The proxy for messages, without its user name and password.
    pub(super) fn shown(&self) -> String {
        format!("the proxy {}:{} (${})", self.proxy.host(), self.proxy.port(), self.variable)
    }
}

impl Proxies {
    /// Reads the environment.
    ///
    /// # Errors
    /// If a variable is not the address of a proxy. The error does not show the value, since it may contain a password.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let value = |name: &str| {
            let names = [name.to_owned(), name.to_ascii_lowercase()];
            names.into_iter().find_map(|name| Some((variable(&name).filter(|value| !value.trim().is_empty())?, name)))
        };
        let proxy = |name: &str| {
            let Some((address, variable)) = value(name).or_else(|| value("ALL_PROXY")) else { return Ok(None) };
            match Proxy::new(address.trim()) {
                Ok(proxy) => Ok(Some(Named { variable, proxy })),
                Err(_) => {
                    Err(anyhow!("${variable} is not the address of a proxy, such as http://proxy.example.com:3128"))
                }
            }
        };
        let without = value("NO_PROXY").map(|(list, _)| list).unwrap_or_default();
        let without = without.split(',').map(|entry| entry.trim().to_ascii_lowercase());
        Ok(Proxies {
            http: proxy("HTTP_PROXY")?,
            https: proxy("HTTPS_PROXY")?,
            without: without.filter(|entry| !entry.is_empty()).collect(),
        })
    }

    /// The proxy for an address.
    pub(super) fn of(&self, url: &Url) -> Option<&Named> {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        proxy.as_ref().filter(|_| !self.without.iter().any(|entry| is_meant(entry, url)))
    }
}

/// Whether an entry of `NO_PROXY` matches the host of an address: `*`, a network such as `10.0.0.0/8`, or a host with its
/// subdomains and possibly a port.
fn is_meant(entry: &str, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    if let (Ok(address), Some((network, length))) = (host.parse(), entry.split_once('/')) {
        return network
            .parse()
            .is_ok_and(|network| length.parse().is_ok_and(|length| is_within(address, network, length)));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    };
    let name = name.trim_start_matches('*').trim_start_matches('.');
    let is_below = || host.strip_suffix(name).is_some_and(|above| above.is_empty() || above.ends_with('.'));
    port.is_none_or(|port| url.port_or_known_default() == Some(port))
        && (entry == "*" || (!name.is_empty() && is_below()))
}

fn is_within(address: IpAddr, network: IpAddr, length: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            length <= 32 && (u32::from(address) ^ u32::from(network)).checked_shr(32 - length).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            length <= 128 && (u128::from(address) ^ u128::from(network)).checked_shr(128 - length).unwrap_or(0) == 0
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        let find =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Proxies::read(find).expect("proxies")
    }

    fn host(proxies: &Proxies, url: &str) -> String {
        proxies
            .of(&Url::parse(url).expect("an address"))
            .map_or_else(String::new, |named| named.proxy.host().to_owned())
    }

    #[test]
    fn proxy_is_chosen_by_scheme() {
        let both = proxies(&[("HTTPS_PROXY", "http://s:1"), ("http_proxy", "p:2"), ("ALL_PROXY", "http://a:3")]);
        assert_eq!((host(&both, "https://x.y"), host(&both, "http://x.y")), ("s".into(), "p".into()));
        let one = proxies(&[("HTTP_PROXY", "http://p:2"), ("HTTPS_PROXY", " ")]);
        assert_eq!((host(&one, "https://x.y"), host(&one, "http://x.y")), (String::new(), "p".into()));
        let all = proxies(&[("all_proxy", "http://a:3")]);
        assert_eq!((host(&all, "https://x.y"), host(&all, "http://x.y")), ("a".into(), "a".into()));
    }

    #[test]
    fn no_proxy_excludes_hosts() {
        for (list, meant, others) in [
            ("*", &["https://x.y", "https://10.0.0.1"][..], &[][..]),
            (
                "a.b, .C.d,",
                &["https://a.b", "https://x.a.b", "https://c.d", "https://x.c.d"],
                &["https://xa.b", "https://b"],
            ),
            ("*.a.b", &["https://x.a.b"], &["https://x.b"]),
            ("a.b:8443", &["https://a.b:8443"], &["https://a.b"]),
            ("10.0.0.0/8,::1", &["https://10.9.8.7", "https://[::1]"], &["https://11.0.0.1", "https://[::2]"]),
            ("0.0.0.0/0", &["https://1.2.3.4"], &["https://[::1]", "https://a.b"]),
            ("fd00::/8", &["https://[fd12::3]"], &["https://[fe80::1]"]),
            ("10.0.0.0/99, 10.0.0.0/x, /, :, .", &[], &["https://10.0.0.0", "https://a.b"]),
        ] {
            let proxies = proxies(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", list)]);
            for url in meant {
                assert_eq!(host(&proxies, url), "", "{list}: {url}");
            }
            for url in others {
                assert_eq!(host(&proxies, url), "p", "{list}: {url}");
            }
        }
    }

    #[test]
    fn invalid_proxy_is_rejected_without_being_shown() {
        let rejected = Proxies::read(|name| (name == "HTTPS_PROXY").then(|| "ftp://me:hush@p q".to_owned())).err();
        let text = rejected.expect("rejected").to_string();
        assert!(text.contains("$HTTPS_PROXY") && !text.contains("hush"), "{text}");
        let shown = proxies(&[("HTTPS_PROXY", "http://me:hush@p:1")]).https.expect("a proxy").shown();
        assert_eq!(shown, "the proxy p:1 ($HTTPS_PROXY)");
    }
}
