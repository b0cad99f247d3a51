//! Pages, orders and filters.

use crate::Session;
use glabflow_fake::Fake;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_paging_mode_returns_every_user_once() {
    let session = Session::start(Fake::builder().users(503)).await;
    let all: Vec<u64> = (1..=503).rev().collect();
    for query in [
        "per_page=100",
        "per_page=7",
        "per_page=100&order_by=created_at",
        "per_page=250&pagination=keyset&order_by=id&sort=desc",
        "per_page=9&pagination=keyset&order_by=created_at&sort=desc",
    ] {
        assert_eq!(session.walk(&format!("/users?{query}")).await, all, "{query}");
    }
    for query in ["order_by=name&sort=asc", "order_by=username&sort=desc", "order_by=updated_at&sort=asc"] {
        let mut walked = session.walk(&format!("/users?per_page=100&pagination=keyset&{query}")).await;
        let listed = session.walk(&format!("/users?per_page=90&{query}")).await;
        assert_eq!(walked, listed, "{query}");
        walked.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(walked, all, "{query}");
    }
}

#[tokio::test]
async fn keyset_pages_keep_filters_and_have_no_totals() {
    let session = Session::start(Fake::builder().projects(45)).await;
    let page = session.get("/projects?pagination=keyset&order_by=id&sort=asc&per_page=20&simple=true").await;
    assert_eq!(page.ids(), (1..=20).collect::<Vec<_>>());
    let next = page.link("next").unwrap();
    assert!(
        next.contains("id_after=20") && next.contains("simple=true") && next.contains("pagination=keyset"),
        "{next}"
    );
    for name in ["x-total", "x-total-pages", "x-page", "x-next-page"] {
        assert_eq!(page.header(name), None, "{name}");
    }
    let down = session.walk("/projects?pagination=keyset&order_by=id&sort=desc&per_page=11").await;
    assert_eq!(down, (1..=45).rev().collect::<Vec<_>>());
    let piece =
        session.walk("/projects?pagination=keyset&order_by=id&sort=asc&per_page=3&id_after=10&id_before=21").await;
    assert_eq!(piece, (11..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn time_filters_match_a_full_scan() {
    let session = Session::start(Fake::builder().users(120)).await;
    for (list, orders) in
        [("/users?", ["id", "created_at"]), ("/projects/1/issues?state=all&", ["created_at", "created_at"])]
    {
        let mut all: Vec<(String, u64)> = Vec::new();
        let mut next = Some(format!("{list}per_page=100"));
        while let Some(path) = next {
            let page = session.get(&path).await;
            let item = |item: &serde_json::Value| Some((item["created_at"].as_str()?.to_owned(), item["id"].as_u64()?));
            all.extend(page.body.as_array().unwrap().iter().map(|it| item(it).unwrap()));
            next = page.link("next");
        }
        all.sort_unstable();
        let times: Vec<&str> = all.iter().map(|(time, _)| time.as_str()).collect();
        for (from, to) in [(0, times.len() - 1), (1, 1), (3, times.len() / 2), (times.len() / 2, 2)] {
            let within = |time: &str| (times[from]..=times[to]).contains(&time);
            let wanted: Vec<u64> = all.iter().filter(|(time, _)| within(time)).map(|(_, id)| *id).collect();
            for (order, sort) in orders.into_iter().zip(["asc", "desc"]) {
                let query =
                    format!("created_after={}&created_before={}&order_by={order}&sort={sort}", times[from], times[to]);
                let mut found = session.walk(&format!("{list}{query}&per_page=7")).await;
                if sort == "desc" {
                    found.reverse();
                }
                assert_eq!(found, wanted, "{list}{query}");
            }
        }
    }
}

#[tokio::test]
async fn keyset_is_rejected_where_gitlab_does_not_support_it() {
    let session = Session::start(Fake::builder()).await;
    for path in [
        "/projects?pagination=keyset",
        "/projects?pagination=keyset&order_by=name&sort=asc",
        "/projects/1/jobs?pagination=keyset&order_by=id&sort=asc",
        "/groups?pagination=keyset&order_by=name&sort=asc",
        "/projects/1/audit_events?pagination=keyset&order_by=id&sort=asc",
    ] {
        assert_eq!(session.get(path).await.status, 405, "{path}");
    }
    let events = session.walk("/projects/1/audit_events?pagination=keyset&order_by=id&sort=desc&per_page=2").await;
    assert_eq!(events, [1, 2, 3]);
    let anonymous = session.get_as(None, "/groups?pagination=keyset&order_by=name&sort=asc").await;
    assert_eq!(anonymous.status, 200);
    let other = session.get("/projects/1/labels?pagination=keyset").await;
    assert_eq!((other.status, other.header("x-total")), (200, Some("8")), "the parameter is not known there");
}

#[tokio::test]
async fn long_lists_omit_totals_and_end_at_the_offset_limit() {
    let session = Session::start(Fake::builder().users(60_000)).await;
    let page = session.get("/users?per_page=100&page=500").await;
    assert_eq!((page.status, page.header("x-total"), page.link("last")), (200, None, None));
    assert_eq!(page.header("x-next-page"), Some("501"));
    let beyond = session.get("/users?per_page=100&page=501").await;
    assert_eq!(beyond.status, 405);
    let text = "Offset pagination has a maximum allowed offset of 50000 for requests that return objects of type User. \
                Remaining records can be retrieved using keyset pagination.";
    assert_eq!(beyond.body["error"], text);
    let lifted = Session::start(Fake::builder().users(60_000).offset_limit(None)).await;
    let page = lifted.get("/users?per_page=100&page=600").await;
    assert_eq!((page.ids().len(), page.link("next")), (100, None));
    assert_eq!(lifted.get("/users?per_page=100&page=601").await.body, serde_json::json!([]));
}

#[tokio::test]
async fn invalid_values_are_rejected() {
    let session = Session::start(Fake::builder()).await;
    for (path, error) in [
        ("/users?page=x", "page is invalid"),
        ("/users?per_page=some", "per_page is invalid"),
        ("/users?per_page=0", "per_page does not have a valid value"),
        ("/projects?archived=perhaps", "archived is invalid"),
        ("/projects?order_by=colour", "order_by does not have a valid value"),
        ("/projects?last_activity_after=yesterday", "last_activity_after is invalid"),
        ("/users?pagination=keyset&order_by=id&sort=asc&cursor=zz", "cursor is invalid"),
    ] {
        let reply = session.get(path).await;
        assert_eq!((reply.status, &reply.body["error"]), (400, &error.into()), "{path}");
    }
    let capped = session.get("/users?per_page=5000").await;
    assert_eq!((capped.ids().len(), capped.header("x-per-page")), (100, Some("100")));
}

#[tokio::test]
async fn filters_keep_matching_things() {
    let session = Session::start(Fake::builder()).await;
    let all = session.walk("/users?per_page=100").await.len();
    let blocked = session.walk("/users?blocked=true&per_page=100").await;
    let active = session.walk("/users?active=true&per_page=100").await;
    assert!(!blocked.is_empty() && active.len() + blocked.len() < all);
    assert_eq!(session.get(&format!("/users/{}", blocked[0])).await.body["state"], "blocked");

    let archived: BTreeSet<u64> = session.walk("/projects?archived=true&per_page=100").await.into_iter().collect();
    let living: BTreeSet<u64> = session.walk("/projects?archived=false&per_page=100").await.into_iter().collect();
    assert!(archived.is_disjoint(&living) && archived.len() + living.len() == 200 && !archived.is_empty());

    let state = async |state: &str| session.walk(&format!("/projects/1/issues?state={state}")).await.len();
    let (opened, closed, both) = (state("opened").await, state("closed").await, state("all").await);
    assert!(opened > 0 && closed > 0 && opened + closed == both);

    let issue = &session.get("/projects/1/issues/1").await.body;
    let label = issue["labels"][0].as_str().unwrap();
    let labelled = session.walk(&format!("/projects/1/issues?labels={label}")).await;
    assert!(labelled.contains(&issue["id"].as_u64().unwrap()));
    let at = issue["created_at"].as_str().unwrap();
    assert_eq!(session.walk(&format!("/projects/1/issues?created_before={at}")).await.len(), 1);
    assert_eq!(session.walk(&format!("/projects/1/issues?created_after={at}")).await.len(), both);
    assert_eq!(session.get("/projects/1/issues?iids[]=2&iids[]=3").await.ids().len(), 2);
    assert_eq!(session.walk("/users?search=DEMO").await, [2]);
    assert_eq!(session.get("/users?username=Root").await.ids(), [1]);
    let failed = session.walk("/projects/1/jobs?scope[]=failed&per_page=100").await;
    assert!(failed.len() < session.walk("/projects/1/jobs?per_page=100").await.len());
    assert_eq!(session.walk("/groups?top_level_only=true").await, [1]);
    assert_eq!(session.walk("/groups/1/subgroups").await.len(), 6);
    assert_eq!(session.walk("/groups/1/descendant_groups").await.len(), 30);
    assert_eq!(session.walk("/groups/acme/projects?include_subgroups=true").await.len(), 200);
}

#[tokio::test]
async fn the_tree_is_paged_by_token() {
    let session = Session::start(Fake::builder()).await;
    let mut paths = Vec::new();
    let mut next = Some("/projects/1/repository/tree?recursive=true&pagination=keyset&per_page=4".to_owned());
    while let Some(path) = next {
        let page = session.get(&path).await;
        paths.extend(page.body.as_array().unwrap().iter().map(|node| node["path"].as_str().unwrap().to_owned()));
        next = page.link("next");
        assert!(next.as_ref().is_none_or(|next| next.contains("page_token=")));
    }
    let numbered = session.get("/projects/1/repository/tree?recursive=true&per_page=100").await;
    let numbered: Vec<&str> =
        numbered.body.as_array().unwrap().iter().map(|node| node["path"].as_str().unwrap()).collect();
    assert_eq!(paths, numbered);
    assert!(paths.iter().any(|path| path == "src/server/mod.rs") && paths.iter().any(|path| path == "src/server"));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_data() {
    let names = async |seed: u64| {
        let session = Session::start(Fake::builder().seed(seed)).await;
        let users = session.get("/users?per_page=100").await;
        users.body.as_array().unwrap().iter().map(|user| user["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(7).await, names(7).await);
    assert_ne!(names(7).await, names(8).await);
}

#[tokio::test]
async fn head_requests_have_headers_only() {
    let session = Session::start(Fake::builder()).await;
    let reply = session.send(reqwest::Method::HEAD, "/users?per_page=5", Some("glpat-demo"), None).await;
    assert_eq!((reply.status, reply.header("x-total"), &reply.body), (200, Some("1000"), &"".into()));
    assert!(reply.headers["x-request-id"].starts_with("01FAKE"));
    assert_eq!(reply.headers["content-type"], "application/json");
}
