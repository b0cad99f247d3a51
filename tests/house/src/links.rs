//! Links between the documents: the file must exist, and so must the heading.

use crate::files;
use crate::markdown::prose;
use std::path::Path;

/// A heading's anchor, as GitLab and GitHub derive it: lower case, spaces become hyphens, most punctuation is dropped.
#[must_use]
pub fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The targets of the links in a line: the text between `](` and `)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

fn anchors(text: &str) -> Vec<String> {
    prose(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| anchor(line.trim_start_matches('#')))
        .collect()
}

/// The links of one document that do not work, each with its line. Addresses on the web are not followed.
#[must_use]
pub fn broken(root: &Path, document: &Path) -> Vec<String> {
    let Some(text) = files::text(document) else { return Vec::new() };
    let folder = document.parent().unwrap_or(root);
    let problem_of = |target: &str| {
        if target.contains("://") || target.starts_with("mailto:") {
            return None;
        }
        let (path, heading) = target.split_once('#').unwrap_or((target, ""));
        let file = if path.is_empty() { document.to_owned() } else { folder.join(path) };
        if !file.exists() {
            return Some("no such file");
        }
        let is_document = file.extension().is_some_and(|extension| extension == "md");
        let known = |text: String| anchors(&text).iter().any(|known| known == heading);
        (is_document && !heading.is_empty() && !files::text(&file).is_some_and(known)).then_some("no such heading")
    };
    prose(&text)
        .flat_map(|(line, words)| targets(words).map(move |target| (line, target)))
        .filter_map(|(line, target)| {
            let problem = problem_of(target)?;
            Some(format!("{}:{line}: {target}: {problem}", files::name(root, document)))
        })
        .collect()
}
