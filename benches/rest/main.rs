//! The time that the client itself takes over REST: decoding, reading lists, building requests.
//!
//! `cargo bench -p glabflow --bench rest`, or `... -- paging` for a part of it. The responses are prepared, and
//! come from the fake GitLab. `bench/` compares whole programs with other clients.

#[path = "../loopback/mod.rs"]
mod loopback;

mod decode;
mod paging;
mod request;

use glabflow::{Client, Token};
use glabflow_fake::Fake;

fn main() {
    divan::main();
}

fn client(url: String) -> Client {
    Client::builder(url).token(Token::personal("glpat-example")).build().expect("a client")
}

/// A runtime with two threads, the number of cores of the machine that the documented figures are from.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Pages of 100 items, from a fake GitLab with as many users as needed.
fn pages(path: &str, pages: u64) -> Vec<bytes::Bytes> {
    let fake = Fake::builder().users(pages * 100).projects(100).start_blocking().expect("a port");
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).build().expect("a client");
    let read = async {
        let mut bodies = Vec::new();
        for page in 1..=pages {
            let body = gl.get(path).query("per_page", 100).query("page", page).bytes().await.expect("a page");
            bodies.push(body.into_inner());
        }
        bodies
    };
    runtime().block_on(read)
}
