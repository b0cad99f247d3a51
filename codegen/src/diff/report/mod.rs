//! Report formats: text, JSON, Markdown, JUnit, HTML and changelog.

mod changelog;
mod contents;
mod html;
mod json;
mod junit;
mod markdown;
mod text;

pub use contents::Report;

use anyhow::Result;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum Format {
    /// Plain text for terminals.
    Text,
    /// JSON for programs.
    Json,
    /// Markdown for merge requests.
    Markdown,
    /// JUnit XML for the test results of CI systems.
    Junit,
    /// A page for browsers, with filters.
    Html,
    /// A section for a changelog, for users of the generated Rust code.
    Changelog,
}

impl Report {
    /// The report in a format, with a line break at the end.
    ///
    /// # Errors
    /// If the report cannot be written as JSON, which is a bug.
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
