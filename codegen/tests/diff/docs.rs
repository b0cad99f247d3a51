//! The documentation lists all kinds of differences.

use glabflow_codegen::diff::kind::Kind;
use std::fmt::Write;

#[test]
fn documented_table_of_kinds_matches_the_code() {
    let mut table = "| Kind | Wire | What it means |\n| --- | --- | --- |\n".to_owned();
    for kind in Kind::ALL {
        let facts = kind.facts();
        let otherwise = if facts.otherwise == facts.wire { String::new() } else { format!(" or {}", facts.otherwise) };
        let _ = writeln!(table, "| `{}` | {}{otherwise} | {} |", facts.code, facts.wire, facts.explanation);
    }
    let docs = include_str!("../../../docs/diff.md");
    assert!(docs.contains(&table), "docs/diff.md needs this table:\n{table}");
}
