//! The output: stdout or a file, in one of the formats.

pub(crate) mod reformat;
pub(crate) mod table;

use crate::args::Format;
use crate::failure::Failure;
use serde_json::Value;
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use table::Table;

/// A buffered output.
pub(crate) struct Output {
    writer: BufWriter<Box<dyn Write>>,
    terminal: bool,
}

impl Output {
    /// To stdout.
    pub(crate) fn stdout() -> Self {
        Output { writer: BufWriter::new(Box::new(io::stdout())), terminal: io::stdout().is_terminal() }
    }

    /// To a file, or to stdout.
    pub(crate) fn to(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file(path) else { return Ok(Output::stdout()) };
        let file = File::create(path).map_err(Failure::io(format!("cannot write {}", path.display())))?;
        Ok(Output { writer: BufWriter::new(Box::new(file)), terminal: false })
    }

    /// Whether it is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The width of the terminal, if it is one.
    pub(crate) fn screen(&self) -> Option<usize> {
        if !self.terminal {
            return None;
        }
        terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The file that `--output` names; `-` is stdout.
pub(crate) fn file(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| path.as_os_str() != "-")
}

/// The format. The default depends on whether there are columns.
pub(crate) fn format(format: Option<Format>, columns: &[String]) -> Result<Format, Failure> {
    match format {
        Some(Format::Json | Format::Ndjson) if !columns.is_empty() => {
            Err(Failure::usage("--columns requires --format table"))
        }
        Some(format) => Ok(format),
        None if columns.is_empty() => Ok(Format::Json),
        None => Ok(Format::Table),
    }
}

/// Writes a complete list. A table has these columns.
pub(crate) fn rows(out: &mut Output, format: Format, columns: &[&str], rows: Vec<Value>) -> Result<(), Failure> {
    match format {
        Format::Table => {
            let columns = columns.iter().map(|column| (*column).to_owned()).collect();
            Table::new(columns, out.screen()).droppable().rows(out, &rows)
        }
        Format::Ndjson => rows.iter().try_for_each(|row| writeln!(out, "{row}")),
        Format::Json => writeln!(out, "{:#}", Value::Array(rows)),
    }
    .map_err(Failure::stdout)
}

/// Writes responses in a format. Lists may arrive in several parts.
pub(crate) struct Formatter {
    out: Output,
    format: Format,
    table: Table,
    items: u64,
}

impl Formatter {
    /// Writes to an output; `columns` are those of tables.
    pub(crate) fn new(out: Output, format: Format, columns: Vec<String>) -> Self {
        let table = Table::new(columns, out.screen());
        Formatter { out, format, table, items: 0 }
    }

    /// Writes a complete response.
    pub(crate) fn document(mut self, json: &RawValue) -> Result<(), Failure> {
        if let (Format::Ndjson | Format::Table, Ok(items)) =
            (self.format, serde_json::from_str::<Vec<&RawValue>>(json.get()))
        {
            self.items(&items)?;
            return self.end();
        }
        match self.format {
            Format::Json => reformat::indent(&mut self.out, json.get(), 0).and_then(|()| writeln!(self.out)),
            Format::Ndjson => reformat::compact(&mut self.out, json.get()).and_then(|()| writeln!(self.out)),
            Format::Table => self.table.members(&mut self.out, &parsed(json)),
        }
        .and_then(|()| self.out.flush())
        .map_err(Failure::stdout)
    }

    /// Writes more items of a list, and flushes them.
    pub(crate) fn items(&mut self, items: &[&RawValue]) -> Result<(), Failure> {
        let first = self.items == 0;
        self.items += items.len() as u64;
        let out = &mut self.out;
        match self.format {
            Format::Json => items.iter().enumerate().try_for_each(|(at, item)| {
                out.write_all(if first && at == 0 { b"[" } else { b"," })?;
                reformat::line(out, 1)?;
                reformat::indent(out, item.get(), 1)
            }),
            Format::Ndjson => items.iter().try_for_each(|item| {
                reformat::compact(out, item.get())?;
                out.write_all(b"\n")
            }),
            Format::Table => {
                let rows: Vec<Value> = items.iter().map(|item| parsed(item)).collect();
                self.table.rows(out, &rows)
            }
        }
        .and_then(|()| self.out.flush())
        .map_err(Failure::stdout)
    }

    /// Ends a complete list. An incomplete list is never ended, so that it cannot be mistaken for a complete one.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        match (self.format, self.items) {
            (Format::Json, 0) => self.out.write_all(b"[]\n"),
            (Format::Json, _) => self.out.write_all(b"\n]\n"),
            _ => Ok(()),
        }
        .and_then(|()| self.out.flush())
        .map_err(Failure::stdout)
    }
}

/// The value of a JSON text. A number that is too large becomes text.
fn parsed(json: &RawValue) -> Value {
    serde_json::from_str(json.get()).unwrap_or_else(|_| Value::String(json.get().to_owned()))
}
