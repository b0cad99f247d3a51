//! Guesses what was meant by a name that does not exist.

/// `; did you mean ...?` when one of the names is close, nothing otherwise.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match closest(name, known) {
        Some(known) => format!("; did you mean `{known}`?"),
        None => String::new(),
    }
}

fn closest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(name);
    let allowed = 1 + wanted.len() / 4;
    let distances = known.into_iter().map(|known| (distance(&wanted, &folded(known), allowed), known));
    distances.filter(|(distance, _)| *distance <= allowed).min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// Without case and underscores, in which names of REST and GraphQL differ.
fn folded(name: &str) -> Vec<u8> {
    name.bytes().filter(|byte| *byte != b'_').map(|byte| byte.to_ascii_lowercase()).collect()
}

/// How many letters must be added, removed or replaced; more than `allowed` when it is certain to be more.
fn distance(a: &[u8], b: &[u8], allowed: usize) -> usize {
    if a.len().abs_diff(b.len()) > allowed {
        return allowed + 1;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
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
