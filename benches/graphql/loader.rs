//! Loading many keys with few documents.

use super::{client, loopback, runtime, user};
use divan::Bencher;
use divan::counter::ItemsCount;
use serde_json::{Map, Value, json};

const KEYS: usize = 200;

/// The users of each list of names in a document, under the alias of the list.
fn server() -> String {
    let users: Vec<Value> = (0..KEYS).map(user).collect();
    loopback::start(|_| {
        move |_, body| {
            let request: Value = serde_json::from_slice(body).expect("a request");
            let text = request["query"].as_str().expect("a document");
            let mut data = Map::new();
            for alias in text.lines().filter_map(|line| line.split_once(": users(")).map(|(alias, _)| alias.trim()) {
                let names = request["variables"][format!("{alias}_0")].as_array().expect("a list of names");
                let nodes = names.iter().map(|name| {
                    let name = name.as_str().expect("a name");
                    let number: usize = name.trim_start_matches("user").parse().expect("a number");
                    let mut node = users[number].clone();
                    node["glabflowKey"] = name.into();
                    node
                });
                data.insert(alias.to_owned(), json!({"nodes": nodes.collect::<Vec<_>>()}));
            }
            loopback::json("", json!({"data": data}).to_string().as_bytes())
        }
    })
}

/// The time includes that of the server to build its responses.
#[divan::bench]
fn users_by_name(bencher: Bencher<'_, '_>) {
    let (gl, runtime) = (client(server()), runtime());
    let keys: Vec<String> = (0..KEYS).map(|number| format!("user{number}")).collect();
    bencher.counter(ItemsCount::new(KEYS)).bench(|| {
        let found = runtime.block_on(gl.graphql().loaders().users_by_username().load_all(keys.iter().cloned()));
        assert!(found.len() == KEYS && found.iter().all(|user| matches!(user, Ok(Some(_)))));
    });
}
