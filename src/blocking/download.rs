//! Files that are being downloaded.

use super::engine::Engine;
use super::mirror::mirror;
use crate::error::Error;
use crate::send::download;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;

/// A file that is being downloaded, and an iterator over its bytes. See [`glabflow::Download`](crate::Download).
#[derive(Debug)]
pub struct Download {
    inner: download::Download,
    engine: Arc<Engine>,
}

impl Download {
    pub(super) fn new(inner: download::Download, engine: Arc<Engine>) -> Self {
        Download { inner, engine }
    }

    mirror! { "Download"
        pub fn status(&self) -> u16;
        pub fn header(&self, name: &str) -> Option<&str>;
        pub fn content_type(&self) -> Option<&str>;
        pub fn size(&self) -> Option<u64>;
        pub async fn bytes(self) -> Result<Bytes, Error>;
        pub async fn text(self) -> Result<String, Error>;
        pub async fn save_to(self, path: impl AsRef<Path>) -> Result<u64, Error>;
    }
}

/// The next bytes of the file, in parts of any size.
impl Iterator for Download {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.engine.wait_for_next(&mut self.inner).unwrap_or_else(|error| Some(Err(error)))
    }
}
