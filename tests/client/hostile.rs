//! Hostile input: values that try to leave their place in a request, and responses that try to harm the client.

use glabflow::{Client, Error, ErrorKind, RetryPolicy, Token};
use glabflow_test_server::{Reply, Server, json};
use std::time::{Duration, Instant};

const TOKEN: &str = "glpat-SECRETSECRETSECRET";

fn client(server: &Server) -> Client {
    let builder = Client::builder(server.url()).token(Token::personal(TOKEN)).retry(RetryPolicy::never());
    builder.max_response_bytes(100_000).build().expect("a client")
}

async fn empty() -> Server {
    Server::script(vec![json(200, "{}")]).await
}

async fn get(gl: &Client, path: &str) -> Result<serde_json::Value, Error> {
    gl.get(path).send().await.map(glabflow::Response::into_inner)
}

#[tokio::test]
async fn header_values_with_line_breaks_are_rejected() {
    let server = empty().await;
    let gl = client(&server);
    for value in ["a\r\nX-Evil: 1", "a\nX-Evil: 1", "a\rb", "a\0b"] {
        let error = gl.get("x").header("x-mine", value).send::<serde_json::Value>().await.expect_err(value);
        assert_eq!(error.kind(), ErrorKind::Argument, "{value:?}");
        let builder = || Client::builder(server.url());
        assert!(builder().token(Token::personal(value)).build().is_err(), "{value:?} in a token");
        assert!(builder().sudo(value).build().is_err(), "{value:?} in sudo");
        assert!(builder().user_agent(value).build().is_err(), "{value:?} in the user agent");
    }
    let error = gl.get("x").header("x-mine: 1\r\nx-evil", "2").send::<serde_json::Value>().await.expect_err("an error");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn paths_and_queries_cannot_leave_the_request_line_or_the_api() {
    let server = empty().await;
    let gl = client(&server);
    for path in [
        "../../admin",
        "projects\\..\\..\\..\\admin",
        ".\t./.\n./.\r./admin",
        "%2e%2e/%2E%2e/admin",
        "..;/../../admin",
        "a#b",
    ] {
        let error = get(&gl, path).await.expect_err(path);
        assert_eq!(error.kind(), ErrorKind::Argument, "{path:?}");
    }
    assert!(server.requests().is_empty());
    for path in [
        "x HTTP/1.1\r\nX-Evil: 1\r\n\r\n",
        "//evil.example/x",
        "@evil.example",
        "http://evil.example/",
        "\u{ff0e}\u{ff0e}/x",
    ] {
        get(&gl, path).await.expect(path);
    }
    let query = gl.get("x").query("a&b=c", "d&e=f\r\nX-Evil: 1#g?h").query("sp ace", "ä+");
    query.send::<serde_json::Value>().await.expect("a response");
    for request in server.requests() {
        assert!(request.target.starts_with("/api/v4/"), "{}", request.target);
        assert!(request.target.bytes().all(|byte| byte.is_ascii_graphic()), "{}", request.target);
        assert!(!request.headers.contains_key("x-evil"));
        assert!(server.url().ends_with(&request.headers["host"]));
    }
    let last = server.requests().pop().expect("a request");
    assert_eq!(last.target, "/api/v4/x?a%26b%3Dc=d%26e%3Df%0D%0AX-Evil%3A%201%23g%3Fh&sp%20ace=%C3%A4%2B");
}

#[tokio::test]
async fn typed_path_arguments_cannot_leave_their_segment() {
    let server = empty().await;
    let gl = client(&server);
    for id in ["..", ".", "", "../../admin", "a/../../b", "a/."] {
        let error = gl.projects().get(id).send().await.expect_err(id);
        assert_eq!(error.kind(), ErrorKind::Argument, "{id:?}");
    }
    assert!(server.requests().is_empty());
    for (id, encoded) in [
        ("%2e%2e", "%252e%252e"),
        ("..%2f..", "..%252f.."),
        ("..\\..", "..%5C.."),
        ("a//b", "a%2F%2Fb"),
        ("1?private=1#x", "1%3Fprivate%3D1%23x"),
        ("1\r\nX-Evil: 1", "1%0D%0AX-Evil%3A%201"),
        ("a\0b", "a%00b"),
    ] {
        gl.projects().get(id).send().await.expect(id);
        let request = server.requests().pop().expect("a request");
        assert_eq!(request.target, format!("/api/v4/projects/{encoded}"));
        assert!(!request.headers.contains_key("x-evil"));
    }
}

/// Text of a server must not look like lines of a log or commands to a terminal.
#[tokio::test]
async fn control_characters_of_the_server_are_escaped_in_errors() {
    let forged = "no\r\n2026-01-01 INFO all is well\u{1b}[2K\u{7}\u{9b}0m\u{2028}x\u{202e}y";
    let page = format!("<html><title>{forged}</title></html>");
    let body = serde_json::json!({ "message": { forged: [forged] } }).to_string();
    let replies =
        vec![json(400, body), Reply::new(502, page), json(400, forged), json(200, format!("[\"{forged}\", 1}}"))];
    let server = Server::script(replies).await;
    let gl = client(&server);
    for _ in 0..4 {
        let error = get(&gl, "x").await.expect_err("an error");
        for shown in [error.to_string(), format!("{error:?}")] {
            let is_seen = |c: char| {
                !c.is_control()
                    && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            };
            assert!(shown.chars().all(is_seen), "{shown:?}");
        }
    }
}

#[tokio::test]
async fn proxy_407_is_named_without_leaking_credentials() {
    let wants = || Reply::new(407, "").with("Proxy-Authenticate", "Basic realm=\"x\"");
    let proxy = Server::script(vec![wants()]).await;
    let through = |url: &str| {
        let address = proxy.url().replace("http://", "http://me:hidden@");
        let builder = Client::builder(url).token(Token::personal(TOKEN)).proxy(address).retry(RetryPolicy::never());
        builder.build().expect("a client")
    };
    for url in ["http://gitlab.invalid", "https://gitlab.invalid"] {
        let error = get(&through(url), "version").await.expect_err("an error");
        let mut shown = format!("{error} {error:?}");
        let mut source = std::error::Error::source(&error);
        while let Some(error) = source {
            shown.push_str(&format!(" {error} {error:?}"));
            source = error.source();
        }
        assert!(shown.contains("proxy"), "{shown}");
        assert!(!shown.contains("hidden") && !shown.contains(TOKEN), "{shown}");
    }
    let [plain, tunnel] = &proxy.requests()[..] else { panic!("{:?}", proxy.requests()) };
    assert_eq!((plain.method.as_str(), tunnel.method.as_str()), ("GET", "CONNECT"));
    assert!(tunnel.headers.values().all(|value| !value.contains(TOKEN)), "the token is sent inside the tunnel only");
}

#[cfg(feature = "gzip")]
fn bomb() -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        packed.write_all(&[b' '; 1 << 20]).expect("memory");
    }
    packed.finish().expect("memory")
}

/// A bomb of 64 MiB in 64 KiB.
#[cfg(feature = "gzip")]
#[tokio::test]
async fn decompression_bombs_fail_as_too_large() {
    let packed = bomb();
    let status = |status| json(status, packed.clone()).with("Content-Encoding", "gzip");
    let before = Instant::now();
    let server = Server::script(vec![status(200)]).await;
    let gl = client(&server);
    assert_eq!(get(&gl, "x").await.expect_err("an error").kind(), ErrorKind::TooLarge);
    let file = gl.get("x").download().await.expect("a file");
    assert_eq!(file.bytes().await.expect_err("an error").kind(), ErrorKind::TooLarge);
    #[cfg(feature = "graphql")]
    {
        let error = gl.graphql().document("{ x }").execute().await.expect_err("an error");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
    // Only the beginning of an error's body is read.
    let server = Server::script(vec![status(500)]).await;
    let error = get(&client(&server), "x").await.expect_err("an error");
    assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(500)));
    assert!(error.to_string().len() < 2_000);
    assert!(before.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn oversized_bodies_are_cut_off_or_fail() {
    let server = Server::script(vec![json(500, vec![b'x'; 4 << 20]), json(200, vec![b' '; 4 << 20])]).await;
    let gl = client(&server);
    let error = get(&gl, "x").await.expect_err("an error");
    assert!(error.messages()[0].len() <= 500);
    #[cfg(feature = "graphql")]
    {
        let error = gl.graphql().document("{ x }").execute().await.expect_err("an error");
        assert_eq!((error.kind(), error.status()), (ErrorKind::TooLarge, Some(200)));
    }
}

/// A change whose response is too large was executed. The error shows that by its status.
#[tokio::test]
async fn status_is_known_if_the_body_cannot_be_read() {
    let server = Server::script(vec![json(201, vec![b' '; 200_000]), json(201, "{\"id\": 1}").cut_off()]).await;
    let gl = client(&server);
    for kind in [ErrorKind::TooLarge, ErrorKind::Transport] {
        let error = gl.post("projects").send::<serde_json::Value>().await.expect_err("an error");
        assert_eq!((error.kind(), error.status()), (kind, Some(201)));
    }
}
