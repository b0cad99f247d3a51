//! Other clients. Those that cannot be set up are skipped, with a note.

use crate::outcome::{Outcome, note};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The commands of the contestants that are not part of this program.
#[derive(Debug, Default)]
pub(crate) struct Peers {
    commands: BTreeMap<&'static str, Vec<String>>,
}

impl Peers {
    /// Sets up the requested ones.
    pub(crate) fn set_up(wanted: impl Fn(&str) -> bool) -> Outcome<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let mut peers = Peers::default();
        let python = [("python-gitlab", "python_gitlab.py", "-"), ("forerunner", "forerunner.py", "default")];
        let python = python.into_iter().chain([("forerunner-safe", "forerunner.py", "safe")]);
        let python: Vec<_> = python.filter(|(name, ..)| wanted(name)).collect();
        if !python.is_empty() {
            match interpreter(&here) {
                Ok(interpreter) => {
                    for (name, script, mode) in python {
                        let script = here.join(script).display().to_string();
                        peers.commands.insert(name, vec![interpreter.clone(), script, mode.to_owned()]);
                    }
                }
                Err(error) => note(&format!("without the Python clients: {error}")),
            }
        }
        if wanted("kitware") {
            match kitware(&here) {
                Ok(program) => drop(peers.commands.insert("kitware", vec![program, "-".to_owned()])),
                Err(error) => note(&format!("without the `gitlab` crate: {error}")),
            }
        }
        Ok(peers)
    }

    /// The command of a contestant, without its arguments; `None` if it is not available.
    pub(crate) fn command(&self, name: &str) -> Option<Vec<String>> {
        if name.starts_with("glabflow") || name.starts_with("bound-") {
            let program = std::env::current_exe().ok()?.display().to_string();
            return Some(vec![program, "be".to_owned(), name.to_owned()]);
        }
        self.commands.get(name).cloned()
    }

    /// Whether a contestant is another client, not one of ours and not a bound.
    pub(crate) fn is_peer(&self, name: &str) -> bool {
        self.commands.contains_key(name)
    }
}

/// The folder for builds and installed packages.
fn work_folder() -> Outcome<PathBuf> {
    let exe = std::env::current_exe()?;
    // target/release/glabflow-bench
    let target = exe.ancestors().nth(2).ok_or("this program has no parent folder")?;
    Ok(target.join("bench-peers"))
}

/// The Python that `PYTHON` names, or the newest one found. The forerunner needs 3.12, although it declares less.
fn python() -> Outcome<String> {
    let named = std::env::var("PYTHON").ok();
    let known = ["python3.14", "python3.13", "python3.12", "python3"].map(str::to_owned);
    let is_there = |name: &String| quietly(Command::new(name).arg("--version")).is_ok();
    named.into_iter().chain(known).find(is_there).ok_or_else(|| "there is no python3".into())
}

/// A Python with the packages of `requirements.txt`, in a virtual environment.
fn interpreter(here: &Path) -> Outcome<String> {
    let environment = work_folder()?.join("python");
    let interpreter = environment.join("bin/python").display().to_string();
    let installed = environment.join("installed");
    let wanted = std::fs::read_to_string(here.join("requirements.txt"))?;
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(interpreter);
    }
    note("installing the Python clients");
    quietly(Command::new(python()?).args(["-m", "venv", "--clear"]).arg(&environment))?;
    let pip = [interpreter.as_str(), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "-r"];
    quietly(Command::new(pip[0]).args(&pip[1..]).arg(here.join("requirements.txt")))?;
    std::fs::write(installed, wanted)?;
    Ok(interpreter)
}

/// The program that uses the `gitlab` crate.
fn kitware(here: &Path) -> Outcome<String> {
    let target = work_folder()?.join("kitware");
    note("building the contestant with the `gitlab` crate");
    let manifest = here.join("kitware/Cargo.toml");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    quietly(
        cargo
            .args(["build", "--release", "--quiet", "--manifest-path"])
            .arg(manifest)
            .arg("--target-dir")
            .arg(&target)
            .env("TYPES_BY_HAND", concat!(env!("OUT_DIR"), "/by_hand.rs")),
    )?;
    Ok(target.join("release/kitware").display().to_string())
}

/// Runs a program and shows its output only if it fails.
fn quietly(command: &mut Command) -> Outcome<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{program}: {}", complaints.trim().lines().last().unwrap_or("it failed")).into())
}
