//! The address of a GitLab server: what users write, and where requests and tokens may go.

use crate::error::{Error, ErrorKind};
use crate::redact;
use url::Url;

/// A server's API root, such as `https://gitlab.example.com/git/api/v4`, without a slash at its end.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    root: Url,
}

impl Address {
    /// Reads an address as people write it: with or without `/api/v4`, under a sub-path, with slashes at its end.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let refuse = |why: &str| Err(Error::configuration(format!("the server's address {why}")));
        let Ok(mut root) = Url::parse(text) else {
            return refuse("must look like https://gitlab.example.com");
        };
        // `localhost:8080` parses as a URL with the scheme `localhost`.
        if !matches!(root.scheme(), "https" | "http") {
            return refuse("must begin with https:// or http://");
        }
        if !root.username().is_empty() || root.password().is_some() {
            return refuse("must not hold a user name or password; use a token");
        }
        if root.query().is_some() || root.fragment().is_some() {
            return refuse("must not hold `?` or `#`");
        }
        let path = root.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v4").unwrap_or(path).trim_end_matches('/');
        if path.ends_with("/api") || path.contains("/api/") {
            return refuse("must be that of the server, with no path into its API except /api/v4");
        }
        let path = format!("{path}/api/v4");
        root.set_path(&path);
        Ok(Address { root })
    }

    /// The API root.
    pub(crate) fn as_str(&self) -> &str {
        self.root.as_str()
    }

    /// Scheme, host and port.
    #[cfg(test)]
    pub(crate) fn origin(&self) -> &str {
        &self.root[..url::Position::BeforePath]
    }

    /// The URL of a path below the API root, both path and query encoded.
    pub(crate) fn join(&self, path: &str, query: &str) -> Result<Url, Error> {
        let root = self.root.as_str();
        let mut text = String::with_capacity(root.len() + path.len() + query.len() + 1);
        text.push_str(root);
        text.push_str(path);
        if !query.is_empty() {
            text.push('?');
            text.push_str(query);
        }
        let refuse = |why: &str| Error::new(ErrorKind::Argument, format!("the path {why}"));
        let url = Url::parse(&text).map_err(|_| refuse("cannot be part of a URL"))?;
        // Dots, plain or encoded, would have led elsewhere.
        let below = url.path().strip_prefix(self.root.path());
        if !self.owns(&url) || !below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Err(refuse("leads out of the API"));
        }
        Ok(url)
    }

    /// Whether the token may go there: same scheme, host and port.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        self.root.scheme() == url.scheme()
            && self.root.host_str() == url.host_str()
            && self.root.port_or_known_default() == url.port_or_known_default()
    }

    /// The URL that a server sent as the place of the next page.
    pub(crate) fn follow(&self, current: &Url, link: &str) -> Result<Url, Error> {
        match current.join(link) {
            Ok(url) if self.owns(&url) => Ok(url),
            Ok(url) => Err(Error::new(
                ErrorKind::Redirect,
                format!("the next page is said to be at {}, which is not this server", redact::url(&url)),
            )
            .with_hint(Some(FOREIGN_LINK))),
            Err(_) => Err(Error::new(ErrorKind::Paging, "the link to the next page is not a URL")),
        }
    }
}

/// What to do about links that name another origin.
pub(crate) const FOREIGN_LINK: &str = "the token does not go to another scheme, host or port: \
    set GitLab's external_url, or the X-Forwarded-* headers of the proxy before it, to the address that clients use";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_people_write_them() {
        for (text, root) in [
            ("https://gitlab.example.com", "https://gitlab.example.com/api/v4"),
            ("https://gitlab.example.com/", "https://gitlab.example.com/api/v4"),
            (" https://gitlab.example.com/api/v4/ ", "https://gitlab.example.com/api/v4"),
            ("https://gitlab.example.com:443//", "https://gitlab.example.com/api/v4"),
            ("http://127.0.0.1:8080/git/lab/", "http://127.0.0.1:8080/git/lab/api/v4"),
            ("https://h.example/git/api/v4", "https://h.example/git/api/v4"),
            ("https://[::1]:1/", "https://[::1]:1/api/v4"),
        ] {
            assert_eq!(Address::parse(text).expect(text).as_str(), root);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "gitlab.example.com",
            "localhost:8080",
            "ftp://h.example",
            "file:///etc",
            "https://",
            "https://me:glpat-x@h.example",
            "https://glpat-x@h.example",
            "https://h.example?private_token=x",
            "https://h.example/#x",
            "https://h.example/api/v3",
            "https://h.example/api/graphql",
            "https://h.example/api",
        ] {
            let error = Address::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(!error.to_string().contains("glpat-x"), "{text}");
        }
    }

    #[test]
    fn paths_stay_below_the_root() {
        let address = Address::parse("https://h.example/git").expect("an address");
        let join = |path: &str| address.join(path, "a=b").map(|url| url.to_string());
        assert_eq!(join("/projects/a%2Fb").expect("a path"), "https://h.example/git/api/v4/projects/a%2Fb?a=b");
        for path in ["/../../../admin", "/%2e%2e/%2e%2e/%2e%2e/admin", "/..%2f/../../..//x"] {
            assert!(address.join(path, "").is_err() || join(path).expect("a path").contains("/git/api/v4/"), "{path}");
        }
        assert!(address.join("/../../../admin", "").is_err());
        assert!(address.join("/../v4evil", "").is_err() && address.join("evil", "").is_err());
        assert!(address.join("/%2e%2e/%2E%2e/%2e%2e/admin", "").is_err());
    }

    #[test]
    fn another_origin_is_another_scheme_host_or_port() {
        let address = Address::parse("https://h.example/git").expect("an address");
        let current = address.join("/users", "").expect("a path");
        assert!(address.follow(&current, "https://h.example:443/git/api/v4/users?page=2").is_ok());
        assert!(address.follow(&current, "?page=2").is_ok());
        for link in [
            "http://h.example/git/api/v4/users?page=2",
            "https://h.example:8443/git/api/v4/users",
            "https://evil.example/",
            "//evil.example/x",
            "https://h.example@evil.example/",
        ] {
            let error = address.follow(&current, link).expect_err(link);
            assert_eq!(error.kind(), ErrorKind::Redirect);
            assert!(error.to_string().contains("external_url"), "{error}");
        }
    }
}
