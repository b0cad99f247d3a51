//! The contestant with the `gitlab` crate. It uses the same types as the loops written by hand.

use gitlab::Gitlab;
use gitlab::api::{Pagination, Query as _, paged, projects, users};
use graphql_client::{GraphQLQuery, QueryBody};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

/// Written by the build of `glabflow-bench`, which sets the path.
mod types {
    #![allow(dead_code)]
    include!(env!("TYPES_BY_HAND"));
}

#[path = "../../../src/contestant/nodes.rs"]
mod nodes;

/// The document that glabflow sends. It is known only at run time.
struct Users;

impl GraphQLQuery for Users {
    type Variables = Value;
    type ResponseData = nodes::Data;

    fn build_query(variables: Value) -> QueryBody<Value> {
        QueryBody { variables, query: "", operation_name: "UsersQuery" }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let asked: BTreeMap<String, String> = std::env::args()
        .skip(2)
        .filter_map(|argument| argument.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())))
        .collect();
    let start = Instant::now();
    let host = asked["--url"].trim_start_matches("http://");
    let gitlab = Gitlab::new_insecure(host, &asked["--token"])?;
    let mut items = 0_u64;
    match asked["--work"].as_str() {
        "users" => {
            let users = paged(users::Users::builder().build()?, Pagination::All);
            for user in users.iter::<_, types::User>(&gitlab) {
                items += u64::from(std::hint::black_box(user?).f_id.is_some());
            }
        }
        "projects" => {
            let projects = paged(projects::Projects::builder().build()?, Pagination::All);
            for project in projects.iter::<_, types::Project>(&gitlab) {
                items += u64::from(std::hint::black_box(project?).f_id.is_some());
            }
        }
        "paths" => {
            for path in std::fs::read_to_string(&asked["--paths"])?.lines() {
                let project: types::Project = projects::Project::builder().project(path).build()?.query(&gitlab)?;
                items += u64::from(std::hint::black_box(project).f_id.is_some());
            }
        }
        "nodes" => {
            let document: &'static str = std::fs::read_to_string(&asked["--document"])?.leak();
            let mut after = None;
            loop {
                let body = Users::build_query(json!({ "first": 100, "after": after }));
                let page = gitlab.graphql::<Users>(&QueryBody { query: document, ..body })?.users;
                items += std::hint::black_box(page.nodes).len() as u64;
                if !page.page_info.has_next_page {
                    break;
                }
                after = page.page_info.end_cursor;
            }
        }
        work => return Err(format!("{work} is not asked of it").into()),
    }
    println!("{{\"items\": {items}, \"seconds\": {}}}", start.elapsed().as_secs_f64());
    Ok(())
}
