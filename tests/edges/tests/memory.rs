//! Small responses that become large. The test is alone in its process, since it measures the memory of the process.

#[path = "edges/packed.rs"]
mod packed;
#[allow(dead_code, reason = "the other tests use the rest of it")]
#[path = "edges/support.rs"]
mod support;

use glabflow::ErrorKind;
use packed::{brotli, gzip, server, zstd};
use support::builder;

#[tokio::test]
async fn oversized_compressed_body_is_not_decompressed_to_the_end() {
    let (size, limit) = (32_000_000, 1_000_000);
    let text = vec![b' '; size];
    let bombs = [("gzip", gzip(&text)), ("br", brotli(&text)), ("zstd", zstd(&text))];
    drop(text);
    forget_peak();
    for (name, packed) in bombs {
        assert!(packed.len() < limit, "{name}: {}", packed.len());
        let server = server(name, packed).await;
        let gl = builder(server.url()).max_response_bytes(limit).build().expect("a client");
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

/// Resets the peak memory of this process, if the system supports that.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak memory of this process in KiB, if the system reports it.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
