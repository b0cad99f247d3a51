//! From a facts-only document to the operation index.
