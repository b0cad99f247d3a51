//! Streams of the nodes of a connection.

use super::fixtures::{Thing, Things};
use super::{body, client, ok, page};
use glabflow::{ErrorKind, ResumeToken};
use glabflow_test_server::{Server, json};
use serde_json::value::RawValue;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

async fn ids(mut stream: glabflow::graphql::Nodes<Thing>) -> (Vec<i64>, Vec<glabflow::Error>) {
    let (mut ids, mut errors) = (Vec::new(), Vec::new());
    while let Some(item) = stream.next().await {
        match item {
            Ok(thing) => ids.push(thing.id),
            Err(error) => errors.push(error),
        }
    }
    (ids, errors)
}

#[tokio::test]
async fn stream_reads_all_pages_and_stops_at_the_limit() {
    let server = Server::start(|received, _| page(received, 25)).await;
    let graphql = client(&server).graphql();
    for prefetch in [0, 1, 3] {
        let all = graphql.stream(Things::new()).page_size(10).prefetch(prefetch).try_collect().await.expect("all");
        assert_eq!(all.iter().map(|thing| thing.id).collect::<Vec<_>>(), (1..=25).collect::<Vec<_>>());
    }
    assert_eq!(server.requests().len(), 9);
    let (some, errors) = ids(graphql.stream(Things::new()).page_size(10).limit(13)).await;
    assert_eq!((some.len(), errors.len()), (13, 0));
    assert_eq!(server.requests().len(), 11);
    assert_eq!(body(&server.requests()[10])["variables"], value!({"a": "10", "f": 3}));
    let (none, _) = ids(graphql.stream(Things::new()).limit(0)).await;
    assert!(none.is_empty());
    assert_eq!(server.requests().len(), 11);
}

#[tokio::test]
async fn next_page_is_prefetched_unless_prefetch_is_0() {
    let server = Server::start(|received, _| page(received, 100)).await;
    let graphql = client(&server).graphql();
    let mut stream = graphql.stream(Things::new()).page_size(10);
    assert!(server.requests().is_empty(), "nothing is sent before it is polled");
    assert_eq!(stream.next().await.expect("an item").expect("a thing").id, 1);
    server.wait_for(2).await;
    drop(stream);
    let mut stream = graphql.stream(Things::new()).page_size(10).prefetch(0);
    let before = server.requests().len();
    for _ in 0..10 {
        stream.next().await.expect("an item").expect("a thing");
    }
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.requests().len(), before + 1);
}

#[tokio::test]
async fn interrupted_stream_resumes_without_lost_or_duplicate_nodes() {
    let server = Server::start(|received, count| match count {
        2 => json(400, r#"{"error": "no"}"#),
        _ => page(received, 25),
    })
    .await;
    let graphql = client(&server).graphql();
    let mut seen = Vec::new();
    let mut stream = graphql.stream(Things::new()).page_size(10);
    let error = loop {
        match stream.next().await.expect("it breaks off") {
            Ok(thing) => seen.push(thing.id),
            Err(error) => break error,
        }
    };
    assert!(error.is_resumable());
    assert_eq!(stream.resume_token(), *error.resume_token().expect("a token"));
    let place: ResumeToken = error.resume_token().expect("a token").to_string().parse().expect("a token");
    let (rest, errors) = ids(graphql.stream(Things::new()).resume(place.clone())).await;
    assert!(errors.is_empty(), "{errors:?}");
    seen.extend(rest);
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());

    // From any item, with another page size.
    for stop in 1..=25 {
        let mut stream = graphql.stream(Things::new()).page_size(7);
        let mut seen = Vec::new();
        for _ in 0..stop {
            seen.push(stream.next().await.expect("an item").expect("a thing").id);
        }
        let rest = graphql.stream(Things::new()).resume(stream.resume_token()).page_size(3);
        seen.extend(ids(rest).await.0);
        assert_eq!(seen, (1..=25).collect::<Vec<_>>(), "{stop}");
    }
    let other = Things(Things::new().0.with(0, "5"));
    let (_, errors) = ids(graphql.stream(other).resume(place)).await;
    assert_eq!(errors[0].kind(), ErrorKind::Argument);
}

/// Nodes are removed from the connection between two reads.
#[tokio::test]
async fn stream_resumes_without_loss_after_delivered_nodes_were_removed() {
    let gone = Arc::new(Mutex::new(BTreeSet::new()));
    let hidden = Arc::clone(&gone);
    let server = Server::start(move |received, _| {
        let variables = body(received)["variables"].take();
        let number = |name: &str| variables[name].as_str().and_then(|text| text.parse::<i64>().ok());
        let after = number("a").or(number("after")).unwrap_or(0);
        let size = variables["f"].as_u64().or(variables["first"].as_u64()).unwrap_or(100) as usize;
        let hidden = hidden.lock().expect("ids");
        let left: Vec<i64> = (after + 1..=25).filter(|id| !hidden.contains(id)).collect();
        let nodes: Vec<Value> = left.iter().take(size).map(|id| value!({"id": id})).collect();
        let info = value!({"endCursor": left.iter().take(size).next_back().map(i64::to_string), "hasNextPage": left.len() > size});
        ok(value!({"data": {"group": {"things": {"nodes": nodes, "pageInfo": info}}}}))
    })
    .await;
    let graphql = client(&server).graphql();
    for (stop, size, then) in [(5, 10, 10), (10, 10, 10), (7, 10, 3), (15, 25, 4), (13, 10, 2), (24, 25, 25)] {
        let typed = |token: Option<ResumeToken>, size| {
            let stream = graphql.stream(Things::new());
            token.into_iter().fold(stream, glabflow::graphql::Nodes::resume).page_size(size)
        };
        gone.lock().expect("ids").clear();
        let mut stream = typed(None, size);
        let mut seen = Vec::new();
        for _ in 0..stop {
            seen.push(stream.next().await.expect("an item").expect("a thing").id);
        }
        gone.lock().expect("ids").extend([2, 3, 4]);
        // Interrupted again within a page that was delivered in part.
        let mut stream = typed(Some(stream.resume_token()), then);
        seen.push(stream.next().await.expect("an item").expect("a thing").id);
        gone.lock().expect("ids").insert(1);
        seen.extend(ids(typed(Some(stream.resume_token()), then)).await.0);
        assert_eq!(seen, (1..=25).collect::<Vec<_>>(), "{stop} {size} {then}");
    }
    // Tokens of older versions have a count.
    let token = stream_token(&graphql.stream(Things::new()).resume_token(), r#"{"skip":3,"page_size":10}"#);
    gone.lock().expect("ids").clear();
    assert_eq!(ids(graphql.stream(Things::new()).resume(token)).await.0, (4..=25).collect::<Vec<_>>());
}

/// The token with another position in a connection.
fn stream_token(token: &ResumeToken, place: &str) -> ResumeToken {
    let mut token: Value = serde_json::from_str(&token.to_string()).expect("JSON");
    token["position"] = value!({"cursor": serde_json::from_str::<Value>(place).expect("JSON")});
    token.to_string().parse().expect("a token")
}

#[tokio::test]
async fn page_size_is_halved_until_the_complexity_fits() {
    let refusal = |score: u32| {
        let message = format!("Query has complexity of {score}, which exceeds max complexity of 250");
        ok(value!({"errors": [{"message": message}]}))
    };
    let server = Server::start(move |received, _| match body(received)["variables"]["f"].as_u64().unwrap_or(100) {
        size if size > 30 => refusal(200 + 2 * u32::try_from(size).unwrap_or(0)),
        _ => page(received, 60),
    })
    .await;
    let gl = client(&server);
    let (all, errors) = ids(gl.graphql().stream(Things::new())).await;
    assert_eq!((all, errors.len()), ((1..=60).collect::<Vec<_>>(), 0));
    // Pages of 100, 50, 25, then two more of 25.
    assert_eq!(server.requests().len(), 5);

    let hopeless = Server::start(move |_, _| refusal(1000)).await;
    let (_, errors) = ids(client(&hopeless).graphql().stream(Things::new())).await;
    assert!(errors[0].is_too_complex(), "{errors:?}");
    assert_eq!(hopeless.requests().len(), 1);
}

#[tokio::test]
async fn malformed_pages_are_errors() {
    let things = |things: Value| ok(value!({"data": {"group": {"things": things}}}));
    let info = value!({"endCursor": "x", "hasNextPage": true});
    let circle = Server::start(move |_, _| things(value!({"nodes": [{"id": 1}], "pageInfo": info}))).await;
    let (seen, errors) = ids(client(&circle).graphql().stream(Things::new())).await;
    assert_eq!(errors[0].kind(), ErrorKind::Paging);
    assert_eq!((seen, circle.requests().len()), (vec![1], 2));

    let last = value!({"endCursor": null, "hasNextPage": false});
    let server = Server::script(vec![
        things(value!({"nodes": [{"id": 1}, {"id": "no"}, null, {"id": 3}], "pageInfo": last})),
        ok(value!({
            "data": {"group": {"things": {"nodes": [{"id": 1}], "pageInfo": last}}},
            "errors": [{"message": "Internal server error", "path": ["group", "things", "nodes", 0, "x"]}],
        })),
        ok(value!({"data": {"group": null}})),
        things(value!({"nodes": [], "pageInfo": {"hasNextPage": true, "endCursor": null}})),
        ok(value!({})),
    ])
    .await;
    let gl = client(&server);
    let next = async || ids(gl.graphql().stream(Things::new())).await;
    let (seen, errors) = next().await;
    assert_eq!(seen, [1, 3]);
    assert!(errors[0].is_decode() && errors.len() == 1);
    assert_eq!(errors[0].json_path(), Some("[1].id"));
    let (seen, errors) = next().await;
    assert_eq!((seen, errors[0].kind()), (vec![1], ErrorKind::Server));
    let (seen, errors) = next().await;
    assert!(seen.is_empty() && errors[0].is_not_found());
    assert_eq!(next().await.1[0].kind(), ErrorKind::Paging);
    assert_eq!(next().await.1[0].kind(), ErrorKind::Decode);
}

const DOCUMENT: &str = "query ($after: String, $first: Int) { group { things(after: $after, first: $first) \
    { nodes { id } pageInfo { endCursor hasNextPage } } } }";

#[tokio::test]
async fn documents_can_be_streamed() {
    let server = Server::start(|received, _| page(received, 7)).await;
    let graphql = client(&server).graphql();
    let path = ["group", "things"];
    let all = graphql.stream_document::<Value>(DOCUMENT, value!({"first": 3}), &path).try_collect().await.expect("all");
    assert_eq!(
        all.iter().map(|thing| thing["id"].clone()).collect::<Vec<_>>(),
        (1..=7).map(Value::from).collect::<Vec<_>>()
    );
    assert_eq!(server.requests().len(), 3);
    for (document, path, kind) in [
        ("{ group { things { nodes { id } } } }", &path[..], ErrorKind::Argument),
        ("{ group { things(text: \"$after\") { nodes { id } } } } # $after", &path[..], ErrorKind::Argument),
        (DOCUMENT, &["group", "other"], ErrorKind::Decode),
        (DOCUMENT, &["group"], ErrorKind::Decode),
    ] {
        let error =
            graphql.stream_document::<Value>(document, (), path).try_collect().await.expect_err("it cannot be read");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn document_nodes_are_decoded_from_the_received_json_text() {
    let body = r#"{"data": {"group": {"things": {"edges": [{"node": {"n": 1.50}}, null, {"node": null},
        {"node": 12345678901234567890123}, {"cursor": "x"}], "pageInfo": {"endCursor": null, "hasNextPage": false}}}}}"#;
    let server = Server::script(vec![json(200, body)]).await;
    let nodes = client(&server).graphql().stream_document::<Box<RawValue>>(DOCUMENT, (), &["group", "things"]);
    let nodes = nodes.try_collect().await.expect("nodes");
    assert_eq!(nodes.iter().map(|it| it.get()).collect::<Vec<_>>(), [r#"{"n": 1.50}"#, "12345678901234567890123"]);
}
