//! Fingerprints of schema files.

/// A fingerprint that tells two schemas apart: FNV-1a of 64 bits. It guards against forgetting, not against malice.
pub fn fingerprint(bytes: &[u8]) -> String {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    format!("fnv1a64:{hash:016x}")
}
