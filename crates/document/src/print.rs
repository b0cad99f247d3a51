//! Writes documents as text.

use crate::ast::{Argument, Directive, Executable, Field, Selection};
use crate::value::Value;
use std::fmt::{self, Write};

/// Two spaces for each level, one field on each line. Parsing the text gives the same document.
impl fmt::Display for Executable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, operation) in self.operations.iter().enumerate() {
            f.write_str(if index > 0 { "\n" } else { "" })?;
            f.write_str(operation.kind.as_str())?;
            if let Some(name) = &operation.name {
                write!(f, " {name}")?;
            }
            for (index, variable) in operation.variables.iter().enumerate() {
                write!(f, "{}${}: {}", if index == 0 { "(" } else { ", " }, variable.name, variable.ty)?;
                if let Some(default) = &variable.default {
                    write!(f, " = {}", Literal(default))?;
                }
                directives(f, &variable.directives)?;
            }
            if !operation.variables.is_empty() {
                f.write_char(')')?;
            }
            directives(f, &operation.directives)?;
            lines(f, &operation.selections, 0)?;
        }
        for (index, fragment) in self.fragments.iter().enumerate() {
            f.write_str(if index + self.operations.len() > 0 { "\n" } else { "" })?;
            write!(f, "fragment {} on {}", fragment.name, fragment.on)?;
            directives(f, &fragment.directives)?;
            lines(f, &fragment.selections, 0)?;
        }
        Ok(())
    }
}

/// Selections with their braces, one on each line.
fn lines(out: &mut impl Write, all: &[Selection], level: usize) -> fmt::Result {
    out.write_str(" {\n")?;
    for selection in all {
        write!(out, "{:1$}", "", 2 * (level + 1))?;
        head(out, selection)?;
        match below(selection) {
            Some(selections) => lines(out, selections, level + 1)?,
            None => out.write_char('\n')?,
        }
    }
    writeln!(out, "{:1$}}}", "", 2 * level)
}

/// Selections on one line, without the braces around them.
pub fn on_one_line(selections: &[Selection]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = line(&mut out, selections);
    out
}

fn line(out: &mut impl Write, all: &[Selection]) -> fmt::Result {
    for (index, selection) in all.iter().enumerate() {
        out.write_str(if index > 0 { " " } else { "" })?;
        head(out, selection)?;
        if let Some(selections) = below(selection) {
            out.write_str(" { ")?;
            line(out, selections)?;
            out.write_str(" }")?;
        }
    }
    Ok(())
}

/// A selection up to its braces.
fn head(out: &mut impl Write, selection: &Selection) -> fmt::Result {
    match selection {
        Selection::Field(field) => write_field(out, field),
        Selection::Spread(spread) => {
            write!(out, "...{}", spread.fragment)?;
            directives(out, &spread.directives)
        }
        Selection::Inline(inline) => {
            out.write_str("...")?;
            if let Some(on) = &inline.on {
                write!(out, " on {on}")?;
            }
            directives(out, &inline.directives)
        }
    }
}

/// The selections in the braces of a selection, if it has them.
fn below(selection: &Selection) -> Option<&[Selection]> {
    match selection {
        Selection::Field(field) => Some(&field.selections[..]).filter(|selections| !selections.is_empty()),
        Selection::Inline(inline) => Some(&inline.selections),
        Selection::Spread(_) => None,
    }
}

fn write_field(out: &mut impl Write, field: &Field) -> fmt::Result {
    if let Some(alias) = &field.alias {
        write!(out, "{alias}: ")?;
    }
    out.write_str(&field.name)?;
    arguments(out, &field.arguments)?;
    directives(out, &field.directives)
}

fn arguments(out: &mut impl Write, all: &[Argument]) -> fmt::Result {
    for (index, argument) in all.iter().enumerate() {
        write!(out, "{}{}: {}", if index == 0 { "(" } else { ", " }, argument.name, Literal(&argument.value))?;
    }
    if !all.is_empty() {
        out.write_char(')')?;
    }
    Ok(())
}

fn directives(out: &mut impl Write, all: &[Directive]) -> fmt::Result {
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
