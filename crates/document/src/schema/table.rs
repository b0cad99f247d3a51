//! Reads the generated table of GitLab's schema.

use super::types::{Directive, EnumValue, Field, Input, Marks, Schema, Shape, Type, TypeRef};
use glabflow_graphql_schema::TABLE;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The built-in types and directives of every schema, in the table's format.
const BUILT_IN: &str = "\
D include FIELD FRAGMENT_SPREAD INLINE_FRAGMENT
 if Boolean!
D skip FIELD FRAGMENT_SPREAD INLINE_FRAGMENT
 if Boolean!
S Boolean
S Float
S ID
S Int
S String
O __Directive
 args [__InputValue!]!
  includeDeprecated Boolean =
 description String
 isRepeatable Boolean!
 locations [__DirectiveLocation!]!
 name String!
E __DirectiveLocation
O __EnumValue
 deprecationReason String
 description String
 isDeprecated Boolean!
 name String!
O __Field
 args [__InputValue!]!
  includeDeprecated Boolean =
 deprecationReason String
 description String
 isDeprecated Boolean!
 name String!
 type __Type!
O __InputValue
 defaultValue String
 deprecationReason String
 description String
 isDeprecated Boolean!
 name String!
 type __Type!
O __Schema
 description String
 directives [__Directive!]!
 mutationType __Type
 queryType __Type!
 subscriptionType __Type
 types [__Type!]!
O __Type
 description String
 enumValues [__EnumValue!]
  includeDeprecated Boolean =
 fields [__Field!]
  includeDeprecated Boolean =
 inputFields [__InputValue!]
  includeDeprecated Boolean =
 interfaces [__Type!]
 kind __TypeKind!
 name String
 ofType __Type
 possibleTypes [__Type!]
 specifiedByURL String
E __TypeKind
";

impl Schema {
    /// GitLab's schema. The first call reads the table.
    ///
    /// # Panics
    /// If the generated table is broken; the generator's check rules this out.
    pub fn get() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::read(TABLE).expect("the generator wrote this table"))
    }

    /// Reads a table; `None` if it is not valid.
    fn read(table: &'static str) -> Option<Schema> {
        let mut reader = Reader {
            roots: [None; 3],
            types: Vec::with_capacity(4096),
            directives: Vec::new(),
            inside: Inside::Nothing,
        };
        for part in [BUILT_IN, table] {
            reader.inside = Inside::Nothing;
            for line in part.lines() {
                reader.line(line)?;
            }
        }
        let Reader { roots, mut types, directives, .. } = reader;
        types.sort_by_key(|ty| ty.name);
        set_possible(&mut types);
        let meta = |name, ty, arguments| Field { name, ty: TypeRef::new(ty), arguments, marks: Marks::default() };
        let name = Input { name: "name", ty: TypeRef::new("String!"), has_default: false, marks: Marks::default() };
        let meta = [
            meta("__typename", "String!", Vec::new()),
            meta("__schema", "__Schema!", Vec::new()),
            meta("__type", "__Type", vec![name]),
        ];
        Some(Schema { roots, types, directives, meta })
    }
}

/// The element that the next indented lines belong to.
enum Inside {
    Nothing,
    Directive,
    Type,
}

/// Reads a table line by line.
struct Reader {
    roots: [Option<&'static str>; 3],
    types: Vec<Type>,
    directives: Vec<Directive>,
    inside: Inside,
}

type Words = std::str::Split<'static, char>;

impl Reader {
    fn line(&mut self, line: &'static str) -> Option<()> {
        let unindented = line.trim_start_matches(' ');
        let mut words: Words = unindented.split(' ');
        let first = words.next()?;
        match (line.len() - unindented.len(), &self.inside) {
            (0, _) => return self.element(first, words.next()?, words.collect()),
            (1, Inside::Directive) => self.directives.last_mut()?.arguments.push(input(first, words)?),
            (depth, Inside::Type) => match (depth, &mut self.types.last_mut()?.shape) {
                (1, Shape::Object(fields) | Shape::Interface(fields)) => {
                    let ty = TypeRef::new(words.next()?);
                    fields.push(Field { name: first, ty, arguments: Vec::new(), marks: marks(words).0 });
                }
                (1, Shape::Enum(values)) => values.push(EnumValue { name: first, marks: marks(words).0 }),
                (1, Shape::Input(fields)) => fields.push(input(first, words)?),
                (2, Shape::Object(fields) | Shape::Interface(fields)) => {
                    fields.last_mut()?.arguments.push(input(first, words)?);
                }
                _ => return None,
            },
            _ => return None,
        }
        Some(())
    }

    fn element(&mut self, kind: &str, name: &'static str, names: Vec<&'static str>) -> Option<()> {
        self.inside = Inside::Type;
        let (shape, interfaces, possible) = match kind {
            "R" => {
                let [mutation, subscription] = names[..] else { return None };
                let present = |name: &'static str| Some(name).filter(|name| *name != "-");
                self.roots = [Some(name), present(mutation), present(subscription)];
                self.inside = Inside::Nothing;
                return Some(());
            }
            "D" => {
                self.directives.push(Directive { name, locations: names, arguments: Vec::new() });
                self.inside = Inside::Directive;
                return Some(());
            }
            "S" => (Shape::Scalar, Vec::new(), Vec::new()),
            "O" => (Shape::Object(Vec::new()), names, vec![name]),
            "I" => (Shape::Interface(Vec::new()), names, Vec::new()),
            "U" => (Shape::Union, Vec::new(), names),
            "E" => (Shape::Enum(Vec::new()), Vec::new(), Vec::new()),
            "N" => (Shape::Input(Vec::new()), Vec::new(), Vec::new()),
            _ => return None,
        };
        self.types.push(Type { name, shape, interfaces, possible });
        Some(())
    }
}

fn input(name: &'static str, mut words: Words) -> Option<Input> {
    let ty = TypeRef::new(words.next()?);
    let (marks, has_default) = marks(words);
    Some(Input { name, ty, has_default, marks })
}

/// The marks at the end of a line, and whether there is a default.
fn marks(words: Words) -> (Marks, bool) {
    let mut marks = Marks::default();
    let mut has_default = false;
    for word in words {
        match word.split_at_checked(1) {
            Some(("=", _)) => has_default = true,
            Some(("-", since)) => marks.deprecated = Some(since),
            Some(("~", since)) => marks.experiment = Some(since),
            Some(("+", since)) => marks.enterprise = Some(since),
            _ => {}
        }
    }
    (marks, has_default)
}

/// Fills in the objects of interfaces: the table lists the interfaces of objects.
fn set_possible(types: &mut [Type]) {
    let mut possible: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
    for ty in types.iter().filter(|ty| matches!(ty.shape, Shape::Object(_))) {
        for interface in &ty.interfaces {
            possible.entry(interface).or_default().push(ty.name);
        }
    }
    for ty in types.iter_mut().filter(|ty| matches!(ty.shape, Shape::Interface(_))) {
        ty.possible = possible.remove(ty.name).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glabflow_contract::graphql::Kind;

    #[test]
    fn schema_table_is_complete_and_sorted() {
        let schema = Schema::get();
        for kind in [Kind::Query, Kind::Mutation, Kind::Subscription] {
            assert!(schema.root(kind).is_some_and(|root| !root.fields().is_empty()), "{kind:?}");
        }
        let sorted = |names: Vec<&str>| assert!(names.is_sorted(), "{names:?}");
        for ty in schema.types() {
            sorted(ty.possible.clone());
            sorted(ty.fields().iter().map(|field| field.name).collect());
            for field in ty.fields() {
                assert!(schema.ty(field.ty.name()).is_some(), "{}.{}: {}", ty.name, field.name, field.ty);
                sorted(field.arguments.iter().map(|argument| argument.name).collect());
                for argument in &field.arguments {
                    assert!(schema.ty(argument.ty.name()).is_some_and(Type::is_input), "{}.{}", ty.name, field.name);
                }
            }
        }
        assert!(schema.types().iter().any(|ty| matches!(ty.shape, Shape::Interface(_)) && ty.possible.len() > 1));
    }

    #[test]
    fn broken_tables_are_rejected() {
        for broken in
            ["R Query", "X Thing", " stray", "D include FIELD\n  if Boolean!", "S Int\n field Int", "O A\n field"]
        {
            assert!(Schema::read(broken).is_none(), "{broken}");
        }
    }
}
