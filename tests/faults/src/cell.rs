//! One fault, one way of reading or writing.

use crate::client::{self, Patience};
use crate::column::{Column, GoOn, USERS};
use crate::row::{Kind, Row, Run};
use glabflow::Client;
use glabflow_fake::{ADMIN_TOKEN, Fake, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;
use tokio::net::TcpStream;

/// A second token, which is not revoked.
const OTHER_TOKEN: &str = "glpat-demo-other";
/// What calls may take in addition to their deadlines on a busy machine.
const SLACK: Duration = Duration::from_secs(20);
/// What all calls may take together if none has to wait for its deadline.
const MOST: Duration = Duration::from_secs(60);
/// Maximum number of errors before the cell fails.
const TOO_MANY: usize = 20;

/// How a cell passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Without an error.
    Whole,
    /// With an error that says how to continue. Continuing completed the work.
    Resumed,
    /// With an error that says that something may have been written. It was looked up, and sent again if it was missing.
    LookedUp,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            End::Whole => "whole",
            End::Resumed => "resumed",
            End::LookedUp => "looked up",
        })
    }
}

/// The result of a cell.
#[derive(Debug, Clone, Copy)]
pub struct Report {
    /// How it ended.
    pub end: End,
    /// Requests that the server has seen.
    pub requests: u64,
    /// Requests that the fault hit.
    pub hit: u64,
    /// Errors after which the client continued.
    pub errors: usize,
}

/// Runs a cell.
///
/// # Errors
/// The cell fails; the text says why.
pub async fn run(row: &Row, column: Column, run: Run) -> Result<Report, String> {
    let fake = Fake::builder().users(USERS).retry_after(Duration::from_secs(1)).token(OTHER_TOKEN, 1, Scope::Api);
    let fake = fake.start().await.map_err(|error| format!("the server does not start: {error}"))?;
    let healthy = client::skipping(&fake.url(), OTHER_TOKEN, Patience::MUCH);
    let (expected, mut from) = column.begin(&healthy).await;
    fake.forget_requests();
    row.begin(&fake, column.requests(), run);

    let waits = matches!(row.kind, Kind::Restart) && run == Run::Passing;
    let new = if waits { client::waiting } else { client::skipping };
    let longest = (row.patience().deadline * column.calls()).min(MOST) + SLACK;
    let mut gl = new(&row.url(&fake), ADMIN_TOKEN, row.patience());
    let (mut done, mut end, mut errors) = (Vec::new(), End::Whole, 0);
    loop {
        let reached = tokio::time::timeout(longest, column.run(&gl, from)).await;
        let reached = reached.map_err(|_| format!("hangs for more than {longest:?}"))?;
        done.extend(reached.done);
        let Some((error, place)) = reached.broken else { break };
        for shown in [error.to_string(), format!("{error:?}")] {
            if shown.contains(ADMIN_TOKEN) {
                return Err(format!("shows the token: {shown}"));
            }
        }
        from = place.ok_or_else(|| format!("does not say how to continue: {error:?}"))?;
        errors += 1;
        if errors > TOO_MANY {
            return Err(format!("does not end: {error:?}"));
        }
        end = if reached.unknown.is_empty() && end != End::LookedUp { End::Resumed } else { End::LookedUp };
        // An error before the fault is a timeout of a busy machine.
        if run == Run::Lasting && (row.hits(&fake) > 0 || matches!(row.kind, Kind::Address(_))) {
            fake.stop_failing();
            back(&fake).await?;
            gl = healthy.clone();
        }
        if let GoOn::Keys(open) = &mut from
            && column.is_write()
        {
            let there = column.written(&healthy).await;
            settle(&mut done, reached.unknown, open, &there, column.is_idempotent())?;
        }
    }

    let hit = row.hits(&fake);
    let requests = fake.requests().total;
    if column.is_write() {
        let there = column.written(&healthy).await;
        exactly_once(&expected, there)?;
    }
    let mut counts = BTreeMap::new();
    done.into_iter().for_each(|name| *counts.entry(name).or_default() += 1);
    exactly_once(&still_there(row, expected, &healthy).await, counts)?;
    match row.kind {
        Kind::Address(_) if errors == 0 => Err("the client found a server where there is none".to_owned()),
        Kind::Address(_) => Ok(()),
        _ if hit == 0 => Err("the fault has not happened".to_owned()),
        _ => Ok(()),
    }?;
    Ok(Report { end, requests, hit, errors })
}

/// Waits for a server to restart.
async fn back(fake: &Fake) -> Result<(), String> {
    for _ in 0..6_000 {
        if TcpStream::connect(fake.address()).await.is_ok() {
            return Ok(());
        }
        // Real time: the fake closes its port and opens it again.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the server does not come back".to_owned())
}

/// Compares what the client reported about its writes with what is there, and determines which are still missing.
fn settle(
    done: &mut Vec<String>,
    unknown: Vec<String>,
    open: &mut Vec<String>,
    there: &BTreeMap<String, usize>,
    idempotent: bool,
) -> Result<(), String> {
    // An idempotent write needs no warning that it may have been executed.
    if !idempotent && let Some(title) = open.iter().find(|title| there.contains_key(*title)) {
        return Err(format!("{title} was written, and its error does not say that it may have been"));
    }
    if let Some(title) = done.iter().find(|title| !there.contains_key(*title)) {
        return Err(format!("{title} was reported as written and is missing"));
    }
    let (was_done, was_not): (Vec<_>, Vec<_>) = unknown.into_iter().partition(|title| there.contains_key(title));
    done.extend(was_done);
    open.extend(was_not);
    Ok(())
}

/// The items of a list that were not removed while it was read.
async fn still_there(row: &Row, expected: Vec<String>, healthy: &Client) -> Vec<String> {
    if !matches!(row.kind, Kind::Meanwhile(_)) {
        return expected;
    }
    let now: BTreeSet<String> = Column::usernames(healthy).await.into_iter().collect();
    expected.into_iter().filter(|name| now.contains(name)).collect()
}

/// Whether each expected item is there once, and each other one at most once.
fn exactly_once(expected: &[String], counts: BTreeMap<String, usize>) -> Result<(), String> {
    let missing: Vec<&String> = expected.iter().filter(|name| !counts.contains_key(*name)).collect();
    let twice: Vec<&String> = counts.iter().filter(|(_, count)| **count > 1).map(|(name, _)| name).collect();
    if missing.is_empty() && twice.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {} missing {:.3?}, {} twice {:.3?}", missing.len(), expected.len(), missing, twice.len(), twice))
}
