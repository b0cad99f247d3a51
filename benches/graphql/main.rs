//! The time that the client itself takes over GraphQL: decoding, loading by keys, the cache, building and checking documents.
//!
//! `cargo bench -p glabflow --features graphql-core,graphql-builder --bench graphql`, or `... -- cache` for a part of it. The
//! responses are prepared. `bench/` compares whole programs with other clients.

#[path = "../loopback/mod.rs"]
mod loopback;

mod cache;
mod decode;
mod loader;
mod query;

use glabflow::{Client, Token};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

fn client(url: String) -> Client {
    Client::builder(url).token(Token::personal("glpat-example")).build().expect("a client")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A user with each field that `UsersQuery` selects.
fn user(number: usize) -> Value {
    let name = format!("user{number}");
    json!({
        "id": format!("gid://gitlab/User/{number}"), "username": name, "name": format!("A Person with the Number {number}"),
        "state": "active", "type": "HUMAN", "active": true, "bot": false, "human": true,
        "webUrl": format!("https://gitlab.example.com/{name}"),
        "avatarUrl": format!("https://gitlab.example.com/uploads/-/system/user/avatar/{number}/avatar.png"),
        "publicEmail": format!("{name}@example.com"), "bio": "Writes \"software\" — in the open.", "location": "Zürich",
        "pronouns": null, "jobTitle": "Engineer", "organization": "Example", "createdAt": "2024-02-29T12:34:56Z",
        "lastActivityOn": "2025-01-31", "groupCount": number % 7,
        "status": {"availability": "NOT_SET", "clearStatusAt": null, "emoji": "speech_balloon", "message": "here"},
        "namespace": {
            "id": format!("gid://gitlab/Namespaces::UserNamespace/{number}"), "fullPath": name, "name": name,
            "webUrl": format!("https://gitlab.example.com/{name}"),
        },
    })
}

/// The `data` of a page with this number of users.
fn page(users: usize) -> Value {
    let nodes: Vec<Value> = (1..=users).map(user).collect();
    json!({"users": {"nodes": nodes, "pageInfo": {"endCursor": "eyJpZCI6IjEwMCJ9", "hasNextPage": false}}})
}
