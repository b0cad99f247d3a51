//! Files to upload.

use bytes::Bytes;
use futures_core::Stream;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

/// A stream of a file's bytes.
pub type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The source of the bytes of an [`Upload`].
#[derive(Clone)]
pub enum Source {
    /// Memory.
    Bytes(Bytes),
    /// A file, read while it is sent.
    Path(PathBuf),
    /// A stream that can be read once. A request that contains one is never retried.
    Once(Arc<Mutex<Option<ByteStream>>>),
}

/// A file to upload: a name, a content type and the source of its bytes.
#[derive(Clone)]
pub struct Upload {
    name: String,
    content_type: Option<String>,
    source: Source,
}

impl Upload {
    /// A file from memory.
    pub fn bytes(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Upload { name: name.into(), content_type: None, source: Source::Bytes(bytes.into()) }
    }

    /// A file from disk. It is opened when the request is sent, and streamed.
    ///
    /// Its name is the last part of the path.
    pub fn path(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let name = path.file_name().map_or_else(|| "file".to_owned(), |name| name.to_string_lossy().into_owned());
        Upload { name, content_type: None, source: Source::Path(path.to_owned()) }
    }

    /// A file from a stream. A stream can be read only once, so the request is not retried.
    pub fn stream(name: impl Into<String>, stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        let source = Source::Once(Arc::new(Mutex::new(Some(Box::pin(stream)))));
        Upload { name: name.into(), content_type: None, source }
    }

    /// The same file with this content type instead of `application/octet-stream`.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The content type, if one was set.
    pub fn media_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The source of the bytes.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether the bytes can be read again for a retry.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self.source, Source::Once(_))
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Upload");
        out.field("name", &self.name);
        match &self.source {
            Source::Bytes(bytes) => out.field("bytes", &bytes.len()),
            Source::Path(path) => out.field("path", path),
            Source::Once(_) => out.field("stream", &"once"),
        };
        out.finish()
    }
}
