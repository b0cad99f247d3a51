//! Servers that send compressed responses.

use glabflow_test_server::{Server, json};
use std::io::Write;

pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text).expect("memory");
    packed.finish().expect("memory")
}

pub(crate) fn brotli(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 2, ..Default::default() };
    brotli::BrotliCompress(&mut &*text, &mut packed, &params).expect("memory");
    packed
}

pub(crate) fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory")
}

/// A server that responds to all requests with this compressed text.
pub(crate) async fn server(name: &'static str, packed: Vec<u8>) -> Server {
    Server::script(vec![json(200, packed).with("Content-Encoding", name)]).await
}
