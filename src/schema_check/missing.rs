//! What generated documents use and the server's GraphQL schema lacks.

use glabflow_contract::graphql::{Descriptor, Kind};
use glabflow_document::ast::{self, Selection};
use glabflow_document::parse_document;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// How the introspection asks for the arguments of fields. Servers before about GitLab 14 do not list deprecated ones.
pub(super) const ARGUMENTS: &str = "args(includeDeprecated: true) { name }";

/// Asks for the names of everything that a document can use. `arguments` selects the arguments of fields, or nothing.
pub(super) fn introspection(arguments: &str) -> String {
    format!(
        "{{ __schema {{ queryType {{ name }} mutationType {{ name }} subscriptionType {{ name }} \
         types {{ name fields(includeDeprecated: true) {{ name {arguments} \
         type {{ name ofType {{ name ofType {{ name ofType {{ name }} }} }} }} }} }} }} }}"
    )
}

/// A GraphQL operation that the server would reject, because its schema lacks something that the document uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingOperation {
    /// The operation's id, `project_issues`.
    pub operation: &'static str,
    /// What the server lacks: types like `TimelogType`, fields like `Project.issues`, arguments like `Project.issues(iids:)`.
    pub lacks: Vec<String>,
}

/// Maximum number of operations listed for each missing element.
const NAMED: usize = 3;

/// Lists what is missing, each element with the operations that need it.
pub(super) fn write_report(missing: &[MissingOperation], f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

/// A server's schema, as the response to the introspection.
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
    /// `None` if the introspection did not ask for them.
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

/// The types of a server by name, each with its fields by name.
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

    /// The operations that the server would reject.
    pub(super) fn missing(&self, operations: impl Iterator<Item = &'static Descriptor>) -> Vec<MissingOperation> {
        let lacking = |operation: &'static Descriptor| {
            let lacks: Vec<String> = self.lacks(operation.document).into_iter().collect();
            (!lacks.is_empty()).then_some(MissingOperation { operation: operation.id, lacks })
        };
        operations.filter_map(lacking).collect()
    }

    /// What the server lacks of a document.
    fn lacks(&self, document: &str) -> BTreeSet<String> {
        let mut lacks = BTreeSet::new();
        // Generated documents are valid.
        let document = parse_document(document).unwrap_or_default();
        for operation in &document.operations {
            let types = operation.variables.iter().map(|variable| variable.ty.trim_matches(['[', ']', '!']));
            lacks.extend(types.filter(|ty| !self.types.contains_key(ty)).map(str::to_owned));
            let root = self.known(self.root(operation.kind), &mut lacks);
            self.selections(root, &operation.selections, &mut lacks);
        }
        lacks
    }

    /// The root type of an operation.
    fn root(&self, kind: Kind) -> &str {
        let (root, default) = match kind {
            Kind::Query => (&self.schema.query_type, "Query"),
            Kind::Mutation => (&self.schema.mutation_type, "Mutation"),
            Kind::Subscription => (&self.schema.subscription_type, "Subscription"),
        };
        root.as_ref().map_or(default, |root| root.name.as_str())
    }

    /// The type, if the server has it.
    fn known<'b>(&self, ty: &'b str, lacks: &mut BTreeSet<String>) -> Option<&'b str> {
        if self.types.contains_key(ty) {
            return Some(ty);
        }
        lacks.insert(ty.to_owned());
        None
    }

    /// Checks selections from a type; `None` if the type is unknown because something above is missing.
    fn selections(&self, owner: Option<&str>, selections: &[Selection], lacks: &mut BTreeSet<String>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    let ty = owner.and_then(|owner| self.field(owner, field, lacks));
                    self.selections(ty, &field.selections, lacks);
                }
                Selection::Inline(inline) => {
                    let ty = match &inline.on {
                        Some(on) => self.known(on, lacks),
                        None => owner,
                    };
                    self.selections(ty, &inline.selections, lacks);
                }
                // Generated documents have no named fragments.
                Selection::Spread(_) => {}
            }
        }
    }

    /// Checks a field and its arguments. Returns the type of its value.
    fn field(&self, owner: &str, field: &ast::Field, lacks: &mut BTreeSet<String>) -> Option<&'a str> {
        let name = field.name.as_str();
        if name == "__typename" {
            return None;
        }
        let Some(known) = self.types.get(owner).and_then(|fields| fields.get(name)) else {
            lacks.insert(format!("{owner}.{name}"));
            return None;
        };
        for argument in &field.arguments {
            if known.args.as_ref().is_some_and(|known| known.iter().all(|known| known.name != argument.name)) {
                lacks.insert(format!("{owner}.{name}({}:)", argument.name));
            }
        }
        known.ty.named()
    }
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
        Server::new(&introspection).lacks(DOCUMENT).into_iter().collect()
    }

    #[test]
    fn a_complete_server_lacks_nothing() {
        assert_eq!(lacks(server()), Vec::<String>::new());
    }

    #[test]
    fn each_missing_name_is_reported() {
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
    fn unknown_arguments_are_not_reported() {
        let mut server = server();
        server["__schema"]["types"][1]["fields"][0].as_object_mut().expect("a field").remove("args");
        assert_eq!(lacks(server), Vec::<String>::new());
    }
}
