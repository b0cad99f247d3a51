//! Where tokens are sent, and that they are never shown.

use glabflow::{Client, ErrorKind, Event, RetryPolicy, Token};
use glabflow_test_server::{Reply, Request, Server, json};
use std::sync::{Arc, Mutex};

const TOKEN: &str = "glpat-SECRETSECRETSECRET";

fn client(server: &Server) -> Client {
    Client::builder(server.url())
        .token(Token::personal(TOKEN))
        .sudo("root")
        .retry(RetryPolicy::never())
        .build()
        .expect("a client")
}

fn carries_token(request: &Request) -> bool {
    request.headers.iter().any(|(name, value)| name == "private-token" || name == "sudo" || value.contains(TOKEN))
}

async fn elsewhere() -> Server {
    Server::script(vec![json(200, r#"[{"id": 1}]"#)]).await
}

fn redirect(status: u16, to: impl Into<String>) -> Reply {
    json(status, "{}").with("Location", to)
}

#[tokio::test]
async fn token_is_sent_to_its_own_server() {
    let server = Server::script(vec![json(200, "{}")]).await;
    client(&server).get("version").send::<serde_json::Value>().await.expect("a response");
    let request = &server.requests()[0];
    assert_eq!(request.target, "/api/v4/version");
    assert_eq!((request.headers["private-token"].as_str(), request.headers["sudo"].as_str()), (TOKEN, "root"));
    assert!(request.headers["user-agent"].starts_with("glabflow/"));
}

#[tokio::test]
async fn redirect_to_another_host_is_an_error_and_is_not_followed() {
    let other = elsewhere().await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::script(vec![redirect(status, format!("{}/x", other.url()))]).await;
        let error = client(&server).get("projects/1").send::<serde_json::Value>().await.expect_err("an error");
        assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)));
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn redirect_within_the_server_is_followed_for_reads_only() {
    let server = Server::start(|request, _| match request.target.as_str() {
        "/api/v4/projects/old" => redirect(301, "/api/v4/projects/new"),
        "/api/v4/loop" => redirect(302, "/api/v4/loop"),
        _ => json(200, r#"{"id": 7}"#),
    })
    .await;
    let gl = client(&server);
    let moved = gl.get("projects/old").send::<serde_json::Value>().await.expect("a response");
    assert_eq!(moved["id"], 7);
    assert!(server.requests().iter().all(carries_token));

    let error = gl.put("projects/old").send::<serde_json::Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Redirect);
    let error = gl.get("loop").send::<serde_json::Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert_eq!(server.requests().len(), 2 + 1 + 6);
}

#[tokio::test]
async fn download_from_another_host_omits_the_token_even_when_redirected_back() {
    let server = Arc::new(Mutex::new(String::new()));
    let home = Arc::clone(&server);
    // The storage redirects back to the server, which must not get the token then.
    let storage = Server::start(move |request, _| match request.target.as_str() {
        "/back" => redirect(302, format!("{}/api/v4/final", home.lock().expect("a lock"))),
        _ => json(200, "the file"),
    })
    .await;
    let to = storage.url();
    let main = Server::start(move |request, _| match request.target.as_str() {
        "/api/v4/file" => redirect(302, format!("{to}/file?X-Amz-Signature=hidden")),
        "/api/v4/round" => redirect(302, format!("{to}/back")),
        _ => json(200, "home again"),
    })
    .await;
    *server.lock().expect("a lock") = main.url();
    let gl = client(&main);

    let file = gl.get("file").header("x-private", TOKEN).download().await.expect("a file");
    assert!(!format!("{file:?}").contains("hidden"));
    assert_eq!(file.text().await.expect("text"), "the file");
    assert_eq!(gl.get("round").download().await.expect("a file").text().await.expect("text"), "home again");
    assert!(storage.requests().iter().all(|request| !carries_token(request)), "{:?}", storage.requests());
    let last = main.requests().pop().expect("a request");
    assert!(last.target == "/api/v4/final" && !carries_token(&last), "{last:?}");
}

#[tokio::test]
async fn next_link_to_another_host_is_an_error_after_the_page() {
    let other = elsewhere().await;
    let link = format!("<{}/api/v4/users?page=2&private_token={TOKEN}>; rel=\"next\"", other.url());
    let server = Server::script(vec![json(200, r#"[{"id": 1}]"#).with("Link", link)]).await;
    let mut users = client(&server).get("users").items::<serde_json::Value>();
    assert_eq!(users.next().await.expect("an item").expect("a user")["id"], 1);
    let error = users.next().await.expect("an item").expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Redirect);
    assert!(error.is_resumable() && error.to_string().contains("external_url"), "{error}");
    assert!(!error.to_string().contains(TOKEN) && !format!("{error:?}").contains(TOKEN));
    assert!(users.next().await.is_none());
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn disguised_links_to_other_hosts_are_not_followed() {
    let other = elsewhere().await;
    let (_, place) = other.url().split_once("//").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("an address");
    for link in [
        format!("//{place}/api/v4/users"),
        format!("http://127.0.0.1@{place}/api/v4/users"),
        format!("http:\\\\{place}\\x"),
        format!("HTTP://{place}/"),
        "https://127.0.0.1/api/v4/users".to_owned(),
        "file:///etc/passwd".to_owned(),
        "data:application/json,[]".to_owned(),
    ] {
        let reply = json(200, r#"[{"id": 1}]"#).with("Link", format!("<{link}>; rel=\"next\""));
        let server = Server::script(vec![reply]).await;
        for parallel in [1, 4] {
            let mut users = client(&server).get("users").items::<serde_json::Value>().parallel(parallel);
            users.next().await.expect("an item").expect("a user");
            let error = users.next().await.expect("an item").expect_err(&link);
            assert_eq!(error.kind(), ErrorKind::Redirect, "{link}");
        }
        assert_eq!(server.requests().len(), 2);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn edited_resume_token_cannot_lead_to_another_host() {
    let other = elsewhere().await;
    let next = json(200, r#"[{"id": 1}]"#).with("Link", "</api/v4/users?page=2>; rel=\"next\"");
    let server = Server::script(vec![next, json(200, r#"[{"id": 2}]"#)]).await;
    let gl = client(&server);
    let users = || gl.get("users").items::<serde_json::Value>().prefetch(0);
    let mut first = users();
    first.next().await.expect("an item").expect("a user");
    let token = first.resume_token().to_string();
    assert!(token.contains("/api/v4/users?page=2") && !token.contains("SECRET"), "{token}");
    let (_, place) = other.url().split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("an address");
    for link in [
        format!("{}/x", other.url()),
        format!("{place}/x"),
        format!("http:\\\\\\\\{place}/x"),
        "file:///etc/passwd".into(),
    ] {
        let edited = token.replace("/api/v4/users?page=2", &link).parse().expect("a token");
        let error = users().resume(edited).next().await.expect("a response").expect_err(&link);
        assert_eq!(error.kind(), ErrorKind::Redirect, "{link}: {error}");
    }
    assert_eq!(server.requests().len(), 1);
    let rest = users().resume(token.parse().expect("a token")).try_collect().await.expect("the rest");
    assert_eq!(rest[0]["id"], 2);
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn bodies_are_not_sent_to_redirect_targets() {
    let other = elsewhere().await;
    for status in [301, 302, 303, 307, 308] {
        let server = Server::script(vec![redirect(status, format!("{}/x", other.url()))]).await;
        let gl = client(&server);
        let upload = glabflow::Upload::bytes("secret.txt", "hidden");
        let error = gl.put("files/1").body(upload).send::<serde_json::Value>().await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::Redirect);
        #[cfg(feature = "graphql")]
        {
            let error = gl.graphql().document("{ x }").execute().await.expect_err("an error");
            assert_eq!((error.kind(), error.status()), (ErrorKind::Redirect, Some(status)));
        }
    }
    assert!(other.requests().is_empty());
}

/// URLs in response bodies are data. Only the link to the next page is followed.
#[cfg(feature = "graphql")]
#[tokio::test]
async fn urls_in_response_bodies_are_not_followed() {
    let other = elsewhere().await;
    let page = |cursor: &str, more: bool| {
        let info = format!(r#"{{"endCursor": "{cursor}", "hasNextPage": {more}}}"#);
        let next = format!("{}/next", other.url());
        json(
            200,
            format!(
                r#"{{"data": {{"all": {{"nodes": [{{"webUrl": "{next}"}}], "pageInfo": {info}}}}}, "next": "{next}"}}"#
            ),
        )
        .with("Link", format!("<{next}>; rel=\"next\""))
    };
    let server = Server::script(vec![page(&other.url(), true), page("end", false)]).await;
    let document =
        "query ($after: String) { all(after: $after) { nodes { webUrl } pageInfo { endCursor hasNextPage } } }";
    let nodes =
        client(&server).graphql().stream_document::<serde_json::Value>(document, serde_json::json!({}), &["all"]);
    assert_eq!(nodes.try_collect().await.expect("two items").len(), 2);
    assert!(server.requests().iter().all(|request| request.target == "/api/graphql" && carries_token(request)));
    assert!(other.requests().is_empty());
}

/// All output of a client whose server sends the token back in each part of a response, written as `text`.
async fn shown(token: Token, own: &str, text: &str) -> String {
    let seen = Arc::new(Mutex::new(String::new()));
    let log = Arc::clone(&seen);
    let message = format!("token {text} was revoked");
    let echo = |status: u16, body: String| {
        json(status, body)
            .with("X-Request-Id", text)
            .with("RateLimit-Name", text)
            .with("RateLimit-Limit", "9")
            .with("RateLimit-Remaining", "5")
    };
    let replies = vec![
        echo(401, format!(r#"{{"message": "{message}"}}"#)),
        echo(422, format!(r#"{{"message": {{"a": {{"{text}": ["{message}"]}}}}}}"#)),
        echo(502, format!("<title>{message}</title>")),
        // Cut off within the token.
        echo(400, format!("{}{text}", "x".repeat(485))),
        Reply::Close,
        echo(200, format!(r#"{{"token": "{text}"}}"#)),
        echo(200, format!(r#"{{"name": "{text}"}}"#)),
        json(200, format!("<html>{message}")).with("Content-Type", format!("text/{text}")),
        redirect(302, format!("http://h.example/{text}?x={text}")),
        echo(429, message.clone()),
    ];
    let requests = replies.len();
    let server = Server::script(replies).await;
    let gl = Client::builder(server.url())
        .token(token)
        .retry(RetryPolicy::never())
        .observer(move |event: &Event<'_>| {
            log.lock().expect("a lock").push_str(&format!("{event:?} {}\n", event.url()));
        })
        .build()
        .expect("a client");
    let mut shown = format!("{gl:?}");
    for _ in 0..requests {
        let request = gl.get(&format!("user/{text}")).query("private_token", own).query("search", own);
        let error = request.send::<Vec<u8>>().await.expect_err("an error");
        shown.push_str(&format!(
            "{error} {error:?} {:?} {:?} {:?} {:?}\n",
            error.url(),
            error.messages(),
            error.fields(),
            error.request_id()
        ));
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            shown.push_str(&format!("{error} {error:?}"));
            source = error.source();
        }
    }
    shown.push_str(&format!("{:?}", gl.budget()));
    shown.push_str(&seen.lock().expect("a lock"));
    shown
}

#[tokio::test]
async fn tokens_are_redacted_in_all_output() {
    const OAUTH: &str = "0123SECRET4567SECRET89abSECRETcdef";
    const CUSTOM: &str = "acme-SECRETSECRETSECRET";
    const SLASHES: &str = "SECRET/SECRET/SECRET";
    for (kind, own, text) in [
        (Token::personal as fn(&'static str) -> Token, TOKEN, TOKEN),
        (Token::oauth, OAUTH, OAUTH),
        (Token::personal, CUSTOM, CUSTOM),
        (Token::personal, CUSTOM, "acme%2DSECRETSECRETSECRET"),
        (Token::job, SLASHES, "SECRET%2FSECRET%2FSECRET"),
        (Token::deploy, SLASHES, "SECRET%2fSECRET%2fSECRET"),
    ] {
        let shown = shown(kind(own), own, text).await;
        assert!(shown.contains("[redacted]"));
        assert!(!shown.contains("SECRET"), "{text}: {shown}");
    }
}

/// GraphQL errors, with no data and with partial data.
#[cfg(feature = "graphql")]
#[tokio::test]
async fn tokens_are_redacted_in_graphql_errors() {
    const OWN: &str = "0123SECRET4567SECRET89abSECRETcdef";
    let error = format!(r#"{{"message": "no {OWN}", "path": ["{OWN}"], "extensions": {{"a": ["{OWN}"]}}}}"#);
    let server = Server::script(vec![
        json(200, format!(r#"{{"data": null, "errors": [{error}]}}"#)),
        json(200, format!(r#"{{"data": {{"x": 1}}, "errors": [{error}]}}"#)),
    ])
    .await;
    let gl = Client::builder(server.url()).token(Token::oauth(OWN)).build().expect("a client");
    for _ in 0..2 {
        let shown = match gl.graphql().document("{ x }").execute().await {
            Ok(answer) => format!("{answer:?}"),
            Err(error) => format!("{error:?} {:?} {:?}", error.messages(), error.graphql_errors()),
        };
        assert!(shown.contains("[redacted]") && !shown.contains("SECRET"), "{shown}");
    }
}

#[tokio::test]
async fn paths_cannot_leave_the_api() {
    let server = Server::script(vec![json(200, "{}")]).await;
    let gl = client(&server);
    for path in ["../../admin", "projects/%2e%2e/%2e%2e/%2e%2e/admin", "a#b"] {
        let error = gl.get(path).send::<serde_json::Value>().await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Argument, "{path}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn oversized_response_is_not_read() {
    let server = Server::script(vec![json(200, vec![b' '; 100_000])]).await;
    let gl = Client::builder(server.url()).max_response_bytes(99_999).build().expect("a client");
    let error = gl.get("x").send::<serde_json::Value>().await.expect_err("an error");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::TooLarge, 1));
    let error = gl.get("x").download().await.expect("a file").bytes().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[cfg(feature = "gzip")]
#[tokio::test]
async fn size_limit_applies_to_decompressed_bytes() {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[b' '; 1_000_000]).expect("memory");
    packed.write_all(b"[1]").expect("memory");
    let packed = packed.finish().expect("memory");
    assert!(packed.len() < 10_000);
    let server = Server::script(vec![json(200, packed).with("Content-Encoding", "gzip")]).await;
    let client = |max| Client::builder(server.url()).max_response_bytes(max).build().expect("a client");
    assert_eq!(client(1_000_003).get("x").send::<Vec<i64>>().await.expect("a response").into_inner(), [1]);
    let error = client(1_000_002).get("x").send::<Vec<i64>>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let enabled = [("br", cfg!(feature = "brotli")), ("gzip", true), ("zstd", cfg!(feature = "zstd"))];
    let mut asked: Vec<_> =
        server.requests()[0].headers["accept-encoding"].split(',').map(|name| name.trim().to_owned()).collect();
    asked.sort_unstable();
    assert_eq!(asked, enabled.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect::<Vec<_>>());
}
