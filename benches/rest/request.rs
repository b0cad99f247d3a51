//! From a typed call to path, query and body.

use super::client;
use divan::Bencher;
use glabflow::contract::{Encoded, Operation};

fn build<O: Operation>(bencher: Bencher<'_, '_>, operation: impl Fn() -> O + Sync) {
    bencher.bench(|| -> Encoded { operation().into_request().encode().expect("arguments that can be sent") });
}

#[divan::bench]
fn with_a_query(bencher: Bencher<'_, '_>) {
    let gl = client("https://gitlab.example.com".to_owned());
    build(bencher, || gl.projects().list().archived(false).search("flow & more").membership(true));
}

#[divan::bench]
fn with_a_path_and_a_body(bencher: Bencher<'_, '_>) {
    let gl = client("https://gitlab.example.com".to_owned());
    build(bencher, || {
        gl.issues().create("group/project", "A title").description("What is wrong").labels(["bug", "urgent"])
    });
}
