//! A server that answers at once with what was made beforehand, so that it is the client which is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// An answer as it goes over the wire.
pub(crate) type Answer = Arc<[u8]>;

/// A JSON answer with these header lines besides its own, each with its line break.
pub(crate) fn json(headers: &str, body: &[u8]) -> Answer {
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n");
    [head.as_bytes(), body].concat().into()
}

/// Starts a server that lives as long as the program, and gives its address. `answers` makes, for this address, the function
/// of a request's target and body that answers.
pub(crate) fn start<F>(answers: impl FnOnce(&str) -> F) -> String
where
    F: Fn(&str, &[u8]) -> Answer + Send + Sync + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = Arc::new(answers(&url));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, answer) = (stream.expect("a connection"), Arc::clone(&answer));
            // A client may close its end at any time.
            std::thread::spawn(move || serve(stream, &*answer).ok());
        }
    });
    url
}

fn serve(stream: TcpStream, answer: &impl Fn(&str, &[u8]) -> Answer) -> std::io::Result<()> {
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
        stream.get_mut().write_all(&answer(&target, &body))?;
    }
}
