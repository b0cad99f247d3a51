//! From the bytes of a page to typed items.

use super::pages;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use glabflow::contract::{Decode, decode};
use glabflow::types::{Project, User};

fn decode<T: Decode>(bencher: Bencher<'_, '_>, path: &str) {
    let page = pages(path, 1).remove(0);
    let items = decode::from_slice::<Vec<T>>(&page).expect("a list").len();
    assert_eq!(items, 100);
    bencher
        .counter(BytesCount::new(page.len()))
        .counter(ItemsCount::new(items))
        .bench(|| decode::from_slice::<Vec<T>>(divan::black_box(&page)).expect("a list"));
}

#[divan::bench]
fn users(bencher: Bencher<'_, '_>) {
    decode::<User>(bencher, "users");
}

#[divan::bench]
fn projects(bencher: Bencher<'_, '_>) {
    decode::<Project>(bencher, "projects");
}
