//! Builds a request from a target and the flags of a command line.

use super::draft::Draft;
use crate::args::Assignment;
use crate::failure::Failure;
use crate::files;
use crate::target::Target;
use glabflow_contract::descriptor::Paging;
use glabflow_contract::index::{self, LazyIndex, Operation};
use glabflow_contract::{Arg, Location, Request};
use std::path::Path;

/// The parts of a request besides its target.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    /// Parameters whose values are checked.
    pub(crate) fields: &'a [Assignment],
    /// Parameters that are sent unchanged.
    pub(crate) raw_fields: &'a [Assignment],
    /// The file of the body.
    pub(crate) input: Option<&'a Path>,
    /// Whether to read a list in its own order. Keyset pagination would order it by id.
    pub(crate) in_order: bool,
}

/// Builds the request of a command line.
pub(crate) fn build(index: &'static LazyIndex, target: Target, parts: Parts<'_>) -> Result<Request, Failure> {
    let Parts { fields, raw_fields, input, in_order } = parts;
    match target {
        Target::Known { operation, values, renamed, query } => {
            let mut draft = Draft::known(index, operation);
            if in_order && let Paging::Keyset(_) = draft.descriptor.paging {
                draft.descriptor.paging = Paging::Offset;
            }
            for (name, value) in &values {
                draft.set_path(name, value)?;
            }
            for (name, value) in &query {
                draft.set(name, value)?;
            }
            if let Some(input) = input {
                draft.set_input(input)?;
            }
            let rename = |name: &str| {
                renamed
                    .iter()
                    .find(|(written, _)| written == name)
                    .map_or_else(|| name.to_owned(), |(_, to)| (*to).to_owned())
            };
            for field in fields {
                draft.set_field(&rename(&field.name), &field.value)?;
            }
            for field in raw_fields {
                draft.set_raw(&rename(&field.name), Arg::Text(field.value.clone()))?;
            }
            draft.finish()
        }
        Target::Unknown { method, path, placeholders, query, .. } => {
            let mut draft = Draft::unknown(index, method, path, placeholders);
            for (name, value) in query {
                draft.set_unknown(&name, Arg::Text(value), Location::Query);
            }
            if let Some(input) = input {
                draft.set_unknown_body(files::bytes(input)?);
            }
            for field in fields {
                let value = match field.value.strip_prefix('@') {
                    Some(path) => Arg::Text(files::text(Path::new(path))?),
                    None => guess(&field.value),
                };
                draft.set_raw(&field.name, value)?;
            }
            for field in raw_fields {
                draft.set_raw(&field.name, Arg::Text(field.value.clone()))?;
            }
            draft.finish()
        }
    }
}

/// The value of a field of unknown type: `true`, `false`, `null` and whole numbers keep their JSON type.
fn guess(text: &str) -> Arg {
    match text {
        "true" => Arg::Bool(true),
        "false" => Arg::Bool(false),
        "null" => Arg::Null,
        _ => text.parse().map_or_else(|_| Arg::Text(text.to_owned()), Arg::Int),
    }
}

/// Whether an operation responds with a list that can be read page by page.
pub(crate) fn is_list(operation: &Operation) -> bool {
    operation.method.is_read() && matches!(operation.output, index::Output::List(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_index::INDEX;
    use glabflow_contract::Payload;
    use std::fs;

    fn assignments(fields: &[&str]) -> Vec<Assignment> {
        fields
            .iter()
            .map(|field| {
                let (name, value) = field.split_once('=').unwrap();
                Assignment { name: name.to_owned(), value: value.to_owned() }
            })
            .collect()
    }

    fn request(line: &str, fields: &[&str], raw: &[&str], input: Option<&Path>) -> Result<Request, Failure> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let target = Target::resolve(&INDEX, &words)?;
        let (fields, raw_fields) = (assignments(fields), assignments(raw));
        build(&INDEX, target, Parts { fields: &fields, raw_fields: &raw_fields, input, in_order: false })
    }

    /// The request as one line: method, path, query, body.
    fn line(line: &str, fields: &[&str], raw: &[&str]) -> String {
        show(&request(line, fields, raw, None).unwrap_or_else(|failure| panic!("{line}: {failure}")))
    }

    fn show(request: &Request) -> String {
        let encoded = request.encode().unwrap();
        let mut out = format!("{} {}", encoded.method, encoded.path);
        if !encoded.query.is_empty() {
            out.push_str(&format!("?{}", encoded.query));
        }
        match encoded.payload {
            Payload::Empty => {}
            Payload::Json(bytes) => out.push_str(&format!(" {}", String::from_utf8(bytes).unwrap())),
            Payload::Multipart(parts) => {
                out.push_str(&format!(" multipart {:?}", parts.iter().map(|(name, _)| name).collect::<Vec<_>>()));
            }
            Payload::Raw(upload, content_type) => out.push_str(&format!(" {content_type} {upload:?}")),
        }
        out
    }

    fn mistake(command: &str, fields: &[&str]) -> String {
        request(command, fields, &[], None).unwrap_err().to_string()
    }

    #[test]
    fn fields_are_sent_where_the_schema_says() {
        let cases: [(&str, &[&str], &str); 10] = [
            ("list_projects", &["archived=false", "order_by=id"], "GET /projects?archived=false&order_by=id"),
            ("get_project", &["id=group/sub/project"], "GET /projects/group%2Fsub%2Fproject"),
            ("projects/:id/issues", &["id=7", "iids=1", "iids[]=2"], "GET /projects/7/issues?iids[]=1&iids[]=2"),
            ("projects/:project", &["project=7"], "GET /projects/7"),
            ("projects/7/issues?not[labels]=x", &["not[iids]=1"], "GET /projects/7/issues?not[labels]=x&not[iids][]=1"),
            ("projects/7/issues", &[r#"labels=["a b","c"]"#], "GET /projects/7/issues?labels=a%20b%2Cc"),
            ("projects/7/issues?state=opened", &["labels=a,b"], "GET /projects/7/issues?state=opened&labels=a%2Cb"),
            ("create_project", &["name=12", "description=null"], r#"POST /projects {"name":"12","description":null}"#),
            (
                "create_project",
                &["name=x", "topics=a", "topics=b", "policy[enabled]=true", "variables[A]=1"],
                r#"POST /projects {"name":"x","topics":["a","b"],"policy":{"enabled":true},"variables":{"A":"1"}}"#,
            ),
            (
                "create_project",
                &["name=x", r#"policy={"keep_n":3}"#],
                r#"POST /projects {"name":"x","policy":{"keep_n":3}}"#,
            ),
        ];
        for (command, fields, expected) in cases {
            assert_eq!(line(command, fields, &[]), expected);
        }
    }

    #[test]
    fn raw_fields_are_sent_unchanged() {
        assert_eq!(line("list_projects", &[], &["new=@x", "archived=maybe"]), "GET /projects?archived=maybe&new=%40x");
        assert_eq!(
            line("create_project", &["name=x"], &["description=null", "new=1", "new=2"]),
            r#"POST /projects {"name":"x","description":"null","new":["1","2"]}"#
        );
    }

    #[test]
    fn fields_of_unknown_paths_are_placed_by_method() {
        assert_eq!(line("new/:thing", &["thing=a/b", "deep=true"], &[]), "GET /new/a%2Fb?deep=true");
        assert_eq!(line("new?a=1&a=2", &[], &[]), "GET /new?a[]=1&a[]=2");
        assert_eq!(
            line("POST new/thing", &["count=2", "ids[]=1", "text=x"], &["raw=1"]),
            r#"POST /new/thing {"count":2,"ids":[1],"text":"x","raw":"1"}"#
        );
    }

    #[test]
    fn mistakes_are_found_before_sending() {
        let cases: [(&str, &[&str], &str); 7] = [
            ("list_projects", &["archive=true"], "list_projects has no parameter `archive` (did you mean `archived`?)"),
            (
                "list_projects",
                &["archived=maybe"],
                "list_projects: parameter `archived` must be true or false (got `maybe`)",
            ),
            (
                "get_project_issue",
                &[],
                "get_project_issue requires --field id=... (id or full path), --field issue_iid=... (integer)",
            ),
            ("projects/1/issues/x", &[], "get_project_issue: parameter `issue_iid` must be a whole number (got `x`)"),
            ("list_projects", &["archived=true", "archived=true"], "list_projects: parameter `archived` is set twice"),
            ("new/:thing", &[], "raw requires --field thing=..."),
            (
                "create_project",
                &["name=x", "policy[on]=1"],
                "create_project: parameter `policy[on]` has no member `on`; it has `enabled`, `keep_n`",
            ),
        ];
        for (command, fields, expected) in cases {
            assert_eq!(mistake(command, fields), expected);
        }
    }

    #[test]
    fn values_and_bodies_are_read_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let text = file("text", "two\nlines\n");
        let at = |name: &str, path: &Path| format!("{name}=@{}", path.display());
        assert_eq!(
            line("create_project", &["name=x", &at("description", &text)], &[]),
            r#"POST /projects {"name":"x","description":"two\nlines\n"}"#
        );
        assert_eq!(
            line("create_project", &["name=x", &at("variables[A]", &text)], &[]),
            r#"POST /projects {"name":"x","variables":{"A":"two\nlines\n"}}"#
        );
        let avatar = file("avatar.png", "png");
        assert_eq!(
            line("create_project", &["name=x", &at("avatar", &avatar)], &[]),
            r#"POST /projects multipart ["name", "avatar"]"#
        );
        let body = file("body.json", r#"{"description": null, "topics": ["a"]}"#);
        let with_input = request("create_project", &["name=x"], &[], Some(&body)).unwrap();
        assert_eq!(show(&with_input), r#"POST /projects {"name":"x","description":null,"topics":["a"]}"#);
        let wrong = file("wrong.json", r#"{"topic": []}"#);
        let message = request("create_project", &["name=x"], &[], Some(&wrong)).unwrap_err().to_string();
        assert_eq!(message, "create_project has no parameter `topic` (did you mean `topics`?)");
        let package = request("projects/1/packages/a.zip", &[], &[], None).map(|request| show(&request));
        assert!(package.is_ok(), "an unknown path is sent unchanged with GET");
        let package = request("PUT projects/1/packages/a.zip", &[], &[], Some(&avatar)).unwrap();
        assert!(show(&package).starts_with("PUT /projects/1/packages/a.zip application/octet-stream"));
        let raw = request("POST new/thing", &["a=1"], &[], Some(&body)).unwrap();
        assert!(show(&raw).starts_with("POST /new/thing?a=1 application/json"), "{}", show(&raw));
        assert!(request("create_project", &["name=@/does/not/exist"], &[], None).is_err());
    }

    #[test]
    fn list_is_read_in_its_own_order_on_request() {
        let paging = |in_order| {
            let target = Target::resolve(&INDEX, &["list_projects".to_owned()]).unwrap();
            build(&INDEX, target, Parts { in_order, ..Parts::default() }).unwrap().descriptor().paging
        };
        assert!(matches!(paging(false), Paging::Keyset(_)));
        assert_eq!(paging(true), Paging::Offset);
    }

    proptest::proptest! {
        #[test]
        fn no_command_line_panics(
            path in "[a-z/:{}%2.?&=\\[\\]é]{0,24}",
            method in proptest::option::of("(GET|POST|PUT|DELETE|x)"),
            known in proptest::bool::ANY,
            name in "(id|labels|policy|iids|not)?[\\[\\]a-z]{0,6}",
            value in "[^@]{0,12}",
        ) {
            let path = if known { format!("projects/{path}") } else { path };
            let words: Vec<String> = method.into_iter().chain([path]).collect();
            let fields = [Assignment { name, value }];
            // Any result is fine, but there must be no panic.
            let _ = Target::resolve(&INDEX, &words).and_then(|target| {
                build(&INDEX, target, Parts { fields: &fields, raw_fields: &fields, ..Parts::default() })
            });
        }
    }

    #[test]
    fn secrets_are_not_in_messages() {
        let request = request("create_project", &["name=x", "import_token=hunter2"], &[], None).unwrap();
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
