//! The golden code behaves as its schema defines.

use glabflow_codegen_golden::{
    answers::Answers, bodies::Bodies, deprecated::Deprecated, enums::Enums, names::Names, paging::PagingHandle,
    places::Places, recursion::Recursion, types, uploads::Uploads,
};
use glabflow_contract::encode::Part;
use glabflow_contract::{
    Encoded, IdOrName, Null, OpenEnum, Operation, Output, Paging, Payload, Secret, Unbound, Upload, decode,
};
use serde_json::{Value, json};

fn encoded(operation: impl Operation) -> Encoded {
    operation.into_request().encode().expect("the request can be encoded")
}

fn body(operation: impl Operation) -> Value {
    match encoded(operation).payload {
        Payload::Json(bytes) => serde_json::from_slice(&bytes).expect("the body is JSON"),
        other => panic!("not JSON: {other:?}"),
    }
}

fn parts(operation: impl Operation) -> Vec<(String, String)> {
    let Payload::Multipart(parts) = encoded(operation).payload else { panic!("not multipart") };
    let text = |part: Part| match part {
        Part::Text(text) => text,
        Part::File(upload) => format!("file {}", upload.name()),
    };
    parts.into_iter().map(|(name, part)| (name, text(part))).collect()
}

#[test]
fn enums_are_open_and_their_values_distinct() {
    let request = Enums::new(Unbound)
        .list()
        .order_by(types::OrderBy::CreatedAt)
        .odd(types::EnumOdd::OtherValue)
        .min_access_level(types::AccessLevel::DEVELOPER)
        .level(2)
        .status([types::EnumStatus::Open, types::EnumStatus::from("odd one")]);
    let query = encoded(request).query;
    assert_eq!(query, "order_by=created_at&odd=other&min_access_level=30&level=2&status[]=open&status[]=odd%20one");
    let variants: Vec<types::EnumOdd> = types::EnumOdd::VALUES.iter().map(|value| (*value).into()).collect();
    for (at, variant) in variants.iter().enumerate() {
        assert_eq!(variants.iter().position(|other| other == variant), Some(at), "{variant:?} is not alone");
        assert_eq!(variant.as_str(), types::EnumOdd::VALUES[at]);
    }
    assert_eq!(types::EnumOdd::from_wire("unheard"), types::EnumOdd::Other("unheard".to_owned()));
    let answer: types::Enumerated =
        decode::from_slice(br#"{"visibility":"hidden","level":"40","states":["open","ajar"]}"#).expect("decoded");
    assert_eq!(answer.visibility, Some(types::Visibility::Other("hidden".to_owned())));
    assert!(answer.level > Some(types::AccessLevel::DEVELOPER));
    assert_eq!(answer.states.len(), 2);
}

#[test]
fn keywords_and_clashing_names_are_renamed() {
    let names = Names::new(Unbound);
    let operation = names.move_name(7, "a/b", "kind").self_("me").send_(true).new_(1).x_1("x").at_id("@");
    assert_eq!(
        body(operation),
        json!({ "type": "kind", "self": "me", "send": true, "new": 1, "X-1": "x", "@id": "@" })
    );
    assert_eq!(encoded(names.move_name(7, "a/b", "kind")).path, "/names/7/move/a%2Fb");
    assert_eq!(encoded(names.find(3)).path, "/names/3");
    assert_eq!(encoded(names.list_for_group("a/b")).path, "/groups/a%2Fb/names");
    assert_eq!(encoded(names.names(3)).path, "/names/3/names");
    let answer: types::Reserved =
        decode::from_slice(br#"{"type":"t","self":"s","match":true,"2fa":false,"camelCase":"a","camel_case":"b"}"#)
            .expect("decoded");
    assert_eq!(answer.type_.as_deref(), Some("t"));
    assert_eq!(answer.n2fa, Some(false));
    assert_eq!((answer.camel_case.as_deref(), answer.camel_case2.as_deref()), (Some("a"), Some("b")));
}

#[test]
fn recursive_types_encode_and_decode() {
    let root = types::NodeInput::new("root").children([types::NodeInput::new("leaf")]);
    let sent = body(Recursion::new(Unbound).create_tree(root));
    assert_eq!(sent, json!({ "root": { "name": "root", "children": [{ "name": "leaf" }] } }));
    let node: types::Node =
        decode::from_slice(br#"{"name":"a","parent":{"name":"b"},"children":null}"#).expect("decoded");
    assert_eq!(node.parent.and_then(|parent| parent.name).as_deref(), Some("b"));
}

#[test]
fn body_fields_can_be_unset_null_or_set() {
    let bodies = Bodies::new(Unbound);
    assert!(matches!(encoded(bodies.update(1, 2)).payload, Payload::Empty));
    let cleared =
        bodies.update(1, 2).description(Null).due_date(Null).weight(Null).label_ids(Null).asset(Null).visibility(Null);
    let nulls = json!({
        "description": null, "due_date": null, "weight": null, "label_ids": null, "asset": null, "visibility": null
    });
    assert_eq!(body(cleared), nulls);
    let set = bodies
        .update(1, 2)
        .title("t")
        .description("d")
        .due_date("2026-01-31")
        .weight(3)
        .label_ids(vec![1_i64, 2])
        .asset(types::Asset::new("n").url(Null))
        .visibility(types::Visibility::Private)
        .password("hidden");
    assert!(!format!("{set:?}").contains("hidden"));
    let expected = json!({
        "title": "t", "description": "d", "due_date": "2026-01-31", "weight": 3, "label_ids": [1, 2],
        "asset": { "name": "n", "url": null }, "visibility": "private", "password": "hidden"
    });
    assert_eq!(body(set), expected);
}

#[test]
fn required_fields_are_arguments() {
    let link = types::LinkInput::new().href("h").rels(["a", "b"]);
    let operation = Bodies::new(Unbound)
        .create("a/b", "title", types::BodyKind::A, [types::Asset::new("n").link(link).default_(true)])
        .variables([("key", "value")])
        .metadata(json!({ "free": [1] }));
    let expected = json!({
        "title": "title", "kind": "a",
        "assets": [{ "name": "n", "link": { "href": "h", "rels": ["a", "b"] }, "default": true }],
        "variables": { "key": "value" }, "metadata": { "free": [1] }
    });
    assert_eq!(body(operation), expected);
}

#[test]
fn files_are_sent_as_parts_or_as_the_body() {
    let uploads = Uploads::new(Unbound);
    let file = || Upload::bytes("a.txt", "content");
    let expected = [("file".to_owned(), "file a.txt".to_owned()), ("note".to_owned(), "n".to_owned())];
    assert_eq!(parts(uploads.upload_file(1, file()).note("n")), expected);
    let raw = encoded(uploads.upload_package(1, "com/example", "a.jar", file()));
    assert_eq!(raw.path, "/projects/1/packages/com/example/a.jar");
    assert!(matches!(raw.payload, Payload::Raw(_, "application/octet-stream")));
    assert_eq!(body(uploads.update_avatar(1).name("n")), json!({ "name": "n" }));
    let expected = [("avatar".to_owned(), "file a.txt".to_owned()), ("name".to_owned(), "n".to_owned())];
    assert_eq!(parts(uploads.update_avatar(1).avatar(file()).name("n")), expected);
}

#[test]
fn arguments_are_sent_in_path_query_and_headers() {
    let operation = Places::new(Unbound)
        .get("group/project", "src/main.rs", "checksum")
        .ids([1, 2])
        .labels(["a", "b"])
        .topic(["x", "y"])
        .filter([("k", "v")])
        .not_author("me")
        .since("2026-01-31T00:00:00+01:00")
        .on("2026-01-31")
        .ratio(0.5)
        .token("t");
    let encoded = encoded(operation);
    assert_eq!(encoded.path, "/projects/group%2Fproject/files/src/main.rs/raw");
    assert_eq!(
        encoded.query,
        "ids=1%2C2&labels=a%2Cb&topic[]=x&topic[]=y&filter[k]=v&not[author]=me&since=2026-01-31T00%3A00%3A00%2B01%3A00\
         &on=2026-01-31&ratio=0.5&token=t"
    );
    assert_eq!(encoded.headers, [("X-Checksum", "checksum".to_owned())]);
}

#[test]
fn paging_matches_the_schema() {
    fn paging<O: Operation>(_: O) -> (Output, Paging, bool) {
        (O::DESCRIPTOR.output, O::DESCRIPTOR.paging, O::DESCRIPTOR.idempotent)
    }
    let handle = PagingHandle::new(Unbound);
    assert_eq!(paging(handle.list_offset()), (Output::List, Paging::Offset, true));
    assert_eq!(paging(handle.list_link()), (Output::List, Paging::Link, true));
    assert_eq!(paging(handle.search()), (Output::List, Paging::Offset, true));
    assert_eq!(paging(handle.create()), (Output::List, Paging::None, true));
    assert_eq!(paging(handle.get(1)), (Output::Json, Paging::None, true));
    let (_, Paging::Keyset(keyset), _) = paging(handle.list_keyset()) else { panic!("not keyset") };
    assert_eq!(
        (keyset.orders, keyset.sorts, keyset.anonymous_only),
        (&["id", "name"][..], &["asc", "desc"][..], false)
    );
}

#[test]
fn responses_decode_leniently() {
    fn output<O: Operation>(_: O) -> Output {
        O::DESCRIPTOR.output
    }
    let answers = Answers::new(Unbound);
    assert_eq!(output(answers.get_any()), Output::Json);
    assert_eq!(output(answers.get_map()), Output::Json);
    assert_eq!(output(answers.get_text()), Output::File("text/plain"));
    assert_eq!(output(answers.check()), Output::Empty);
    assert_eq!(output(answers.delete(1)), Output::Empty);
    let text = r#"{"id":"JIRA-1","flag":"true","ratio":"1.5","created_at":null,"due_on":"2026-01-31T00:00:00Z",
        "runners_token":"hidden","token_expires_at":"soon","any":[1],"free":{"a":1},"counts":{"a":"7"},
        "author":{"id":1},"assignees":{"id":2},"link":{},"nested":{"deep":"d"},"maybe":null,"new":{}}"#;
    let found: types::Everything = decode::from_slice(text.as_bytes()).expect("decoded");
    assert_eq!(found.id, Some(IdOrName::Name("JIRA-1".to_owned())));
    assert_eq!((found.flag, found.ratio, &found.created_at), (Some(true), Some(1.5), &None));
    assert_eq!(found.runners_token, Some(Secret::new("hidden")));
    assert!(!format!("{found:?}").contains("hidden"));
    assert_eq!(found.counts.get("a"), Some(&7));
    assert_eq!(found.assignees[0].id, Some(2));
    assert_eq!(found.nested.as_ref().and_then(|nested| nested.deep.as_deref()), Some("d"));
    let written = serde_json::to_value(&found).expect("written");
    assert_eq!(written["author"], json!({ "id": 1 }));
    assert_eq!(written["free"], json!({ "a": 1 }));
    assert_eq!(written.get("maybe"), None);
    assert_eq!(decode::from_slice::<types::Everything>(b"{}").expect("decoded"), types::Everything::default());
}

#[test]
#[expect(deprecated, reason = "the deprecation is the subject of the test")]
fn deprecated_operations_have_deprecated_attributes() {
    let operation = Deprecated::new(Unbound).get().old("o").new_("n");
    assert_eq!(encoded(operation).query, "old=o&new=n");
}
