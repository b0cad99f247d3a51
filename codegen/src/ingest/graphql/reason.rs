//! Extracts the fact from prose about a deprecation.
//!
//! GitLab writes "Use `x`. Deprecated in GitLab 15.8." and "**Status**: Experiment. Introduced in GitLab 17.8."; the facts
//! are `15.8` and `experiment 17.8`. GitLab's schema reports experiments as deprecated.

/// The fact in a deprecation reason. A reason without a version is kept as `unknown`.
pub(super) fn from_reason(reason: &str) -> String {
    let is_experiment = is_experiment(reason);
    match (is_experiment, version(reason)) {
        (true, Some(version)) => format!("experiment {version}"),
        (true, None) => "experiment".to_owned(),
        (false, Some(version)) => version.to_owned(),
        (false, None) => "unknown".to_owned(),
    }
}

/// The fact in a description, for introspection queries that did not select deprecation.
pub(super) fn from_description(text: &str) -> Option<String> {
    if is_experiment(text) && text.contains("Introduced in GitLab") {
        let from = text.rfind("Introduced in GitLab").unwrap_or(0);
        return Some(version(&text[from..]).map_or("experiment".to_owned(), |version| format!("experiment {version}")));
    }
    let from = text.find("Deprecated in GitLab")?;
    version(&text[from..]).map(str::to_owned)
}

fn is_experiment(text: &str) -> bool {
    const STATUS: [&str; 4] = ["Status**: Experiment", "is an Experiment", "is in Alpha", "Status**: Alpha"];
    text.starts_with("experiment") || STATUS.iter().any(|status| text.contains(status))
}

/// The last `major.minor` in a text. Earlier versions may belong to the replacement.
fn version(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|word| word.trim_matches('.')).rfind(|word| {
        word.split_once('.').is_some_and(|(major, minor)| {
            let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            number(major) && number(minor)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deprecation_reasons_are_reduced_to_facts() {
        for (reason, fact) in [
            ("This was renamed. Please use `UPDATED_DESC`. Deprecated in GitLab 13.5.", "13.5"),
            ("Underlying feature was removed in 16.0. Deprecated in GitLab 15.11.", "15.11"),
            (
                "This feature is an Experiment. It can be changed or removed at any time. Introduced in GitLab 15.9.",
                "experiment 15.9",
            ),
            ("This feature is in Alpha. Introduced in GitLab 14.10.", "experiment 14.10"),
            ("No longer supported", "unknown"),
        ] {
            assert_eq!(from_reason(reason), fact, "{reason}");
            assert_eq!(from_reason(fact), fact);
        }
    }

    #[test]
    fn facts_are_read_from_descriptions() {
        let experiment = "Level. Introduced in GitLab 17.8: **Status**: Experiment.";
        assert_eq!(from_description(experiment).as_deref(), Some("experiment 17.8"));
        assert_eq!(from_description("Name. Deprecated in GitLab 15.8: Use `x`.").as_deref(), Some("15.8"));
        assert_eq!(from_description("Introduced in GitLab 13.5."), None);
        assert_eq!(from_description(""), None);
    }
}
