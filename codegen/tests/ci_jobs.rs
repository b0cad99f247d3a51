//! The jobs of `docs/ci.md` and of this repository are YAML, and they and the documentation call commands that exist with options
//! that exist.
#![cfg(feature = "fetch")]

use clap::Parser;
use clap::error::ErrorKind;
use glabflow_codegen::diff::DiffArgs;
use glabflow_codegen::documents::DocumentsArgs;
use glabflow_codegen::fetch::FetchArgs;
use glabflow_codegen::ingest::graphql::GraphqlArgs;
use glabflow_codegen::ingest::rest::RestArgs;
use glabflow_codegen::output::{Folders, GenerateArgs};
use glabflow_codegen::used::UsedArgs;
use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commands of `glabflow-codegen`, with the options that they have there.
#[derive(Debug, Parser)]
enum Call {
    Diff(DiffArgs),
    Fetch(FetchArgs),
    Used(UsedArgs),
    Generate(GenerateArgs),
    Check(GenerateArgs),
    Documents(DocumentsArgs),
    #[command(subcommand)]
    Ingest(Ingest),
    Names(Folders),
    Stats {
        #[command(flatten)]
        _folders: Folders,
        #[arg(long)]
        _format: Option<String>,
    },
}

#[derive(Debug, Parser)]
enum Ingest {
    Rest(RestArgs),
    Graphql(GraphqlArgs),
}

const COMMANDS: [&str; 9] = ["diff", "fetch", "used", "generate", "check", "documents", "ingest", "names", "stats"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    let path = root().join(path);
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
            // A comment.
            '#' if !is_quoted && words.last().is_some_and(String::is_empty) => break,
            other => words.last_mut().expect("there is one from the beginning").push(other),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The call of the generator in a line, if there is one.
fn call(line: &str) -> Option<&str> {
    if line.contains("cargo install") {
        return None;
    }
    let call = line.split_once("glabflow-codegen -- ").or_else(|| line.split_once("glabflow-codegen "));
    call.map(|(_, call)| call)
}

fn parse(call: &str) -> Result<Call, clap::Error> {
    Call::try_parse_from(std::iter::once("glabflow-codegen".to_owned()).chain(words(call)))
}

/// Checks all calls in a YAML text and tells how many there are.
fn check(yaml: &str) -> usize {
    serde_saphyr::from_str::<serde_json::Value>(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let mut calls = 0;
    for call in yaml.lines().filter_map(call) {
        parse(call).unwrap_or_else(|error| panic!("{call}: {error}"));
        calls += 1;
    }
    calls
}

/// Checks all calls in a Markdown text, in blocks and in sentences, and tells how many there are.
fn check_markdown(markdown: &str) -> usize {
    let mut calls = 0;
    let mut in_block = false;
    for event in pulldown_cmark::Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                // Jobs and manifests have tests of their own.
                in_block = match kind {
                    CodeBlockKind::Indented => true,
                    CodeBlockKind::Fenced(language) => &*language == "sh",
                };
            }
            Event::End(TagEnd::CodeBlock) => in_block = false,
            Event::Text(text) if in_block => {
                for call in text.replace("\\\n", " ").lines().filter_map(call) {
                    parse(call).unwrap_or_else(|error| panic!("{call}: {error}"));
                    calls += 1;
                }
            }
            Event::Code(span) => calls += usize::from(check_span(&span)),
            _ => {}
        }
    }
    calls
}

/// Checks what stands in a sentence; it may leave out what a call needs, and say what it may leave out.
fn check_span(span: &str) -> bool {
    let text = span.replace(['[', ']'], "").replace("rest|graphql", "rest");
    let first = text.split(' ').next().unwrap_or_default();
    let is_call = COMMANDS.contains(&first) && text.contains(" --");
    let Some(call) = call(&text).or_else(|| is_call.then_some(text.as_str())) else { return false };
    match parse(call) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {}
        Err(error) => panic!("{span}: {error}"),
    }
    true
}

#[test]
fn documented_ci_jobs_call_valid_commands() {
    let text = read("docs/ci.md");
    let blocks: Vec<&str> = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(blocks.iter().map(|block| check(block)).collect::<Vec<_>>(), [7, 4]);
}

#[test]
fn ci_jobs_of_this_repository_call_valid_commands() {
    assert_eq!(check(&read(".gitlab-ci.yml")), 3);
    assert_eq!(check(&read(".github/workflows/ci.yml")), 2);
}

#[test]
fn documented_commands_are_valid() {
    for (file, least) in [
        ("README.md", 9),
        ("docs/diff.md", 7),
        ("docs/own-schema.md", 5),
        ("docs/ci.md", 4),
        ("docs/architecture.md", 1),
        ("schema/README.md", 4),
        ("CHANGELOG.md", 3),
    ] {
        let calls = check_markdown(&read(file));
        assert!(calls >= least, "{file}: {calls}");
    }
}

#[test]
fn tested_commands_are_those_of_the_program() {
    let output = Command::new(env!("CARGO_BIN_EXE_glabflow-codegen")).arg("--help").output().expect("it starts");
    let help = String::from_utf8_lossy(&output.stdout);
    let listed = help.split_once("Commands:").and_then(|(_, rest)| rest.split_once("\n\n")).expect("a list").0;
    let mut listed: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    listed.retain(|command| *command != "help");
    let mut known = COMMANDS.to_vec();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
}

#[test]
#[should_panic(expected = "unexpected argument")]
fn unknown_option_in_a_job_is_detected() {
    check("script:\n  - glabflow-codegen diff HEAD schema --formats html\n");
}

#[test]
#[should_panic(expected = "unexpected argument")]
fn unknown_option_in_a_code_block_is_detected() {
    check_markdown("```sh\nglabflow-codegen generate --standalone --schema schema\n```\n");
}

#[test]
#[should_panic(expected = "unexpected argument")]
fn unknown_option_in_a_sentence_is_detected() {
    check_markdown("Crates of your own come of `generate --standalone`.\n");
}

/// Runs `.ci/semver` in a repository with a `cargo` that writes down how it is called; gives that and what the script says.
#[cfg(unix)]
fn semver(root: &Path) -> (String, String) {
    use std::os::unix::fs::PermissionsExt;
    let (tools, calls) = (root.join("tools"), root.join("calls"));
    fs::create_dir_all(&tools).expect("made");
    fs::write(tools.join("cargo"), format!("#!/bin/sh\necho \"$@\" > {}\n", calls.display())).expect("written");
    fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).expect("executable");
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").expect("a path"));
    let output = Command::new("bash").arg(root.join(".ci/semver")).env("PATH", path).output().expect("bash runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (fs::read_to_string(calls).unwrap_or_default(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(unix)]
#[test]
fn semver_script_compares_crates_with_the_previous_tag() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let git = |arguments: &[&str]| {
        let name = ["-c", "user.name=x", "-c", "user.email=x@example.com"];
        let status = Command::new("git").current_dir(root).args(name).args(arguments).status().expect("git runs");
        assert!(status.success(), "git {arguments:?}");
    };
    fs::create_dir_all(root.join(".ci")).expect("made");
    fs::create_dir_all(root.join("codegen")).expect("made");
    fs::write(root.join(".ci/semver"), read(".ci/semver")).expect("written");
    fs::write(root.join("Cargo.toml"), "").expect("written");
    git(&["init", "--quiet"]);
    git(&["add", ".ci", "Cargo.toml"]);
    git(&["commit", "--quiet", "-m", "1"]);
    let (calls, said) = semver(root);
    assert!(calls.is_empty() && said.contains("no release to compare with"), "{calls}{said}");
    git(&["tag", "v0.1.0"]);
    fs::write(root.join("codegen/Cargo.toml"), "").expect("written");
    git(&["add", "codegen"]);
    git(&["commit", "--quiet", "-m", "2"]);
    // The tag of the commit itself is what is checked, and not what it is held against.
    git(&["tag", "v0.2.0"]);
    let (calls, said) = semver(root);
    assert_eq!(calls, "semver-checks --baseline-rev v0.1.0 --package glabflow\n");
    assert!(said.contains("v0.1.0 has no glabflow-codegen"), "{said}");
    git(&["commit", "--quiet", "--allow-empty", "-m", "3"]);
    assert_eq!(semver(root).0, "semver-checks --baseline-rev v0.2.0 --package glabflow --package glabflow-codegen\n");
}

#[test]
fn semver_script_covers_all_handwritten_libraries() {
    let script = read(".ci/semver");
    let docs = read("docs/ci.md");
    let mut folders = vec![".".to_owned(), "codegen".to_owned()];
    for entry in fs::read_dir(root().join("crates")).expect("listed") {
        folders.push(format!("crates/{}", entry.expect("listed").file_name().to_string_lossy()));
    }
    for folder in folders.iter().filter(|folder| root().join(folder).join("src/lib.rs").is_file()) {
        let manifest: toml::Table = toml::from_str(&read(&format!("{folder}/Cargo.toml"))).expect("a manifest");
        let name = manifest["package"]["name"].as_str().expect("a name");
        assert!(script.contains(&format!("{name}:{folder}")) && docs.contains(&format!("`{name}`")), "{name}");
    }
}
