//! Writes the document of an operation.

use super::shapes::{Below, Key, Selected, Shape, Shapes, TYPENAME};
use crate::ingest::graphql::schema::Schema;
use std::collections::BTreeMap;

/// A field on the path to the output, with its arguments and their variables.
pub(super) struct Step {
    pub(super) field: String,
    pub(super) arguments: Vec<(String, String)>,
}

/// A variable's declaration: name, type, default.
pub(super) struct Declaration {
    pub(super) name: String,
    pub(super) ty: String,
    pub(super) default: Option<String>,
}

/// The selection of the output.
pub(super) enum Selection<'a> {
    /// Nothing: it is a scalar.
    Leaf,
    /// An object, or a list of them.
    Object(&'a Key),
    /// A page of a connection.
    Page(Option<&'a Key>),
}

/// The document and its depth.
pub(super) fn write(
    shapes: &Shapes<'_>,
    keyword: &str,
    name: &str,
    declarations: &[Declaration],
    steps: &[Step],
    selection: &Selection<'_>,
) -> (String, u32) {
    let mut writer = Writer { shapes, out: String::new(), indent: 0, deepest: 0 };
    let declared = declarations.iter().map(|declaration| {
        let default = declaration.default.as_ref().map(|default| format!(" = {default}")).unwrap_or_default();
        format!("${}: {}{default}", declaration.name, declaration.ty)
    });
    let declared: Vec<String> = declared.collect();
    let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
    writer.open(&format!("{keyword} {name}{declared}"));
    for (at, step) in steps.iter().enumerate() {
        let arguments: Vec<String> =
            step.arguments.iter().map(|(argument, variable)| format!("{argument}: ${variable}")).collect();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
        let head = format!("{}{arguments}", step.field);
        if at + 1 == steps.len() && matches!(selection, Selection::Leaf) {
            writer.line(&head)
        } else {
            writer.open(&head)
        }
    }
    match selection {
        Selection::Leaf => {}
        Selection::Object(key) => {
            writer.shape(key);
            writer.close();
        }
        Selection::Page(node) => {
            writer.page(*node);
            writer.close();
        }
    }
    for _ in 1..steps.len() {
        writer.close();
    }
    writer.close();
    (writer.out, writer.deepest)
}

struct Writer<'a> {
    shapes: &'a Shapes<'a>,
    out: String,
    indent: u32,
    deepest: u32,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
        self.out.push_str(text);
        self.out.push('\n');
        self.deepest = self.deepest.max(self.indent);
    }

    fn open(&mut self, head: &str) {
        self.line(&format!("{head} {{"));
        self.indent += 1;
    }

    fn close(&mut self) {
        self.indent -= 1;
        self.line("}");
    }

    fn page(&mut self, node: Option<&Key>) {
        match node {
            None => self.line("nodes"),
            Some(node) => {
                self.open("nodes");
                self.shape(node);
                self.close();
            }
        }
        self.open("pageInfo");
        self.line("endCursor");
        self.line("hasNextPage");
        self.close();
    }

    fn shape(&mut self, key: &Key) {
        match self.shapes.get(key).clone() {
            Shape::Object(fields) => {
                for field in fields {
                    self.field(&field, None);
                }
            }
            Shape::OneOf(variants) => {
                self.line(TYPENAME);
                let mut named = BTreeMap::new();
                for (typename, key) in variants {
                    self.open(&format!("... on {typename}"));
                    if let Shape::Object(fields) = self.shapes.get(&key).clone() {
                        for field in fields {
                            let alias = alias(self.shapes.schema, &mut named, &typename, &field);
                            self.field(&field, alias.as_deref());
                        }
                    }
                    self.close();
                }
            }
        }
    }

    fn field(&mut self, field: &Selected, alias: Option<&str>) {
        let name = match alias {
            Some(alias) => format!("{alias}: {}", field.name),
            None => field.name.clone(),
        };
        match &field.below {
            Below::Nothing => self.line(&name),
            Below::Object(key) => {
                self.open(&name);
                self.shape(key);
                self.close();
            }
            Below::Connection(node) => {
                let first = self.shapes.rules.budget.nested_page;
                self.open(&format!("{name}(first: {first})"));
                self.page(node.as_ref());
                self.close();
            }
        }
    }
}

/// Fields of different objects may share a response key only if they have the same type. Others get a key with the object's
/// type, which decoding removes.
fn alias(
    schema: &Schema,
    named: &mut BTreeMap<String, (String, Below)>,
    typename: &str,
    field: &Selected,
) -> Option<String> {
    if field.name == TYPENAME {
        return None;
    }
    let ty = schema.fields(typename)?.get(&field.name)?.ty.to_string();
    let this = (ty, field.below.clone());
    let first = named.entry(field.name.clone()).or_insert_with(|| this.clone());
    (*first != this).then(|| format!("{}__{typename}", field.name))
}
