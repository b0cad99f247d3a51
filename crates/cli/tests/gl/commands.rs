//! The complete command tree.

use crate::run;

/// The help texts of a command and of all commands below it.
fn tree(path: &[&str], out: &mut String) {
    let help = run(&[path, &["--help"]].concat()).succeeded().stdout;
    out.push_str(&format!("==== {} ====\n\n{help}\n", [&["gl"], path].concat().join(" ")));
    let commands = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
    for line in commands.lines().take_while(|line| line.starts_with("  ")) {
        match line.split_whitespace().next() {
            Some("help") | None => {}
            Some(name) => tree(&[path, &[name]].concat(), out),
        }
    }
}

#[test]
fn every_flag_is_reviewed() {
    let mut all = String::new();
    tree(&[], &mut all);
    insta::assert_snapshot!(all);
}

#[test]
fn every_flag_is_documented() {
    let documentation = include_str!("../../../../docs/cli.md");
    for command in [&["api"][..], &["operations"], &["graphql"], &["graphql", "operations"], &["check-schema"]] {
        let help = run(&[command, &["--help"]].concat()).succeeded().stdout;
        let flags = help.split_whitespace().filter(|word| word.starts_with("--"));
        for flag in flags.map(|word| word.trim_end_matches([',', '.', ';'])) {
            assert!(
                flag == "--help" || documentation.contains(flag),
                "docs/cli.md lacks {flag} of `gl {}`",
                command.join(" ")
            );
        }
    }
}

#[test]
fn the_version_is_printed() {
    assert_eq!(run(&["--version"]).succeeded().stdout, format!("gl {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn invalid_command_lines_are_usage_errors() {
    for args in [
        &["--nonsense"][..],
        &["nonsense"],
        &["api"],
        &["api", "a", "b", "c"],
        &["api", "projects", "-F", "secret"],
        &["graphql"],
    ] {
        let stderr = run(args).failed(2);
        assert!(stderr.contains("error:"), "{args:?}: {stderr}");
    }
    assert!(run(&["api", "list_projects", "--token", "glpat-x"]).failed(2).contains("--token-file"));
}

#[test]
fn completion_scripts_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]).succeeded().stdout;
        assert!(["raw-field", "operations", "check-schema"].iter().all(|word| script.contains(word)), "{shell}");
    }
}
