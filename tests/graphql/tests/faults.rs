//! Streams, loaders, batches, a cache and a watch against a fake GitLab that fails one request in ten.

use glabflow::graphql::Cache;
use glabflow::graphql::operations::groups::GroupsQuery;
use glabflow::graphql::operations::users::{CurrentUserQuery, UsersQuery};
use glabflow::{Client, SkippingClock, Token};
use glabflow_fake::{Builder, Fake};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

/// Waits between attempts are skipped.
async fn failing(builder: Builder) -> (Fake, Client) {
    let fake = builder.fail_rate(0.1).start().await.expect("a server");
    let client = Client::builder(fake.url())
        .token(Token::personal(fake.admin_token()))
        .clock(SkippingClock::new(SystemTime::now(), 0.5))
        .build()
        .expect("a client");
    (fake, client)
}

fn assert_failed_at_times(fake: &Fake) {
    let failed: u64 =
        fake.requests().by_status.iter().filter(|(status, _)| **status != 200).map(|(_, count)| count).sum();
    assert!(failed > 0, "no request failed, so nothing was tested");
}

#[tokio::test]
async fn stream_returns_each_node_once_despite_faults() {
    let (fake, gl) = failing(Fake::builder().users(2_500)).await;
    let users = gl.graphql().stream(UsersQuery::new()).page_size(50).try_collect().await.expect("all users");
    let names: BTreeSet<_> = users.iter().filter_map(|user| user.username.clone()).collect();
    assert_eq!((users.len(), names.len()), (2_500, 2_500));
    assert_failed_at_times(&fake);
}

#[tokio::test]
async fn loader_returns_the_value_of_each_key_despite_faults() {
    let (fake, gl) = failing(Fake::builder().projects(200)).await;
    let mut paths = Vec::new();
    let mut projects = gl.projects().list().items();
    while let Some(project) = projects.next().await {
        paths.push(project.expect("a project").path_with_namespace.unwrap_or_default());
    }
    assert_eq!(paths.len(), 200);
    for _ in 0..10 {
        let loader = gl.graphql().loaders().projects_by_path();
        let loaded = loader.load_all(paths.clone()).await;
        for (path, project) in paths.iter().zip(loaded) {
            let found = project.expect("a response").and_then(|project| project.full_path);
            assert_eq!(found.as_ref(), Some(path));
        }
    }
    assert_failed_at_times(&fake);
}

#[tokio::test]
async fn batch_and_cache_return_all_responses_despite_faults() {
    let (fake, gl) = failing(Fake::builder()).await;
    let graphql = gl.graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    for round in 0..10 {
        let name = |at: usize| format!("{round}-{at}");
        let mut batch = graphql.batch().concurrency(4).add("me", CurrentUserQuery::new());
        for at in 0..20 {
            let document = format!("query Q{round}x{at} {{ projects(first: 2) {{ nodes {{ id }} }} }}");
            batch = batch.add(name(at), graphql.document(document));
        }
        let mut results = batch.run().await.expect("results");
        assert_eq!(results.failures().count(), 0);
        let me = results.take::<CurrentUserQuery>("me").expect("a response");
        assert_eq!(me.is_cached(), round > 0);
    }
    assert_failed_at_times(&fake);
}

#[tokio::test]
async fn watch_reports_each_item_once_despite_faults() {
    let (fake, gl) = failing(Fake::builder().groups(30)).await;
    let mut expected = 0;
    for _ in 0..20 {
        expected = gl.graphql().stream(GroupsQuery::new()).try_collect().await.expect("all groups").len();
    }
    let mut watch = gl.graphql().watch(GroupsQuery::new()).by(|group| group.full_path.clone().unwrap_or_default());
    let mut seen = BTreeSet::new();
    while seen.len() < expected {
        let change = watch.next().await.expect("a change").expect("a successful poll");
        assert!(seen.insert(change.key().to_owned()), "{} is a duplicate", change.key());
    }
    assert_failed_at_times(&fake);
}
