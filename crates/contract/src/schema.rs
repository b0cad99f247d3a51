//! Which GitLab the generated operations are of.

use std::fmt;

/// The version and edition of the GitLab whose schema the operations were generated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version as the schema's manifest names it: `18.6.0`, or `18.x` where only that much is known.
    pub version: &'static str,
    /// `ce`, `ee`, or `unknown`.
    pub edition: &'static str,
}

impl SchemaVersion {
    /// The numbers of the version that are known: `[18, 6, 0]`, `[18]` for `18.x`, none when it is not known.
    pub fn numbers(&self) -> Vec<u32> {
        numbers(self.version)
    }
}

/// The numbers at the beginning of a version: `[18, 6, 0]` of `18.6.0-ee`, `[18]` of `18.x`.
pub fn numbers(version: &str) -> Vec<u32> {
    let known = version.split(['-', '+']).next().unwrap_or_default();
    known.split('.').map_while(|part| part.parse().ok()).collect()
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.version, self.edition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_shown_as_far_as_known() {
        assert_eq!(numbers("18.6.0-ee"), [18, 6, 0]);
        assert_eq!(numbers("18.x"), [18]);
        assert_eq!(numbers("18.7.0-pre"), [18, 7, 0]);
        assert_eq!(numbers("unknown"), [0; 0]);
        assert_eq!(numbers(""), [0; 0]);
    }
}
