//! Tokens, their users and their scopes.

use crate::world::{DEMO, ROOT};
use std::collections::HashMap;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// The administrator's token, with the scope `api`.
pub const ADMIN_TOKEN: &str = "glpat-demo";
/// The administrator's token with the scope `read_api`: it can read everything and change nothing.
pub const READ_ONLY_TOKEN: &str = "glpat-demo-readonly";
/// The token of a plain user, `demo`, who is a member of every third project.
pub const USER_TOKEN: &str = "glpat-demo-user";
/// A CI job token that acts for the plain user.
pub const JOB_TOKEN: &str = "glcbt-demo";

/// The scope of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Read and change.
    Api,
    /// Only read.
    ReadApi,
}

/// A user of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The slot of the user.
    pub(crate) user: u64,
    pub(crate) scope: Scope,
}

impl Identity {
    /// The user with this id.
    pub(crate) fn of(user_id: u64, scope: Scope) -> Self {
        Identity { user: user_id.saturating_sub(1), scope }
    }

    pub(crate) fn is_admin(self) -> bool {
        self.user == ROOT
    }
}

/// The tokens of a server. They can be added and revoked while it runs.
pub(crate) struct Tokens(RwLock<HashMap<String, Identity>>);

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.0.read().unwrap_or_else(PoisonError::into_inner).len())
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
        let known = known.into_iter().map(|(token, user, scope)| (token.to_owned(), Identity { user, scope }));
        Tokens(RwLock::new(known.collect()))
    }
}

impl Tokens {
    pub(crate) fn add(&self, token: String, identity: Identity) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(token, identity);
    }

    pub(crate) fn revoke(&self, token: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(token);
    }

    pub(crate) fn get(&self, token: &str) -> Option<Identity> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).copied()
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
