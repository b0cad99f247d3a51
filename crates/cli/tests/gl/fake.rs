//! `gl fake`.

use crate::{finish, gl};
use std::io::{BufRead, BufReader, Read};

// Ctrl-C is a signal only there.
#[cfg(unix)]
#[test]
fn stdout_is_the_url_and_control_c_ends_it() {
    let mut child = gl(&["fake", "--users", "30", "--projects", "3", "--seed", "7"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    stdout.read_line(&mut url).unwrap();
    let url = url.trim_end();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");

    let mut users = gl(&["api", "list_users", "--paginate", "--format", "ndjson"]);
    users.env("GITLAB_URL", url).env("GITLAB_TOKEN", "glpat-demo");
    assert_eq!(finish(users, b"").succeeded().stdout.lines().count(), 30);

    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let (mut rest, mut notes) = (String::new(), String::new());
    stdout.read_to_string(&mut rest).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut notes).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(rest, "");
    insta::with_settings!({filters => vec![(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT")]}, {
        insta::assert_snapshot!(notes);
    });
}

#[test]
fn a_port_in_use_is_a_failure() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let stderr = finish(gl(&["fake", "--port", &port]), b"").failed(1);
    assert!(stderr.starts_with("gl: cannot start the fake GitLab"), "{stderr}");
}
