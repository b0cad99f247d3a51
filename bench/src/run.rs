//! Runs the contestants of each scenario in turns, round by round.

use crate::measurement::{Result, Sample};
use crate::outcome::{Outcome, note};
use crate::peers::Peers;
use crate::process::measure;
use crate::report;
use crate::scenario::{SCENARIOS, Scenario, Work};
use clap::Args;
use glabflow::graphql::GraphqlOperation as _;
use glabflow::graphql::operations::users::UsersQuery;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What to run, and how often.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Scenarios (default: all).
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Contestants (default: all).
    #[arg(long, value_delimiter = ',')]
    contestants: Vec<String>,
    /// Rounds for each contestant, after a first one that does not count; some scenarios have three times as many.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Rounds for other clients, some of which are slow.
    #[arg(long, default_value_t = 3)]
    peer_rounds: usize,
    /// Write the tables and the plot into docs/performance.md and docs/performance.svg.
    #[arg(long)]
    write: bool,
}

/// The folder of the tables and the plot.
pub(crate) fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Runs the requested comparisons, prints the tables, and writes them if `--write` is set.
pub(crate) fn run(options: &Options) -> Outcome<()> {
    let known = |name: &str| SCENARIOS.iter().any(|scenario| scenario.id == name);
    if let Some(unknown) = options.scenarios.iter().find(|name| !known(name)) {
        let all: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.id).collect();
        return Err(format!("there is no scenario {unknown}; there are {}", all.join(", ")).into());
    }
    let wanted = |name: &str| options.contestants.is_empty() || options.contestants.iter().any(|asked| asked == name);
    let scenarios: Vec<&Scenario> = SCENARIOS
        .iter()
        .filter(|scenario| options.scenarios.is_empty() || options.scenarios.iter().any(|id| id == scenario.id))
        .collect();
    let in_some = |name: &str| wanted(name) && scenarios.iter().any(|scenario| scenario.contestants.contains(&name));
    let peers = Peers::set_up(in_some)?;
    let mut results = Vec::new();
    for scenario in scenarios {
        let of_scenario = compare(scenario, &peers, options, wanted)?;
        let mut out = std::io::stdout().lock();
        write!(out, "{}", report::table(scenario, &of_scenario))?;
        out.flush()?;
        results.push((scenario, of_scenario));
    }
    if options.write {
        report::write(&docs(), &results)?;
    }
    Ok(())
}

fn compare(
    scenario: &Scenario,
    peers: &Peers,
    options: &Options,
    wanted: impl Fn(&str) -> bool,
) -> Outcome<Vec<Result>> {
    note(scenario.title);
    let mut server = Server::start(scenario)?;
    let mut files = Files::default();
    let mut common = vec![
        format!("--work={}", work(scenario.work)),
        format!("--items={}", scenario.items),
        format!("--url={}", server.url),
        format!("--token={}", server.token),
    ];
    if scenario.work == Work::Paths {
        common.push(format!("--paths={}", files.write("paths", &server.paths()?)?.display()));
    }
    let document = files.write("document", UsersQuery::DESCRIPTOR.document)?;
    let mut results = Vec::new();
    let mut commands = Vec::new();
    for name in scenario.contestants.iter().copied().filter(|name| wanted(name)) {
        let Some(mut command) = peers.command(name) else { continue };
        command.extend(common.iter().cloned());
        if scenario.work == Work::Nodes && peers.is_peer(name) {
            command.push(format!("--document={}", document.display()));
        }
        commands.push(command);
        results.push(Result { name, samples: Vec::new(), missing: None });
    }
    // The first round fills the server's cache. A contestant that fails is skipped from then on.
    for round in 0..=options.rounds * scenario.rounds {
        server.latency(if round == 0 { 0 } else { scenario.latency.as_millis() })?;
        for (result, command) in results.iter_mut().zip(&commands) {
            if result.missing.is_some() || (peers.is_peer(result.name) && round > options.peer_rounds) {
                continue;
            }
            server.requests()?;
            let sample = match measure(command) {
                Ok((said, took)) => Sample { said, took, requests: server.requests()? },
                Err(error) => {
                    note(&format!("{}: {error}", result.name));
                    result.missing = Some(error.to_string());
                    continue;
                }
            };
            if sample.said.items != scenario.items && round == 0 {
                note(&format!("{}: got {} of {} items", result.name, sample.said.items, scenario.items));
            }
            if round > 0 {
                result.samples.push(sample);
            }
        }
    }
    Ok(results)
}

fn work(work: Work) -> &'static str {
    match work {
        Work::Users => "users",
        Work::Projects => "projects",
        Work::Nodes => "nodes",
        Work::Paths => "paths",
    }
}

/// Files for contestants, removed on drop.
#[derive(Default)]
struct Files(Vec<PathBuf>);

impl Files {
    fn write(&mut self, name: &str, text: &str) -> Outcome<PathBuf> {
        let path = std::env::temp_dir().join(format!("glabflow-bench-{}-{name}", std::process::id()));
        std::fs::write(&path, text)?;
        self.0.push(path.clone());
        Ok(path)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        for path in &self.0 {
            // A file left in the temporary folder does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The server in its own process. It ends when its standard input is closed.
struct Server {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    url: String,
    token: String,
}

impl Server {
    fn start(scenario: &Scenario) -> Outcome<Self> {
        let (users, projects) = match scenario.work {
            Work::Users | Work::Nodes => (scenario.items, 2),
            Work::Projects | Work::Paths => (1_000, scenario.items),
        };
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", &format!("--users={users}"), &format!("--projects={projects}")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take();
        let output = BufReader::new(process.stdout.take().ok_or("the server has no output")?);
        let mut server = Server { process, input, output, url: String::new(), token: String::new() };
        let first = server.line()?;
        let (url, token) = first.split_once(' ').ok_or("the server does not print its address")?;
        (server.url, server.token) = (url.to_owned(), token.to_owned());
        Ok(server)
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn ask(&mut self, what: &str) -> Outcome<String> {
        let input = self.input.as_mut().ok_or("the server is gone")?;
        writeln!(input, "{what}")?;
        input.flush()?;
        self.line()
    }

    fn latency(&mut self, milliseconds: u128) -> Outcome<()> {
        self.ask(&format!("latency {milliseconds}")).map(drop)
    }

    /// Requests since the last call of this function.
    fn requests(&mut self) -> Outcome<u64> {
        Ok(self.ask("requests")?.parse()?)
    }

    /// The paths of all projects, one on each line.
    fn paths(&self) -> Outcome<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let gl = glabflow::Client::builder(&self.url).token(glabflow::Token::personal(self.token.as_str())).build()?;
        let projects = runtime.block_on(gl.projects().list().items().try_collect())?;
        let paths = projects.into_iter().filter_map(|project| project.path_with_namespace);
        Ok(paths.collect::<Vec<_>>().join("\n"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.input = None;
        // Only the end of the process matters.
        let _ = self.process.wait();
    }
}
