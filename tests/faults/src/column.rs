//! The ways of reading and writing.

use glabflow::graphql::operations::issues::CreateIssue;
use glabflow::graphql::operations::users::UsersQuery;
use glabflow::{Client, Error, ResumeToken};
use std::collections::BTreeMap;
use tokio::sync::OnceCell;

/// Number of users to read: seven pages.
pub const USERS: u64 = 140;
/// Users on a page.
pub const PAGE: u16 = 20;
/// Keys that are loaded with one request: all users need four.
const LOADED_AT_ONCE: usize = 35;
/// The project that is written to; its id is 1.
const PROJECT: &str = "acme/engineering/billing-service";
/// Number of things to write.
const WRITTEN: usize = 5;

/// A way of reading or writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A list by page numbers.
    Offset,
    /// A list by page numbers, several pages concurrently.
    ParallelOffset,
    /// A list by keyset.
    Keyset,
    /// A list in several ranges concurrently.
    Partitioned,
    /// A GraphQL connection.
    GraphqlCursor,
    /// Keys of a GraphQL loader.
    Loader,
    /// New issues by REST, which must not be created twice.
    Create,
    /// New issues by GraphQL.
    GraphqlCreate,
    /// Idempotent changes.
    Update,
}

/// The progress of a column.
#[derive(Default)]
pub struct Reached {
    /// What was read, or was certainly written.
    pub done: Vec<String>,
    /// What may have been written: its outcome is unknown.
    pub unknown: Vec<String>,
    /// Why it ended early, and where to continue.
    pub broken: Option<(Error, Option<GoOn>)>,
    /// Where to continue after it was stopped.
    pub stopped: Option<ResumeToken>,
}

/// Where a column starts or continues.
#[derive(Debug)]
pub enum GoOn {
    /// At the start of a list.
    Start,
    /// Within a list or connection.
    Token(ResumeToken),
    /// With these keys.
    Keys(Vec<String>),
}

impl Column {
    /// All of them.
    pub const ALL: [Column; 9] = [
        Column::Offset,
        Column::ParallelOffset,
        Column::Keyset,
        Column::Partitioned,
        Column::GraphqlCursor,
        Column::Loader,
        Column::Create,
        Column::GraphqlCreate,
        Column::Update,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Column::Offset => "offset",
            Column::ParallelOffset => "parallel offset",
            Column::Keyset => "keyset",
            Column::Partitioned => "partitioned",
            Column::GraphqlCursor => "GraphQL cursor",
            Column::Loader => "loader",
            Column::Create => "create",
            Column::GraphqlCreate => "GraphQL create",
            Column::Update => "update",
        }
    }

    /// Whether it reads a list by pages.
    pub fn is_list(self) -> bool {
        !self.is_write() && self != Column::Loader
    }

    /// Whether it writes.
    pub fn is_write(self) -> bool {
        matches!(self, Column::Create | Column::GraphqlCreate | Column::Update)
    }

    /// Its requests, as scripts of the fake name them.
    pub fn requests(self) -> &'static str {
        match self {
            Column::Offset | Column::ParallelOffset | Column::Keyset | Column::Partitioned => "GET /users",
            Column::GraphqlCursor | Column::Loader | Column::GraphqlCreate => "POST /api/graphql",
            Column::Create => "POST /projects/*",
            Column::Update => "PUT /projects/*",
        }
    }

    /// How many calls may reach their deadlines one after the other before the column stops.
    pub fn calls(self) -> u32 {
        if self.is_write() { WRITTEN as u32 } else { 1 }
    }

    /// Whether its requests are idempotent.
    pub fn is_idempotent(self) -> bool {
        !matches!(self, Column::Create | Column::GraphqlCreate)
    }

    /// The names of all that is to be read or written, and where to start.
    pub async fn begin(self, gl: &Client) -> (Vec<String>, GoOn) {
        static NAMES: OnceCell<Vec<String>> = OnceCell::const_new();
        let numbered = |count: usize| (1..=count).map(|number| format!("cell-{number}")).collect::<Vec<_>>();
        match self {
            Column::Create | Column::GraphqlCreate | Column::Update => {
                (numbered(WRITTEN), GoOn::Keys(numbered(WRITTEN)))
            }
            _ => {
                // The same in each cell, since the seed of the fake is.
                let names = NAMES.get_or_init(|| Column::usernames(gl)).await;
                let from = if self == Column::Loader { GoOn::Keys(names.clone()) } else { GoOn::Start };
                (names.clone(), from)
            }
        }
    }

    /// The names of all users.
    pub async fn usernames(gl: &Client) -> Vec<String> {
        rest(gl.users().list().items(), usize::MAX).await.done
    }

    /// Reads a list from its start or from a token, and stops after a number of items.
    pub async fn read(self, gl: &Client, from: Option<ResumeToken>, stop: usize) -> Reached {
        match (self, from) {
            (Column::GraphqlCursor, from) => nodes(gl, from, stop).await,
            (column, None) => rest(column.list(gl), stop).await,
            (column, Some(token)) => rest(column.list(gl).resume(token), stop).await,
        }
    }

    /// Reads or writes from a position until the end or an error.
    ///
    /// # Panics
    /// If the position belongs to another column.
    pub async fn run(self, gl: &Client, from: GoOn) -> Reached {
        match (self, from) {
            (column, GoOn::Start) if column.is_list() => column.read(gl, None, usize::MAX).await,
            (column, GoOn::Token(token)) if column.is_list() => column.read(gl, Some(token), usize::MAX).await,
            (Column::Loader, GoOn::Keys(names)) => load(gl, names).await,
            (Column::Create | Column::GraphqlCreate | Column::Update, GoOn::Keys(titles)) => {
                let mut reached = Reached::default();
                for title in titles {
                    let written = self.write(gl, &title).await;
                    reached.wrote(title, written);
                }
                reached
            }
            (column, from) => panic!("{column:?} cannot go on from {from:?}"),
        }
    }

    /// The list by REST, as this column reads it.
    fn list(self, gl: &Client) -> Users {
        let users = gl.users().list().per_page(PAGE.into());
        match self {
            Column::Offset => users.page(1).items(),
            Column::ParallelOffset => users.items().parallel(4),
            Column::Partitioned => users.items().partitioned(4),
            _ => users.items(),
        }
    }

    async fn write(self, gl: &Client, title: &str) -> Result<(), Error> {
        match self {
            Column::GraphqlCreate => gl.graphql().execute(CreateIssue::new(PROJECT, title)).await.map(drop),
            Column::Update => {
                let id: i64 = title.trim_start_matches("cell-").parse().expect("a number");
                gl.projects().update(id).description(title).send().await.map(drop)
            }
            _ => gl.issues().create(1, title).send().await.map(drop),
        }
    }

    /// How often the server has each thing.
    pub async fn written(self, gl: &Client) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        let texts: Vec<Option<String>> = match self {
            Column::Update => {
                let projects = gl.projects().list().items().try_collect().await.expect("all projects");
                projects.into_iter().map(|project| project.description).collect()
            }
            _ => {
                let issues = gl.issues().list_for_project(1).items().try_collect().await.expect("all issues");
                issues.into_iter().map(|issue| issue.title).collect()
            }
        };
        for text in texts.into_iter().flatten().filter(|text| text.starts_with("cell-")) {
            *found.entry(text).or_default() += 1;
        }
        found
    }
}

impl Reached {
    /// Records the outcome of a write as the client reports it.
    fn wrote(&mut self, title: String, written: Result<(), Error>) {
        let Err(error) = written else { return self.done.push(title) };
        let succeeded = error.status().is_some_and(|status| (200..300).contains(&status));
        if error.is_outcome_unknown() {
            self.unknown.push(title);
        } else if succeeded {
            self.done.push(title);
        } else if let Some((_, Some(GoOn::Keys(titles)))) = &mut self.broken {
            titles.push(title);
            return;
        } else {
            self.broken = Some((error, Some(GoOn::Keys(vec![title]))));
            return;
        }
        if self.broken.is_none() {
            self.broken = Some((error, Some(GoOn::Keys(Vec::new()))));
        }
    }
}

type Users = glabflow::Items<glabflow::types::User>;

async fn rest(mut users: Users, stop: usize) -> Reached {
    let mut reached = Reached::default();
    while let Some(user) = users.next().await {
        match user {
            Ok(user) => reached.done.push(user.username.unwrap_or_default()),
            Err(error) => {
                let place = error.resume_token().cloned().map(GoOn::Token);
                reached.broken = Some((error, place));
                break;
            }
        }
        if reached.done.len() == stop {
            reached.stopped = Some(users.resume_token());
            break;
        }
    }
    reached
}

async fn nodes(gl: &Client, place: Option<ResumeToken>, stop: usize) -> Reached {
    let mut reached = Reached::default();
    let mut users = gl.graphql().stream(UsersQuery::new()).page_size(PAGE.into());
    if let Some(place) = place {
        users = users.resume(place);
    }
    while let Some(user) = users.next().await {
        match user {
            Ok(user) => reached.done.push(user.username.unwrap_or_default()),
            Err(error) => {
                let place = error.resume_token().cloned().map(GoOn::Token);
                reached.broken = Some((error, place));
                break;
            }
        }
        if reached.done.len() == stop {
            reached.stopped = Some(users.resume_token());
            break;
        }
    }
    reached
}

async fn load(gl: &Client, names: Vec<String>) -> Reached {
    let mut reached = Reached::default();
    let mut failed = Vec::new();
    let mut first = None;
    let loader = gl.graphql().loaders().batch(LOADED_AT_ONCE).users_by_username();
    for (name, loaded) in names.iter().zip(loader.load_all(names.clone()).await) {
        match loaded {
            Ok(user) => reached.done.push(user.and_then(|user| user.username).unwrap_or_default()),
            Err(error) => {
                failed.push(name.clone());
                first.get_or_insert(error);
            }
        }
    }
    reached.broken = first.map(|error| (error, Some(GoOn::Keys(failed))));
    reached
}
