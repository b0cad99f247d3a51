//! Queries in a folder: the document as `NAME.graphql`, the values of its variables as `NAME.json`.

use crate::document::Document;
use crate::problem::Invalid;
use serde_json::{Map, Value};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Maximum length of a name.
const LONGEST_NAME: usize = 100;

/// A folder of saved queries.
#[derive(Debug, Clone)]
pub struct Saved {
    folder: PathBuf,
}

/// A query with values of its variables. Values may be missing; the caller sets them when the query runs.
#[derive(Debug, Clone, PartialEq)]
pub struct SavedQuery {
    /// The document.
    pub document: Document,
    /// The values.
    pub variables: Map<String, Value>,
}

/// Why a query could not be saved, loaded or deleted.
#[derive(Debug)]
#[non_exhaustive]
pub enum SavedError {
    /// The name is empty, too long, or has other characters than letters, digits, `-` and `_`.
    Name {
        /// The name.
        name: String,
    },
    /// There is no query with this name.
    Missing {
        /// The name.
        name: String,
    },
    /// The document or its variables are not valid against the schema.
    Invalid {
        /// The name.
        name: String,
        /// The error.
        source: Invalid,
    },
    /// The variables are not a JSON object.
    Variables {
        /// The file.
        path: PathBuf,
        /// The error.
        source: serde_json::Error,
    },
    /// The file system reported an error.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

impl fmt::Display for SavedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SavedError::Name { name } => {
                let shown: String = name.chars().take(LONGEST_NAME).collect();
                write!(f, "{shown:?} cannot name a query: use letters, digits, `-` and `_`")
            }
            SavedError::Missing { name } => write!(f, "there is no saved query `{name}`"),
            SavedError::Invalid { name, .. } => write!(f, "the saved query `{name}` is not valid"),
            SavedError::Variables { path, .. } => write!(f, "{} is not a JSON object", path.display()),
            SavedError::Io { path, .. } => write!(f, "cannot use {}", path.display()),
        }
    }
}

impl std::error::Error for SavedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SavedError::Name { .. } | SavedError::Missing { .. } => None,
            SavedError::Invalid { source, .. } => Some(source),
            SavedError::Variables { source, .. } => Some(source),
            SavedError::Io { source, .. } => Some(source),
        }
    }
}

fn is_valid_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    // A leading dash would look like an option of a command.
    !name.is_empty() && name.len() <= LONGEST_NAME && !name.starts_with('-') && name.bytes().all(fits)
}

/// Checks the values that are there. Others may be missing.
fn check(query: &SavedQuery) -> Result<(), Invalid> {
    let Err(mut invalid) = query.document.check_variables(&query.variables) else { return Ok(()) };
    invalid.problems.retain(|problem| query.variables.contains_key(variable(&problem.path)));
    if invalid.problems.is_empty() { Ok(()) } else { Err(invalid) }
}

/// The variable of a path such as `$input.labels[0]`.
fn variable(path: &str) -> &str {
    path.trim_start_matches('$').split(['.', '[']).next().unwrap_or_default()
}

impl Saved {
    /// The queries in a folder. The folder may not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Saved { folder: folder.into() }
    }

    fn path(&self, name: &str, ending: &str) -> Result<PathBuf, SavedError> {
        if is_valid_name(name) {
            Ok(self.folder.join(format!("{name}.{ending}")))
        } else {
            Err(SavedError::Name { name: name.to_owned() })
        }
    }

    /// Saves a query, or replaces the query with this name. Each of the two files is replaced atomically.
    ///
    /// # Errors
    /// If the name or the values are not valid, or the folder is not writable.
    pub fn save(&self, name: &str, query: &SavedQuery) -> Result<(), SavedError> {
        let (document, variables) = (self.path(name, "graphql")?, self.path(name, "json")?);
        check(query).map_err(|source| SavedError::Invalid { name: name.to_owned(), source })?;
        fs::create_dir_all(&self.folder).map_err(|source| SavedError::Io { path: self.folder.clone(), source })?;
        let mut json = serde_json::to_string_pretty(&query.variables)
            .map_err(|source| SavedError::Variables { path: variables.clone(), source })?;
        json.push('\n');
        // The document comes last: without it, the query does not exist.
        write(&variables, json.as_bytes())?;
        write(&document, query.document.text().as_bytes())
    }

    /// The names of all queries, sorted.
    ///
    /// # Errors
    /// If the folder exists and is not readable.
    pub fn list(&self) -> Result<Vec<String>, SavedError> {
        let failed = |source| SavedError::Io { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).filter(|name| is_valid_name(name));
            if let (Some(name), Some("graphql")) = (name, path.extension().and_then(|ending| ending.to_str())) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Loads a query and checks it against the schema, which may have changed since the query was saved.
    ///
    /// # Errors
    /// If it does not exist, is not readable, or is no longer valid.
    pub fn load(&self, name: &str) -> Result<SavedQuery, SavedError> {
        let (document, variables) = (self.path(name, "graphql")?, self.path(name, "json")?);
        let invalid = |source| SavedError::Invalid { name: name.to_owned(), source };
        let text = read(&document)?.ok_or_else(|| SavedError::Missing { name: name.to_owned() })?;
        let document = Document::parse(text).map_err(invalid)?;
        let variables = match read(&variables)? {
            None => Map::new(),
            Some(json) => {
                serde_json::from_str(&json).map_err(|source| SavedError::Variables { path: variables, source })?
            }
        };
        let query = SavedQuery { document, variables };
        check(&query).map_err(invalid)?;
        Ok(query)
    }

    /// Deletes a query.
    ///
    /// # Errors
    /// If it does not exist, or its files cannot be deleted.
    pub fn delete(&self, name: &str) -> Result<(), SavedError> {
        let (document, variables) = (self.path(name, "graphql")?, self.path(name, "json")?);
        if !remove(&document)? {
            return Err(SavedError::Missing { name: name.to_owned() });
        }
        remove(&variables).map(|_| ())
    }
}

fn read(path: &Path) -> Result<Option<String>, SavedError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(SavedError::Io { path: path.to_owned(), source }),
    }
}

/// Deletes a file. Returns whether it existed.
fn remove(path: &Path) -> Result<bool, SavedError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(SavedError::Io { path: path.to_owned(), source }),
    }
}

/// Writes a temporary file beside the file, then renames it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), SavedError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|source| {
        // The write error matters more than a failure to clean up.
        let _ = fs::remove_file(&beside);
        SavedError::Io { path: path.to_owned(), source }
    })
}
