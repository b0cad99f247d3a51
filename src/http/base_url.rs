//! The base URL of a GitLab server: what users write, and where requests and tokens may go.

use crate::error::{Error, ErrorKind};
use crate::redact;
use url::Url;

/// Where the API root is below the URL of a GitLab server.
const API: &str = "api/v4";

/// A server's API root, such as `https://gitlab.example.com/git/api/v4`, without a slash at its end.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    root: Url,
}

impl BaseUrl {
    /// Reads a URL as people write it: with or without `/api/v4`, with a sub-path, with slashes at its end.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let invalid = |why: &str| Err(Error::configuration(format!("the server's URL {why}")));
        let Ok(mut root) = Url::parse(text) else {
            return invalid("must look like https://gitlab.example.com");
        };
        // `localhost:8080` parses as a URL with the scheme `localhost`.
        if !matches!(root.scheme(), "https" | "http") {
            return invalid("must begin with https:// or http://");
        }
        if !root.username().is_empty() || root.password().is_some() {
            return invalid("must not contain a user name or password; use a token");
        }
        if root.query().is_some() || root.fragment().is_some() {
            return invalid("must not contain `?` or `#`");
        }
        let path = root.path().trim_end_matches('/');
        let path = path.strip_suffix("/api/v4").unwrap_or(path).trim_end_matches('/');
        if path.ends_with("/api") || path.contains("/api/") {
            return invalid("must not contain a path into the API, except /api/v4");
        }
        let path = format!("{path}/{API}");
        root.set_path(&path);
        Ok(BaseUrl { root })
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
        let invalid = |why: &str| Error::new(ErrorKind::Argument, format!("the path {why}"));
        let url = Url::parse(&text).map_err(|_| invalid("cannot be part of a URL"))?;
        // Dots, plain or encoded, would have led elsewhere.
        if !self.owns(&url) || self.path_below(&url).is_none() {
            return Err(invalid("leads out of the API"));
        }
        Ok(url)
    }

    /// The URL of another page of this server, `api/graphql` for example: `path` replaces `api/v4`.
    pub(crate) fn sibling(&self, path: &str) -> Url {
        let mut url = self.root.clone();
        let base = self.root.path().strip_suffix(API).unwrap_or_default();
        url.set_path(&format!("{base}{path}"));
        url
    }

    /// The path of a URL below the API root; `None` if it is not below the root.
    pub(crate) fn path_below<'a>(&self, url: &'a Url) -> Option<&'a str> {
        url.path().strip_prefix(self.root.path()).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether the token may go there: same scheme, host and port.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        self.root.scheme() == url.scheme()
            && self.root.host_str() == url.host_str()
            && self.root.port_or_known_default() == url.port_or_known_default()
    }

    /// The URL of the next page, from the server's link.
    pub(crate) fn follow(&self, current: &Url, link: &str) -> Result<Url, Error> {
        match current.join(link) {
            Ok(url) if self.owns(&url) => Ok(without_user_info(url)),
            Ok(url) => Err(Error::new(
                ErrorKind::Redirect,
                format!("the link to the next page leads to {}, which is not this server", redact::url(&url)),
            )
            .with_hint(Some(FOREIGN_LINK))),
            Err(_) => Err(Error::new(ErrorKind::Paging, "the link to the next page is not a URL")),
        }
    }
}

/// A URL of the server without user name and password: they would become an `Authorization` header beside the client's token.
pub(crate) fn without_user_info(mut url: Url) -> Url {
    // Neither can fail for a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// What to do about links to another origin.
pub(crate) const FOREIGN_LINK: &str = "the token is not sent to another scheme, host or port: \
    set GitLab's external_url, or the X-Forwarded-* headers of the proxy before it, to the URL that clients use";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_as_people_write_them() {
        for (text, root) in [
            ("https://gitlab.example.com", "https://gitlab.example.com/api/v4"),
            ("https://gitlab.example.com/", "https://gitlab.example.com/api/v4"),
            (" https://gitlab.example.com/api/v4/ ", "https://gitlab.example.com/api/v4"),
            ("https://gitlab.example.com:443//", "https://gitlab.example.com/api/v4"),
            ("http://127.0.0.1:8080/git/lab/", "http://127.0.0.1:8080/git/lab/api/v4"),
            ("https://h.example/git/api/v4", "https://h.example/git/api/v4"),
            ("https://[::1]:1/", "https://[::1]:1/api/v4"),
        ] {
            assert_eq!(BaseUrl::parse(text).expect(text).as_str(), root);
        }
    }

    #[test]
    fn user_info_of_a_link_is_dropped() {
        let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
        let current = base_url.join("/users", "page=1").expect("a path");
        for link in
            ["https://me:pass@h.example/git/api/v4/users?page=2", "https://me@h.example/git/api/v4/users?page=2"]
        {
            let next = base_url.follow(&current, link).expect("the same server");
            assert_eq!(next.as_str(), "https://h.example/git/api/v4/users?page=2");
        }
    }

    #[test]
    fn invalid_urls_are_errors() {
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
            let error = BaseUrl::parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Configuration, "{text}");
            assert!(!error.to_string().contains("glpat-x"), "{text}");
        }
    }

    #[test]
    fn paths_stay_below_the_root() {
        let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
        let join = |path: &str| base_url.join(path, "a=b").map(|url| url.to_string());
        assert_eq!(join("/projects/a%2Fb").expect("a path"), "https://h.example/git/api/v4/projects/a%2Fb?a=b");
        for path in ["/../../../admin", "/%2e%2e/%2e%2e/%2e%2e/admin", "/..%2f/../../..//x"] {
            assert!(base_url.join(path, "").is_err() || join(path).expect("a path").contains("/git/api/v4/"), "{path}");
        }
        assert!(base_url.join("/../../../admin", "").is_err());
        assert!(base_url.join("/../v4evil", "").is_err() && base_url.join("evil", "").is_err());
        assert!(base_url.join("/%2e%2e/%2E%2e/%2e%2e/admin", "").is_err());
    }

    #[test]
    fn a_link_to_another_origin_is_an_error() {
        let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
        let current = base_url.join("/users", "").expect("a path");
        assert!(base_url.follow(&current, "https://h.example:443/git/api/v4/users?page=2").is_ok());
        assert!(base_url.follow(&current, "?page=2").is_ok());
        for link in [
            "http://h.example/git/api/v4/users?page=2",
            "https://h.example:8443/git/api/v4/users",
            "https://evil.example/",
            "//evil.example/x",
            "https://h.example@evil.example/",
        ] {
            let error = base_url.follow(&current, link).expect_err(link);
            assert_eq!(error.kind(), ErrorKind::Redirect);
            assert!(error.to_string().contains("external_url"), "{error}");
        }
    }

    #[test]
    fn a_sibling_replaces_the_api_root() {
        for (text, sibling) in [
            ("https://h.example", "https://h.example/api/graphql"),
            ("https://h.example:8443/git", "https://h.example:8443/git/api/graphql"),
        ] {
            assert_eq!(BaseUrl::parse(text).expect(text).sibling("api/graphql").as_str(), sibling);
        }
    }
}
