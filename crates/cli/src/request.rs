//! From a target and its fields to a request, checked before anything is sent.

use crate::args::Assignment;
use crate::failure::Failure;
use crate::files;
use crate::suggest;
use crate::target::Target;
use crate::values::{self, Problem};
use glabflow_contract::descriptor::{Body, Descriptor, Output, Paging, Param};
use glabflow_contract::index::{self, LazyIndex, Operation, Parameter, TypeRef};
use glabflow_contract::{Arg, Location, Method, Request, Upload};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The id that requests to paths outside the schema go by.
pub(crate) const UNKNOWN: &str = "raw";

/// What a request is made of besides its target.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts<'a> {
    /// Parameters whose values are checked.
    pub(crate) fields: &'a [Assignment],
    /// Parameters that go out as they are.
    pub(crate) raw_fields: &'a [Assignment],
    /// Where the body comes from.
    pub(crate) input: Option<&'a Path>,
    /// Whether a list is to be read in its own order. Keyset pagination orders it by id, which begins at the other end.
    pub(crate) in_order: bool,
}

/// Builds the request that a command line asks for.
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

/// The value of a field of which no type is known: `true`, `false`, `null` and whole numbers are what they look like.
fn guess(text: &str) -> Arg {
    match text {
        "true" => Arg::Bool(true),
        "false" => Arg::Bool(false),
        "null" => Arg::Null,
        _ => text.parse().map_or_else(|_| Arg::Text(text.to_owned()), Arg::Int),
    }
}

/// A request in the making: an operation, what it lacks in the schema, and the values so far.
struct Draft {
    index: &'static LazyIndex,
    operation: Option<&'static Operation>,
    descriptor: Descriptor,
    /// Parameters that the schema does not know; they follow the known ones.
    extra: Vec<Param>,
    values: BTreeMap<usize, Arg>,
}

impl Draft {
    fn known(index: &'static LazyIndex, operation: &'static Operation) -> Self {
        let descriptor = operation.descriptor();
        Draft { index, operation: Some(operation), descriptor, extra: Vec::new(), values: BTreeMap::new() }
    }

    fn unknown(index: &'static LazyIndex, method: Method, path: String, placeholders: Vec<String>) -> Self {
        let descriptor = Descriptor {
            id: UNKNOWN,
            tag: UNKNOWN,
            method,
            path: path.leak(),
            params: &[],
            body: if takes_query(method) { Body::None } else { Body::Json },
            output: Output::Json,
            paging: Paging::Offset,
            ranges: &[],
            idempotent: method.is_idempotent(),
            deprecated: false,
            docs: None,
        };
        let extra = placeholders.into_iter().map(|name| Param::path(name.leak())).collect();
        Draft { index, operation: None, descriptor, extra, values: BTreeMap::new() }
    }

    fn parameters(&self) -> &'static [Parameter] {
        self.operation.map_or(&[], |operation| &operation.params)
    }

    /// The position of a parameter of the schema. A name that several places share means the first free one.
    fn find(&self, name: &str) -> Option<(usize, &'static Parameter)> {
        let plain = plain(name);
        let fits = |(_, param): &(usize, &Parameter)| self::plain(&param.name) == plain || param.rust_name == plain;
        let mut found: Vec<_> = self.parameters().iter().enumerate().filter(fits).collect();
        // The name on the wire goes before the name in Rust.
        found.sort_by_key(|(at, param)| (self::plain(&param.name) != plain, self.values.contains_key(at)));
        found.into_iter().next()
    }

    /// A value that stood in the path.
    fn set_path(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let at = self.parameters().iter().position(|param| param.location == Location::Path && param.name == name);
        let Some(at) = at else { return Err(self.unknown_name(name)) };
        let param = &self.parameters()[at];
        let value = values::from_text(self.index, &param.ty, value).map_err(|problem| self.wrong(name, problem))?;
        self.values.insert(at, value);
        Ok(())
    }

    /// A field as it stands on the command line, where `@` begins the name of a file.
    fn set_field(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        let Some(path) = value.strip_prefix('@') else { return self.set(name, value) };
        let path = Path::new(path);
        let ty = match self.find(name) {
            Some((at, param)) if is_file(&param.ty) => {
                let value = Arg::File(files::upload(path)?);
                return self.insert(at, param, value);
            }
            Some((_, param)) => Some(&param.ty),
            // It may still be a member of an object.
            None if name.ends_with(']') => None,
            None => return Err(self.unknown_name(name)),
        };
        let text = files::text(path)?;
        // Editors end a file with a line break, which belongs to texts alone.
        let is_text = ty.is_none_or(|ty| *ty == TypeRef::String);
        self.set(name, if is_text { &text } else { text.trim_end_matches(['\r', '\n']) })
    }

    fn set(&mut self, name: &str, text: &str) -> Result<(), Failure> {
        let Some((at, param)) = self.find(name) else {
            // Names of parameters may hold brackets themselves, as `not[labels]` does.
            let member = name.strip_suffix(']').and_then(|name| name.split_once('['));
            return match member.and_then(|(base, member)| Some((self.find(base)?, member))) {
                Some(((at, param), member)) => self.set_member(at, param, member, text),
                None => Err(self.unknown_name(name)),
            };
        };
        let value = if param.nullable && text == "null" {
            Arg::Null
        } else if let (TypeRef::List(item), true) = (&param.ty, param.comma && !text.starts_with('[')) {
            let items = text.split(',').map(|text| values::from_text(self.index, item, text));
            Arg::List(items.collect::<Result<_, _>>().map_err(|problem| self.wrong(name, problem))?)
        } else {
            values::from_text(self.index, &param.ty, text).map_err(|problem| self.wrong(name, problem))?
        };
        self.insert(at, param, value)
    }

    /// `name[member]=value`.
    fn set_member(&mut self, at: usize, param: &Parameter, member: &str, text: &str) -> Result<(), Failure> {
        let name = format!("{}[{member}]", plain(&param.name));
        let value = values::member_type(self.index, &param.ty, member)
            .and_then(|ty| values::from_text(self.index, &ty, text))
            .map_err(|problem| self.wrong(&name, problem))?;
        match self.values.entry(at).or_insert_with(|| Arg::Map(BTreeMap::new())) {
            Arg::Map(members) => {
                members.insert(member.to_owned(), value);
                Ok(())
            }
            _ => Err(self.wrong(&name, "is set as a whole and by member".to_owned())),
        }
    }

    /// Sets a value; a list grows, anything else can be set once.
    fn insert(&mut self, at: usize, param: &Parameter, value: Arg) -> Result<(), Failure> {
        match (self.values.get_mut(&at), value) {
            (None, value) => {
                self.values.insert(at, value);
            }
            (Some(Arg::List(items)), Arg::List(more)) => items.extend(more),
            _ => return Err(self.wrong(&param.name, "is set twice".to_owned())),
        }
        Ok(())
    }

    /// A value that is not checked, for a parameter that the schema may not know.
    fn set_raw(&mut self, name: &str, value: Arg) -> Result<(), Failure> {
        if let Some((at, param)) = self.find(name) {
            let value = if matches!(param.ty, TypeRef::List(_)) { Arg::List(vec![value]) } else { value };
            return self.insert(at, param, value);
        }
        let in_path = self.extra.iter().any(|param| param.location == Location::Path && param.name == name);
        let location = match self.descriptor.body {
            _ if in_path => Location::Path,
            Body::Json | Body::Multipart if !takes_query(self.descriptor.method) => Location::Body,
            Body::None if !takes_query(self.descriptor.method) => {
                self.descriptor.body = Body::Json;
                Location::Body
            }
            _ => Location::Query,
        };
        self.set_unknown(name, value, location);
        Ok(())
    }

    fn set_unknown(&mut self, name: &str, value: Arg, location: Location) {
        let same = |param: &Param| param.location == location && plain(param.name) == plain(name);
        let at = match self.extra.iter().position(same) {
            Some(at) => at,
            None => {
                let name = name.to_owned().leak();
                self.extra.push(match location {
                    Location::Body => Param::body(plain(name)),
                    _ => Param::query(name),
                });
                self.extra.len() - 1
            }
        };
        let position = self.parameters().len() + at;
        let value = match (self.values.remove(&position), value) {
            (Some(Arg::List(mut items)), value) => {
                items.push(value);
                Arg::List(items)
            }
            (Some(first), value) => Arg::List(vec![first, value]),
            (None, value) if name.ends_with("[]") => Arg::List(vec![value]),
            (None, value) => value,
        };
        self.values.insert(position, value);
    }

    /// The body of a request to a path that the schema does not know: these very bytes.
    fn set_unknown_body(&mut self, bytes: Vec<u8>) {
        self.descriptor.body = Body::Raw("application/json");
        self.extra.push(Param::body("body"));
        self.values.insert(self.extra.len() - 1, Arg::File(Upload::bytes("body", bytes)));
    }

    /// `--input` of an operation: its one file, or a JSON object of body parameters.
    fn set_input(&mut self, path: &Path) -> Result<(), Failure> {
        if let Body::Raw(_) = self.descriptor.body
            && let Some(at) = self.parameters().iter().position(|param| param.location == Location::Body)
        {
            self.values.insert(at, Arg::File(files::upload(path)?));
            return Ok(());
        }
        let source = path.display();
        let value: Value = serde_json::from_slice(&files::bytes(path)?)
            .map_err(|error| Failure::usage(format!("the input `{source}` is not JSON: {error}")))?;
        let Value::Object(members) = value else {
            return Err(Failure::usage(format!("the input `{source}` must be a JSON object of body parameters")));
        };
        for (name, value) in members {
            let body = |param: &Parameter| param.location == Location::Body && plain(&param.name) == name;
            let Some(at) = self.parameters().iter().position(body) else {
                return Err(self.unknown_name(&name));
            };
            let value = values::from_json(self.index, &self.parameters()[at].ty, value)
                .map_err(|problem| self.wrong(&name, problem))?;
            let value = if matches!(value, Arg::Json(Value::Null)) { Arg::Null } else { value };
            self.values.insert(at, value);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Request, Failure> {
        self.check_required()?;
        if !self.extra.is_empty() {
            let known = self.descriptor.params.iter().copied();
            self.descriptor.params = Vec::leak(known.chain(self.extra).collect());
        }
        let mut request = Request::new(Box::leak(Box::new(self.descriptor)));
        for (at, value) in self.values {
            let position = u16::try_from(at).map_err(|_| Failure::usage("too many fields"))?;
            request.set(position, value);
        }
        match request.encode() {
            Ok(_) => Ok(request),
            Err(error) => Err(Failure::usage(error.to_string())),
        }
    }

    /// Everything that is missing, in one message.
    fn check_required(&self) -> Result<(), Failure> {
        let unset = |at: usize| !self.values.contains_key(&at);
        let known = self.parameters().iter().enumerate().filter(|(at, param)| param.required && unset(*at));
        let mut missing: Vec<String> = known
            .map(|(_, param)| format!("--field {}=... ({})", param.name, values::describe(self.index, &param.ty)))
            .collect();
        let offset = self.parameters().len();
        let extra = self.extra.iter().enumerate().filter(|(at, param)| param.required && unset(offset + at));
        missing.extend(extra.map(|(_, param)| format!("--field {}=...", param.name)));
        if missing.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(format!("{} needs {}", self.descriptor.id, missing.join(", "))).hint(self.show()))
    }

    fn wrong(&self, name: &str, problem: Problem) -> Failure {
        Failure::usage(format!("{}: parameter `{name}` {problem}", self.descriptor.id))
    }

    fn unknown_name(&self, name: &str) -> Failure {
        let names = self.parameters().iter().map(|param| plain(&param.name));
        let question = suggest::question(plain(name), names);
        Failure::usage(format!("{} has no parameter `{name}`{question}", self.descriptor.id))
            .hint(format!("{}; --raw-field sends a parameter that the schema does not know", self.show()))
    }

    fn show(&self) -> String {
        format!("`gl operations show {}` lists the parameters", self.descriptor.id)
    }
}

/// Whether the fields of a request go to its query, as far as the schema does not say.
fn takes_query(method: Method) -> bool {
    matches!(method, Method::Get | Method::Head | Method::Delete)
}

/// A parameter's name without the brackets of a list.
fn plain(name: &str) -> &str {
    name.strip_suffix("[]").unwrap_or(name)
}

fn is_file(ty: &TypeRef) -> bool {
    match ty {
        TypeRef::File => true,
        TypeRef::List(item) => is_file(item),
        _ => false,
    }
}

/// Whether an operation answers with a list that can be read page by page.
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
    fn fields_travel_where_the_schema_says() {
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
    fn raw_fields_are_sent_as_they_are() {
        assert_eq!(line("list_projects", &[], &["new=@x", "archived=maybe"]), "GET /projects?archived=maybe&new=%40x");
        assert_eq!(
            line("create_project", &["name=x"], &["description=null", "new=1", "new=2"]),
            r#"POST /projects {"name":"x","description":"null","new":["1","2"]}"#
        );
    }

    #[test]
    fn unknown_paths_take_fields_by_method() {
        assert_eq!(line("new/:thing", &["thing=a/b", "deep=true"], &[]), "GET /new/a%2Fb?deep=true");
        assert_eq!(line("new?a=1&a=2", &[], &[]), "GET /new?a[]=1&a[]=2");
        assert_eq!(
            line("POST new/thing", &["count=2", "ids[]=1", "text=x"], &["raw=1"]),
            r#"POST /new/thing {"count":2,"ids":[1],"text":"x","raw":"1"}"#
        );
    }

    #[test]
    fn mistakes_are_found_before_anything_is_sent() {
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
                "get_project_issue needs --field id=... (id or full path), --field issue_iid=... (integer)",
            ),
            ("projects/1/issues/x", &[], "get_project_issue: parameter `issue_iid` must be a whole number (got `x`)"),
            ("list_projects", &["archived=true", "archived=true"], "list_projects: parameter `archived` is set twice"),
            ("new/:thing", &[], "raw needs --field thing=..."),
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
    fn values_and_bodies_come_from_files() {
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
        assert!(package.is_ok(), "an unknown path under GET goes out as it is");
        let package = request("PUT projects/1/packages/a.zip", &[], &[], Some(&avatar)).unwrap();
        assert!(show(&package).starts_with("PUT /projects/1/packages/a.zip application/octet-stream"));
        let raw = request("POST new/thing", &["a=1"], &[], Some(&body)).unwrap();
        assert!(show(&raw).starts_with("POST /new/thing?a=1 application/json"), "{}", show(&raw));
        assert!(request("create_project", &["name=@/does/not/exist"], &[], None).is_err());
    }

    #[test]
    fn a_list_can_be_read_in_its_own_order() {
        let paging = |in_order| {
            let target = Target::resolve(&INDEX, &["list_projects".to_owned()]).unwrap();
            build(&INDEX, target, Parts { in_order, ..Parts::default() }).unwrap().descriptor().paging
        };
        assert!(matches!(paging(false), Paging::Keyset(_)));
        assert_eq!(paging(true), Paging::Offset);
    }

    proptest::proptest! {
        #[test]
        fn any_command_line_is_understood_or_refused(
            path in "[a-z/:{}%2.?&=\\[\\]é]{0,24}",
            method in proptest::option::of("(GET|POST|PUT|DELETE|x)"),
            known in proptest::bool::ANY,
            name in "(id|labels|policy|iids|not)?[\\[\\]a-z]{0,6}",
            value in "[^@]{0,12}",
        ) {
            let path = if known { format!("projects/{path}") } else { path };
            let words: Vec<String> = method.into_iter().chain([path]).collect();
            let fields = [Assignment { name, value }];
            // What comes of it does not matter here: an answer does, whatever was typed.
            let _ = Target::resolve(&INDEX, &words).and_then(|target| {
                build(&INDEX, target, Parts { fields: &fields, raw_fields: &fields, ..Parts::default() })
            });
        }
    }

    #[test]
    fn secrets_are_not_repeated_in_messages() {
        let request = request("create_project", &["name=x", "import_token=hunter2"], &[], None).unwrap();
        assert!(!format!("{request:?}").contains("hunter2"));
    }
}
