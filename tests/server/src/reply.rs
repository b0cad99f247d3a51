//! What a server does with a request.

use std::fmt::Write;

/// What a server does with a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Sends a response.
    Response(Response),
    /// Sends these bytes as they are, then closes the connection.
    Raw(Vec<u8>),
    /// Closes the connection without a response.
    Close,
    /// Sends nothing, ever.
    Hang,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, without those that frame the body.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    framing: Framing,
}

/// How the client learns where the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// By `Content-Length`.
    Length,
    /// By `Content-Length`. The last byte of the body is not sent, and the connection is closed.
    CutOff,
    /// By chunks of this many bytes.
    Chunks(usize),
    /// By the end of the connection.
    Close,
}

/// A response with a JSON body.
pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply::new(status, body).with("Content-Type", "application/json")
}

impl Reply {
    /// A response without headers of its own.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Reply::Response(Response { status, headers: Vec::new(), body: body.into(), framing: Framing::Length })
    }

    /// The same response with one more header.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<String>) -> Self {
        self.change(|response| response.headers.push((name.to_owned(), value.into())))
    }

    /// The same response without the last byte of its body, after which the connection is closed.
    #[must_use]
    pub fn cut_off(self) -> Self {
        self.change(|response| response.framing = Framing::CutOff)
    }

    /// The same response, its body in chunks of this many bytes.
    #[must_use]
    pub fn chunked(self, bytes: usize) -> Self {
        self.change(|response| response.framing = Framing::Chunks(bytes.max(1)))
    }

    /// The same response, its body without a length: it ends with the connection.
    #[must_use]
    pub fn until_close(self) -> Self {
        self.change(|response| response.framing = Framing::Close)
    }

    fn change(self, change: impl FnOnce(&mut Response)) -> Self {
        match self {
            Reply::Response(mut response) => {
                change(&mut response);
                Reply::Response(response)
            }
            other => panic!("only a response can be changed, not {other:?}"),
        }
    }
}

impl Response {
    /// Whether the connection is closed after it.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self.framing, Framing::CutOff | Framing::Close)
    }

    /// What goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} X\r\n", self.status);
        match self.framing {
            Framing::Length | Framing::CutOff => {
                let _ = write!(head, "Content-Length: {}\r\n", self.body.len());
            }
            Framing::Chunks(_) => head.push_str("Transfer-Encoding: chunked\r\n"),
            Framing::Close => head.push_str("Connection: close\r\n"),
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        match self.framing {
            Framing::Length | Framing::Close => bytes.extend_from_slice(&self.body),
            Framing::CutOff => bytes.extend_from_slice(&self.body[..self.body.len().saturating_sub(1)]),
            Framing::Chunks(size) => {
                for chunk in self.body.chunks(size) {
                    bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                    bytes.extend_from_slice(chunk);
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(b"0\r\n\r\n");
            }
        }
        bytes
    }
}
