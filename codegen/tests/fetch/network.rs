//! `fetch` over real TLS, and through a real proxy.

use crate::scripted::{self, Scripted};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

const TOKEN: &str = "glpat-EDGESECRETEDGE";
/// User and password of the proxy.
const CREDENTIALS: &str = "proxyuser:proxyPASSWORD";
/// The same as a proxy is told them.
const BASIC: &str = "Basic cHJveHl1c2VyOnByb3h5UEFTU1dPUkQ=";

/// An authority of the test's own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "A test's own authority");
        let key = KeyPair::generate().expect("a key");
        Authority { issuer: CertifiedIssuer::self_signed(params, key).expect("a certificate") }
    }

    /// Writes its certificate to a file.
    fn write(&self, path: &Path) {
        std::fs::write(path, self.issuer.pem()).expect("room on the disk");
    }

    /// A small GitLab that encrypts, with a certificate of this authority for an address.
    fn server(&self, address: [u8; 4]) -> Encrypted {
        let mut params = CertificateParams::default();
        params.subject_alt_names = vec![SanType::IpAddress(address.into())];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate for its key");
        Encrypted::start(Arc::new(config))
    }
}

/// A small GitLab behind TLS. Its thread ends with the test program.
struct Encrypted {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Encrypted {
    fn start(config: Arc<rustls::ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = rustls::ServerConnection::new(Arc::clone(&config)).expect("a connection");
                let mut stream = rustls::StreamOwned::new(connection, stream);
                // Who does not trust the certificate sends nothing.
                let Some(request) = scripted::read(&mut stream) else { continue };
                let answer = scripted::small(&request).map(|(status, body)| scripted::answer(status, &body));
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                let _ = stream.write_all(&answer.unwrap_or_default());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        });
        Encrypted { address, requests }
    }

    fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A proxy for `CONNECT` that keeps every byte that comes through it. Its threads end with the test program.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    record: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    /// A proxy that lets those through who know this.
    fn start(password: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let proxy = Proxy { address, heads: Arc::default(), record: Arc::default() };
        let (heads, record) = (Arc::clone(&proxy.heads), Arc::clone(&proxy.record));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // How a tunnel ends is the business of its ends.
                let _ = tunnel(client, password, &heads, &record);
            }
        });
        proxy
    }

    fn address(&self) -> String {
        format!("http://{CREDENTIALS}@{}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn has_seen(&self, text: &str) -> bool {
        let record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        record.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

fn tunnel(
    mut client: TcpStream,
    password: &str,
    heads: &Mutex<Vec<String>>,
    record: &Arc<Mutex<Vec<u8>>>,
) -> std::io::Result<()> {
    let Some(head) = scripted::read(&mut client) else { return Ok(()) };
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let passes = head.contains(password);
    record.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(head.as_bytes());
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(head);
    if !passes {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    }
    let server = TcpStream::connect(target)?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let record = Arc::clone(record);
        std::thread::spawn(move || copy(from, to, &record));
    }
    Ok(())
}

fn copy(mut from: TcpStream, mut to: TcpStream, record: &Mutex<Vec<u8>>) {
    let mut chunk = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut chunk) {
        record.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&chunk[..count]);
        if to.write_all(&chunk[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

/// Runs the command with a token and these variables; what it prints, and whether it succeeds. It never shows a secret.
fn fetch(folder: &Path, arguments: &[&str], variables: &[(&str, String)]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.args(["fetch", "--out", "schema"]).args(arguments).current_dir(folder);
    command.env("GITLAB_TOKEN", TOKEN).envs(variables.iter().map(|(name, value)| (name, value)));
    let output = command.output().expect("the command starts");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for secret in [TOKEN, "proxyPASSWORD", "cHJveHl1c2Vy"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert_eq!(output.status.success(), folder.join("schema").exists(), "{told}");
    (output.status.success(), told)
}

#[test]
fn an_authority_of_your_own_is_trusted_when_its_file_is_named() {
    let authority = Authority::new();
    let server = authority.server([127, 0, 0, 1]);
    let root = tempfile::tempdir().expect("a folder");
    authority.write(&root.path().join("ca.pem"));
    Authority::new().write(&root.path().join("other.pem"));
    let url = server.url();

    let (ok, told) = fetch(root.path(), &["--url", &url, "--openapi", "none"], &[]);
    assert!(!ok && told.contains("certificate") && told.contains("--ca-file"), "{told}");
    let (ok, told) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "other.pem"], &[]);
    assert!(!ok && told.contains("certificate"), "{told}");
    let (ok, told) = fetch(root.path(), &["--url", &url, "--ca-file", "nowhere.pem"], &[]);
    assert!(!ok && told.contains("cannot read nowhere.pem"), "{told}");
    assert_eq!(server.requests(), [""; 0], "nobody who does not trust it says anything");

    // What a server names elsewhere is not trusted for the sake of its file.
    let elsewhere = authority.server([127, 0, 0, 1]);
    let document = format!("{}/openapi.json", elsewhere.url());
    let (ok, told) = fetch(root.path(), &["--url", &url, "--openapi", &document, "--ca-file", "ca.pem"], &[]);
    assert!(!ok && told.contains("certificate") && told.contains(&elsewhere.address.to_string()), "{told}");
    assert_eq!(elsewhere.requests(), [""; 0]);

    let (ok, told) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"], &[]);
    assert!(ok && told.contains("GitLab 18.6.0 ee"), "{told}");
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.contains(&format!("Bearer {TOKEN}"))), "{requests:?}");
}

#[test]
fn a_certificate_for_another_address_is_refused() {
    let authority = Authority::new();
    let server = authority.server([127, 0, 0, 2]);
    let root = tempfile::tempdir().expect("a folder");
    authority.write(&root.path().join("ca.pem"));
    let (ok, told) = fetch(root.path(), &["--url", &server.url(), "--openapi", "none", "--ca-file", "ca.pem"], &[]);
    assert!(!ok && told.contains("certificate"), "{told}");
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn a_proxy_sees_the_host_and_its_own_password_alone() {
    let authority = Authority::new();
    let server = authority.server([127, 0, 0, 1]);
    let proxy = Proxy::start(BASIC);
    let url = server.url();
    let through = |name: &'static str| (name, proxy.address());
    let run = |variables: &[(&str, String)]| {
        let root = tempfile::tempdir().expect("a folder");
        authority.write(&root.path().join("ca.pem"));
        let (ok, told) = fetch(root.path(), &["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"], variables);
        assert!(ok, "{told}");
    };
    run(&[through("HTTPS_PROXY")]);
    let heads = proxy.heads();
    assert!(!heads.is_empty());
    for head in &heads {
        assert!(head.starts_with(&format!("CONNECT {} ", server.address)), "{head}");
    }
    assert!(proxy.has_seen(BASIC) && !proxy.has_seen(TOKEN) && !proxy.has_seen("graphql"));
    let requests = server.requests();
    assert!(!requests.is_empty() && requests.iter().all(|request| !request.to_ascii_lowercase().contains("proxy")));

    run(&[through("HTTPS_PROXY"), ("NO_PROXY", "gitlab.example.com, 127.0.0.0/8".to_owned())]);
    // That of another scheme does not matter.
    run(&[through("HTTP_PROXY")]);
    assert_eq!(proxy.heads().len(), heads.len(), "these went without the proxy");
}

#[test]
fn a_proxy_is_for_addresses_without_encryption_too() {
    let server = Scripted::start(scripted::small);
    let proxy = Proxy::start(BASIC);
    let root = tempfile::tempdir().expect("a folder");
    let variables = [("http_proxy", proxy.address()), ("HTTPS_PROXY", "http://127.0.0.1:9".to_owned())];
    let (ok, told) = fetch(root.path(), &["--url", &server.url(), "--openapi", "none"], &variables);
    assert!(ok && !proxy.heads().is_empty(), "{told}");
}

#[test]
fn proxies_that_refuse_or_are_not_there_are_told() {
    let authority = Authority::new();
    let server = authority.server([127, 0, 0, 1]);
    let root = tempfile::tempdir().expect("a folder");
    authority.write(&root.path().join("ca.pem"));
    let url = server.url();
    let told = |proxy: String| {
        let arguments = ["--url", &url, "--openapi", "none", "--ca-file", "ca.pem"];
        fetch(root.path(), &arguments, &[("HTTPS_PROXY", proxy)]).1
    };
    let refusing = Proxy::start("nobody knows this");
    let text = told(refusing.address());
    assert!(text.contains("user name and password (407)") && text.contains("($HTTPS_PROXY)"), "{text}");
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let text = told(format!("http://{CREDENTIALS}@{gone}"));
    assert!(text.contains(&format!("through the proxy {gone} ($HTTPS_PROXY)")), "{text}");
    let text = told(format!("gopher://{CREDENTIALS}@{gone}"));
    assert!(text.contains("$HTTPS_PROXY is not the address of a proxy"), "{text}");
    assert_eq!(server.requests(), [""; 0]);
}
