//! GraphQL: what goes over the wire, what answers mean, streams, batches and the cache.

use crate::support::{Received, Reply, Server, json};
use glabflow::ResumeToken;
use glabflow::contract::decode;
use glabflow::contract::graphql::{
    Connection, ConnectionOperation, Descriptor, Edition, GraphqlOperation, Kind, Variable, Variables,
};
use glabflow::contract::{Object, object};
use glabflow::graphql::Cache;
use glabflow::{Client, ClientBuilder, ErrorKind, SkippingClock, Token};
use graphql_client::GraphQLQuery;
use serde::de::MapAccess;
use serde_json::value::RawValue;
use serde_json::{Value, json as value};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

/// Defines an operation as the generator does.
macro_rules! operation {
    ($name:ident: $kind:ident $document:literal, [$($variable:expr),*], $path:expr, $page:literal => $output:ty) => {
        #[derive(Debug, Clone)]
        struct $name(Variables);

        impl GraphqlOperation for $name {
            type Output = $output;
            const DESCRIPTOR: &'static Descriptor = &Descriptor {
                id: stringify!($name),
                area: "things",
                kind: Kind::$kind,
                name: stringify!($name),
                document: $document,
                variables: &[$($variable),*],
                input: false,
                path: &$path,
                page_size: $page,
                edition: Edition::Community,
                experiment: None,
                deprecated: None,
                complexity: 1,
                depth: 1,
            };
            fn into_variables(self) -> Variables {
                self.0
            }
        }

        impl $name {
            fn new() -> Self {
                $name(Variables::new(Self::DESCRIPTOR))
            }
        }
    };
}

operation!(Name: Query "query Name($id: ID) { thing(id: $id) { name } }",
    [Variable { name: "id", ty: "ID", required: false }], ["thing", "name"], 0 => String);
operation!(Rename: Mutation "mutation Rename { rename { errors done } }", [], ["rename"], 0 => Done);
operation!(Told: Subscription "subscription Told { told }", [], ["told"], 0 => String);
operation!(Needy: Query "query Needy($id: ID!) { a(id: $id) }",
    [Variable { name: "id", ty: "ID!", required: true }], ["a"], 0 => String);
operation!(Things: Query
    "query Things($a: String, $f: Int) { group { things(after: $a, first: $f) { nodes { id } pageInfo { endCursor hasNextPage } } } }",
    [Variable { name: "a", ty: "String", required: false }, Variable { name: "f", ty: "Int", required: false }],
    ["group", "things"], 100 => Connection<Thing>);

impl ConnectionOperation for Things {
    type Node = Thing;
    fn after_cursor(self, cursor: String) -> Self {
        Things(self.0.with(0, cursor))
    }
    fn page_size(self, items: u32) -> Self {
        Things(self.0.with(1, items))
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Done {
    done: bool,
}

impl Object for Done {
    const FIELDS: &'static [&'static str] = &["done"];
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.done = decode::value::<Option<bool>, M>(map)?.unwrap_or_default(),
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}

object!(Done);

#[derive(Debug, Clone, Default, PartialEq)]
struct Thing {
    id: i64,
}

impl Object for Thing {
    const FIELDS: &'static [&'static str] = &["id"];
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.id = decode::value(map)?,
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}

object!(Thing);

const TOKEN: &str = "glpat-hush-hush";

fn builder(server: &Server) -> ClientBuilder {
    Client::builder(server.url()).token(Token::personal(TOKEN)).clock(SkippingClock::new(UNIX_EPOCH, 0.5))
}

fn client(server: &Server) -> Client {
    builder(server).build().expect("a client")
}

fn body(received: &Received) -> Value {
    serde_json::from_slice(&received.body).expect("JSON")
}

fn ok(body: Value) -> Reply {
    json(200, body.to_string())
}

#[tokio::test]
async fn one_post_beside_the_api_root_with_document_name_and_variables() {
    let server = Server::script(vec![ok(value!({"data": {"thing": {"name": "a"}}})).with("X-Request-Id", "r1")]).await;
    let gl = Client::builder(format!("{}/git/api/v4", server.url())).token(Token::personal(TOKEN)).build().expect("it");
    let response = gl.graphql().execute(Name(Name::new().0.with(0, "7"))).await.expect("an answer");
    assert_eq!(response.output.as_deref(), Some("a"));
    assert_eq!(response.request_id(), Some("r1"));
    assert!(!response.is_partial() && !response.is_cached());
    let answer = gl.graphql().document("{ a }").variable("b", 1).execute().await.expect("an answer");
    assert_eq!(answer.required().expect("data")["thing"]["name"], "a");

    let received = server.received();
    assert_eq!((received[0].method.as_str(), received[0].target.as_str()), ("POST", "/git/api/graphql"));
    assert_eq!(received[0].headers["private-token"], TOKEN);
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(
        body(&received[0]),
        value!({"query": Name::DESCRIPTOR.document, "operationName": "Name", "variables": {"id": "7"}})
    );
    assert_eq!(body(&received[1]), value!({"query": "{ a }", "variables": {"b": 1}}));
}

#[tokio::test]
async fn what_cannot_be_executed_is_refused_before_anything_is_sent() {
    let server = Server::script(vec![Reply::Close]).await;
    let graphql = client(&server).graphql();
    let told = graphql.execute(Told::new()).await.expect_err("a subscription");
    assert!(told.to_string().contains("poll a query"), "{told}");
    let needy = graphql.execute(Needy::new()).await.expect_err("no id");
    assert!(needy.to_string().contains("`id`"), "{needy}");
    let unfinished = graphql.document("query { a").execute().await.expect_err("unfinished");
    let several = graphql.document("query A { a } query B { b }").execute().await.expect_err("which?");
    let list = graphql.document("{ a }").variables([1]).execute().await.expect_err("a list");
    let told_by_text = graphql.document("subscription { a }").execute().await.expect_err("a subscription");
    for error in [told, needy, unfinished, several, list, told_by_text] {
        assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_part_is_visible_and_nothing_is_an_error() {
    let complaint = value!({"message": "boom glpat-hush-hush", "path": ["thing", "other", 0]});
    let server = Server::script(vec![
        ok(value!({"data": {"thing": {"name": "a"}}, "errors": [complaint]})),
        ok(value!({"data": {"thing": null}})),
        ok(value!({"data": {"thing": null}, "errors": [{
            "message": "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
        }]})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let part = graphql.execute(Name::new()).await.expect("a part");
    assert!(part.is_partial());
    assert_eq!(part.errors[0].to_string(), "boom [redacted] at thing.other[0]");
    assert_eq!(part.output.as_deref(), Some("a"));
    assert!(part.complete().is_err());

    let nothing = graphql.execute(Name::new()).await.expect("null");
    assert_eq!(nothing.output, None);
    let error = nothing.required().expect_err("null");
    assert!(error.is_not_found() && error.to_string().contains("may not see it"), "{error}");
    assert_eq!(error.operation(), Some("Name"));

    let error = graphql.execute(Name::new()).await.expect_err("not permitted");
    assert!(error.is_not_found());
    assert_eq!(error.graphql_errors().len(), 1);
}

#[tokio::test]
async fn answers_that_are_none_say_what_they_are() {
    let html =
        || Reply::Answer(200, vec![("Content-Type".into(), "text/html".into())], b"<title>Sign in</title>".to_vec());
    let server = Server::script(vec![
        html(),
        ok(value!({})),
        ok(value!([1])),
        ok(value!({"data": {"thing": {"name": "a"}, "x": []}, "errors": [{"message": "x"}]})),
        ok(value!({"error": "insufficient_scope"})),
        json(401, r#"{"errors": [{"message": "Invalid token", "locations": [], "path": []}]}"#),
        ok(value!({"data": {"thing": [1]}, "errors": [{"message": "Request timed out."}]})),
        ok(value!({"data": {"thing": [1]}})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let kinds = [
        Some(ErrorKind::Decode),
        Some(ErrorKind::Decode),
        Some(ErrorKind::Decode),
        None,
        Some(ErrorKind::Forbidden),
        Some(ErrorKind::Unauthorized),
        Some(ErrorKind::Timeout),
        Some(ErrorKind::Decode),
    ];
    let mut last = None;
    for (index, kind) in kinds.into_iter().enumerate() {
        let error = graphql.execute(Name::new()).await.err();
        assert_eq!(error.as_ref().map(glabflow::Error::kind), kind, "{index}: {error:?}");
        assert!(!format!("{error:?}").contains(TOKEN));
        last = error;
    }
    let last = last.expect("it cannot be decoded");
    assert!(last.json_path().is_some_and(|path| path.starts_with("data.thing")), "{last}");
}

#[tokio::test]
async fn queries_are_repeated_and_mutations_only_when_they_have_not_happened() {
    let limited = || Reply::Answer(429, vec![("Retry-After".into(), "3".into())], b"<html>Retry later</html>".to_vec());
    let server = Server::script(vec![
        json(502, ""),
        Reply::Close,
        limited(),
        ok(value!({"data": {"thing": {"name": "a"}}})),
        limited(),
        ok(value!({"data": {"rename": {"errors": [], "done": true}}})),
        json(502, ""),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    assert!(gl.graphql().execute(Name::new()).await.is_ok());
    assert_eq!(server.received().len(), 4);
    assert!(clock.slept().contains(&Duration::from_secs(3)));
    assert!(gl.graphql().execute(Rename::new()).await.is_ok());
    assert_eq!(server.received().len(), 6);
    let error = gl.graphql().document("mutation { rename { done } }").execute().await.expect_err("a bad gateway");
    assert!(error.is_outcome_unknown(), "{error}");
    assert_eq!(server.received().len(), 7);
}

/// GitLab's refusal by a limit that counts some fields on their own; the head tells of the limit of all requests.
fn too_many(data: Value, path: Value) -> Reply {
    let message = "This endpoint has been requested too many times. Try again later.";
    let answer = ok(value!({"data": data, "errors": [{"message": message, "path": path}]}));
    answer.with("RateLimit-Name", "api").with("RateLimit-Limit", "600").with("RateLimit-Remaining", "500")
}

#[tokio::test]
async fn a_rate_limit_within_a_success_is_waited_for_when_nothing_was_carried_out() {
    let server = Server::script(vec![
        too_many(Value::Null, value!([])),
        too_many(value!({"thing": null}), value!(["thing"])),
        ok(value!({"data": {"thing": {"name": "a"}}})),
        too_many(value!({"rename": null}), value!(["rename"])),
        ok(value!({"data": {"rename": {"errors": [], "done": true}}})),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    assert_eq!(gl.graphql().execute(Name::new()).await.expect("a name").output.as_deref(), Some("a"));
    assert_eq!(server.received().len(), 3);
    assert_eq!(clock.slept().iter().map(Duration::as_millis).collect::<Vec<_>>(), [250, 500]);
    assert!(gl.graphql().execute(Rename::new()).await.is_ok());
    assert_eq!(server.received().len(), 5);
    let names: Vec<String> = gl.budget().into_iter().map(|budget| budget.name).collect();
    assert_eq!(names, ["api", "Name", "Rename"], "the limit of all requests is not what refused");
}

#[tokio::test]
async fn a_rate_limit_within_a_success_is_no_reason_to_do_things_twice() {
    let done = value!({"rename": {"done": true}, "other": null});
    let server = Server::script(vec![
        too_many(done, value!(["other"])),
        too_many(value!({"rename": null}), value!(["rename", "thing", "name"])),
        too_many(value!({"thing": {"name": "a"}, "search": null}), value!(["search"])),
    ])
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let both = gl.graphql().document("mutation { rename { done } other { done } }").execute().await.expect("a part");
    assert!(both.is_partial() && server.received().len() == 1);
    let paused = gl.budget().iter().any(|budget| budget.paused_for.is_some());
    assert!(paused, "who was refused waits before the next one: {:?}", gl.budget());
    let deep = gl.graphql().document("mutation { rename { thing { name } } }").execute().await.expect("nothing");
    assert!(deep.is_partial() && server.received().len() == 2, "the field deep within may have come last");
    let part = gl.graphql().execute(Name::new()).await.expect("a part");
    assert!(part.is_partial() && server.received().len() == 3);
}

#[tokio::test]
async fn a_rate_limit_within_a_success_that_does_not_end_is_an_error() {
    let server = Server::script(vec![too_many(Value::Null, value!([]))]).await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 1.0));
    let gl = Client::builder(server.url()).clock(Arc::clone(&clock)).build().expect("a client");
    let error = gl.graphql().execute(Name::new()).await.expect_err("refused");
    assert!(error.is_rate_limited() && error.attempts() == 11, "{error}");
    assert_eq!((error.status(), error.graphql_errors().len()), (Some(200), 1));
    assert!(error.to_string().contains("requested too many times"), "{error}");
}

#[tokio::test]
async fn a_payload_that_says_why_is_an_error_unless_it_is_wanted() {
    let refused = ok(value!({"data": {"rename": {"errors": ["Name is taken", "glpat-hush-hush"], "done": false}}}));
    let server = Server::script(vec![refused]).await;
    let graphql = client(&server).graphql();
    let error = graphql.execute(Rename::new()).await.expect_err("it was refused");
    assert!(error.is_mutation_error());
    assert_eq!(error.messages(), ["Name is taken", "[redacted]"]);
    let payload = graphql.execute_payload(Rename::new()).await.expect("a payload").required().expect("a payload");
    assert_eq!(payload, Done { done: false });
}

#[tokio::test]
async fn a_call_has_a_time_of_its_own() {
    let server = Server::script(vec![Reply::Hang]).await;
    let graphql = client(&server).graphql().timeout(Duration::from_millis(30));
    assert!(graphql.execute(Name::new()).await.expect_err("silence").is_timeout());
    let error = graphql.execute(Rename::new()).await.expect_err("silence");
    assert!(error.is_timeout() && error.is_outcome_unknown());
}

/// A list of `count` things, whose cursors are the ids of the last ones.
fn page(received: &Received, count: i64) -> Reply {
    let variables = body(received)["variables"].take();
    let cursor = |name: &str| variables[name].as_str().and_then(|cursor| cursor.parse::<i64>().ok());
    let size = |name: &str| variables[name].as_i64();
    let after = cursor("a").or(cursor("after")).unwrap_or(0);
    let last = (after + size("f").or(size("first")).unwrap_or(100)).min(count);
    let nodes: Vec<Value> = (after + 1..=last).map(|id| value!({"id": id})).collect();
    let info = value!({"endCursor": last.to_string(), "hasNextPage": last < count});
    ok(value!({"data": {"group": {"things": {"nodes": nodes, "pageInfo": info}}}}))
}

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
async fn a_stream_goes_through_all_pages_and_no_further_than_asked() {
    let server = Server::start(|received, _| page(received, 25)).await;
    let graphql = client(&server).graphql();
    for prefetch in [0, 1, 3] {
        let all = graphql.stream(Things::new()).page_size(10).prefetch(prefetch).try_collect().await.expect("all");
        assert_eq!(all.iter().map(|thing| thing.id).collect::<Vec<_>>(), (1..=25).collect::<Vec<_>>());
    }
    assert_eq!(server.received().len(), 9);
    let (some, errors) = ids(graphql.stream(Things::new()).page_size(10).limit(13)).await;
    assert_eq!((some.len(), errors.len()), (13, 0));
    assert_eq!(server.received().len(), 11);
    assert_eq!(body(&server.received()[10])["variables"], value!({"a": "10", "f": 3}));
    let (none, _) = ids(graphql.stream(Things::new()).limit(0)).await;
    assert!(none.is_empty());
    assert_eq!(server.received().len(), 11);
}

#[tokio::test]
async fn the_next_page_is_fetched_while_the_caller_is_busy() {
    let server = Server::start(|received, _| page(received, 100)).await;
    let graphql = client(&server).graphql();
    let mut stream = graphql.stream(Things::new()).page_size(10);
    assert!(server.received().is_empty(), "nothing is sent before it is polled");
    assert_eq!(stream.next().await.expect("an item").expect("a thing").id, 1);
    server.wait_for(2).await;
    drop(stream);
    let mut stream = graphql.stream(Things::new()).page_size(10).prefetch(0);
    let before = server.received().len();
    for _ in 0..10 {
        stream.next().await.expect("an item").expect("a thing");
    }
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.received().len(), before + 1);
}

#[tokio::test]
async fn a_stream_that_broke_off_goes_on_without_loss_or_repetition() {
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
    assert_eq!(stream.resume_token(), *error.resume_token().expect("a place"));
    let place: ResumeToken = error.resume_token().expect("a place").to_string().parse().expect("a place");
    let (rest, errors) = ids(graphql.stream(Things::new()).resume(place.clone())).await;
    assert!(errors.is_empty(), "{errors:?}");
    seen.extend(rest);
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());

    // From anywhere, in pages of another size.
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

/// A connection of which nodes are taken away while nobody reads.
#[tokio::test]
async fn a_stream_goes_on_without_loss_after_nodes_that_were_given_are_gone() {
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
        // Once more in the middle of what was given in part.
        let mut stream = typed(Some(stream.resume_token()), then);
        seen.push(stream.next().await.expect("an item").expect("a thing").id);
        gone.lock().expect("ids").insert(1);
        seen.extend(ids(typed(Some(stream.resume_token()), then)).await.0);
        assert_eq!(seen, (1..=25).collect::<Vec<_>>(), "{stop} {size} {then}");
    }
    // Tokens of older versions count.
    let token = stream_token(&graphql.stream(Things::new()).resume_token(), r#"{"skip":3,"page_size":10}"#);
    gone.lock().expect("ids").clear();
    assert_eq!(ids(graphql.stream(Things::new()).resume(token)).await.0, (4..=25).collect::<Vec<_>>());
}

/// The token with another place in a connection.
fn stream_token(token: &ResumeToken, place: &str) -> ResumeToken {
    let mut token: Value = serde_json::from_str(&token.to_string()).expect("JSON");
    token["place"] = value!({"cursor": serde_json::from_str::<Value>(place).expect("JSON")});
    token.to_string().parse().expect("a token")
}

#[tokio::test]
async fn pages_shrink_until_the_server_can_bear_them() {
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
    // 100, 50, 25, then 25 and 25 more.
    assert_eq!(server.received().len(), 5);

    let hopeless = Server::start(move |_, _| refusal(1000)).await;
    let (_, errors) = ids(client(&hopeless).graphql().stream(Things::new())).await;
    assert!(errors[0].is_too_complex(), "{errors:?}");
    assert_eq!(hopeless.received().len(), 1);
}

#[tokio::test]
async fn odd_pages_are_errors_and_not_silence() {
    let things = |things: Value| ok(value!({"data": {"group": {"things": things}}}));
    let info = value!({"endCursor": "x", "hasNextPage": true});
    let circle = Server::start(move |_, _| things(value!({"nodes": [{"id": 1}], "pageInfo": info}))).await;
    let (seen, errors) = ids(client(&circle).graphql().stream(Things::new())).await;
    assert_eq!(errors[0].kind(), ErrorKind::Paging);
    assert_eq!((seen, circle.received().len()), (vec![1], 2));

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
async fn documents_stream_too() {
    let server = Server::start(|received, _| page(received, 7)).await;
    let graphql = client(&server).graphql();
    let path = ["group", "things"];
    let all = graphql.stream_document::<Value>(DOCUMENT, value!({"first": 3}), &path).try_collect().await.expect("all");
    assert_eq!(
        all.iter().map(|thing| thing["id"].clone()).collect::<Vec<_>>(),
        (1..=7).map(Value::from).collect::<Vec<_>>()
    );
    assert_eq!(server.received().len(), 3);
    for (document, path, kind) in [
        ("{ group { things { nodes { id } } } }", &path[..], ErrorKind::Argument),
        (DOCUMENT, &["group", "other"], ErrorKind::Decode),
        (DOCUMENT, &["group"], ErrorKind::Decode),
    ] {
        let error =
            graphql.stream_document::<Value>(document, (), path).try_collect().await.expect_err("it cannot be read");
        assert_eq!(error.kind(), kind, "{error}");
    }
}

#[tokio::test]
async fn nodes_of_documents_are_decoded_from_the_json_that_came() {
    let body = r#"{"data": {"group": {"things": {"edges": [{"node": {"n": 1.50}}, null, {"node": null},
        {"node": 12345678901234567890123}, {"cursor": "x"}], "pageInfo": {"endCursor": null, "hasNextPage": false}}}}}"#;
    let server = Server::script(vec![json(200, body)]).await;
    let nodes = client(&server).graphql().stream_document::<Box<RawValue>>(DOCUMENT, (), &["group", "things"]);
    let nodes = nodes.try_collect().await.expect("nodes");
    assert_eq!(nodes.iter().map(|it| it.get()).collect::<Vec<_>>(), [r#"{"n": 1.50}"#, "12345678901234567890123"]);
}

#[tokio::test]
async fn answers_are_kept_as_long_as_they_are_good() {
    let server = Server::start(|received, count| match body(received)["operationName"].as_str() {
        Some("Rename") => ok(value!({"data": {"rename": {"errors": []}}})),
        _ => ok(value!({"data": {"thing": {"name": count.to_string()}}})),
    })
    .await;
    let clock = Arc::new(SkippingClock::new(UNIX_EPOCH, 0.5));
    let cache = Cache::new(1 << 20, Duration::from_secs(60));
    let gl = builder(&server).clock(Arc::clone(&clock)).graphql_cache(cache.clone()).build().expect("a client");
    let ask = async |gl: &Client, id: &str| {
        let name = Name(Name::new().0.with(0, id));
        gl.graphql().execute(name).await.expect("an answer").required().expect("a name")
    };
    assert_eq!(ask(&gl, "a").await, "0");
    assert_eq!(ask(&gl, "a").await, "0");
    assert_eq!(ask(&gl, "b").await, "1");
    clock.advance(Duration::from_secs(61));
    assert_eq!(ask(&gl, "a").await, "2");
    gl.graphql().execute(Rename::new()).await.expect("it is renamed");
    assert_eq!(ask(&gl, "a").await, "4");

    let other = Client::builder(server.url())
        .token(Token::personal("glpat-other"))
        .clock(Arc::clone(&clock))
        .graphql_cache(cache.clone())
        .build()
        .expect("a client");
    assert_eq!(ask(&other, "a").await, "5");
    assert_eq!(ask(&gl, "a").await, "4");
    let uncached = gl.graphql().uncached().execute(Name(Name::new().0.with(0, "a"))).await.expect("an answer");
    assert_eq!(uncached.output.as_deref(), Some("6"));

    let tagged = gl.graphql().tag("mine");
    let document = || tagged.document("{ thing { name } }").execute();
    assert!(!document().await.expect("an answer").is_cached());
    assert!(document().await.expect("an answer").is_cached());
    cache.invalidate("mine");
    assert!(!document().await.expect("an answer").is_cached());
    let statistics = cache.statistics();
    assert_eq!((statistics.hits, statistics.misses, statistics.evictions), (3, 7, 0));
    cache.clear();
    assert_eq!((cache.statistics().entries, cache.statistics().bytes), (0, 0));
    assert!(!format!("{cache:?}").contains("glpat"));
}

#[tokio::test]
async fn answers_with_errors_are_not_kept_and_old_ones_make_room() {
    let server = Server::start(|_, count| match count {
        0 => ok(value!({"data": {"thing": {"name": "a"}}, "errors": [{"message": "x"}]})),
        _ => ok(value!({"data": {"thing": {"name": "a".repeat(1000)}}})),
    })
    .await;
    let cache = Cache::new(4000, Duration::from_secs(60));
    let graphql = client(&server).graphql().cache(&cache);
    let ask = async |id: i32| {
        let name = Name(Name::new().0.with(0, id));
        graphql.execute(name).await.expect("an answer").is_cached()
    };
    assert_eq!([ask(1).await, ask(1).await, ask(1).await], [false, false, true]);
    assert_eq!([ask(2).await, ask(1).await, ask(3).await], [false, true, false]);
    // 2 was used longer ago than 1.
    assert_eq!([ask(1).await, ask(2).await], [true, false]);
    let statistics = cache.statistics();
    assert!(statistics.evictions == 2 && statistics.bytes <= 4000 && statistics.entries == 2, "{statistics:?}");
}

#[tokio::test]
async fn those_who_miss_at_once_share_one_request() {
    let server = Server::start(|_, count| match count {
        0 => ok(value!({"data": {"thing": {"name": "a"}}})),
        1 => json(400, ""),
        _ => ok(value!({"data": {"thing": {"name": "b"}}})),
    })
    .await;
    let cache = Cache::new(1 << 20, Duration::from_secs(60));
    let graphql = client(&server).graphql().cache(&cache);
    let (a, b, c) =
        tokio::join!(graphql.execute(Name::new()), graphql.execute(Name::new()), graphql.execute(Name::new()));
    for response in [a, b, c] {
        assert_eq!(response.expect("an answer").output.as_deref(), Some("a"));
    }
    assert_eq!(server.received().len(), 1);
    assert_eq!((cache.statistics().misses, cache.statistics().coalesced), (1, 2));
    // A failure is the failure of who asked.
    cache.clear();
    let (a, b) = tokio::join!(graphql.execute(Name::new()), graphql.execute(Name::new()));
    assert!(a.is_err() && b.is_ok());
}

#[tokio::test]
async fn who_goes_away_leaves_the_turn_to_those_who_wait() {
    let server = Server::start(|_, count| match count {
        0 => Reply::Hang,
        _ => ok(value!({"data": {"thing": {"name": "a"}}})),
    })
    .await;
    let graphql = client(&server).graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    let first = tokio::spawn({
        let graphql = graphql.clone();
        async move { graphql.execute(Name::new()).await.map(drop) }
    });
    server.wait_for(1).await;
    let second = graphql.execute(Name::new());
    let end = async {
        tokio::task::yield_now().await;
        first.abort();
    };
    let (second, ()) = tokio::join!(second, end);
    assert_eq!(second.expect("an answer").output.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_hit_is_fast() {
    let server = Server::start(|received, _| page(received, 10)).await;
    let graphql = client(&server).graphql().cache(&Cache::new(1 << 20, Duration::from_secs(60)));
    graphql.execute(Things::new()).await.expect("a page");
    let mut times = Vec::new();
    for _ in 0..200 {
        let start = std::time::Instant::now();
        assert!(graphql.execute(Things::new()).await.expect("a page").is_cached());
        times.push(start.elapsed());
    }
    // A machine that is busy with something else makes most of them slow.
    let fastest = times.into_iter().min().expect("200 times");
    assert!(fastest < Duration::from_micros(50), "{fastest:?}");
}

#[tokio::test]
async fn a_batch_has_a_result_for_every_name() {
    let server = Server::start(|received, _| match body(received)["operationName"].as_str() {
        Some("Name") => ok(value!({"data": {"thing": {"name": "a"}}})),
        Some("Rename") => ok(value!({"data": {"rename": {"errors": ["taken"]}}})),
        _ => json(404, ""),
    })
    .await;
    let graphql = client(&server).graphql();
    let batch = graphql.batch().add("name", Name::new()).add("rename", Rename::new()).concurrency(2);
    let batch = batch.add("lost", graphql.document("{ a }")).add("bad", graphql.document("{"));
    let mut results = batch.run().await.expect("results");
    let failures: Vec<_> = results.failures().map(|(name, error)| (name, error.kind())).collect();
    assert_eq!(failures, [("bad", ErrorKind::Argument), ("lost", ErrorKind::NotFound), ("rename", ErrorKind::Refused)]);
    assert!(!results.is_ok());
    assert_eq!(results.take::<Name>("name").expect("a name").output.as_deref(), Some("a"));
    assert_eq!(results.take::<Name>("name").expect_err("taken").kind(), ErrorKind::Argument);
    assert_eq!(results.into_map().len(), 3);
    assert_eq!(server.received().len(), 3);

    let twice = graphql.batch().add("a", Name::new()).add("a", Name::new()).run().await;
    assert_eq!(twice.expect_err("which?").kind(), ErrorKind::Argument);
    assert_eq!(server.received().len(), 3);
}

/// A query of a program's own, with types made from the schema that this repository ships.
#[derive(GraphQLQuery)]
#[graphql(
    schema_path = "schema/graphql/schema.graphql",
    query_path = "examples/graphql/project.graphql",
    response_derives = "Debug"
)]
struct ProjectSummary;

#[tokio::test]
async fn derived_queries_run_through_the_same_client() {
    let server = Server::script(vec![
        ok(value!({"data": {"project": {"name": "a", "starCount": 3, "group": null}}})),
        ok(value!({"data": {"project": null}})),
    ])
    .await;
    let graphql = client(&server).graphql();
    let variables = || project_summary::Variables { path: "a/b".to_owned() };
    let data = graphql.query::<ProjectSummary>(variables()).await.expect("an answer").required().expect("data");
    assert_eq!(data.project.map(|project| (project.name, project.star_count)), Some(("a".to_owned(), 3)));
    assert_eq!(body(&server.received()[0])["operationName"], "ProjectSummary");
    assert_eq!(body(&server.received()[0])["variables"], value!({"path": "a/b"}));
    let data = graphql.query::<ProjectSummary>(variables()).await.expect("an answer").required().expect("data");
    assert!(data.project.is_none());
}
