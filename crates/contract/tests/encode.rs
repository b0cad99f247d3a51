//! Arguments are encoded as path, query, headers and body.

use glabflow_contract::encode::Part;
use glabflow_contract::{
    Arg, Body, Date, DateTime, Descriptor, IdOrName, IntoArg, Location, Method, Null, Nullable, Output, Paging, Param,
    Payload, Request, Secret, Upload,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const BASE: Descriptor = Descriptor {
    id: "update_thing",
    tag: "things",
    method: Method::Put,
    path: "/projects/{id}/things/{name}/raw",
    params: &[
        Param::path("id"),
        Param::path("name").wildcard(),
        Param::query("search"),
        Param::query("topic[]"),
        Param::query("scopes").comma(),
        Param::query("filter"),
        Param::header("X-Checksum"),
        Param::body("title"),
        Param::body("due_date"),
        Param::body("labels").comma(),
        Param::body("avatar"),
        Param::body("items"),
    ],
    body: Body::Json,
    output: Output::Json,
    paging: Paging::None,
    ranges: &[],
    idempotent: true,
    deprecated: false,
    docs: None,
};

static THING: Descriptor = BASE;
static UPLOAD: Descriptor = Descriptor { body: Body::Raw("application/octet-stream"), ..BASE };
static FORM: Descriptor = Descriptor { body: Body::Multipart, ..BASE };

fn thing(descriptor: &'static Descriptor) -> Request {
    let mut request = Request::new(descriptor);
    request.set_named("id", Location::Path, IdOrName::from("group/sub/project"));
    request.set_named("name", Location::Path, "docs/a b.md");
    request
}

fn with(name: &str, location: Location, value: impl IntoArg) -> Request {
    let mut request = thing(&THING);
    assert!(request.set_named(name, location, value), "{name} is a parameter");
    request
}

fn query(name: &str, value: impl IntoArg) -> String {
    with(name, Location::Query, value).encode().expect("encodes").query
}

fn json(request: &Request) -> serde_json::Value {
    match request.encode().expect("encodes").payload {
        Payload::Json(bytes) => serde_json::from_slice(&bytes).expect("is JSON"),
        other => panic!("expected a JSON body, got {other:?}"),
    }
}

fn problem(request: &Request) -> String {
    request.encode().expect_err("is refused").to_string()
}

#[test]
fn path_argument_is_one_segment_and_wildcard_keeps_slashes() {
    let encoded = thing(&THING).encode().unwrap();
    assert_eq!(encoded.path, "/projects/group%2Fsub%2Fproject/things/docs/a%20b.md/raw");
    assert_eq!(encoded.method, Method::Put);
    assert!(matches!(encoded.payload, Payload::Empty));
}

#[test]
fn a_path_argument_cannot_change_the_path() {
    for bad in ["..", ".", "a/../b", "../../admin", "a/."] {
        for name in ["id", "name"] {
            let found = problem(&with(name, Location::Path, bad));
            assert!(found.contains(&format!("`{name}` must not contain the path segment")), "{bad}: {found}");
        }
    }
    assert!(problem(&with("id", Location::Path, "")).contains("must not be empty"));
    let encoded = with("id", Location::Path, "a?b#c%2F\r\nd").encode().unwrap();
    assert_eq!(encoded.path, "/projects/a%3Fb%23c%252F%0D%0Ad/things/docs/a%20b.md/raw");
}

#[test]
fn missing_required_argument_is_named() {
    assert_eq!(problem(&Request::new(&THING)), "update_thing: parameter `id` is required and was not set");
}

#[test]
fn queries_are_written_for_rails() {
    assert_eq!(query("search", "a&b=c+d/é"), "search=a%26b%3Dc%2Bd%2F%C3%A9");
    assert_eq!(query("topic", vec!["x", "y z"]), "topic[]=x&topic[]=y%20z");
    assert_eq!(query("topic", Vec::<String>::new()), "topic[]=");
    assert_eq!(query("scopes", vec!["api", "read"]), "scopes=api%2Cread");
    assert_eq!(query("filter", BTreeMap::from([("author".to_owned(), "me")])), "filter[author]=me");
    let nested = serde_json::json!([{"key": "a", "value": 1}, {"key": "b", "value": null}]);
    assert_eq!(query("filter", nested), "filter[0][key]=a&filter[0][value]=1&filter[1][key]=b&filter[1][value]=");
    assert_eq!(query("search", DateTime::new("2026-01-31T12:00:00+01:00")), "search=2026-01-31T12%3A00%3A00%2B01%3A00");
}

#[test]
fn last_value_of_an_argument_wins() {
    let mut request = with("search", Location::Query, "first");
    request.set_named("search", Location::Query, "second");
    assert_eq!(request.encode().unwrap().query, "search=second");
}

#[test]
fn body_field_is_unset_null_or_a_value() {
    assert_eq!(json(&with("title", Location::Body, "x")), serde_json::json!({"title": "x"}));
    let mut request = with("title", Location::Body, "x");
    request.set_named("due_date", Location::Body, Nullable::<Date>::from(Null));
    assert_eq!(json(&request), serde_json::json!({"title": "x", "due_date": null}));
    request.set_named("due_date", Location::Body, Nullable::<Date>::from("2026-01-31"));
    assert_eq!(json(&request), serde_json::json!({"title": "x", "due_date": "2026-01-31"}));
    request.set_named("labels", Location::Body, vec!["a", "b"]);
    assert_eq!(json(&request)["labels"], "a,b");
}

#[test]
fn an_invalid_time_is_rejected() {
    let found = problem(&with("due_date", Location::Body, Date::new("tomorrow")));
    assert!(found.contains("`due_date` must be a day such as 2026-01-31 (got `tomorrow`)"), "{found}");
    let found = problem(&with("search", Location::Query, DateTime::new("12:00")));
    assert!(found.contains("must be a time such as"), "{found}");
    assert!(problem(&with("search", Location::Query, f64::NAN)).contains("finite"));
}

#[test]
fn header_value_with_line_break_is_rejected() {
    let encoded = with("X-Checksum", Location::Header, "abc").encode().unwrap();
    assert_eq!(encoded.headers, [("X-Checksum", "abc".to_owned())]);
    assert!(problem(&with("X-Checksum", Location::Header, "abc\r\nX-Evil: 1")).contains("line breaks"));
}

#[test]
fn file_turns_a_json_body_into_multipart() {
    let mut request = with("avatar", Location::Body, Upload::bytes("me.png", &b"png"[..]));
    request.set_named("title", Location::Body, "x");
    request.set_named("items", Location::Body, serde_json::json!([{"k": 1}]));
    let Payload::Multipart(parts) = request.encode().unwrap().payload else { panic!("expected multipart") };
    let names: Vec<_> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["avatar", "title", "items[0][k]"]);
    assert!(matches!(&parts[0].1, Part::File(upload) if upload.name() == "me.png"));
    assert!(matches!(&parts[2].1, Part::Text(text) if text == "1"));
}

#[test]
fn raw_body_is_the_file() {
    let mut request = thing(&UPLOAD);
    request.set_named("avatar", Location::Body, Upload::path("/tmp/some/file.bin"));
    let Payload::Raw(upload, content_type) = request.encode().unwrap().payload else { panic!("expected raw") };
    assert_eq!((upload.name(), content_type), ("file.bin", "application/octet-stream"));
    let mut request = thing(&UPLOAD);
    request.set_named("title", Location::Body, "x");
    assert!(problem(&request).contains("must be a file"));
}

#[test]
fn multipart_body_without_a_file_is_valid() {
    let mut request = thing(&FORM);
    request.set_named("title", Location::Body, true);
    let Payload::Multipart(parts) = request.encode().unwrap().payload else { panic!("expected multipart") };
    assert!(matches!(parts.as_slice(), [(name, Part::Text(text))] if name == "title" && text == "true"));
}

#[test]
fn a_file_outside_a_body_is_rejected() {
    assert!(
        problem(&with("search", Location::Query, Upload::bytes("a", &b""[..]))).contains("cannot be sent in a query")
    );
    assert!(problem(&with("name", Location::Path, vec!["a"])).contains("one plain value in a path"));
}

#[test]
fn debug_shows_arguments_but_no_secrets() {
    let mut request = with("title", Location::Body, Secret::new("hunter2"));
    request.set_named("items", Location::Body, Arg::json(&serde_json::json!({"password": "hunter2"})));
    request.set_named("avatar", Location::Body, Upload::bytes("a.png", &b"hunter2"[..]));
    let shown = format!("{request:?} {:?}", request.encode().unwrap());
    assert!(shown.contains("group/sub/project") && !shown.contains("hunter2"), "{shown}");
}

proptest! {
    #[test]
    fn arbitrary_text_round_trips_through_path_and_query(text in "\\PC{1,40}") {
        prop_assume!(!text.split('/').any(|segment| segment == "." || segment == ".."));
        let mut request = with("search", Location::Query, text.as_str());
        request.set_named("id", Location::Path, text.as_str());
        let encoded = request.encode().unwrap();
        prop_assert!(encoded.path.is_ascii() && encoded.query.is_ascii());
        let segment = encoded.path.strip_prefix("/projects/").unwrap().split('/').next().unwrap();
        prop_assert_eq!(decode(segment), text.clone());
        prop_assert_eq!(decode(encoded.query.strip_prefix("search=").unwrap()), text);
    }
}

/// Percent-decoding, independent of the code under test.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}
