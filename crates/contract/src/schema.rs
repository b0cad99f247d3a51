//! The GitLab version from which the operations were generated.

use std::fmt;

/// The version and edition of the GitLab whose schema the operations were generated from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersion {
    /// The version in the schema's manifest: `18.6.0`, or `18.x` if only the major version is known.
    pub version: &'static str,
    /// `ce`, `ee`, or `unknown`.
    pub edition: &'static str,
}

impl SchemaVersion {
    /// The known numbers of the version: `[18, 6, 0]`, `[18]` for `18.x`, none if it is unknown.
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
    fn the_known_numbers_of_a_version_are_read() {
        assert_eq!(numbers("18.6.0-ee"), [18, 6, 0]);
        assert_eq!(numbers("18.x"), [18]);
        assert_eq!(numbers("18.7.0-pre"), [18, 7, 0]);
        assert_eq!(numbers("unknown"), [0; 0]);
        assert_eq!(numbers(""), [0; 0]);
    }
}
