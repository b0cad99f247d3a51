//! The calls of the demonstration.

use crate::failure::Failure;
use crate::screen::{Counters, Screen, thousands};
use glabflow::types::{PipelineInfo, Project};
use glabflow::{Client, Error, Event, EventKind, Token, fanout};
use glabflow_fake::{ADMIN_TOKEN, Fake, Fault};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Rows of the table at the end.
const ROWS: usize = 5;

/// What the fake GitLab holds, and how it is read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// Users of the fake GitLab.
    pub users: u64,
    /// Projects of the fake GitLab.
    pub projects: u64,
    /// Requests that the client sends at the same time.
    pub concurrency: u16,
    /// The time that the fake GitLab waits before each response.
    pub latency: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Options { users: 2_000, projects: 200, concurrency: 8, latency: Duration::from_millis(20) }
    }
}

/// Runs the demonstration. It prints to `out` while it runs.
///
/// # Errors
///
/// The fake server does not start, a call fails, or the output cannot be written.
pub async fn run(options: &Options, out: &mut dyn Write) -> Result<(), Failure> {
    let fake = start(options).await?;
    let counters = Arc::new(Counters::default());
    let gl = client(&fake, options, Arc::clone(&counters))?;
    let mut screen = Screen::new(out, counters);
    screen.text(&introduction(&fake.url(), options.latency))?;
    screen.columns()?;
    let (users, active) = users(&gl, &mut screen).await?;
    users_in_parallel(&gl, &mut screen).await?;
    let projects = projects(&gl, &mut screen).await?;
    let removed = remove_last(&gl, &projects).await?;
    let found = pipelines(&gl, &projects, usize::from(options.concurrency), &mut screen).await?;

    screen.text(&format!("\n{} of {} users are active.", thousands(active), thousands(users)))?;
    if let Some(removed) = removed {
        screen.text(&format!(
            "The server failed with 503 when the projects were listed; the client retried that request.\n\
             {removed} was deleted before its pipelines were read: the result for it is a 404,\n\
             and the results of {} other projects are complete. These have the most failed pipelines:\n",
            thousands(found.lists.len() as u64)
        ))?;
        screen.table(("project", ["pipelines", "failed", "success", "running"]), &found.worst())?;
    }
    Ok(())
}

fn introduction(url: &str, latency: Duration) -> String {
    let wait = match latency.as_millis() {
        0 => String::new(),
        wait => format!(", and waits {wait} ms before each response"),
    };
    format!(
        "A fake GitLab listens on {url}, on this machine only{wait}.\n\
         Each row is a typed call, generated from GitLab's schema, over real HTTP.\n"
    )
}

/// Starts the server. The first request for projects fails.
async fn start(options: &Options) -> Result<Fake, Failure> {
    Fake::builder()
        .users(options.users)
        .projects(options.projects)
        .latency(options.latency)
        .fail_on("GET /projects", 0, 1, Fault::Status(503))
        .start()
        .await
        .map_err(Failure::Start)
}

/// The client, whose observer counts requests and retries.
fn client(fake: &Fake, options: &Options, counters: Arc<Counters>) -> Result<Client, Error> {
    Client::builder(fake.url())
        .token(Token::personal(ADMIN_TOKEN))
        .concurrency(usize::from(options.concurrency))
        .observer(move |event: &Event<'_>| {
            match event.kind {
                EventKind::Started => &counters.requests,
                EventKind::Retrying { .. } => &counters.retries,
                _ => return,
            }
            .fetch_add(1, Ordering::Relaxed);
        })
        .build()
}

/// Streams all users: how many there are, and how many are active.
async fn users(gl: &Client, screen: &mut Screen<'_>) -> Result<(u64, u64), Failure> {
    let measured = screen.begin("gl.users().list().items()");
    let (mut users, mut active) = (0, 0);
    let mut items = gl.users().list().items();
    while let Some(user) = items.next().await {
        users += 1;
        active += u64::from(user?.state.as_deref() == Some("active"));
    }
    screen.end(&measured, users, "users")?;
    Ok((users, active))
}

/// Reads the same list, eight pages at once.
async fn users_in_parallel(gl: &Client, screen: &mut Screen<'_>) -> Result<(), Failure> {
    let measured = screen.begin("gl.users().list().items().parallel(8)");
    let users = gl.users().list().items().parallel(8).try_collect().await?;
    screen.end(&measured, users.len() as u64, "users")
}

/// Reads all projects, although the server fails once.
async fn projects(gl: &Client, screen: &mut Screen<'_>) -> Result<Vec<Project>, Failure> {
    let measured = screen.begin("gl.projects().list().items()");
    let projects = gl.projects().list().items().try_collect().await?;
    screen.end(&measured, projects.len() as u64, "projects")?;
    Ok(projects)
}

/// Deletes the last of the projects, as somebody else might, and gives its path.
async fn remove_last(gl: &Client, projects: &[Project]) -> Result<Option<String>, Failure> {
    let Some(project) = projects.last() else { return Ok(None) };
    gl.projects().delete(project.id.unwrap_or_default()).send().await?;
    Ok(Some(path(project)))
}

/// Reads the pipelines of all projects, some projects at once.
async fn pipelines(
    gl: &Client,
    projects: &[Project],
    concurrency: usize,
    screen: &mut Screen<'_>,
) -> Result<Found, Failure> {
    let measured = screen.begin("fanout(projects, n, |p| gl.pipelines()...)");
    let mut found = Found::default();
    let mut lists = fanout(projects, concurrency, |project| {
        gl.pipelines().list_for_project(project.id.unwrap_or_default()).items().try_collect()
    });
    while let Some(outcome) = lists.next().await {
        match outcome.result {
            Ok(list) => found.lists.push((path(outcome.input), list)),
            // One project has been deleted.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let count = found.lists.iter().map(|(_, list)| list.len() as u64).sum();
    screen.end(&measured, count, "pipelines")?;
    Ok(found)
}

/// The pipelines of each project that has been read, with its path.
#[derive(Default)]
struct Found {
    lists: Vec<(String, Vec<PipelineInfo>)>,
}

impl Found {
    /// The projects with the most failed pipelines: how many pipelines they have, and how many of certain states.
    fn worst(&self) -> Vec<(String, [usize; 4])> {
        let mut rows: Vec<(String, [usize; 4])> = self
            .lists
            .iter()
            .map(|(path, pipelines)| {
                let with = |wanted: &str| {
                    let is = |status: &_| ToString::to_string(status) == wanted;
                    pipelines.iter().filter(|pipeline| pipeline.status.as_ref().is_some_and(is)).count()
                };
                (path.clone(), [pipelines.len(), with("failed"), with("success"), with("running")])
            })
            .collect();
        rows.sort_by(|(a_path, a), (b_path, b)| b[1].cmp(&a[1]).then_with(|| a_path.cmp(b_path)));
        rows.truncate(ROWS);
        rows
    }
}

fn path(project: &Project) -> String {
    project.path_with_namespace.clone().unwrap_or_default()
}
