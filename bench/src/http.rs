//! The HTTP client of the hand-written loops.

use crate::outcome::Outcome;

/// The HTTP client of all hand-written loops.
pub(crate) fn client() -> Outcome<reqwest::Client> {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).build()?)
}
