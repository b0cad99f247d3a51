//! What the contestants have to do.

use clap::ValueEnum;
use std::time::Duration;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// All users, over REST.
    Users,
    /// All projects, over REST.
    Projects,
    /// All users, as nodes of a GraphQL connection.
    Nodes,
    /// The projects of a list of paths.
    Paths,
}

/// One comparison.
#[derive(Debug)]
pub(crate) struct Scenario {
    /// Its name on the command line.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) work: Work,
    /// Number of items.
    pub(crate) items: u64,
    /// Latency of each response.
    pub(crate) latency: Duration,
    /// Names of contestants, in the order of the table.
    pub(crate) contestants: &'static [&'static str],
    /// The contestant that the others are compared with.
    pub(crate) bound: &'static str,
    /// Factor for the number of rounds: higher for short runs, or where differences are small.
    pub(crate) rounds: usize,
}

const LISTS: &[&str] = &[
    "bound-raw",
    "bound-typed",
    "bound-keyset",
    "glabflow",
    "glabflow-parallel",
    "glabflow-partitioned",
    "kitware",
    "forerunner",
    "forerunner-safe",
    "python-gitlab",
];
const FAR: &[&str] = &[
    "bound-raw",
    "bound-typed",
    "bound-keyset",
    "glabflow",
    "glabflow-parallel",
    "glabflow-partitioned",
    "glabflow-wide",
    "kitware",
    "forerunner",
    "forerunner-safe",
    "python-gitlab",
];
const CONNECTION: &[&str] = &["bound-typed", "glabflow", "kitware", "forerunner", "python-gitlab"];
const BY_PATH: &[&str] = &["bound-typed", "bound-rest", "glabflow", "kitware", "python-gitlab"];

const fn scenario(
    id: &'static str,
    title: &'static str,
    work: Work,
    items: u64,
    latency: u64,
    contestants: &'static [&'static str],
) -> Scenario {
    let rounds = match work {
        Work::Paths => 3,
        _ => 1,
    };
    let latency = Duration::from_millis(latency);
    Scenario { id, title, work, items, latency, contestants, bound: "bound-typed", rounds }
}

/// All comparisons, in the order of the report.
pub(crate) const SCENARIOS: &[Scenario] = &[
    scenario("users", "100,000 users", Work::Users, 100_000, 0, LISTS),
    scenario("users-far", "10,000 users, 50 ms latency", Work::Users, 10_000, 50, FAR),
    scenario("projects", "20,000 projects", Work::Projects, 20_000, 0, LISTS),
    scenario("projects-far", "20,000 projects, 50 ms latency", Work::Projects, 20_000, 50, FAR),
    scenario("nodes", "20,000 nodes of a GraphQL connection", Work::Nodes, 20_000, 0, CONNECTION),
    scenario("nodes-far", "2,000 nodes of a GraphQL connection, 50 ms latency", Work::Nodes, 2_000, 50, CONNECTION),
    scenario("paths", "200 projects by path", Work::Paths, 200, 0, BY_PATH),
    scenario("paths-far", "200 projects by path, 50 ms latency", Work::Paths, 200, 50, BY_PATH),
    Scenario {
        bound: "glabflow-off",
        rounds: 3,
        ..scenario(
            "guards",
            "100,000 users with retries, limits and tracing, and without",
            Work::Users,
            100_000,
            0,
            &["glabflow-off", "glabflow", "glabflow-traced"],
        )
    },
    Scenario {
        bound: "glabflow",
        ..scenario(
            "million",
            "1,000,000 users",
            Work::Users,
            1_000_000,
            0,
            &["glabflow", "glabflow-parallel", "glabflow-partitioned"],
        )
    },
];
