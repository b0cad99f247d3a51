//! Reading stops within a page, delivered items are deleted, and reading continues from the token.

use glabflow::Client;
use glabflow_fake::{ADMIN_TOKEN, Fake};
use glabflow_fault_tests::client::{self, Patience};
use glabflow_fault_tests::column::{Column, PAGE, USERS};
use std::collections::BTreeSet;

/// Deletes users by their names.
async fn delete(gl: &Client, names: &[&String]) {
    for name in names {
        let users = gl.users().list().username((*name).as_str()).items().try_collect().await.expect("users");
        let id = users.first().and_then(|user| user.id).expect("an id");
        gl.users().delete(id).send().await.expect("deleted");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn resume_is_exact_after_delivered_items_were_deleted() {
    let columns = [Column::Offset, Column::ParallelOffset, Column::Keyset, Column::Partitioned, Column::GraphqlCursor];
    let page = usize::from(PAGE);
    for column in columns {
        for stop in [3, page + 1, page + 7, 3 * page - 1, 4 * page + 10] {
            let fake = Fake::builder().users(USERS).start().await.expect("a server");
            let gl = client::skipping(&fake.url(), ADMIN_TOKEN, Patience::MUCH);
            let before = column.read(&gl, None, stop).await;
            let token = before.stopped.expect("a token");
            // Some of the delivered items of the last page; never the owner of the token.
            let given = &before.done[stop - stop % page..];
            let mut gone: Vec<&String> = given.iter().rev().take(3).collect();
            let all: BTreeSet<String> = Column::usernames(&gl).await.into_iter().collect();
            gone.retain(|name| *name != "root");
            delete(&gl, &gone).await;
            // Again after a few more items.
            let between = column.read(&gl, Some(token), 2).await;
            let token = between.stopped.expect("a token");
            delete(&gl, &between.done.iter().take(1).collect::<Vec<_>>()).await;
            let rest = column.read(&gl, Some(token), usize::MAX).await;
            assert!(rest.broken.is_none(), "{column:?} {stop}: {:?}", rest.broken);
            let seen: Vec<&String> = before.done.iter().chain(&between.done).chain(&rest.done).collect();
            let unique: BTreeSet<&String> = seen.iter().copied().collect();
            assert_eq!(unique.len(), seen.len(), "{column:?} {stop}: duplicates");
            let lost: Vec<&String> = all.iter().filter(|name| !unique.contains(name)).collect();
            assert!(lost.is_empty(), "{column:?} {stop}: {lost:?}");
        }
    }
}
