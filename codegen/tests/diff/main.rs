//! Differences between schemas: a case for each kind, the forms of reports, the sources, and the use of a code base.

mod cases;
mod command;
mod docs;
mod real;
mod reports;

use glabflow_codegen::diff::change::Change;
use glabflow_codegen::diff::{compare, source::Source};

fn changes(old: &Source, new: &Source) -> Vec<Change> {
    compare(old, new, None, None).expect("both are schemas").changes
}
