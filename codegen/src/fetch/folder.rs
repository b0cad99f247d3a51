//! Writes the schema folder atomically: completely or not at all.
//!
//! A copy of the folder is made beside it, `.NAME.new-RANDOM`. Then both are renamed: the folder to `.NAME.old-RANDOM`, the
//! copy to `NAME`. A run that is killed may leave both. The next run cleans up before it reads anything.

use crate::schema_dir::layout::{GRAPHQL_SCHEMA, REST_SCHEMA, SCHEMA_MANIFEST};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::BuildHasher;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A folder that may not exist yet.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the folder, and cleans up after runs that were killed. The notes say what was done.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<String>)> {
        let folder = Folder { path: real(path)? };
        if folder.path.file_name().is_none() {
            bail!("{} cannot be replaced; name a folder below it", path.display());
        }
        let notes = folder.recover()?;
        if folder.path.exists() && !folder.path.is_dir() {
            bail!("{} is a file, not a folder", path.display());
        }
        Ok((folder, notes))
    }

    /// The path of a file in the folder.
    pub(super) fn existing(&self, file: &str) -> PathBuf {
        self.path.join(file)
    }

    /// The text of a file; none if it does not exist.
    pub(super) fn read(&self, file: &str) -> Result<Option<String>> {
        let path = self.existing(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes files to the folder, and keeps its other files.
    ///
    /// The folder is replaced only when the copy is complete, so an error before leaves it unchanged.
    pub(super) fn replace(&self, files: &[(&str, String)]) -> Result<()> {
        let above = self.above();
        fs::create_dir_all(above).with_context(|| format!("cannot create {}", above.display()))?;
        let _lock = lock(above);
        let new = self.beside(NEW);
        // Do not write to a folder that exists.
        fs::create_dir(&new).with_context(|| format!("cannot create {}", new.display()))?;
        let outcome = self.fill(&new, files).and_then(|()| self.swap(&new));
        if outcome.is_err() {
            // Remove the incomplete copy. The first error is the one to report.
            let _ = fs::remove_dir_all(&new);
        }
        outcome
    }

    fn fill(&self, new: &Path, files: &[(&str, String)]) -> Result<()> {
        let failed = |path: &Path| format!("cannot write {}", path.display());
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
        let old = self.beside(OLD);
        fs::rename(&self.path, &old).with_context(failed)?;
        if let Err(error) = fs::rename(new, &self.path) {
            return Err(match fs::rename(&old, &self.path) {
                Ok(()) => anyhow!(error).context(failed()),
                Err(_) => anyhow!("{}: {error}; the old folder is now {}", failed(), old.display()),
            });
        }
        fs::remove_dir_all(&old).with_context(|| {
            format!("{} is written, but the old folder still exists: {}", self.path.display(), old.display())
        })
    }

    /// Cleans up after runs that were killed: restores the folder, removes copies.
    fn recover(&self) -> Result<Vec<String>> {
        // Another run holds the lock, and the leftovers are its own.
        let _lock = lock(self.above());
        let mut notes = Vec::new();
        for copy in self.leftovers(NEW)? {
            fs::remove_dir_all(&copy).with_context(|| format!("cannot remove {}", copy.display()))?;
            notes.push(format!("removed {}, the copy of an interrupted run", copy.display()));
        }
        for old in self.leftovers(OLD)? {
            let (path, was) = (self.path.display(), old.display());
            if !self.path.exists() {
                fs::rename(&old, &self.path).with_context(|| format!("cannot rename {was} to {path}"))?;
                notes.push(format!("restored {path} from {was}, where an interrupted run had moved it"));
            } else if has_all(&self.path, &old, Path::new(""))? {
                fs::remove_dir_all(&old).with_context(|| format!("cannot remove {was}"))?;
                notes.push(format!("removed {was}, the old folder of an interrupted run"));
            } else {
                notes.push(format!(
                    "{was} is the old folder of an interrupted run, and has files that {path} does not have: check it"
                ));
            }
        }
        Ok(notes)
    }

    /// The leftovers of a kind, the newest first.
    fn leftovers(&self, kind: &str) -> Result<Vec<PathBuf>> {
        let entries = match fs::read_dir(self.above()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error).with_context(|| format!("cannot list {}", self.above().display())),
        };
        let prefix = self.prefix(kind);
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            // Do not follow links: the target is not a copy.
            let is_ours = entry.file_name().to_string_lossy().starts_with(&prefix) && entry.file_type()?.is_dir();
            if is_ours {
                found.push((entry.metadata()?.modified().unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
            }
        }
        found.sort();
        Ok(found.into_iter().rev().map(|(_, path)| path).collect())
    }

    /// The parent folder.
    fn above(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    /// A new name in the parent folder, so that renaming does not copy.
    fn beside(&self, kind: &str) -> PathBuf {
        // The keys of a hasher are random. Process ids repeat in containers.
        let random = RandomState::new().hash_one(SystemTime::now());
        self.path.with_file_name(format!("{}{random:016x}", self.prefix(kind)))
    }

    fn prefix(&self, kind: &str) -> String {
        format!(".{}.{kind}-", self.path.file_name().unwrap_or_default().to_string_lossy())
    }
}

/// The suffix of the copy.
const NEW: &str = "new";
/// The suffix of the old folder.
const OLD: &str = "old";
/// The files that `fetch` writes, and that may differ in an old folder.
const WRITTEN: [&str; 3] = [GRAPHQL_SCHEMA, REST_SCHEMA, SCHEMA_MANIFEST];

/// The path with links resolved, even if the target does not exist.
fn real(path: &Path) -> Result<PathBuf> {
    match fs::canonicalize(path) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::read_link(path) {
            Ok(target) => real(&path.parent().unwrap_or(path).join(target)),
            Err(_) => Ok(std::path::absolute(path)?),
        },
        Err(error) => Err(error).with_context(|| format!("cannot use {}", path.display())),
    }
}

/// Locks the parent folder until it is dropped, so that only one run replaces folders in it. Where the system cannot lock
/// folders, concurrent runs are not separated.
fn lock(folder: &Path) -> Option<File> {
    let folder = File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}

/// Whether a folder has everything that an old folder has below a path, except files that `fetch` writes.
fn has_all(folder: &Path, earlier: &Path, below: &Path) -> Result<bool> {
    let at = earlier.join(below);
    let failed = || format!("cannot read {}", at.display());
    for entry in fs::read_dir(&at).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let file = below.join(entry.file_name());
        let is_there = if entry.path().is_dir() {
            has_all(folder, earlier, &file)?
        } else {
            WRITTEN.iter().any(|written| file == Path::new(written))
                || fs::read(folder.join(&file)).ok() == Some(fs::read(entry.path()).with_context(failed)?)
        };
        if !is_there {
            return Ok(false);
        }
    }
    Ok(true)
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
    use std::collections::BTreeMap;

    fn open(path: &Path) -> Folder {
        let (folder, notes) = Folder::open(path).expect("usable");
        assert_eq!(notes, [""; 0]);
        folder
    }

    /// The files below a folder with their texts.
    fn texts(root: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).expect("listed") {
                let path = entry.expect("listed").path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    let name = path.strip_prefix(root).expect("below it").display().to_string();
                    found.insert(name, fs::read_to_string(path).expect("read"));
                }
            }
        }
        found
    }

    /// A folder with files.
    fn put(root: &Path, files: &[(&str, &str)]) {
        for (file, text) in files {
            let path = root.join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        }
    }

    #[test]
    fn replace_keeps_foreign_files_and_leaves_no_temporary_ones() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        let folder = open(&path);
        folder.replace(&[("rest/openapi.json", "1".to_owned())]).expect("written");
        fs::write(path.join("selection.toml"), "mine").expect("written");
        folder.replace(&[("rest/openapi.json", "2".to_owned())]).expect("replaced");
        let read = |file: &str| folder.read(file).expect("read").unwrap_or_default();
        assert_eq!((read("rest/openapi.json").as_str(), read("selection.toml").as_str()), ("2", "mine"));
        assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1);
    }

    #[test]
    fn failed_replace_leaves_the_folder_unchanged() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        let folder = open(&path);
        folder.replace(&[("a", "1".to_owned())]).expect("written");
        // `b` cannot be a file and a folder.
        folder.replace(&[("b", "2".to_owned()), ("a/c", "2".to_owned())]).expect_err("cannot be written");
        assert_eq!(fs::read_to_string(path.join("a")).expect("there"), "1");
        assert!(!path.join("b").exists());
        assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1);
        let rejected = Folder::open(&path.join("a")).err().expect("a file").to_string();
        assert!(rejected.contains("is a file"), "{rejected}");
    }

    #[test]
    fn failed_swap_is_undone() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        put(&path, &[("selection.toml", "mine")]);
        let before = texts(root.path());
        let error = open(&path).swap(&root.path().join("nowhere")).expect_err("there is nothing to put in its place");
        assert!(error.to_string().starts_with("cannot replace"), "{error}");
        assert_eq!(texts(root.path()), before);
    }

    #[test]
    fn run_killed_between_the_renames_is_undone() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        put(root.path(), &[(".schema.old-77/selection.toml", "mine"), (".schema.new-77/half", "a copy")]);
        put(root.path(), &[(".schema2.old-77/a", "of another folder"), (".schema.older", "a file of others")]);
        let (folder, notes) = Folder::open(&path).expect("usable");
        assert!(notes.len() == 2 && notes[0].starts_with("removed ") && notes[1].starts_with("restored "), "{notes:?}");
        assert_eq!(folder.read("selection.toml").expect("read").as_deref(), Some("mine"));
        let left: Vec<String> = texts(root.path()).into_keys().collect();
        assert_eq!(left, [".schema.older", ".schema2.old-77/a", "schema/selection.toml"]);
    }

    #[test]
    fn leftovers_of_a_swap_are_removed_unless_they_are_the_only_copy() {
        let root = tempfile::tempdir().expect("a folder");
        let path = root.path().join("schema");
        put(&path, &[("rest/openapi.json", "2"), ("rest/overlay.toml", "mine")]);
        let own = std::process::id().to_string();
        for suffix in [&own, "77"] {
            let at = root.path().join(format!(".schema.old-{suffix}"));
            put(&at, &[("rest/openapi.json", "1"), ("rest/overlay.toml", "mine")]);
        }
        put(root.path(), &[(".schema.old-88/rest/overlay.toml", "mine, and written since")]);
        put(&root.path().join(format!(".schema.new-{own}")), &[("stale", "of a run with the same process id")]);
        let (folder, notes) = Folder::open(&path).expect("usable");
        assert_eq!(notes.iter().filter(|note| note.starts_with("removed ")).count(), 3, "{notes:?}");
        assert_eq!(
            notes.iter().filter(|note| note.contains(".schema.old-88 is the old folder")).count(),
            1,
            "{notes:?}"
        );
        folder.replace(&[("rest/openapi.json", "3".to_owned())]).expect("replaced");
        let left: Vec<String> = texts(root.path()).into_keys().collect();
        assert_eq!(left, [".schema.old-88/rest/overlay.toml", "schema/rest/openapi.json", "schema/rest/overlay.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn symlinked_folder_is_kept_and_its_target_restored() {
        let root = tempfile::tempdir().expect("a folder");
        let link = root.path().join("schema");
        std::os::unix::fs::symlink("data/real", &link).expect("a link");
        put(root.path(), &[("data/.real.old-1/selection.toml", "mine")]);
        let (folder, notes) = Folder::open(&link).expect("usable");
        assert_eq!(notes.len(), 1, "{notes:?}");
        folder.replace(&[("a", "1".to_owned())]).expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(link.join("selection.toml")).expect("there"), "mine");
    }
}
