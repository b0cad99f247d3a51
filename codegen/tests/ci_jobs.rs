//! The jobs of `docs/ci.md` and of this repository are YAML, and call commands that exist with options that exist.
#![cfg(feature = "fetch")]

use clap::Parser;
use glabflow_codegen::diff::DiffArgs;
use glabflow_codegen::fetch::FetchArgs;
use glabflow_codegen::used::UsedArgs;
use std::fs;
use std::path::Path;

/// The commands that jobs call.
#[derive(Debug, Parser)]
enum Call {
    /// `glabflow-codegen diff`
    Diff(DiffArgs),
    /// `glabflow-codegen fetch`
    Fetch(FetchArgs),
    /// `glabflow-codegen used`
    Used(UsedArgs),
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The arguments of a shell command: quoted ones are one word, and variables are words like any other.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    // What GitHub puts in has spaces, but is one value.
    for character in command.replace("${{ ", "${{").replace(" }}", "}}").chars() {
        match character {
            '"' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            other => words.last_mut().expect("there is one from the beginning").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Checks all calls in a YAML text and tells how many there are.
fn check(yaml: &str) -> usize {
    serde_saphyr::from_str::<serde_json::Value>(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let mut calls = 0;
    for line in yaml.lines().filter(|line| !line.contains("cargo install")) {
        let call = line.split_once("glabflow-codegen -- ").or_else(|| line.split_once("glabflow-codegen "));
        if let Some((_, call)) = call {
            let words = std::iter::once("glabflow-codegen".to_owned()).chain(words(call));
            Call::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
            calls += 1;
        }
    }
    calls
}

#[test]
fn the_jobs_of_the_documentation() {
    let text = read("docs/ci.md");
    let blocks: Vec<&str> = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.iter().map(|block| check(block)).collect::<Vec<_>>(), [6, 3]);
}

#[test]
fn the_jobs_of_this_repository() {
    assert_eq!(check(&read(".gitlab-ci.yml")), 3);
    assert_eq!(check(&read(".github/workflows/ci.yml")), 2);
}

#[test]
#[should_panic(expected = "unexpected argument")]
fn an_option_that_does_not_exist_is_found() {
    check("script:\n  - glabflow-codegen diff HEAD schema --formats html\n");
}
