//! Small answers that become large. Alone in its process, so that nothing else is measured.

#[path = "edges/packed.rs"]
mod packed;
#[allow(dead_code, reason = "the other tests use the rest of it")]
#[path = "edges/support.rs"]
mod support;

use glabflow::ErrorKind;
use packed::{brotli, gzip, server, zstd};
use support::builder;

#[tokio::test]
async fn what_becomes_too_large_is_not_unpacked_to_its_end() {
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
