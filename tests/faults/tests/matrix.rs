//! The matrix: `cargo test -p glabflow-fault-tests -- --nocapture` prints it.

use glabflow_fault_tests::cell;
use glabflow_fault_tests::column::Column;
use glabflow_fault_tests::row::{Row, Run};
use glabflow_fault_tests::table::{Cell, Table};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Number of concurrent cells: most wait, and some compute.
const CONCURRENCY: usize = 20;

type Running = Result<JoinHandle<Result<cell::Report, String>>, &'static str>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_fault_ends_well_for_each_way_of_reading_and_writing() {
    let permits = Arc::new(Semaphore::new(CONCURRENCY));
    let start = |row: &Arc<Row>, column: Column, run: Run| -> Running {
        if let Some(why) = row.why_not(column, run) {
            return Err(why);
        }
        let (row, permits) = (Arc::clone(row), Arc::clone(&permits));
        Ok(tokio::spawn(async move {
            let _permit = permits.acquire_owned().await.expect("the semaphore is never closed");
            cell::run(&row, column, run).await
        }))
    };
    let mut running = Vec::new();
    for row in Row::all().into_iter().map(Arc::new) {
        let cells = Column::ALL.map(|column| [Run::Passing, Run::Lasting].map(|run| start(&row, column, run)));
        running.push((row, cells));
    }
    let mut table = Table::default();
    for (row, cells) in running {
        let mut ended = Vec::new();
        for [passing, lasting] in cells {
            let cell: Cell = [end(passing).await, end(lasting).await];
            ended.push(cell);
        }
        table.push(&row, ended);
    }
    print(&table.counts());
    let failures = table.failures();
    assert!(failures.is_empty(), "{} cells fail:\n{}", failures.len(), failures.join("\n"));
    assert_documented(&table.markdown());
}

/// Compares the matrix with the documented one. With `UPDATE_GOLDEN=1`, documents it.
fn assert_documented(matrix: &str) {
    const BEGIN: &str = "<!-- The matrix test writes what follows. -->\n\n";
    const END: &str = "\n<!-- That was it. -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reliability.md");
    let text = std::fs::read_to_string(path).expect("docs/reliability.md");
    let (before, rest) = text.split_once(BEGIN).expect("the line before the matrix");
    let (documented, after) = rest.split_once(END).expect("the line after the matrix");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, [before, BEGIN, matrix, END, after].concat()).expect("docs/reliability.md");
    } else {
        let command = "UPDATE_GOLDEN=1 cargo test -p glabflow-fault-tests";
        assert_eq!(documented, matrix, "docs/reliability.md has another matrix; run `{command}` if this one is right");
    }
}

async fn end(running: Running) -> Result<Result<cell::Report, String>, &'static str> {
    Ok(running?.await.unwrap_or_else(|panic| Err(format!("panics: {panic}"))))
}

#[expect(clippy::print_stdout, reason = "the matrix is for people to read")]
fn print(text: &str) {
    println!("{text}");
}
