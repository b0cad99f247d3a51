//! Why a connection failed, whether a retry may help, and what a person can do.

use crate::error::{Error, ErrorKind};
use crate::http::classify::{Failure, RetryClass};
use rustls::{CertificateError, Error as Tls};
use std::error::Error as StdError;
use std::io;
use std::iter::successors;

/// A reason that a retry does not change, and a hint.
type Reason = (String, &'static str);

const CLOCK: &str = "renew the server's certificate, or correct the clock of this machine";

/// The failure of a connection to this host. No request has been sent.
pub(crate) fn failed(host: &str, error: reqwest::Error) -> Failure {
    let causes: Vec<_> = causes(&error).collect();
    let tls = causes.iter().find_map(|cause| cause.downcast_ref::<Tls>());
    // The types of these causes are private.
    let has = |start: &str| causes.iter().any(|cause| cause.to_string().starts_with(start));
    let last = tls.and_then(|tls| rejection(host, tls)).or_else(|| {
        if has("tunnel error: proxy authorization required") {
            let text = format!("the proxy requires authorization for requests to {host}");
            Some((text, "give the proxy's user name and password: http://name:password@proxy.example:3128"))
        } else {
            let text = || format!("{host} is not a valid host name");
            has("invalid dns name").then(|| (text(), "check the server's URL"))
        }
    });
    let dns = "check the host name in the server's URL, and this machine's DNS";
    let tunnel = "the proxy cannot reach the host: check its name, and NO_PROXY for hosts that need no proxy";
    let hint = [("dns error", dns), ("tunnel error", tunnel)].into_iter().find(|(start, _)| has(start));
    match last {
        Some((text, hint)) => Failure::last(Error::http(ErrorKind::Connect, text, error).with_hint(Some(hint))),
        None => {
            let error = Error::http(ErrorKind::Connect, format!("cannot connect to {host}"), error);
            Failure::new(error.with_hint(hint.map(|(_, hint)| hint)), RetryClass::Safe)
        }
    }
}

/// An error and all its sources.
pub(crate) fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            // `source` would skip the error that it contains.
            Some(held) => Some(held as _),
            None => error.source(),
        }
    })
}

/// Why TLS rejects a server, unless a retry may help.
fn rejection(host: &str, error: &Tls) -> Option<Reason> {
    use CertificateError as Certificate;
    use rustls::AlertDescription as Alert;
    Some(match error {
        Tls::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            (format!("the certificate of {host} has expired"), CLOCK)
        }
        Tls::InvalidCertificate(Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) => {
            (format!("the certificate of {host} is not valid yet"), CLOCK)
        }
        Tls::InvalidCertificate(Certificate::NotValidForName | Certificate::NotValidForNameContext { .. }) => (
            format!("the certificate of {host} is for another name"),
            "use the host name of the certificate in the server's URL",
        ),
        // `General` occurs on a machine without any CA certificates.
        Tls::InvalidCertificate(_) | Tls::General(_) => (
            format!("the certificate of {host} is not trusted"),
            "give the client the CA's certificate with `ca_file`, or install it on the machine",
        ),
        Tls::InvalidMessage(_) => (
            format!("{host} does not speak TLS on this port"),
            "check the port in the server's URL, or begin the URL with http://",
        ),
        Tls::PeerIncompatible(_)
        | Tls::AlertReceived(
            Alert::ProtocolVersion | Alert::HandshakeFailure | Alert::InsufficientSecurity | Alert::CertificateRequired,
        ) => (
            format!("{host} rejected the TLS connection"),
            "the server must offer TLS 1.2 or 1.3, and must not require a client certificate",
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_io_errors_is_found_at_any_depth() {
        let tls = Tls::InvalidCertificate(CertificateError::UnknownIssuer);
        let error = io::Error::other(io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls)));
        let found: Vec<_> = causes(&error).filter_map(|cause| cause.downcast_ref::<Tls>()).collect();
        assert_eq!(found, [&Tls::InvalidCertificate(CertificateError::UnknownIssuer)]);
    }

    #[test]
    fn only_permanent_tls_errors_are_not_retried() {
        let says = |error: Tls| rejection("h.example", &error).map(|(text, _)| text).unwrap_or_default();
        assert!(says(Tls::InvalidCertificate(CertificateError::Expired)).contains("h.example has expired"));
        assert!(says(Tls::InvalidCertificate(CertificateError::BadSignature)).contains("not trusted"));
        assert!(says(Tls::AlertReceived(rustls::AlertDescription::ProtocolVersion)).contains("rejected"));
        for passing in [Tls::HandshakeNotComplete, Tls::AlertReceived(rustls::AlertDescription::InternalError)] {
            assert_eq!(says(passing), "");
        }
    }
}
