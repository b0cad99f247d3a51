//! Files in arguments; `-` is stdin.

use crate::failure::Failure;
use glabflow_contract::Upload;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// A file to upload: streamed from disk, or read from stdin.
pub(crate) fn upload(path: &Path) -> Result<Upload, Failure> {
    if is_stdin(path) {
        return Ok(Upload::bytes("stdin", bytes(path)?));
    }
    // Reports a missing file now, not in the middle of a request.
    fs::File::open(path).map_err(Failure::io(format!("cannot read {}", path.display())))?;
    Ok(Upload::path(path))
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The contents of a file or of stdin.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if !is_stdin(path) {
        return fs::read(path).map_err(Failure::io(format!("cannot read {}", path.display())));
    }
    let mut all = Vec::new();
    io::stdin().lock().read_to_end(&mut all).map_err(Failure::io("cannot read stdin"))?;
    Ok(all)
}

/// The text of a file or of stdin.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|_| Failure::usage(format!("{} is not UTF-8 text", path.display())))
}
