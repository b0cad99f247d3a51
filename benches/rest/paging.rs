//! Reading all pages of a list from a server with prepared responses.

use super::{client, loopback, pages, runtime};
use divan::Bencher;
use divan::counter::ItemsCount;
use glabflow::types::User;
use glabflow::{Client, Items};

const PAGES: u64 = 20;

/// A server with the pages of a list of users, by cursor or by page number.
fn server() -> String {
    let bodies = pages("users", PAGES);
    loopback::start(|url| {
        let next = |page: u64| format!("<{url}/api/v4/users?pagination=keyset&cursor={page}>; rel=\"next\"");
        let by_cursor = (1..).zip(&bodies).map(|(page, body)| {
            let link = if page < PAGES { format!("Link: {}\r\n", next(page + 1)) } else { String::new() };
            loopback::json(&link, body)
        });
        let by_number = (1..).zip(&bodies).map(|(page, body)| {
            let next = if page < PAGES { (page + 1).to_string() } else { String::new() };
            let total = PAGES * 100;
            let headers = format!(
                "X-Total: {total}\r\nX-Total-Pages: {PAGES}\r\nX-Page: {page}\r\nX-Per-Page: 100\r\nX-Next-Page: {next}\r\n"
            );
            loopback::json(&headers, body)
        });
        let (by_cursor, by_number): (Vec<_>, Vec<_>) = (by_cursor.collect(), by_number.collect());
        move |target, _| {
            let value = |name: &str| target.split(['?', '&']).find_map(|pair| pair.strip_prefix(name));
            let page = value("cursor=").or_else(|| value("page=")).map_or(1, |page| page.parse().expect("a number"));
            let all = if target.contains("pagination=keyset") { &by_cursor } else { &by_number };
            all[page - 1_usize].clone()
        }
    })
}

fn read(bencher: Bencher<'_, '_>, how: impl Fn(&Client) -> Items<User> + Sync) {
    let (gl, runtime) = (client(server()), runtime());
    bencher.counter(ItemsCount::new(PAGES * 100)).bench(|| {
        let count = runtime.block_on(async {
            let (mut users, mut count) = (how(&gl), 0);
            while let Some(user) = users.next().await {
                count += u64::from(user.expect("a user").id.is_some());
            }
            count
        });
        assert_eq!(count, PAGES * 100);
    });
}

#[divan::bench]
fn by_keyset(bencher: Bencher<'_, '_>) {
    read(bencher, |gl| gl.users().list().items());
}

#[divan::bench]
fn by_keyset_without_reading_ahead(bencher: Bencher<'_, '_>) {
    read(bencher, |gl| gl.users().list().items().prefetch(0));
}

#[divan::bench]
fn by_number_4_at_once(bencher: Bencher<'_, '_>) {
    read(bencher, |gl| gl.users().list().items().parallel(4));
}
