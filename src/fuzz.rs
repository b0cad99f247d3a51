//! Fuzz targets for private readers of the runtime: base URLs, headers, error bodies, JSON paths.

use crate::client::Client;
use crate::clock::SkippingClock;
use crate::error::json_path;
use crate::error::{Error, ErrorKind, Explanation};
use crate::http::base_url::BaseUrl;
use crate::http::classify::{self, RetryClass};
use crate::http::headers::{self, Links, PageInfo, RateLimit};
use crate::limit::MaxWait;
use crate::paging::origin;
use crate::redact;
use crate::resume_token::{Position, ResumeToken};
use crate::send::retry::{FailureCounts, Retry, RetryPolicy};
use glabflow_contract::{Body, Call, Descriptor, Method, Output, Paging, Range, RangeKey};
use glabflow_fuzz::{Near, fuzz};
use http::HeaderValue;
use http::header::{HeaderMap, HeaderName};
use std::panic::AssertUnwindSafe;
use std::time::{Duration, UNIX_EPOCH};

#[test]
fn link_headers() {
    let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
    let current = base_url.join("/users", "page=1").expect("a path");
    let seeds = [
        "<https://h.example/git/api/v4/users?page=2&per_page=20>; rel=\"next\", <https://h.example/x>; rel=\"last\"",
        "<https://h.example/x>;rel=first,<?cursor=a,b>;title=\"a;b\";REL=next",
    ];
    let words = [
        "<",
        ">",
        "; rel=\"next\"",
        "rel=next",
        ", ",
        ",<",
        "\"",
        "//evil.example/",
        "https://",
        "@",
        "\\",
        "..",
        "%2e",
        ":443",
    ];
    fuzz!(Near::texts(seeds).words(words), |bytes: &[u8]| {
        let Ok(value) = HeaderValue::from_bytes(bytes) else { return };
        let headers = HeaderMap::from_iter([(http::header::LINK, value)]);
        let page = PageInfo::read(&headers);
        let next = Links::read(&headers).and_then(|links| links.next);
        assert_eq!(page.has_next, next.is_some());
        if let Some(next) = next {
            assert!(!next.contains('>'), "{next}");
            match base_url.follow(&current, next) {
                Ok(url) => assert_eq!(&url[..url::Position::BeforePath], base_url.origin()),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    });
}

#[test]
fn limits_and_waits() {
    let names = [
        "retry-after",
        "ratelimit-reset",
        "ratelimit-remaining",
        "ratelimit-limit",
        "ratelimit-name",
        "date",
        "x-total",
        "x-next-page",
    ];
    let seeds = [
        "retry-after: 7\nratelimit-reset: 1060\nratelimit-remaining: 0\ndate: Thu, 01 Jan 1970 00:16:40 GMT",
        "retry-after: Thu, 01 Jan 1970 00:17:00 GMT\nratelimit-limit: 600\nratelimit-name: throttle_api",
        "x-total: 10\nx-next-page: 2\nratelimit-observed: 1",
    ];
    let words = ["18446744073709551615", "-1", "1e9", "+5", "0", "\n", ": ", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"];
    let wall = UNIX_EPOCH + Duration::from_secs(1_000);
    let clock = SkippingClock::new(wall, 1.0);
    let retry = Retry::new(RetryPolicy::default().budget(u32::MAX));
    fuzz!(Near::texts(seeds).words(words).words(names), |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let pairs = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?))
        });
        let headers = HeaderMap::from_iter(pairs);
        let _ = (RateLimit::read(&headers), PageInfo::read(&headers));
        let failure = classify::failure(Method::Get, "/users", 429, &headers, b"Retry later", wall);
        assert_eq!(failure.retry, RetryClass::Throttled);
        let asked = failure.error.retry_after();
        assert_eq!(asked, headers::wait(&headers, wall));
        let failures = FailureCounts { failed: 0, throttled: 1 };
        let backoff = retry.backoff(failure.retry, true, failures, &clock).expect("one wait is allowed");
        if let Some(delay) = MaxWait::default().before_retry(asked, None, backoff) {
            assert!(delay <= RetryPolicy::default().max_wait + Duration::from_secs(1), "{delay:?}");
        }
        // Any requested wait can be added to the present time.
        assert!(asked.is_none_or(|asked| std::time::Instant::now().checked_add(asked).is_some()), "{asked:?}");
    });
}

#[test]
fn error_bodies() {
    let seeds = [
        r#"{"message": {"name": ["is too long"], "namespace": {"path": ["is taken"]}}}"#,
        r#"{"error": "insufficient_scope", "error_description": "needs api"}"#,
        r#"{"errors": [{"message": "bad", "locations": [{"line": 1}], "path": []}]}"#,
        "<html><head><TITLE>502 Bad Gateway</TITLE></head></html>",
        "Retry later\n",
    ];
    let words = [
        "glpat-0123456789abcdef",
        "<title>",
        "</title>",
        "\u{130}",
        "\u{e9}",
        "{\"message\": ",
        "[",
        "null",
        "\"",
        "\\u0000",
        "\\ud800",
        "gl",
        "gldt-",
    ];
    fuzz!(Near::texts(seeds).words(words), |bytes: &[u8]| {
        for status in [400, 404, 409, 429, 500] {
            let failure = classify::failure(Method::Post, "/a%2Fb", status, &HeaderMap::new(), bytes, UNIX_EPOCH);
            let shown = format!("{} {:?}", failure.error, failure.error);
            assert!(!shown.contains("glpat-0123456789abcdef"), "{shown}");
            for message in failure.error.messages() {
                assert!(
                    !message.is_empty() && matches!(redact::text(message), std::borrow::Cow::Borrowed(_)),
                    "{message}"
                );
            }
            // A field's name comes before its message, so that only messages of no field have a length of their own.
            assert!(
                Explanation::read(bytes)
                    .fields
                    .iter()
                    .flat_map(|(_, texts)| texts)
                    .all(|text| text.chars().count() <= 500)
            );
        }
    });
}

#[test]
fn base_urls() {
    let seeds = [
        "https://gitlab.example.com",
        "http://127.0.0.1:8080/git/api/v4/",
        "https://[::1]:1/",
        "https://me:pw@h.example/?a#b",
    ];
    let words = [
        "/api/v4", "/api", "/../", "%2e%2e", "//", "\\", "@", ":", "?", "#", "\t", "\u{e9}", "xn--", "[", "http:",
        "0x7f.1",
    ];
    fuzz!(Near::texts(seeds).words(words), |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(base_url) = BaseUrl::parse(&text) else { return };
        assert!(base_url.as_str().ends_with("/api/v4") && base_url.as_str().starts_with(base_url.origin()));
        let again = BaseUrl::parse(base_url.as_str()).expect("a base URL");
        assert_eq!(again.as_str(), base_url.as_str());
        assert!(!base_url.origin().contains('@') && !base_url.as_str().contains(['?', '#']), "{}", base_url.as_str());
    });
}

#[test]
fn paths_below_a_base_url() {
    let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
    let words = [
        "/",
        "..",
        "%2e",
        "%2E.",
        "%2f",
        "\\",
        "?",
        "#",
        "@",
        "//",
        ":",
        "\n",
        "\u{e9}",
        ";",
        "%00",
        "https://evil.example",
    ];
    fuzz!(Near::texts(["/projects/a%2Fb/issues", "/users?page=2", "/../../x"]).words(words), |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        for (path, query) in [(&*text, ""), (&*format!("/{text}"), "a=b"), ("/users", &*text)] {
            if let Ok(url) = base_url.join(path, query) {
                let below = url.as_str().strip_prefix("https://h.example/git/api/v4").expect("it begins with the root");
                assert!(below.is_empty() || below.starts_with(['/', '?', '#']), "{url}");
                assert!(redact::url(&url).starts_with("https://h.example/git/api/v4"), "{url}");
            }
        }
    });
}

/// Positions in resume tokens.
const POSITIONS: [&str; 9] = [
    r#""start""#,
    r#""end""#,
    r#"{"page":{"link":"/git/api/v4/users?private_token=&page=4"}}"#,
    r#"{"page":{"link":"/git/api/v4/users?cursor=abc","skip":3}}"#,
    r#"{"page":{"link":"/git/api/v4/users?page=2","skip":[7,"gid://gitlab/User/8"]}}"#,
    r#"{"cursor":{"after":"eyJpZCI6IjEifQ","skip":2,"page_size":100}}"#,
    r#"{"cursor":{"after":"eyJpZCI6IjEifQ","skip":["gid://gitlab/User/8"],"page_size":100}}"#,
    r#"{"ranges":[{"from":-9223372036854775808,"to":9223372036854775807}]}"#,
    r#"{"ranges":[{"to":10},{"from":20,"to":30,"skip":[21,"a"]},{"from":40}]}"#,
];

/// Parts that change a token's meaning.
const TOKEN_WORDS: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "1e400",
    "\\ud800",
    "//evil.example/",
    "https://",
    "@",
    "?",
    "=",
    "&",
    "..",
    "\"skip\":",
    "\"from\":",
    "\"to\":",
];

static LIST: Descriptor = Descriptor {
    id: "list_users",
    tag: "users",
    method: Method::Get,
    path: "/users",
    params: &[],
    body: Body::None,
    output: Output::List,
    paging: Paging::Offset,
    ranges: &[Range { key: RangeKey::Id, sorted: true }],
    idempotent: true,
    deprecated: false,
    docs: None,
};

#[test]
fn resume_tokens() {
    let base_url = BaseUrl::parse("https://h.example/git").expect("a base URL");
    let current = base_url.join("/users", "private_token=hush").expect("a path");
    let token = |position: &str| {
        format!(r#"{{"operation":"list_users","arguments":"0123456789abcdef","position":{position}}}"#)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let gl = Client::builder("http://127.0.0.1:1/git").retry(RetryPolicy::never()).build().expect("a client");
    let begun = AssertUnwindSafe((runtime, gl));
    fuzz!(Near::texts(POSITIONS.map(token)).words(TOKEN_WORDS), |bytes: &[u8]| {
        let token = match String::from_utf8_lossy(bytes).parse::<ResumeToken>() {
            Ok(token) => token,
            Err(error) => return assert_eq!(Error::from(error).kind(), ErrorKind::Argument),
        };
        let text = token.to_string();
        assert!(!text.contains('\n') && !format!("{token:?}").is_empty(), "{text}");
        assert_eq!(text.parse::<ResumeToken>().expect("a token's own text"), token);
        // A stream that begins there does not panic. No server responds.
        let (runtime, gl) = &*begun;
        runtime.block_on(async {
            let mut items = Call::new(gl.clone(), &LIST).items::<serde_json::Value>();
            if let Position::Ranges(_) = &token.position {
                items = items.partitioned(2).unordered();
            }
            let mut own = items.resume_token();
            own.position = token.position.clone();
            let mut items = items.resume(own);
            while let Some(item) = items.next().await {
                assert!(item.is_err());
            }
            assert!(!items.resume_token().to_string().is_empty());
        });
        // A manipulated token does not send the access token to another host.
        if let Position::Page { link, .. } = &token.position
            && let Ok(url) = base_url.follow(&current, &origin::with_secrets(link, "private_token=hush"))
        {
            assert_eq!(&url[..url::Position::BeforePath], base_url.origin());
        }
    });
}

#[test]
fn json_paths() {
    let seeds =
        [r#"[{"id": 1, "author": {"id": "x", "token": "hidden"}}, {"id": [2, 3]}]"#, "{\"a\":\n[1,\n\"\\\"\"]}"];
    let words =
        ["\"", "\\", "{", "}", "[", "]", ":", ",", "\n", "\"token\": \"hidden\"", "null", "\u{e9}", "\u{1F600}"];
    fuzz!(Near::texts(seeds).words(words), |bytes: &[u8]| {
        let error = serde_json::from_slice::<serde_json::Value>(bytes).err();
        let is_json = error.is_none();
        let (line, column) = error.map_or((1, bytes.len() / 2), |error| (error.line(), error.column()));
        for offset in [json_path::offset(bytes, line, column), 0, bytes.len()] {
            assert!(offset <= bytes.len());
            let position = json_path::locate(bytes, offset, "[7]");
            assert!(position.path.starts_with("[7]") && position.excerpt.len() <= 1_000, "{position:?}");
        }
        assert!(json_path::beginning(bytes).len() <= 1_000);

        // Values of these names are never shown.
        let Some(text) = str::from_utf8(bytes).ok().filter(|_| is_json) else { return };
        let text = format!(
            r#"{{"a":{text},"token":"SECRETVALUE","api_key":["SECRETVALUE",[{text},"SECRETVALUE"]],"b":{text}}}"#
        );
        let secrets = text.match_indices("SECRETVALUE").map(|(at, _)| at);
        for offset in secrets.flat_map(|at| [at.saturating_sub(100), at - 1, at, at + 5, at + 11, at + 90]).chain([0]) {
            let position = json_path::locate(text.as_bytes(), offset.min(text.len()), "");
            for part in ["SECRETVALUE", "SECRET", "VALUE"] {
                assert!(!position.excerpt.contains(part) && !position.path.contains(part), "{offset}: {position:?}");
            }
        }
    });
}
