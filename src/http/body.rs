//! Request bodies: JSON from memory, and files and multipart forms as streams.

use bytes::Bytes;
use glabflow_contract::Payload;
use glabflow_contract::encode::Part;
use glabflow_contract::upload::{ByteStream, Source, Upload};
use http_body::{Frame, SizeHint};
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, ReadBuf};

/// Maximum bytes of one read from a file.
const READ_SIZE: usize = 64 * 1024;

/// A body and its content type.
pub(crate) struct StreamedBody {
    pub(crate) body: reqwest::Body,
    pub(crate) content_type: String,
}

/// Opens the files of a payload and creates the body; `None` if there is no body. `boundary` must not occur in the parts.
pub(crate) async fn open(payload: &Payload, boundary: u64) -> io::Result<Option<StreamedBody>> {
    Ok(match payload {
        Payload::Empty => None,
        Payload::Json(bytes) => {
            Some(StreamedBody { body: bytes.clone().into(), content_type: "application/json".to_owned() })
        }
        Payload::Raw(upload, content_type) => {
            let mut chunks = Chunks::default();
            chunks.file(upload).await?;
            let content_type = upload.media_type().unwrap_or(content_type).to_owned();
            Some(StreamedBody { body: reqwest::Body::wrap(chunks), content_type })
        }
        Payload::Multipart(parts) => {
            let boundary = format!("glabflow-{boundary:016x}");
            let mut chunks = Chunks::default();
            for (name, part) in parts {
                chunks.part(&boundary, name, part).await?;
            }
            chunks.bytes(format!("--{boundary}--\r\n"));
            let content_type = format!("multipart/form-data; boundary={boundary}");
            Some(StreamedBody { body: reqwest::Body::wrap(chunks), content_type })
        }
    })
}

/// A part of a body, in the order of sending.
enum Chunk {
    Bytes(Bytes),
    File(tokio::fs::File),
    /// The lock is never contended. It makes the stream `Sync`, which the HTTP library requires.
    Stream(Mutex<ByteStream>),
}

/// A body of chunks, which are sent one after the other.
#[derive(Default)]
struct Chunks {
    chunks: VecDeque<Chunk>,
    /// The length of the whole body, unless it contains a stream.
    length: u64,
    unknown: bool,
}

impl Chunks {
    fn bytes(&mut self, bytes: impl Into<Bytes>) {
        let bytes = bytes.into();
        self.length += bytes.len() as u64;
        self.chunks.push_back(Chunk::Bytes(bytes));
    }

    async fn part(&mut self, boundary: &str, name: &str, part: &Part) -> io::Result<()> {
        let name = quoted(name);
        match part {
            Part::Text(text) => {
                self.bytes(format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n"
                ));
            }
            Part::File(upload) => {
                let content_type = upload.media_type().unwrap_or("application/octet-stream");
                let content_type: String = content_type.chars().filter(|c| !c.is_control()).collect();
                let file_name = quoted(upload.name());
                self.bytes(format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
                     Content-Type: {content_type}\r\n\r\n"
                ));
                self.file(upload).await?;
                self.bytes("\r\n");
            }
        }
        Ok(())
    }

    async fn file(&mut self, upload: &Upload) -> io::Result<()> {
        match upload.source() {
            Source::Bytes(bytes) => self.bytes(bytes.clone()),
            Source::Path(path) => {
                let (file, length) = open_file(path).await?;
                self.length += length;
                self.chunks.push_back(Chunk::File(file));
            }
            Source::Once(stream) => {
                let taken = stream.lock().unwrap_or_else(PoisonError::into_inner).take();
                let stream = taken.ok_or_else(|| io::Error::other("the stream to upload was already read"))?;
                self.unknown = true;
                self.chunks.push_back(Chunk::Stream(Mutex::new(stream)));
            }
        }
        Ok(())
    }
}

async fn open_file(path: &Path) -> io::Result<(tokio::fs::File, u64)> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    Ok((file, length))
}

/// A name, escaped for a quoted string in a part's header.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            let next = match self.chunks.front_mut() {
                None => return Poll::Ready(None),
                Some(Chunk::Bytes(bytes)) => Some(Ok(std::mem::take(bytes))),
                Some(Chunk::File(file)) => {
                    let mut buffer = vec![0; READ_SIZE];
                    let mut read = ReadBuf::new(&mut buffer);
                    match Pin::new(file).poll_read(cx, &mut read) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Err(error)) => Some(Err(error)),
                        Poll::Ready(Ok(())) => {
                            let length = read.filled().len();
                            buffer.truncate(length);
                            (length > 0).then(|| Ok(buffer.into()))
                        }
                    }
                }
                Some(Chunk::Stream(stream)) => {
                    let stream = stream.get_mut().unwrap_or_else(PoisonError::into_inner);
                    match stream.as_mut().poll_next(cx) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(next) => next,
                    }
                }
            };
            if !matches!((self.chunks.front(), &next), (Some(Chunk::File(_) | Chunk::Stream(_)), Some(Ok(_)))) {
                self.chunks.pop_front();
            }
            match next {
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Some(Err(error)) => {
                    self.chunks.clear();
                    return Poll::Ready(Some(Err(error)));
                }
                None => {}
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        if self.unknown { SizeHint::new() } else { SizeHint::with_exact(self.length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;

    async fn written(parts: Vec<(String, Part)>) -> (String, SizeHint) {
        let mut chunks = Chunks::default();
        for (name, part) in &parts {
            chunks.part("B", name, part).await.expect("a part");
        }
        let hint = http_body::Body::size_hint(&chunks);
        let mut text = Vec::new();
        while let Some(frame) = poll_fn(|cx| http_body::Body::poll_frame(Pin::new(&mut chunks), cx)).await {
            text.extend_from_slice(&frame.expect("bytes").into_data().expect("data"));
        }
        (String::from_utf8(text).expect("text"), hint)
    }

    #[tokio::test]
    async fn parts_are_written_in_order_and_their_length_is_known() {
        let path = std::env::temp_dir().join(format!("glabflow-payload-{}", std::process::id()));
        std::fs::write(&path, "from disk").expect("a file");
        let (text, hint) = written(vec![
            ("a\"b".to_owned(), Part::Text("1".to_owned())),
            ("f".to_owned(), Part::File(Upload::bytes("x\r\n.txt", "bytes").content_type("text/plain\r\nX: y"))),
            ("g".to_owned(), Part::File(Upload::path(&path))),
        ])
        .await;
        std::fs::remove_file(&path).expect("the file is there");
        assert!(
            text.starts_with("--B\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n--B\r\n"),
            "{text}"
        );
        assert!(text.contains("filename=\"x%0D%0A.txt\"\r\nContent-Type: text/plainX: y\r\n\r\nbytes\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nfrom disk\r\n"), "{text}");
        assert_eq!(hint.exact(), Some(text.len() as u64));
    }

    #[tokio::test]
    async fn a_stream_is_read_once_and_has_no_known_length() {
        let upload = Upload::stream("s", futures_util::stream::iter([Ok(Bytes::from("ab")), Ok(Bytes::from("c"))]));
        let (text, hint) = written(vec![("s".to_owned(), Part::File(upload.clone()))]).await;
        assert!(text.ends_with("\r\n\r\nabc\r\n"), "{text}");
        assert_eq!(hint.exact(), None);
        assert!(Chunks::default().file(&upload).await.is_err());
    }
}
