//! The matrix as text.

use crate::cell::Report;
use crate::column::Column;
use crate::row::{Row, Run};
use std::fmt::Write;

/// The result of a fault in a column: of both runs, or why there was none.
pub type Cell = [Result<Result<Report, String>, &'static str>; 2];

/// The matrix, ready to be printed.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(&'static str, Vec<Cell>)>,
    notes: Vec<&'static str>,
}

impl Table {
    /// Adds a fault.
    pub fn push(&mut self, row: &Row, cells: Vec<Cell>) {
        for note in cells.iter().flatten().filter_map(|run| run.as_ref().err()) {
            if !self.notes.contains(note) {
                self.notes.push(note);
            }
        }
        self.rows.push((row.name, cells));
    }

    /// The cells that failed, each with its reason.
    pub fn failures(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (name, cells) in &self.rows {
            for (column, cell) in Column::ALL.iter().zip(cells) {
                for (run, outcome) in [Run::Passing, Run::Lasting].iter().zip(cell) {
                    if let Ok(Err(why)) = outcome {
                        failures.push(format!("{name} / {} / {run:?}: {why}", column.name()));
                    }
                }
            }
        }
        failures
    }

    /// The matrix in Markdown: how each cell ended, temporary and permanent.
    pub fn markdown(&self) -> String {
        self.written(|report| report.end.to_string())
    }

    /// The same with counts: requests, those that the fault hit, and errors after which the client continued.
    pub fn counts(&self) -> String {
        self.written(|report| format!("{} {}/{}/{}", report.end, report.requests, report.hit, report.errors))
    }

    fn written(&self, show: impl Fn(&Report) -> String) -> String {
        let mut cells = vec![vec!["fault".to_owned()]];
        cells[0].extend(Column::ALL.iter().map(|column| column.name().to_owned()));
        for (name, row) in &self.rows {
            let mut line = vec![(*name).to_owned()];
            line.extend(row.iter().map(|[passing, lasting]| {
                let [passing, lasting] = [passing, lasting].map(|run| match run {
                    Ok(Ok(report)) => show(report),
                    Ok(Err(_)) => "FAILED".to_owned(),
                    Err(note) => format!("n/a ({})", self.number(note)),
                });
                if passing == lasting { passing } else { format!("{passing}, {lasting}") }
            }));
            cells.push(line);
        }
        let widths: Vec<usize> =
            (0..cells[0].len()).map(|at| cells.iter().map(|line| line[at].len()).max().unwrap_or(0)).collect();
        let mut out = String::new();
        for (at, line) in cells.iter().enumerate() {
            for (cell, width) in line.iter().zip(&widths) {
                let _ = write!(out, "| {cell:width$} ");
            }
            out.push_str("|\n");
            if at == 0 {
                widths.iter().for_each(|width| out.push_str(&format!("| {} ", "-".repeat(*width))));
                out.push_str("|\n");
            }
        }
        for note in &self.notes {
            let _ = write!(out, "\n{}. n/a: {note}.", self.number(note));
        }
        out.push('\n');
        out
    }

    fn number(&self, note: &str) -> usize {
        self.notes.iter().position(|known| *known == note).map_or(0, |at| at + 1)
    }
}
