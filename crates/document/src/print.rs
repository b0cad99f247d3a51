//! Writes documents: two spaces for a level, a field a line.

use crate::ast::{Argument, Directive, Executable, Field, Selection, Value};
use std::fmt::{self, Write};

/// A document as text. What was read from the text is equal to the document.
pub(crate) fn document(document: &Executable) -> String {
    let mut out = String::new();
    // A string takes everything that is written to it.
    let _ = write_document(&mut out, document);
    out
}

fn write_document(out: &mut String, document: &Executable) -> fmt::Result {
    for operation in &document.operations {
        separate(out);
        out.push_str(operation.kind.as_str());
        if let Some(name) = &operation.name {
            write!(out, " {name}")?;
        }
        for (index, variable) in operation.variables.iter().enumerate() {
            write!(out, "{}${}: {}", if index == 0 { "(" } else { ", " }, variable.name, variable.ty)?;
            if let Some(default) = &variable.default {
                write!(out, " = {}", Literal(default))?;
            }
            directives(out, &variable.directives)?;
        }
        if !operation.variables.is_empty() {
            out.push(')');
        }
        directives(out, &operation.directives)?;
        selections(out, &operation.selections, 0)?;
    }
    for fragment in &document.fragments {
        separate(out);
        write!(out, "fragment {} on {}", fragment.name, fragment.on)?;
        directives(out, &fragment.directives)?;
        selections(out, &fragment.selections, 0)?;
    }
    Ok(())
}

fn separate(out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
}

fn indent(out: &mut String, level: usize) {
    for _ in 0..level {
        out.push_str("  ");
    }
}

fn selections(out: &mut String, all: &[Selection], level: usize) -> fmt::Result {
    out.push_str(" {\n");
    for selection in all {
        indent(out, level + 1);
        match selection {
            Selection::Field(field) => {
                write_field(out, field)?;
                if field.selections.is_empty() {
                    out.push('\n');
                } else {
                    selections(out, &field.selections, level + 1)?;
                }
            }
            Selection::Spread(spread) => {
                write!(out, "...{}", spread.fragment)?;
                directives(out, &spread.directives)?;
                out.push('\n');
            }
            Selection::Inline(inline) => {
                out.push_str("...");
                if let Some(on) = &inline.on {
                    write!(out, " on {on}")?;
                }
                directives(out, &inline.directives)?;
                selections(out, &inline.selections, level + 1)?;
            }
        }
    }
    indent(out, level);
    out.push_str("}\n");
    Ok(())
}

fn write_field(out: &mut String, field: &Field) -> fmt::Result {
    if let Some(alias) = &field.alias {
        write!(out, "{alias}: ")?;
    }
    out.push_str(&field.name);
    arguments(out, &field.arguments)?;
    directives(out, &field.directives)
}

fn arguments(out: &mut String, all: &[Argument]) -> fmt::Result {
    for (index, argument) in all.iter().enumerate() {
        write!(out, "{}{}: {}", if index == 0 { "(" } else { ", " }, argument.name, Literal(&argument.value))?;
    }
    if !all.is_empty() {
        out.push(')');
    }
    Ok(())
}

fn directives(out: &mut String, all: &[Directive]) -> fmt::Result {
    for directive in all {
        write!(out, " @{}", directive.name)?;
        arguments(out, &directive.arguments)?;
    }
    Ok(())
}

/// A value as documents write it.
pub(crate) struct Literal<'a>(pub(crate) &'a Value);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Variable(name) => write!(f, "${name}"),
            Value::Null => f.write_str("null"),
            Value::Boolean(value) => write!(f, "{value}"),
            Value::Int(number) => write!(f, "{number}"),
            // Debug keeps the point or the exponent that makes it a number with a fraction.
            Value::Float(number) => write!(f, "{number:?}"),
            Value::String(text) => string(f, text),
            Value::Enum(name) => f.write_str(name),
            Value::List(values) => {
                f.write_str("[")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{}", if index == 0 { "" } else { ", " }, Literal(value))?;
                }
                f.write_str("]")
            }
            Value::Object(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {}", if index == 0 { "" } else { ", " }, Literal(value))?;
                }
                f.write_str("}")
            }
        }
    }
}

fn string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for char in text.chars() {
        match char {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
            char => f.write_char(char)?,
        }
    }
    f.write_char('"')
}
