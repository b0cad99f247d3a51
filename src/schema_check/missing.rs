//! What a server's GraphQL schema lacks of what generated documents ask for.
//!
//! Documents are those that the generator writes: a field, an inline fragment or a closing brace on each line.

use glabflow_contract::graphql::{Descriptor, Kind};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// What is asked of a field about its arguments; servers before GitLab 14 or so do not tell of deprecated ones.
pub(super) const ARGUMENTS: &str = "args(includeDeprecated: true) { name }";

/// Asks for the names of everything that a document can name, with the arguments of fields asked for like this.
pub(super) fn introspection(arguments: &str) -> String {
    format!(
        "{{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} \
         types {{ name fields(includeDeprecated: true) {{ name {arguments} \
         type {{ name ofType {{ name ofType {{ name ofType {{ name }} }} }} }} }} }} }} }}"
    )
}

/// A GraphQL operation that the server would refuse, for it lacks what the document asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingOperation {
    /// The operation's id, `project_issues`.
    pub operation: &'static str,
    /// What the server lacks of it: types as `TimelogType`, fields as `Project.issues`, arguments as `Project.issues(iids:)`.
    pub lacks: Vec<String>,
}

/// How many operations are named beside what they lack.
const NAMED: usize = 3;

/// Tells what is missing, each thing with the operations that need it.
pub(super) fn tell(missing: &[MissingOperation], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut needed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for MissingOperation { operation, lacks } in missing {
        for what in lacks {
            needed.entry(what).or_default().push(operation);
        }
    }
    let noun = if missing.len() == 1 { "operation needs" } else { "operations need" };
    write!(f, "\nGraphQL: the server lacks what {} {noun}:", missing.len())?;
    for (what, operations) in needed {
        write!(f, "\n  {what}: {}", operations[..operations.len().min(NAMED)].join(", "))?;
        if operations.len() > NAMED {
            write!(f, " and {} more", operations.len() - NAMED)?;
        }
    }
    Ok(())
}

/// A server's schema, as the introspection gives it.
#[derive(Debug, Deserialize)]
pub(super) struct Introspection {
    #[serde(rename = "__schema")]
    schema: Schema,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    query_type: Option<Name>,
    mutation_type: Option<Name>,
    subscription_type: Option<Name>,
    types: Vec<Type>,
}

#[derive(Debug, Deserialize)]
struct Name {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Type {
    name: String,
    fields: Option<Vec<Field>>,
}

#[derive(Debug, Deserialize)]
struct Field {
    name: String,
    /// `None` where the server was not asked.
    args: Option<Vec<Name>>,
    #[serde(rename = "type")]
    ty: TypeRef,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeRef {
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    fn named(&self) -> Option<&str> {
        let mut ty = self;
        while ty.name.is_none() {
            ty = ty.of_type.as_deref()?;
        }
        ty.name.as_deref()
    }
}

/// A server's types by their names, with their fields by theirs.
pub(super) struct Server<'a> {
    schema: &'a Schema,
    types: HashMap<&'a str, HashMap<&'a str, &'a Field>>,
}

impl<'a> Server<'a> {
    pub(super) fn new(introspection: &'a Introspection) -> Self {
        let schema = &introspection.schema;
        let fields = |ty: &'a Type| ty.fields.iter().flatten().map(|field| (field.name.as_str(), field)).collect();
        Server { schema, types: schema.types.iter().map(|ty| (ty.name.as_str(), fields(ty))).collect() }
    }

    /// The operations that the server would refuse.
    pub(super) fn missing(&self, operations: impl Iterator<Item = &'static Descriptor>) -> Vec<MissingOperation> {
        let lacking = |operation: &'static Descriptor| {
            let lacks: Vec<String> = self.lacks(operation.kind, operation.document).into_iter().collect();
            (!lacks.is_empty()).then_some(MissingOperation { operation: operation.id, lacks })
        };
        operations.filter_map(lacking).collect()
    }

    /// What the server lacks of a document.
    fn lacks(&self, kind: Kind, document: &str) -> BTreeSet<String> {
        let mut lacks = BTreeSet::new();
        // The types whose selections are open; `None` where it is not known, below something that is missing.
        let mut open: Vec<Option<&str>> = Vec::new();
        for line in document.lines().map(str::trim) {
            let (head, opens) = line.strip_suffix('{').map_or((line, false), |head| (head.trim_end(), true));
            let below = if head == "}" {
                open.pop();
                continue;
            } else if open.is_empty() {
                lacks.extend(variable_types(head).filter(|ty| !self.types.contains_key(ty)).map(str::to_owned));
                let (root, name) = match kind {
                    Kind::Query => (&self.schema.query_type, "Query"),
                    Kind::Mutation => (&self.schema.mutation_type, "Mutation"),
                    Kind::Subscription => (&self.schema.subscription_type, "Subscription"),
                };
                let root = root.as_ref().map_or(name, |root| root.name.as_str());
                self.known(root, &mut lacks)
            } else if let Some(ty) = head.strip_prefix("... on ") {
                self.known(ty, &mut lacks)
            } else {
                let owner = open.last().copied().flatten();
                owner.and_then(|owner| self.field(owner, head, &mut lacks))
            };
            if opens {
                open.push(below);
            }
        }
        lacks
    }

    /// The type, if the server has it.
    fn known<'b>(&self, ty: &'b str, lacks: &mut BTreeSet<String>) -> Option<&'b str> {
        if self.types.contains_key(ty) {
            return Some(ty);
        }
        lacks.insert(ty.to_owned());
        None
    }

    /// The type of a field as it stands in a document, `alias: name(argument: $variable)`.
    fn field(&self, owner: &str, text: &str, lacks: &mut BTreeSet<String>) -> Option<&'a str> {
        let (name, arguments) = text.split_once('(').unwrap_or((text, ""));
        let name = name.rsplit_once(' ').map_or(name, |(_alias, name)| name);
        if name == "__typename" {
            return None;
        }
        let Some(field) = self.types.get(owner).and_then(|fields| fields.get(name)) else {
            lacks.insert(format!("{owner}.{name}"));
            return None;
        };
        for argument in arguments.split(", ").filter_map(|argument| argument.split_once(": ")).map(|(name, _)| name) {
            if field.args.as_ref().is_some_and(|known| known.iter().all(|known| known.name != argument)) {
                lacks.insert(format!("{owner}.{name}({argument}:)"));
            }
        }
        field.ty.named()
    }
}

/// The names of the variables' types in an operation's first line, `query Name($a: [ID!]!, $b: Int = 100)`.
fn variable_types(head: &str) -> impl Iterator<Item = &str> {
    let declared = head.split_once('(').map_or("", |(_, declared)| declared);
    let ty = |declaration: &'_ str| -> Option<(usize, usize)> {
        let start = declaration.find(": ")? + 2;
        let end = declaration.find(" = ").unwrap_or(declaration.len());
        (start < end).then_some((start, end))
    };
    declared.split(", $").filter_map(move |declaration| {
        let (start, end) = ty(declaration)?;
        Some(declaration[start..end].trim_matches(|c| matches!(c, '[' | ']' | '!' | ')')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const DOCUMENT: &str = "query ProjectThingsQuery($fullPath: ID!, $kinds: [ThingKind!], $first: Int = 100) {
  project(fullPath: $fullPath) {
    things(kinds: $kinds, first: $first) {
      nodes {
        __typename
        ... on Bolt {
          size
        }
        ... on Nut {
          size__Nut: size
          owner {
            id
          }
        }
      }
      pageInfo {
        endCursor
      }
    }
  }
}
";

    fn field(name: &str, args: &[&str], ty: &str) -> Value {
        let args: Vec<Value> = args.iter().map(|name| json!({ "name": name })).collect();
        json!({"name": name, "args": args, "type": {"name": null, "ofType": {"name": ty}}})
    }

    fn server() -> Value {
        json!({"__schema": {
            "queryType": {"name": "Root"}, "mutationType": null, "subscriptionType": null,
            "types": [
                {"name": "Root", "fields": [field("project", &["fullPath"], "Project")]},
                {"name": "Project", "fields": [field("things", &["kinds", "first"], "ThingConnection")]},
                {"name": "ThingConnection", "fields": [field("nodes", &[], "Thing"), field("pageInfo", &[], "PageInfo")]},
                {"name": "Thing", "fields": null},
                {"name": "Bolt", "fields": [field("size", &[], "Int")]},
                {"name": "Nut", "fields": [field("size", &[], "Float"), field("owner", &[], "User")]},
                {"name": "User", "fields": [field("id", &[], "ID")]},
                {"name": "PageInfo", "fields": [field("endCursor", &[], "String")]},
                {"name": "ID", "fields": null}, {"name": "Int", "fields": null}, {"name": "ThingKind", "fields": null},
            ],
        }})
    }

    fn lacks(server: Value) -> Vec<String> {
        let introspection: Introspection = serde_json::from_value(server).expect("a schema");
        Server::new(&introspection).lacks(Kind::Query, DOCUMENT).into_iter().collect()
    }

    #[test]
    fn a_server_that_has_everything_lacks_nothing() {
        assert_eq!(lacks(server()), Vec::<String>::new());
    }

    #[test]
    fn each_name_of_a_document_may_be_missing() {
        let without = |pointer: &str, name: &str| {
            let mut server = server();
            let list = server.pointer_mut(pointer).and_then(Value::as_array_mut).expect("a list");
            let before = list.len();
            list.retain(|item| item["name"] != name);
            assert!(list.len() < before, "{pointer} {name}");
            lacks(server)
        };
        let types = "/__schema/types";
        for (pointer, name, missing) in [
            (types.to_owned(), "ThingKind", "ThingKind"),
            (types.to_owned(), "Nut", "Nut"),
            (format!("{types}/0/fields"), "project", "Root.project"),
            (format!("{types}/1/fields"), "things", "Project.things"),
            (format!("{types}/1/fields/0/args"), "kinds", "Project.things(kinds:)"),
            (format!("{types}/5/fields"), "size", "Nut.size"),
            (format!("{types}/6/fields"), "id", "User.id"),
            (format!("{types}/7/fields"), "endCursor", "PageInfo.endCursor"),
        ] {
            assert_eq!(without(&pointer, name), [missing], "{pointer} {name}");
        }
    }

    #[test]
    fn arguments_that_a_server_was_not_asked_for_are_not_missed() {
        let mut server = server();
        server["__schema"]["types"][1]["fields"][0].as_object_mut().expect("a field").remove("args");
        assert_eq!(lacks(server), Vec::<String>::new());
    }
}
