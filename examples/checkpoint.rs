//! Reads all users into a file, one line of JSON each, and continues after a crash. Each user is in the file once, even if the
//! program is killed at any time.
//!
//! ```sh
//! GITLAB_URL=https://gitlab.example.com GITLAB_TOKEN=... cargo run --example checkpoint -- users.ndjson
//! cargo run --example checkpoint -- users.ndjson 4    # four ranges of the list at once
//! ```
//!
//! `users.ndjson.checkpoint` contains the length of the complete part of the file, and the position of the next user. To read
//! everything again, remove both files.
#![expect(clippy::print_stdout, reason = "an example prints")]

use glabflow::contract::Operation;
use glabflow::{Client, ResumeToken};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Users between two checkpoints. After a crash, at most this number is read again.
const BATCH: usize = 64;

/// The position in the list and the length of the file. They belong together, so they are written together.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    /// The position of the next user; `None` for the beginning.
    token: Option<ResumeToken>,
    /// The length of the complete part of the file. The rest was written after the checkpoint, and may be incomplete.
    complete: u64,
}

/// The file, and its checkpoint beside it.
struct Output {
    lines: BufWriter<File>,
    checkpoint: PathBuf,
}

impl Output {
    /// Opens the file, cuts it to its complete part, and returns the position of the next user.
    fn open(path: &Path) -> Result<(Self, Option<ResumeToken>), Box<dyn Error>> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.try_lock().map_err(|error| format!("{}: another program writes it: {error}", path.display()))?;
        let checkpoint = with_ending(path, ".checkpoint");
        let length = file.metadata()?.len();
        let saved = match fs::read(&checkpoint) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", checkpoint.display()))?,
            Err(error) if error.kind() == ErrorKind::NotFound && length == 0 => Checkpoint { token: None, complete: 0 },
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(format!("{} was not written by this program: it has no checkpoint", path.display()).into());
            }
            Err(error) => return Err(format!("{}: {error}", checkpoint.display()).into()),
        };
        if length < saved.complete {
            return Err(format!("{} has {length} bytes, and had {}", path.display(), saved.complete).into());
        }
        file.set_len(saved.complete)?;
        file.seek(SeekFrom::End(0))?;
        let mut output = Output { lines: BufWriter::new(file), checkpoint };
        // Save a checkpoint before the first line, so that each file with content has one.
        output.save(saved.token.clone())?;
        Ok((output, saved.token))
    }

    fn write(&mut self, item: &Value) -> io::Result<()> {
        writeln!(self.lines, "{item}")
    }

    /// Saves the position after all users that were written. The disk always has either the old checkpoint or the new one. The file
    /// is never shorter than the length in the checkpoint.
    fn save(&mut self, token: Option<ResumeToken>) -> io::Result<()> {
        self.lines.flush()?;
        self.lines.get_ref().sync_data()?;
        let complete = self.lines.stream_position()?;
        let draft = with_ending(&self.checkpoint, ".new");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(&Checkpoint { token, complete })?)?;
        file.sync_all()?;
        fs::rename(&draft, &self.checkpoint)?;
        sync_folder(&self.checkpoint)
    }
}

/// Writes the folder to disk too, because it contains the new name.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Does nothing: folders cannot be opened as files on this system.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args_os().skip(1);
    let path = PathBuf::from(args.next().ok_or("usage: checkpoint FILE [RANGES]")?);
    let ranges = args.next().map(|text| text.to_string_lossy().parse::<usize>()).transpose()?;
    let gl = Client::from_env()?;
    // `Value` instead of the typed user keeps fields that the type does not have.
    let mut users = gl.call(gl.users().list().into_request()).items::<Value>();
    if let Some(ranges) = ranges {
        users = users.partitioned(ranges);
    }
    let (mut output, token) = Output::open(&path)?;
    if let Some(token) = token {
        users = users.resume(token);
    }
    let mut read = 0;
    while let Some(user) = users.next().await {
        match user {
            Ok(user) => output.write(&user)?,
            Err(error) => {
                // An error has no token if there is no new position, for example an error about the arguments.
                if let Some(token) = error.resume_token() {
                    output.save(Some(token.clone()))?;
                }
                return Err(error.into());
            }
        }
        read += 1;
        if read % BATCH == 0 {
            output.save(Some(users.resume_token()))?;
        }
    }
    output.save(Some(users.resume_token()))?;
    println!("{read} users in this run");
    Ok(())
}
