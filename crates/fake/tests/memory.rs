//! A million users need no memory. This test has its own process, so that nothing else is measured. It runs on Linux
//! only, which reports the memory of a process.
#![cfg(target_os = "linux")]

use glabflow_fake::Fake;
use serde_json::Value;

#[tokio::test]
async fn a_million_users_need_no_memory() {
    let fake = Fake::builder().users(1_000_000).offset_limit(None).start().await.unwrap();
    // If another crate enables rustls, reqwest requires a process-wide provider.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| -> Value {
        let request = client.get(format!("{}/api/v4{path}", fake.url())).header("PRIVATE-TOKEN", fake.admin_token());
        request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap()
    };
    get("/users").await;
    let before = resident();
    for page in (1..=10_000).step_by(97) {
        let users = get(&format!("/users?per_page=100&page={page}")).await;
        let ids: Vec<u64> = users.as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()).collect();
        let first = 1_000_000 - 100 * (page - 1);
        assert_eq!(ids, (first - 99..=first).rev().collect::<Vec<_>>());
    }
    let name = get("/users/500000").await["username"].as_str().unwrap().to_owned();
    assert_eq!(get(&format!("/users?username={name}")).await[0]["id"], 500_000);
    let grown = resident().saturating_sub(before);
    assert!(before > 0 && grown < 16 << 10, "{grown} KiB more than {before} KiB");
}

/// The memory of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
