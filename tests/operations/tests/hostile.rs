//! No argument leaves its place: one segment of the path, one pair of the query, one header.

use glabflow_contract::argument::Arg;
use glabflow_contract::descriptor::{Location, Param};
use glabflow_contract::{Encoded, Request};

/// Values that try to leave their place.
const HOSTILE: &[&str] = &[
    "a/b",
    "a//b",
    "/",
    "//evil.example/x",
    "http://evil.example/",
    "@evil.example",
    "%2e%2e",
    "%2E%2E%2Fadmin",
    "..%2f..%2fadmin",
    "..%5c..",
    "..\\..\\admin",
    "a\\b",
    "...",
    ".. ",
    "..;",
    "..\t",
    ".\t.",
    "\u{ff0e}\u{ff0e}",
    "a?private_token=x",
    "a#b",
    "a b",
    "a\r\nX-Evil: 1",
    "a HTTP/1.1\r\n\r\nGET /admin",
    "a\0b",
    "%00",
    "%",
    "%zz",
    "a&b=c",
    "a;b=c",
    "a+b",
    "[]",
    "{id}",
    "ä/ü",
    "\u{202e}a",
];

/// Values that are invalid in a path.
const REJECTED: &[&str] = &["", ".", "..", "../..", "a/..", "../a", "a/../b", "a/./b", "/..", "../"];

const ROOT: &str = "https://gitlab.example.com/git/api/v4";

/// A value encoded by RFC 3986, implemented independently.
fn encoded(value: &str, keep_slashes: bool) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slashes && byte == b'/');
    value
        .bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The request of each operation with all arguments, and each of its parameters of a location.
fn requests(location: Location) -> impl Iterator<Item = (Request, &'static Param)> {
    glabflow_samples::cases().flat_map(move |case| {
        let request = (case.request)();
        let params = request.descriptor().params.iter().filter(move |param| param.location == location);
        params.map(move |param| (request.clone(), param)).collect::<Vec<_>>()
    })
}

fn with(mut request: Request, param: &Param, value: &str) -> Request {
    assert!(request.set_named(param.name, param.location, value));
    request
}

#[test]
fn path_arguments_cannot_leave_their_segment() {
    let mut tried = 0;
    for (request, param) in requests(Location::Path) {
        let id = request.descriptor().id;
        let marked = with(request.clone(), param, "MARK").encode().expect(id).path;
        assert_eq!(marked.matches("MARK").count(), 1, "{id}: {marked}");
        for value in HOSTILE {
            let Encoded { path, .. } = with(request.clone(), param, value).encode().expect(id);
            assert_eq!(path, marked.replace("MARK", &encoded(value, param.wildcard)), "{id}: {value:?}");
            // A URL parser, ours or that of a proxy, has nothing to normalise.
            let url = url::Url::parse(&format!("{ROOT}{path}")).expect(id);
            assert_eq!(url.as_str(), format!("{ROOT}{path}"), "{id}: {value:?}");
            tried += 1;
        }
        for value in REJECTED {
            let error = with(request.clone(), param, value).encode().expect_err(id);
            assert_eq!((error.operation, error.parameter), (id, param.name), "{value:?}");
            tried += 1;
        }
    }
    assert!(tried > 10_000, "{tried} values were tried");
}

#[test]
fn query_arguments_cannot_leave_their_pair() {
    let mut tried = 0;
    for (request, param) in requests(Location::Query) {
        let id = request.descriptor().id;
        let marked = with(request.clone(), param, "MARK").encode().expect(id).query;
        for value in HOSTILE.iter().chain(REJECTED) {
            let query = with(request.clone(), param, value).encode().expect(id).query;
            assert_eq!(query, marked.replace("MARK", &encoded(value, false)), "{id}: {value:?}");
            tried += 1;
        }
    }
    assert!(tried > 10_000, "{tried} values were tried");
}

#[test]
fn names_of_map_entries_cannot_leave_their_pair() {
    let map = |name: &str| Arg::Map([(name.to_owned(), Arg::Text("v".to_owned()))].into_iter().collect());
    let (request, param) = requests(Location::Query).next().expect("an operation with a query");
    for name in HOSTILE {
        let mut request = request.clone();
        assert!(request.set_named(param.name, Location::Query, map(name)));
        let query = request.encode().expect("a request").query;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%=&[]".contains(&byte);
        assert!(query.bytes().all(plain), "{query}");
        let pairs = query.split('&').filter(|pair| pair.ends_with("]=v")).count();
        assert_eq!(pairs, 1, "{query}");
    }
}

#[test]
fn header_arguments_with_line_breaks_are_rejected() {
    let mut tried = 0;
    for (request, param) in requests(Location::Header) {
        for value in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\u{7f}b", "a\u{85}b"] {
            assert!(with(request.clone(), param, value).encode().is_err(), "{}: {value:?}", request.descriptor().id);
            tried += 1;
        }
    }
    assert!(tried > 0, "no operation has a header");
}
