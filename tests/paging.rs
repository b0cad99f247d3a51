//! Long lists, end to end: typed operations, the client and the fake GitLab over real sockets. No item is lost or returned
//! twice.

use glabflow::{Client, RetryPolicy, SkippingClock, Token};
use glabflow_fake::{Fake, Fault};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

const USERS: u64 = 100_000;

/// A client whose waits take no time.
fn client(fake: &Fake) -> (Client, Arc<SkippingClock>) {
    let clock = Arc::new(SkippingClock::new(SystemTime::now(), 0.5));
    let gl = Client::builder(fake.url()).token(Token::personal(fake.admin_token())).clock(Arc::clone(&clock));
    (gl.build().expect("a client"), clock)
}

async fn ids(gl: &Client, parallel: usize) -> Vec<i64> {
    let mut users = gl.users().list().items().parallel(parallel);
    let mut ids = Vec::new();
    while let Some(user) = users.next().await {
        ids.push(user.expect("a user").id.expect("an id"));
    }
    ids
}

fn assert_whole(ids: &[i64], users: u64) {
    assert_eq!(ids.len() as u64, users);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len() as u64, users, "duplicates");
}

#[tokio::test]
async fn keyset_list_of_100000_users_is_read_completely() {
    let fake = Fake::builder().users(USERS).start().await.expect("a server");
    let (gl, clock) = client(&fake);
    assert_whole(&ids(&gl, 1).await, USERS);
    assert_eq!(fake.requests().total, USERS / 100);
    assert!(clock.slept().is_empty());
}

#[tokio::test]
async fn keyset_list_of_100000_users_is_read_completely_despite_faults() {
    let fake = Fake::builder().users(USERS).fail_rate(0.1).start().await.expect("a server");
    let (gl, clock) = client(&fake);
    assert_whole(&ids(&gl, 1).await, USERS);
    assert!(fake.requests().total > USERS / 100 * 105 / 100, "{:?}", fake.requests().by_status);
    assert!(clock.slept().len() > 50);
}

#[tokio::test]
async fn parallel_pages_are_ordered_and_complete_despite_faults() {
    let users = 9_950;
    let fake = Fake::builder().users(users).fail_rate(0.1).start().await.expect("a server");
    let (gl, _) = client(&fake);
    let at_once = ids(&gl, 8).await;
    assert_whole(&at_once, users);
    let one_by_one = Fake::builder().users(users).start().await.expect("a server");
    let (gl, _) = client(&one_by_one);
    let mut expected: Vec<i64> = gl
        .users()
        .list()
        .page(1)
        .items()
        .try_collect()
        .await
        .expect("users")
        .iter()
        .filter_map(|user| user.id)
        .collect();
    assert_eq!(at_once, expected);
    expected.sort_unstable();
    expected.dedup();
    assert_eq!(expected.len() as u64, users);
}

#[tokio::test]
async fn list_beyond_the_offset_limit_fails_with_a_hint_at_keyset() {
    let fake = Fake::builder().users(60_000).start().await.expect("a server");
    let (gl, _) = client(&fake);
    let mut users = gl.users().list().page(1).items();
    let mut read = 0;
    let error = loop {
        match users.next().await.expect("an error before the end") {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((read, error.status()), (50_000, Some(405)));
    assert!(error.is_resumable() && error.to_string().contains("keyset"), "{error}");
}

#[tokio::test]
async fn permanent_fault_ends_the_list_with_a_resume_token() {
    let fake = Fake::builder()
        .users(1_000)
        .fail_on("GET /users", 3, u64::MAX, Fault::Status(503))
        .start()
        .await
        .expect("a server");
    let clock = SkippingClock::new(SystemTime::now(), 0.5);
    let gl = Client::builder(fake.url())
        .token(Token::personal(fake.admin_token()))
        .clock(clock)
        .retry(RetryPolicy::default().max_attempts(3))
        .build()
        .expect("a client");
    let mut users = gl.users().list().items();
    let mut read = 0;
    let error = loop {
        match users.next().await.expect("an error before the end") {
            Ok(_) => read += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((read, error.status(), error.attempts()), (300, Some(503), 3));
    assert_eq!(error.resume_token(), Some(&users.resume_token()));
}
