//! The schema folder: written as a whole or not at all.

use anyhow::{Context, Result, bail};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder that exists, or will.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path)?,
            Err(error) => return Err(error).with_context(|| format!("cannot use {}", path.display())),
        };
        if path.exists() && !path.is_dir() {
            bail!("{} is a file; a folder is needed", path.display());
        }
        if path.file_name().is_none() {
            bail!("{} cannot be written as a whole; name a folder below it", path.display());
        }
        Ok(Folder { path })
    }

    /// The path of a file that may be there already.
    pub(super) fn existing(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// The text of a file; none when it is not there.
    pub(super) fn read(&self, file: &str) -> Result<Option<String>> {
        let path = self.existing(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Puts files into the folder; others that it has stay.
    ///
    /// A copy is made beside the folder and takes its place when it is complete, so whatever goes wrong before leaves the
    /// folder as it was.
    pub(super) fn replace(&self, files: &[(&str, String)]) -> Result<()> {
        let new = self.beside("new");
        let outcome = self.build(&new, files).and_then(|()| self.swap(&new));
        if outcome.is_err() {
            // What is left of the copy is of no use; the first error tells what went wrong.
            let _ = fs::remove_dir_all(&new);
        }
        outcome
    }

    fn build(&self, new: &Path, files: &[(&str, String)]) -> Result<()> {
        let failed = |path: &Path| format!("cannot write {}", path.display());
        fs::create_dir_all(new).with_context(|| failed(new))?;
        if self.path.exists() {
            copy(&self.path, new).with_context(|| format!("cannot copy {}", self.path.display()))?;
        }
        for (file, text) in files {
            let path = new.join(file);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).with_context(|| failed(folder))?;
            }
            fs::write(&path, text).with_context(|| failed(&path))?;
        }
        Ok(())
    }

    fn swap(&self, new: &Path) -> Result<()> {
        let failed = || format!("cannot replace {}", self.path.display());
        if !self.path.exists() {
            return fs::rename(new, &self.path).with_context(failed);
        }
        let old = self.beside("old");
        fs::rename(&self.path, &old).with_context(failed)?;
        if let Err(error) = fs::rename(new, &self.path) {
            fs::rename(&old, &self.path).with_context(|| format!("the earlier folder is now {}", old.display()))?;
            return Err(error).with_context(failed);
        }
        fs::remove_dir_all(&old).with_context(|| format!("the earlier folder is still at {}", old.display()))
    }

    /// A name in the same folder, so that renaming does not copy.
    fn beside(&self, what: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        self.path.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_stay_and_nothing_is_left_over() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        let folder = Folder::new(&path).expect("usable");
        folder.replace(&[("rest/openapi.json", "1".to_owned())]).expect("written");
        fs::write(path.join("selection.toml"), "mine").expect("written");
        folder.replace(&[("rest/openapi.json", "2".to_owned())]).expect("replaced");
        let read = |file: &str| folder.read(file).expect("read").unwrap_or_default();
        assert_eq!((read("rest/openapi.json").as_str(), read("selection.toml").as_str()), ("2", "mine"));
        assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1);
    }

    #[test]
    fn what_goes_wrong_leaves_the_folder_as_it_was() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        let folder = Folder::new(&path).expect("usable");
        folder.replace(&[("a", "1".to_owned())]).expect("written");
        // A file cannot be a folder, too.
        folder.replace(&[("b", "2".to_owned()), ("a/c", "2".to_owned())]).expect_err("cannot be written");
        assert_eq!(fs::read_to_string(path.join("a")).expect("there"), "1");
        assert!(!path.join("b").exists());
        assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1);
        assert!(Folder::new(&path.join("a")).is_err());
    }
}
