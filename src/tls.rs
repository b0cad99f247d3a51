//! TLS by rustls with ring.

use crate::error::Error;
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;

/// The certificates of a PEM text.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let found: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::configuration("the CA file is not PEM").with_source(error))?;
    if found.is_empty() {
        return Err(Error::configuration("the CA file holds no certificate"));
    }
    Ok(found)
}

/// Verification by the operating system's certificates and the extra ones.
///
/// A client of an unencrypted server needs no certificates, so there it is no error when the machine has none.
pub(crate) fn config(extra: &[CertificateDer<'static>], required: bool) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |error: rustls::Error| {
        Error::configuration("TLS cannot be set up; does the machine have its CA certificates installed?")
            .with_source(error)
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(extra.iter().cloned(), provider);
    let mut config = match verifier {
        // rustls calls every verifier that is not its own "dangerous"; this one asks the operating system.
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        Err(error) if required => return Err(failed(error)),
        Err(_) => builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
    };
    if cfg!(feature = "http2") {
        config.alpn_protocols.push(b"h2".to_vec());
    }
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        assert!(certificates(b"").is_err());
        assert!(certificates(b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----").is_err());
    }
}
