//! GitLab's schema, as much of it as building and checking documents needs.

use glabflow_contract::graphql::Kind;
use glabflow_graphql_schema::TABLE;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

/// A schema: types and directives by name.
#[derive(Debug)]
pub struct Schema {
    roots: [Option<&'static str>; 3],
    types: Vec<Type>,
    directives: Vec<Directive>,
    /// `__typename`, which every composite type has; then `__schema` and `__type`, which the type of queries has.
    meta: [Field; 3],
}

/// A type.
#[derive(Debug)]
pub struct Type {
    /// Its name.
    pub name: &'static str,
    /// What it is made of.
    pub shape: Shape,
    /// The interfaces that an object or interface implements.
    pub interfaces: Vec<&'static str>,
    /// The objects which a value of an interface or union can be; of an object, itself. Sorted.
    pub possible: Vec<&'static str>,
}

/// What a type is made of. Members are sorted by name.
#[derive(Debug)]
pub enum Shape {
    /// A scalar.
    Scalar,
    /// An object.
    Object(Vec<Field>),
    /// An interface.
    Interface(Vec<Field>),
    /// A union.
    Union,
    /// An enum.
    Enum(Vec<EnumValue>),
    /// An input object.
    Input(Vec<Input>),
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef<'static>,
    /// Its arguments, sorted by name.
    pub arguments: Vec<Input>,
    /// What the schema says about it.
    pub marks: Marks,
}

/// An argument or a field of an input object.
#[derive(Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: TypeRef<'static>,
    /// Whether GitLab has a value for it when the document has none.
    pub has_default: bool,
    /// What the schema says about it.
    pub marks: Marks,
}

impl Input {
    /// Whether a document without a value for it is refused.
    pub fn is_required(&self) -> bool {
        self.ty.is_required() && !self.has_default
    }
}

/// A value of an enum.
#[derive(Debug)]
pub struct EnumValue {
    /// Its name.
    pub name: &'static str,
    /// What the schema says about it.
    pub marks: Marks,
}

/// A directive that documents may use.
#[derive(Debug)]
pub struct Directive {
    /// Its name.
    pub name: &'static str,
    /// Where it may stand, in the words of the specification (`FIELD`).
    pub locations: Vec<&'static str>,
    /// Its arguments, sorted by name.
    pub arguments: Vec<Input>,
}

/// What a schema says about an element besides its type.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// Since when it is deprecated.
    pub deprecated: Option<&'static str>,
    /// Since when it is an experiment; empty when the version is not known.
    pub experiment: Option<&'static str>,
    /// The version whose Enterprise edition is known to have it; empty when the version is not known.
    pub enterprise: Option<&'static str>,
}

/// A type as a document or the schema names it, `[String!]!`. The text is the type: taking it apart is slicing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeRef<'a>(&'a str);

impl<'a> TypeRef<'a> {
    /// A type from its text, which has no spaces in it.
    pub fn new(text: &'a str) -> Self {
        TypeRef(text)
    }

    /// The text.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it is never `null`.
    pub fn is_required(self) -> bool {
        self.0.ends_with('!')
    }

    /// The same type that may be `null`.
    #[must_use]
    pub fn nullable(self) -> Self {
        TypeRef(self.0.strip_suffix('!').unwrap_or(self.0))
    }

    /// What a list holds.
    pub fn item(self) -> Option<Self> {
        self.nullable().0.strip_prefix('[')?.strip_suffix(']').map(TypeRef)
    }

    /// The name inside.
    pub fn name(self) -> &'a str {
        self.0.trim_start_matches('[').trim_end_matches([']', '!'])
    }
}

impl fmt::Display for TypeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What every schema has without defining it, in the form of the table.
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

impl Type {
    /// The fields of an object or interface.
    pub fn fields(&self) -> &[Field] {
        match &self.shape {
            Shape::Object(fields) | Shape::Interface(fields) => fields,
            _ => &[],
        }
    }

    /// A field of an object or interface.
    pub fn field(&self, name: &str) -> Option<&Field> {
        let fields = self.fields();
        fields.binary_search_by(|field| field.name.cmp(name)).ok().map(|at| &fields[at])
    }

    /// Whether fields are selected from it.
    pub fn is_composite(&self) -> bool {
        matches!(self.shape, Shape::Object(_) | Shape::Interface(_) | Shape::Union)
    }

    /// Whether variables can be of it.
    pub fn is_input(&self) -> bool {
        matches!(self.shape, Shape::Scalar | Shape::Enum(_) | Shape::Input(_))
    }

    /// Whether a value of this type can be one of the other too.
    pub fn overlaps(&self, other: &Type) -> bool {
        self.possible.iter().any(|name| other.possible.binary_search(name).is_ok())
    }
}

impl Schema {
    /// GitLab's schema, read when it is first asked for.
    ///
    /// # Panics
    /// When the table is not what the generator writes, which its own check rules out.
    pub fn get() -> &'static Schema {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| Schema::read(TABLE).expect("the generator wrote this table"))
    }

    /// The type of a name.
    pub fn ty(&self, name: &str) -> Option<&Type> {
        self.types.binary_search_by(|ty| ty.name.cmp(name)).ok().map(|at| &self.types[at])
    }

    /// All types, sorted by name.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// The type whose fields an operation of this kind selects from.
    pub fn root(&self, kind: Kind) -> Option<&Type> {
        let root = match kind {
            Kind::Query => self.roots[0],
            Kind::Mutation => self.roots[1],
            Kind::Subscription => self.roots[2],
        };
        root.and_then(|name| self.ty(name))
    }

    /// The directives that the schema knows.
    pub fn directives(&self) -> &[Directive] {
        &self.directives
    }

    /// A field of a type, among them those that no schema lists: `__typename`, `__schema` and `__type`.
    pub fn field<'a>(&'a self, ty: &'a Type, name: &str) -> Option<&'a Field> {
        let is_query = self.roots[0] == Some(ty.name);
        match name {
            "__typename" if ty.is_composite() => Some(&self.meta[0]),
            "__schema" if is_query => Some(&self.meta[1]),
            "__type" if is_query => Some(&self.meta[2]),
            _ => ty.field(name),
        }
    }

    /// Reads a table; `None` when it is not one.
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
        let meta = |name, ty, arguments| Field { name, ty: TypeRef(ty), arguments, marks: Marks::default() };
        let name = Input { name: "name", ty: TypeRef("String!"), has_default: false, marks: Marks::default() };
        let meta = [
            meta("__typename", "String!", Vec::new()),
            meta("__schema", "__Schema!", Vec::new()),
            meta("__type", "__Type", vec![name]),
        ];
        Some(Schema { roots, types, directives, meta })
    }
}

/// What the members of a table's next lines belong to.
enum Inside {
    Nothing,
    Directive,
    Type,
}

/// Takes a table's lines one after the other.
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
                    let ty = TypeRef(words.next()?);
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
    let ty = TypeRef(words.next()?);
    let (marks, has_default) = marks(words);
    Some(Input { name, ty, has_default, marks })
}

/// The marks at the end of a line, and whether one of them says that there is a default.
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

/// Interfaces learn their objects from the objects.
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

    #[test]
    fn type_references_are_parsed() {
        let ty = TypeRef::new("[String!]!");
        assert!(ty.is_required());
        assert_eq!(ty.name(), "String");
        assert_eq!(ty.nullable().as_str(), "[String!]");
        assert_eq!(ty.item().map(TypeRef::as_str), Some("String!"));
        assert_eq!(ty.item().and_then(TypeRef::item), None);
    }

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
    fn invalid_tables_are_rejected() {
        for broken in
            ["R Query", "X Thing", " stray", "D include FIELD\n  if Boolean!", "S Int\n field Int", "O A\n field"]
        {
            assert!(Schema::read(broken).is_none(), "{broken}");
        }
    }
}
