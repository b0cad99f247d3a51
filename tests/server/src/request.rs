//! A request, and how it is read.

use std::collections::BTreeMap;

/// A request as the server received it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The head as it was sent, with its last, empty line.
    pub head: String,
    /// The method, `GET` for example.
    pub method: String,
    /// Path and query, or the host of `CONNECT`.
    pub target: String,
    /// The version, `HTTP/1.1` for example.
    pub version: String,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body, without the framing of chunks.
    pub body: Vec<u8>,
}

impl Request {
    /// The request with this head and no body.
    pub(crate) fn parse(head: String) -> Self {
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let mut next = || words.next().unwrap_or_default();
        let (method, target, version) = (next(), next(), next());
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        Request { head, method, target, version, headers, body: Vec::new() }
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The value of a query parameter, not decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(at, _)| *at == name).map(|(_, value)| value)
    }

    /// Head and body as text.
    pub fn text(&self) -> String {
        format!("{}{}", self.head, String::from_utf8_lossy(&self.body))
    }
}
