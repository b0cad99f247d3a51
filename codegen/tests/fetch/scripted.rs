//! A server that answers by script, one connection for each request.

use glabflow_fake::Fake;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// A running server. Its thread ends with the test program.
pub(crate) struct Scripted {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// Answers with what the script makes of a request: status and body. Without an answer the connection stays silent.
    pub(crate) fn start(script: impl Fn(&str) -> Option<(u16, String)> + Send + 'static) -> Self {
        Self::serve(move |request, stream| match script(request) {
            Some((status, body)) => {
                let _ = stream.write_all(&self::answer(status, &body));
            }
            None => {
                // Until the client has enough.
                let _ = stream.read(&mut [0]);
            }
        })
    }

    /// Answers every request with these bytes and closes the connection.
    pub(crate) fn raw(answer: Vec<u8>) -> Self {
        Self::serve(move |_, stream| {
            let _ = stream.write_all(&answer);
        })
    }

    /// Stands before a fake GitLab: what the script has no answer to goes there.
    pub(crate) fn before(fake: &Fake, script: impl Fn(&str) -> Option<(u16, String)> + Send + 'static) -> Self {
        let target = fake.address();
        Self::serve(move |request, stream| {
            let answer = script(request).map(|(status, body)| self::answer(status, &body));
            let answer = answer.unwrap_or_else(|| forward(target, request));
            let _ = stream.write_all(&answer);
        })
    }

    fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = read(&mut stream) else { continue };
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
                answer(&request, &mut stream);
            }
        });
        Scripted { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// An answer with what a server writes above it.
pub(crate) fn answer(status: u16, body: &str) -> Vec<u8> {
    let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
    let head = format!(
        "HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\nretry-after: 0\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body.as_bytes()].concat()
}

/// The answers of a GitLab with a small schema, which has descriptions.
pub(crate) fn small(request: &str) -> Option<(u16, String)> {
    const SCHEMA: &str = include_str!("../fixtures/ingest/graphql/described.json");
    let body = if request.starts_with("GET") {
        r#"{"version": "18.6.0-ee", "enterprise": true}"#
    } else if request.contains("__InputValue\\\"") {
        r#"{"data": {"__type": {"fields": [{"name": "isDeprecated"}]}}}"#
    } else {
        SCHEMA
    };
    Some((200, body.to_owned()))
}

/// A whole request.
pub(crate) fn read(stream: &mut impl Read) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|length| length.trim().parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return String::from_utf8(bytes).ok();
            }
        }
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return None,
            // The first byte of an encrypted connection: a server without encryption answers that it makes no sense.
            Ok(_) if bytes.is_empty() && chunk[0] == 0x16 => return Some("encrypted".to_owned()),
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// What another server answers.
fn forward(target: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(target).expect("connected");
    let closing = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    stream.write_all(closing.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    answer
}
