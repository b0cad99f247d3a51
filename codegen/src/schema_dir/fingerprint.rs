//! Fingerprints of schema files, in `schema.toml` and in the manifest of the generated code.

use glabflow_contract::fnv1a64;

/// A fingerprint that differs when two texts differ: FNV-1a with 64 bits. It detects mistakes, not attacks.
pub fn fingerprint(bytes: &[u8]) -> String {
    format!("fnv1a64:{:016x}", fnv1a64(bytes))
}
