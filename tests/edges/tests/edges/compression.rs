//! Compressed responses.

use crate::packed::{brotli, gzip, server, zstd};
use crate::support::builder;
use glabflow::ErrorKind;

type Coding = (&'static str, fn(&[u8]) -> Vec<u8>);
const CODINGS: [Coding; 3] = [("gzip", gzip), ("br", brotli), ("zstd", zstd)];

#[tokio::test]
async fn each_encoding_is_offered_and_decoded() {
    let numbers: Vec<i64> = (0..100_000).collect();
    let text = serde_json::to_vec(&numbers).expect("JSON");
    for (name, pack) in CODINGS {
        let server = server(name, pack(&text)).await;
        let gl = builder(server.url()).build().expect("a client");
        assert_eq!(gl.get("x").send::<Vec<i64>>().await.expect(name).into_inner(), numbers, "{name}");
        let file = gl.get("x").download().await.expect(name).bytes().await.expect(name);
        assert_eq!(file, text, "{name}");
        for request in server.requests() {
            let mut accepted: Vec<_> = request.headers["accept-encoding"].split(',').map(str::trim).collect();
            accepted.sort_unstable();
            assert_eq!(accepted, ["br", "gzip", "zstd"], "{name}");
        }
    }
}

#[tokio::test]
async fn corrupt_compressed_bodies_are_transport_errors() {
    let text = serde_json::to_vec(&vec![7; 50_000]).expect("JSON");
    for (name, pack) in CODINGS {
        let whole = pack(&text);
        let cut = whole[..whole.len() / 2].to_vec();
        for (what, body) in [("cut", cut), ("nonsense", b"\xff\x00 not compressed at all".to_vec())] {
            let server = server(name, body).await;
            let gl = builder(server.url()).build().expect("a client");
            let error = gl.get("x").send::<Vec<i64>>().await.expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Transport, "{name}, {what}: {error}");
            // A read with a corrupt response is retried as often as the policy allows.
            assert_eq!(server.requests().len(), 6, "{name}, {what}");
            let error = gl.post("x").send::<Vec<i64>>().await.expect_err(name);
            assert!(error.is_outcome_unknown(), "{name}, {what}: {error}");
            assert_eq!(server.requests().len(), 7, "{name}, {what}");
        }
    }
}
