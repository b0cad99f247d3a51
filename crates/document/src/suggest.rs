//! Suggestions for names that do not exist.
//!
//! `gl` has its own suggestions, because it compares ids of several words. Names in a schema are single identifiers, and
//! one suggestion that ignores case and underscores is enough.

/// `; did you mean ...?` if one of the names is similar, otherwise an empty text.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match closest(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    let allowed = 1 + wanted.len() / 4;
    let distances = known.into_iter().map(|known| (strsim::osa_distance(&wanted, &folded(known)), known));
    distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// The name without case and underscores, which differ between REST and GraphQL.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_close_names_are_suggested() {
        let known = ["fullPath", "id", "iid", "webUrl"];
        assert_eq!(closest("full_path", known), Some("fullPath"));
        assert_eq!(closest("fulPath", known), Some("fullPath"));
        assert_eq!(closest("weburls", known), Some("webUrl"));
        assert_eq!(closest("pipelines", known), None);
        assert_eq!(closest("", known), None);
    }
}
