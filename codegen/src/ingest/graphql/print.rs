//! The checked-in form of a schema: sorted SDL, one element on each line, with descriptions if the schema has them.

use super::docs;
use super::schema::{Composite, InputValue, Kind, Marks, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};

/// A schema as SDL. The same schema gives the same bytes.
pub fn print(schema: &Schema) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_schema(&mut out, schema);
    out
}

fn write_schema(out: &mut String, schema: &Schema) -> fmt::Result {
    for (name, directive) in &schema.directives {
        write!(out, "directive @{name}")?;
        write_args(out, "", &directive.args)?;
        writeln!(out, " on {}\n", joined(&directive.locations, " | "))?;
    }
    writeln!(out, "schema {{\n  query: {}", schema.query)?;
    for (kind, name) in [("mutation", &schema.mutation), ("subscription", &schema.subscription)] {
        if let Some(name) = name {
            writeln!(out, "  {kind}: {name}")?;
        }
    }
    writeln!(out, "}}")?;
    for (name, ty) in &schema.types {
        writeln!(out)?;
        docs::write(out, "", ty.marks.description.as_deref())?;
        match &ty.kind {
            Kind::Scalar => writeln!(out, "scalar {name}{}", Shown(&ty.marks))?,
            Kind::Object(object) => write_composite(out, "type", name, object, &ty.marks)?,
            Kind::Interface(object) => write_composite(out, "interface", name, object, &ty.marks)?,
            Kind::Union(members) => {
                writeln!(out, "union {name}{} = {}", Shown(&ty.marks), joined(members, " | "))?;
            }
            Kind::Enum(values) => {
                writeln!(out, "enum {name}{} {{", Shown(&ty.marks))?;
                for (value, marks) in values {
                    docs::write(out, "  ", marks.description.as_deref())?;
                    writeln!(out, "  {value}{}", Shown(marks))?;
                }
                writeln!(out, "}}")?;
            }
            Kind::Input(fields) => {
                writeln!(out, "input {name}{} {{", Shown(&ty.marks))?;
                for (field, value) in fields {
                    docs::write(out, "  ", value.marks.description.as_deref())?;
                    write!(out, "  ")?;
                    write_input(out, field, value)?;
                    writeln!(out)?;
                }
                writeln!(out, "}}")?;
            }
        }
    }
    Ok(())
}

fn write_composite(out: &mut String, keyword: &str, name: &str, object: &Composite, marks: &Marks) -> fmt::Result {
    write!(out, "{keyword} {name}")?;
    if !object.interfaces.is_empty() {
        write!(out, " implements {}", joined(&object.interfaces, " & "))?;
    }
    writeln!(out, "{} {{", Shown(marks))?;
    for (field, value) in &object.fields {
        docs::write(out, "  ", value.marks.description.as_deref())?;
        write!(out, "  {field}")?;
        write_args(out, "  ", &value.args)?;
        writeln!(out, ": {}{}", value.ty, Shown(&value.marks))?;
    }
    writeln!(out, "}}")
}

fn write_args(out: &mut String, indent: &str, args: &BTreeMap<String, InputValue>) -> fmt::Result {
    if args.is_empty() {
        return Ok(());
    }
    if args.values().any(|value| value.marks.description.is_some()) {
        writeln!(out, "(")?;
        let inner = format!("{indent}  ");
        for (name, value) in args {
            docs::write(out, &inner, value.marks.description.as_deref())?;
            out.push_str(&inner);
            write_input(out, name, value)?;
            writeln!(out)?;
        }
        return write!(out, "{indent})");
    }
    out.push('(');
    for (position, (name, value)) in args.iter().enumerate() {
        if position > 0 {
            out.push_str(", ");
        }
        write_input(out, name, value)?;
    }
    out.push(')');
    Ok(())
}

fn write_input(out: &mut String, name: &str, value: &InputValue) -> fmt::Result {
    write!(out, "{name}: {}", value.ty)?;
    if let Some(default) = &value.default {
        write!(out, " = {default}")?;
    }
    write!(out, "{}", Shown(&value.marks))
}

fn joined(names: &BTreeSet<String>, with: &str) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(with)
}

/// Marks as directives, each after a space.
struct Shown<'a>(&'a Marks);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = &self.0.deprecated {
            write!(f, " @deprecated(reason: {reason:?})")?;
        }
        if let Some(since) = &self.0.ee {
            match since.as_str() {
                "" => write!(f, " @ee")?,
                since => write!(f, " @ee(since: {since:?})")?,
            }
        }
        Ok(())
    }
}
