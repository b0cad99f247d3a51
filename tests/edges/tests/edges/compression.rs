//! Compressed answers, and small ones that become large.

use crate::support::{Server, builder, json};
use bytes::Bytes;
use glabflow::ErrorKind;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderValue};
use std::io::Write;

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(text).expect("memory");
    packed.finish().expect("memory")
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 2, ..Default::default() };
    brotli::BrotliCompress(&mut &*text, &mut packed, &params).expect("memory");
    packed
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory")
}

type Coding = (&'static str, fn(&[u8]) -> Vec<u8>);
const CODINGS: [Coding; 3] = [("gzip", gzip), ("br", brotli), ("zstd", zstd)];

/// A server that answers all requests with this text, compressed.
async fn server(name: &'static str, packed: Vec<u8>) -> Server {
    let packed = Bytes::from(packed);
    Server::plain("127.0.0.1:0", move |_| {
        let mut answer = json(packed.clone());
        answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        answer
    })
    .await
    .expect("a port")
}

#[tokio::test]
async fn each_coding_is_asked_for_and_understood() {
    let numbers: Vec<i64> = (0..100_000).collect();
    let text = serde_json::to_vec(&numbers).expect("JSON");
    for (name, pack) in CODINGS {
        let server = server(name, pack(&text)).await;
        let gl = builder(server.url()).build().expect("a client");
        assert_eq!(gl.get("x").send::<Vec<i64>>().await.expect(name).into_inner(), numbers, "{name}");
        let file = gl.get("x").download().await.expect(name).bytes().await.expect(name);
        assert_eq!(file, text, "{name}");
        for asked in server.asked() {
            let accepted = asked.headers[ACCEPT_ENCODING].to_str().expect("text").to_owned();
            let mut accepted: Vec<_> = accepted.split(',').map(str::trim).collect();
            accepted.sort_unstable();
            assert_eq!(accepted, ["br", "gzip", "zstd"], "{name}");
        }
    }
}

#[tokio::test]
async fn what_becomes_too_large_is_not_unpacked_to_its_end() {
    let (size, limit) = (32_000_000, 1_000_000);
    let text = vec![b' '; size];
    let bombs = CODINGS.map(|(name, pack)| (name, pack(&text)));
    drop(text);
    forget_peak();
    for (name, packed) in bombs {
        assert!(packed.len() < limit, "{name}: {}", packed.len());
        let server = server(name, packed).await;
        let gl = builder(server.url()).max_answer_bytes(limit).build().expect("a client");
        let before = peak_memory();
        let error = gl.get("x").send::<serde_json::Value>().await.expect_err(name);
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1), "{name}: {error}");
        let error = gl.get("x").download().await.expect(name).bytes().await.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{name}: {error}");
        if let (Some(before), Some(after)) = (before, peak_memory()) {
            assert!(after - before < 16 * 1024, "{name}: {} KiB more than before", after - before);
        }
    }
}

/// Lets the count of the most memory begin anew, where the system can.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The most memory that this process has had since, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[tokio::test]
async fn what_is_broken_is_an_error_and_not_half_an_answer() {
    let text = serde_json::to_vec(&vec![7; 50_000]).expect("JSON");
    for (name, pack) in CODINGS {
        let whole = pack(&text);
        let cut = whole[..whole.len() / 2].to_vec();
        for (what, body) in [("cut", cut), ("nonsense", b"\xff\x00 not compressed at all".to_vec())] {
            let server = server(name, body).await;
            let gl = builder(server.url()).build().expect("a client");
            let error = gl.get("x").send::<Vec<i64>>().await.expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Transport, "{name}, {what}: {error}");
            // A broken answer to a read is asked for again, and again no more often than the policy says.
            assert_eq!(server.asked().len(), 6, "{name}, {what}");
            let error = gl.post("x").send::<Vec<i64>>().await.expect_err(name);
            assert!(error.is_outcome_unknown(), "{name}, {what}: {error}");
            assert_eq!(server.asked().len(), 7, "{name}, {what}");
        }
    }
}
