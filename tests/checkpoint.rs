//! The example `checkpoint`, as a process that is killed several times while it works.

use glabflow_fake::{Fake, Fault};
use serde_json::Value;
use std::collections::BTreeSet;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const USERS: usize = 4_000;
/// Number of kills, spread over the list.
const KILLS: usize = 5;
/// Responses that a run gets before it is killed. It hangs at the next request, so it cannot end before the kill. All these
/// runs together do not reach the end of the list.
const RESPONSES: u64 = 6;
/// Longer than any step takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program of the example. Cargo puts examples beside the folder of test programs.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    let program = profile.join("examples").join(format!("checkpoint{EXE_SUFFIX}"));
    assert!(
        program.is_file(),
        "{} is not there: `cargo test` builds it; for `--test checkpoint` alone, `cargo build --example checkpoint` does",
        program.display()
    );
    program
}

/// A folder that is removed at the end of a test that passes.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("checkpoint-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // A leftover in the build folder does no harm.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// The example with the file that it writes.
struct Job<'a> {
    fake: &'a Fake,
    file: PathBuf,
    /// The number of ranges that are read at once.
    ranges: Option<&'a str>,
}

impl Job<'_> {
    fn start(&self) -> Running {
        let mut command = Command::new(program());
        command.arg(&self.file).args(self.ranges);
        command.env("GITLAB_URL", self.fake.url()).env("GITLAB_TOKEN", self.fake.admin_token());
        Running(command.stdout(Stdio::null()).spawn().expect("the example starts"))
    }

    /// The checkpoint: the number of complete bytes, and the position in the token.
    fn saved(&self) -> Option<(u64, Value)> {
        let text = fs::read(self.file.with_extension("ndjson.checkpoint")).ok()?;
        // It is replaced atomically, so a reader always finds a complete one.
        let mut saved: Value = serde_json::from_slice(&text).expect("a checkpoint");
        Some((saved["complete"].as_u64().expect("a length"), saved["token"]["position"].take()))
    }

    fn length(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |file| file.len())
    }
}

/// A process that does not outlive the test.
struct Running(Child);

impl Running {
    fn is_over(&mut self) -> bool {
        self.0.try_wait().expect("a child").is_some()
    }

    /// Waits for a condition while the process runs.
    fn wait_until(&mut self, what: &str, condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(!self.is_over(), "it ended before {what}");
            assert!(start.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
            // Real time: another process writes the files.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails if the process has ended by itself, which is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn ids(file: &Path) -> Vec<u64> {
    let text = fs::read_to_string(file).expect("the file");
    let id = |line| serde_json::from_str::<Value>(line).expect("a line of JSON")["id"].as_u64().expect("an id");
    text.lines().map(id).collect()
}

/// Kills the example several times, lets it finish, and compares with an undisturbed run.
fn survives(name: &str, ranges: Option<&str>) {
    let folder = Folder::new(name);
    let fake =
        Fake::builder().users(USERS as u64).latency(Duration::from_millis(5)).start_blocking().expect("a server");
    let whole = Job { fake: &fake, file: folder.0.join("whole.ndjson"), ranges };
    assert!(whole.start().0.wait().expect("a child").success());
    let length = whole.length();
    let expected = ids(&whole.file);
    assert_eq!(expected.iter().collect::<BTreeSet<_>>().len(), USERS);
    assert_eq!(expected.len(), USERS);

    let job = Job { file: folder.0.join("killed.ndjson"), ..whole };
    let mut with_unsaved_bytes = 0;
    for kill in 0..KILLS {
        let before = job.saved().map_or(0, |(complete, _)| complete);
        fake.fail_on("GET /users", RESPONSES, u64::MAX, Fault::Hang);
        let mut running = job.start();
        running.wait_until("it could be killed", || match kill {
            // Before the first checkpoint after the start, if the machine is fast enough.
            0 => job.length() > 0,
            _ => job.saved().is_some_and(|(complete, _)| complete > before),
        });
        // Real time: each kill ends the process at another time between two checkpoints.
        std::thread::sleep(Duration::from_millis(3 * kill as u64));
        assert!(!running.is_over(), "it ended before the kill");
        running.0.kill().expect("it can be killed");
        let status = running.0.wait().expect("a child");
        assert!(!status.success(), "it ended by itself: {status}");
        fake.stop_failing();

        let (complete, position) = job.saved().expect("a checkpoint");
        assert!(position != "end" && complete < length, "kill {kill}: {complete} of {length} bytes, {position}");
        assert!(kill == 0 || complete > before, "kill {kill}: it went back from {before} to {complete}");
        with_unsaved_bytes += usize::from(job.length() > complete);
    }
    assert!(with_unsaved_bytes > 0, "no kill left bytes after the checkpoint, so nothing had to be cut off");

    // Saved items are not read again, and the saved part of the file does not change.
    let (complete, _) = job.saved().expect("a checkpoint");
    let kept = fs::read(&job.file).expect("the file")[..complete as usize].to_vec();
    assert!(kept.ends_with(b"\n"));
    fake.forget_requests();
    assert!(job.start().0.wait().expect("a child").success());
    assert!(fs::read(&job.file).expect("the file").starts_with(&kept));
    // With several ranges, the number of requests depends on how the ranges are split.
    let requests = fake.requests().total;
    assert!(ranges.is_some() || requests < USERS as u64 / 100, "{requests} requests for the rest");
    assert_eq!(ids(&job.file), expected);
    let (complete, position) = job.saved().expect("a checkpoint");
    assert_eq!((complete, position), (length, Value::from("end")));

    // A run after the end has nothing to do.
    fake.forget_requests();
    assert!(job.start().0.wait().expect("a child").success());
    assert_eq!((fake.requests().total, job.length()), (0, length));
}

#[test]
fn killed_runs_resume_and_write_each_item_once() {
    survives("list", None);
}

#[test]
fn killed_partitioned_runs_resume_and_write_each_item_once() {
    survives("ranges", Some("3"));
}

#[test]
fn file_without_checkpoint_is_not_overwritten() {
    let folder = Folder::new("foreign");
    let fake = Fake::builder().users(5).start_blocking().expect("a server");
    let job = Job { fake: &fake, file: folder.0.join("foreign.ndjson"), ranges: None };
    fs::write(&job.file, "precious\n").expect("a file");
    assert!(!job.start().0.wait().expect("a child").success());
    assert_eq!(fs::read_to_string(&job.file).expect("the file"), "precious\n");
    assert_eq!(fake.requests().total, 0);
}
