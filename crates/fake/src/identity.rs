//! Who sends a request: tokens and what they may do.

use crate::world::{DEMO, ROOT};
use std::collections::HashMap;
use std::fmt;

/// The administrator's token, with the scope `api`.
pub const ADMIN_TOKEN: &str = "glpat-demo";
/// The administrator's token with the scope `read_api`: it sees everything and changes nothing.
pub const READ_ONLY_TOKEN: &str = "glpat-demo-readonly";
/// The token of a plain user, `demo`, who is a member of every third project.
pub const USER_TOKEN: &str = "glpat-demo-user";
/// A CI job token that acts for the plain user.
pub const JOB_TOKEN: &str = "glcbt-demo";

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read and change.
    Api,
    /// Only read.
    ReadApi,
}

/// Somebody whom the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The slot of the user.
    pub(crate) user: u64,
    pub(crate) scope: Scope,
}

impl Identity {
    pub(crate) fn is_admin(self) -> bool {
        self.user == ROOT
    }
}

/// The tokens of a server.
#[derive(Clone)]
pub(crate) struct Tokens(HashMap<String, Identity>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0.len())
    }
}

impl Default for Tokens {
    fn default() -> Self {
        let known = [
            (ADMIN_TOKEN, ROOT, Scope::Api),
            (READ_ONLY_TOKEN, ROOT, Scope::ReadApi),
            (USER_TOKEN, DEMO, Scope::Api),
            (JOB_TOKEN, DEMO, Scope::Api),
        ];
        Tokens(known.into_iter().map(|(token, user, scope)| (token.to_owned(), Identity { user, scope })).collect())
    }
}

impl Tokens {
    pub(crate) fn add(&mut self, token: String, identity: Identity) {
        self.0.insert(token, identity);
    }

    pub(crate) fn get(&self, token: &str) -> Option<Identity> {
        self.0.get(token).copied()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Fake, Scope};

    #[test]
    fn tokens_are_not_shown() {
        let builder = Fake::builder().token("glpat-very-secret", 3, Scope::Api);
        assert!(!format!("{builder:?}").contains("glpat"), "{builder:?}");
    }
}
