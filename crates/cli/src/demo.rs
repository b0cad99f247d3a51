//! `gl demo`: typed operations with an embedded fake GitLab.

use crate::args::DemoArgs;
use crate::console::{Style, thousands};
use crate::failure::Failure;
use crate::output::{Output, table::Table};
use glabflow::types::{PipelineInfo, Project};
use glabflow::{Client, Event, EventKind, Token, fanout};
use glabflow_fake::Fake;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Projects in the table at the end.
const ROWS: usize = 5;

/// Runs the command.
pub(crate) async fn run(args: DemoArgs) -> Result<(), Failure> {
    let fake = Fake::builder()
        .users(args.users)
        .projects(args.projects)
        .latency(Duration::from_millis(args.latency_ms))
        .start()
        .await
        .map_err(Failure::io("cannot start the fake GitLab"))?;
    let requests = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&requests);
    let gl = Client::builder(fake.url())
        .token(Token::personal(glabflow_fake::ADMIN_TOKEN))
        .concurrency(usize::from(args.concurrency))
        .observer(move |event: &Event<'_>| {
            if let EventKind::Started = event.kind {
                counter.fetch_add(1, Ordering::Relaxed);
            }
        })
        .build()?;

    let mut show = Show { out: Output::stdout(), style: Style::stdout(), requests };
    show.text(&format!(
        "A fake GitLab listens on {}, on this machine only. Each line below is a typed call,\n\
         generated from GitLab's schema, with the number of items that it streamed over real HTTP.\n",
        fake.url()
    ))?;
    show.head()?;

    let step = show.begin("gl.users().list().items()");
    let (mut users, mut active) = (0, 0);
    let mut items = gl.users().list().items();
    while let Some(user) = items.next().await {
        users += 1;
        active += u64::from(user?.state.as_deref() == Some("active"));
    }
    show.end(step, users, "users")?;

    let step = show.begin("gl.projects().list().items()");
    let projects = gl.projects().list().items().try_collect().await?;
    show.end(step, projects.len() as u64, "projects")?;

    let step = show.begin("gl.pipelines().list_for_project(p), for all");
    let mut found = Vec::new();
    let mut pipelines = 0;
    let mut lists = fanout(&projects, usize::from(args.concurrency), |project| {
        gl.pipelines().list_for_project(project.id.unwrap_or_default()).items().try_collect()
    });
    while let Some(outcome) = lists.next().await {
        let list = outcome.result?;
        pipelines += list.len() as u64;
        found.push((outcome.input, list));
    }
    show.end(step, pipelines, "pipelines")?;

    show.text(&format!(
        "\n{} of {} users are active. Where most pipelines failed:\n",
        thousands(active),
        thousands(users)
    ))?;
    show.table(&worst(&found))?;
    show.text(
        "\nNext:\n  \
           gl fake                          run this server until Ctrl-C\n  \
           gl operations merge requests     find an operation\n  \
           gl api list_projects --paginate  call it, with GITLAB_URL and GITLAB_TOKEN set",
    )
}

/// The projects with the most failed pipelines, as rows.
fn worst(found: &[(&Project, Vec<PipelineInfo>)]) -> Vec<Value> {
    let mut rows: Vec<(usize, String, Value)> = found
        .iter()
        .map(|(project, pipelines)| {
            let mut by_status = BTreeMap::new();
            for status in pipelines.iter().filter_map(|pipeline| pipeline.status.as_ref()) {
                *by_status.entry(status.to_string()).or_insert(0) += 1;
            }
            let count = |status: &str| by_status.get(status).copied().unwrap_or(0);
            let path = project.path_with_namespace.clone().unwrap_or_default();
            let row = json!({
                "project": path,
                "pipelines": pipelines.len(),
                "failed": count("failed"),
                "success": count("success"),
                "running": count("running"),
            });
            (count("failed"), path, row)
        })
        .collect();
    rows.sort_by(|(a, a_path, _), (b, b_path, _)| b.cmp(a).then_with(|| a_path.cmp(b_path)));
    rows.into_iter().take(ROWS).map(|(.., row)| row).collect()
}

/// The output of the demonstration, and its number of requests.
struct Show {
    out: Output,
    style: Style,
    requests: Arc<AtomicU64>,
}

/// A step that is being timed.
struct Step {
    call: &'static str,
    start: Instant,
    requests: u64,
}

impl Show {
    fn text(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.out, "{text}").and_then(|()| self.out.flush()).map_err(Failure::stdout)
    }

    fn head(&mut self) -> Result<(), Failure> {
        let head = format!("{:<44} {:>17} {:>9} {:>8} {:>9}", "call", "result", "requests", "time", "items/s");
        let head = self.style.strong(&head);
        self.text(&head)
    }

    fn begin(&self, call: &'static str) -> Step {
        Step { call, start: Instant::now(), requests: self.requests.load(Ordering::Relaxed) }
    }

    fn end(&mut self, step: Step, items: u64, what: &str) -> Result<(), Failure> {
        let seconds = step.start.elapsed().as_secs_f64();
        let requests = self.requests.load(Ordering::Relaxed) - step.requests;
        // If no time has passed, the rate is unknown.
        let rate = if seconds > 0.0 { thousands((items as f64 / seconds) as u64) } else { "-".to_owned() };
        self.text(&format!(
            "{:<44} {:>17} {:>9} {seconds:>6.3} s {rate:>9}",
            step.call,
            format!("{} {what}", thousands(items)),
            thousands(requests),
        ))
    }

    fn table(&mut self, rows: &[Value]) -> Result<(), Failure> {
        let columns = ["project", "pipelines", "failed", "success", "running"].map(str::to_owned).to_vec();
        Table::new(columns, self.out.screen()).rows(&mut self.out, rows).map_err(Failure::stdout)
    }
}
