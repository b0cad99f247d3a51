//! The client's identity: its token, and the user that it acts as.

use crate::error::Error;
use crate::redact::token::Secrets;
use glabflow_contract::Secret;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

const PRIVATE_TOKEN: HeaderName = HeaderName::from_static("private-token");
const JOB_TOKEN: HeaderName = HeaderName::from_static("job-token");
const DEPLOY_TOKEN: HeaderName = HeaderName::from_static("deploy-token");
const SUDO: HeaderName = HeaderName::from_static("sudo");

/// A token and its kind. `Debug` never shows the token.
#[derive(Debug, Clone)]
pub struct Token {
    kind: Kind,
    secret: Secret,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Private,
    OAuth,
    Job,
    Deploy,
}

impl Token {
    /// A personal access token.
    pub fn personal(token: impl Into<Secret>) -> Self {
        Token { kind: Kind::Private, secret: token.into() }
    }

    /// A project access token.
    pub fn project(token: impl Into<Secret>) -> Self {
        Token::personal(token)
    }

    /// A group access token.
    pub fn group(token: impl Into<Secret>) -> Self {
        Token::personal(token)
    }

    /// An OAuth 2.0 access token.
    pub fn oauth(token: impl Into<Secret>) -> Self {
        Token { kind: Kind::OAuth, secret: token.into() }
    }

    /// The token of a CI job, `CI_JOB_TOKEN`. It is valid for a few operations only.
    pub fn job(token: impl Into<Secret>) -> Self {
        Token { kind: Kind::Job, secret: token.into() }
    }

    /// A deploy token, for packages and registries.
    pub fn deploy(token: impl Into<Secret>) -> Self {
        Token { kind: Kind::Deploy, secret: token.into() }
    }

    fn header(&self) -> Result<(HeaderName, HeaderValue), Error> {
        let text = self.secret.expose().trim();
        if text.is_empty() {
            return Err(Error::configuration("the token is empty; do not set it for requests without a token"));
        }
        let (name, value) = match self.kind {
            Kind::Private => (PRIVATE_TOKEN, HeaderValue::from_str(text)),
            Kind::OAuth => (AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {text}"))),
            Kind::Job => (JOB_TOKEN, HeaderValue::from_str(text)),
            Kind::Deploy => (DEPLOY_TOKEN, HeaderValue::from_str(text)),
        };
        let mut value = value.map_err(|_| Error::configuration("the token contains invalid characters"))?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// The headers with the client's identity. They are sent to the server's own origin only.
#[derive(Debug, Clone, Default)]
pub(crate) struct Auth {
    headers: Vec<(HeaderName, HeaderValue)>,
    anonymous: bool,
    secrets: Secrets,
}

impl Auth {
    pub(crate) fn new(token: Option<&Token>, sudo: Option<&str>) -> Result<Self, Error> {
        let mut headers = Vec::new();
        if let Some(token) = token {
            headers.push(token.header()?);
        }
        if let Some(user) = sudo {
            let value = HeaderValue::from_str(user)
                .map_err(|_| Error::configuration("`sudo` must be a user name or id in ASCII"))?;
            headers.push((SUDO, value));
        }
        let secrets = token.map(|token| Secrets::new(token.secret.expose().trim())).unwrap_or_default();
        Ok(Auth { headers, anonymous: token.is_none(), secrets })
    }

    /// Whether requests carry no token.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.anonymous
    }

    /// The token, to be masked.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn apply(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn headers(token: Token) -> HeaderMap {
        let mut headers = HeaderMap::new();
        Auth::new(Some(&token), Some("root")).expect("a token").apply(&mut headers);
        headers
    }

    #[test]
    fn each_kind_of_token_has_its_header() {
        assert_eq!(headers(Token::personal("a"))["private-token"], "a");
        assert_eq!(headers(Token::project("a"))["private-token"], "a");
        assert_eq!(headers(Token::group("a"))["private-token"], "a");
        assert_eq!(headers(Token::oauth("a"))["authorization"], "Bearer a");
        assert_eq!(headers(Token::job("a\n"))["job-token"], "a");
        assert_eq!(headers(Token::deploy("a"))["deploy-token"], "a");
        assert_eq!(headers(Token::job("a"))["sudo"], "root");
    }

    #[test]
    fn tokens_are_not_shown() {
        let token = Token::oauth("glpat-hidden");
        assert!(!format!("{token:?} {:?}", headers(token.clone())).contains("hidden"));
        let auth = Auth::new(Some(&token), None).expect("a token");
        assert!(!format!("{auth:?}").contains("hidden"));
    }

    #[test]
    fn invalid_tokens_are_errors() {
        for token in ["", "  ", "a\nb", "ä\u{7f}"] {
            let error = Auth::new(Some(&Token::personal(token)), None).expect_err("not a token");
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(!format!("{error:?}").contains("a\nb"));
        }
    }
}
