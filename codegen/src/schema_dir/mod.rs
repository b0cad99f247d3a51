//! The schema folder: the names of its files, its manifest, and fingerprints.

pub mod fingerprint;
pub mod layout;
pub(crate) mod manifest;
