//! Servers and URLs that `fetch` rejects, and its messages about them.

use crate::{args, refusal, run, scripted};
use glabflow_fake::Fake;
use glabflow_test_server::ClosedPort;
use std::fs;

#[test]
fn servers_other_than_gitlab_are_described() {
    let ok = |body: &str| (200, body.to_owned());
    for (metadata, graphql, parts) in [
        (
            (404, "Not Found".to_owned()),
            (404, "Not Found".to_owned()),
            &["does not exist (404)", "is this a GitLab"][..],
        ),
        ((404, String::new()), ok("<html><title>Welcome</title></html>"), &["web page `Welcome`", "sign-in"]),
        (ok("<!DOCTYPE html><title>Sign in</title>"), ok("{}"), &["web page `Sign in`"]),
        (ok("{\"version\": 3}"), ok("{}"), &["has no version"]),
        ((401, String::new()), ok("{\"x\": 1}"), &["not a GraphQL response"]),
        ((401, String::new()), ok("{\"data\": {\"__ty"), &["is truncated", "--parts"]),
        ((401, String::new()), (401, "{}".to_owned()), &["needs a token (401)", "$GITLAB_TOKEN"]),
        (
            (401, String::new()),
            ok(r#"{"errors": [{"message": "GraphQL introspection is not allowed"}]}"#),
            &["introspection is disabled", "not allowed"],
        ),
        (
            (401, String::new()),
            ok(r#"{"errors": [{"message": "Field '__type' doesn't exist on type 'Query'"}]}"#),
            &["introspection is disabled"],
        ),
        ((401, String::new()), ok(r#"{"data": {"__type": null}}"#), &["introspection is disabled"]),
        ((401, String::new()), ok(r#"{"errors": [{"message": "Invalid token"}]}"#), &["valid token", "--token-env"]),
        ((500, String::new()), ok("{}"), &["responds with 500"]),
    ] {
        let case = format!("{metadata:?} {graphql:?}");
        let server = scripted::start(move |request| {
            Some(if request.starts_with("GET") { metadata.clone() } else { graphql.clone() })
        });
        let text = refusal(&server, |_| {});
        for part in parts {
            assert!(text.contains(part), "{case}: {text}");
        }
    }
}

#[test]
fn rejection_of_the_smallest_introspection_is_reported() {
    let fake = Fake::builder().start_blocking().expect("started");
    let server = scripted::before(&fake, |query| {
        query.contains("...T").then(|| (504, "<html><title>Gateway Timeout</title></html>".to_owned()))
    });
    let text = refusal(&server, |args| args.parts = true);
    assert!(text.contains("rejects even a query for the single type") && text.contains("504"), "{text}");
}

#[test]
fn broken_connections_are_described() {
    let cut =
        scripted::raw(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"data\": ");
    let text = refusal(&cut, |_| {});
    assert!(text.contains("is truncated"), "{text}");

    let plain = scripted::start(|_| Some((200, "{}".to_owned())));
    let text = refusal(&plain, |args| args.url = args.url.replace("http://", "https://"));
    assert!(text.contains("encrypted connection") && text.contains("--ca-file"), "{text}");

    let silent = scripted::start(|_| None);
    let text = refusal(&silent, |args| args.timeout = 1);
    assert!(text.contains("did not respond in time") && text.contains("--timeout"), "{text}");

    let gone = scripted::raw(Vec::new());
    let text = refusal(&gone, |_| {});
    assert!(text.starts_with(&format!("the response of {}/api/v4/metadata is truncated (", gone.url())), "{text}");

    let closed = ClosedPort::new();
    let text = refusal(&gone, |args| args.url = closed.url());
    let expected = format!("cannot reach {}/api/v4/metadata: ", closed.url());
    assert!(text.starts_with(&expected) && text.to_lowercase().contains("refused"), "{text}");
}

#[test]
fn redirects_are_not_followed_with_the_token() {
    let elsewhere = scripted::start(|_| Some((200, "{}".to_owned())));
    let target = elsewhere.url();
    let sign_in =
        scripted::raw(b"HTTP/1.1 302 Found\r\nlocation: /users/sign_in?redirect=secret\r\ncontent-length: 0\r\n\r\n");
    let text = refusal(&sign_in, |_| {});
    assert!(text.contains("sign-in page") && !text.contains("secret"), "{text}");

    let moved =
        scripted::raw(format!("HTTP/1.1 301 Moved\r\nlocation: {target}/api/v4/metadata\r\ncontent-length: 0\r\n\r\n"));
    let text = refusal(&moved, |_| {});
    assert!(text.contains(" redirects (") && text.contains(&target), "{text}");
    assert!(elsewhere.requests().is_empty(), "redirects of the server are not followed");
}

#[test]
fn secrets_in_urls_are_not_shown() {
    let server = scripted::start(scripted::small);
    let answer = |head: &str| scripted::raw(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n"));
    let redirect = |target: &str| answer(&format!("302 Found\r\nlocation: {target}"));
    // A redirect to an invalid URL, from a URL of the user and from a signed URL of another server.
    let nowhere = redirect("http://[");
    let signed = redirect(&format!("{}/doc?X-Signature=SIGNED#SIGNED", nowhere.url()));
    let around = redirect("/doc?X-Signature=SIGNED");
    let cut = scripted::raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{");
    let refused = answer("403 Forbidden");
    let page = scripted::start(|_| Some((200, "<html></html>".to_owned())));
    for (server_of_it, part) in [
        (&nowhere, "/doc?... redirects to an invalid address: invalid IPv6 address"),
        (&signed, "/doc?... redirects to an invalid address: invalid IPv6 address"),
        (&redirect("http://user:SIGNED@h/"), "user name or password"),
        (&redirect("ftp://h/?SIGNED"), "must begin with https:// or http://"),
        (&around, "/doc?... redirects more than 5 times"),
        (&cut, "/doc?... is truncated"),
        (&refused, "/doc responds with 403"),
        (&page, "/doc is a web page"),
    ] {
        let url = format!("{}/doc?private_token=GIVEN#GIVEN", server_of_it.url());
        let text = refusal(&server, |args| args.openapi = Some(url));
        assert!(text.contains(part) && !text.contains("GIVEN") && !text.contains("SIGNED"), "{text}");
    }
}

#[test]
fn invalid_urls_are_rejected_with_advice() {
    let root = tempfile::tempdir().expect("a folder");
    for (url, part) in [
        ("gitlab.example.com", "https://gitlab.example.com"),
        ("ftp://gitlab.example.com", "https:// or http://"),
        ("https://me:hush@gitlab.example.com", "--token-env"),
        ("", "https://gitlab.example.com"),
    ] {
        let text = run(&args(url, &root.path().join("schema"))).expect_err("refused");
        assert!(text.contains(part) && !text.contains("hush"), "{url}: {text}");
    }
}

#[test]
fn invalid_token_is_reported_but_not_shown() {
    let fake = Fake::builder().start_blocking().expect("started");
    let root = tempfile::tempdir().expect("a folder");
    let run = |token: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_glabflow-codegen"));
        command.args(["fetch", "--url", &fake.url(), "--token-env", "A_TOKEN"]).current_dir(root.path());
        match token {
            Some(token) => command.env("A_TOKEN", token),
            None => command.env_remove("A_TOKEN"),
        };
        let output = command.output().expect("the command starts");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let text = run(Some("glpat-of-nobody"));
    assert!(text.contains("401") && !text.contains("glpat-of-nobody"), "{text}");
    let text = run(None);
    assert!(text.contains("$A_TOKEN is not set"), "{text}");
    let text = run(Some("glpat-\u{e9}\nx"));
    assert!(text.contains("is not a token") && !text.contains("glpat"), "{text}");
    assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 0);
}
