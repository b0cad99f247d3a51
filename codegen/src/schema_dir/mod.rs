//! The schema folder: which files it holds, and the manifest that says what they are of.

pub mod fingerprint;
pub mod layout;
pub(crate) mod manifest;
