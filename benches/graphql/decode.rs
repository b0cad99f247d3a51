//! From the bytes of a page to typed nodes.

use super::page;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use glabflow::contract::{decode, graphql::ResponseData};
use glabflow::graphql::operations::users::UsersQuery;

#[divan::bench]
fn users(bencher: Bencher<'_, '_>) {
    let data = page(100).to_string();
    let nodes = |data: &str| {
        let data: ResponseData<UsersQuery> = decode::from_slice(data.as_bytes()).expect("a response");
        data.output.expect("a connection").nodes
    };
    assert_eq!(nodes(&data).len(), 100);
    bencher
        .counter(BytesCount::of_str(&data))
        .counter(ItemsCount::new(100_u32))
        .bench(|| nodes(divan::black_box(&data)));
}
