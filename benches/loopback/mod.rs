//! A server that sends prepared responses at once, so that a benchmark measures the client.
//!
//! It has a thread for each connection and no runtime. The server of the tests (`tests/server`) would take more of the two
//! cores from the client, and it records every request.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A response as it goes over the wire.
pub(crate) type Response = Arc<[u8]>;

/// A JSON response with these additional header lines, each with its line break.
pub(crate) fn json(headers: &str, body: &[u8]) -> Response {
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat().into()
}

/// Starts a server that lives as long as the program, and gives its URL. `handler` gets the URL and gives the function from
/// a request's target and body to the response.
pub(crate) fn start<F>(handler: impl FnOnce(&str) -> F) -> String
where
    F: Fn(&str, &[u8]) -> Response + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let handler = Arc::new(handler(&url));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, handler) = (stream.expect("a connection"), Arc::clone(&handler));
            // A client may close its connection at any time.
            std::thread::spawn(move || serve(stream, &*handler).ok());
        }
    });
    url
}

fn serve(stream: TcpStream, handler: &impl Fn(&str, &[u8]) -> Response) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            stream.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body)?;
        stream.get_mut().write_all(&handler(&target, &body))?;
    }
}
