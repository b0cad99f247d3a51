//! Reports: for people, for programs, for merge requests, for test results, for browsers, and for the changelog.

mod changelog;
mod contents;
mod html;
mod json;
mod junit;
mod markdown;
mod text;

pub use contents::Report;

use anyhow::Result;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For terminals.
    Text,
    /// For programs.
    Json,
    /// For merge requests.
    Markdown,
    /// For test results of CI systems.
    Junit,
    /// One page for browsers, with filters.
    Html,
    /// A section for a changelog, for users of the generated Rust code.
    Changelog,
}

impl Report {
    /// The report in a form, with a line break at its end.
    ///
    /// # Errors
    /// When the report cannot be written as JSON, which is a defect.
    pub fn write(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Text => text::write(self),
            Format::Json => json::write(self)?,
            Format::Markdown => markdown::write(self),
            Format::Junit => junit::write(self),
            Format::Html => html::write(self),
            Format::Changelog => changelog::write(self),
        })
    }
}
