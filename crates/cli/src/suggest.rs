//! Suggestions: "did you mean ...?"
//!
//! The crate `glabflow-document` has its own suggestions. It compares single identifiers and names one of them. Here the
//! candidates are also ids of several words, of which a user may write only some, so words count and several are named.

/// The candidates that are similar to the text, the most similar first, at most three.
pub(crate) fn close_to<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let written = written.to_ascii_lowercase();
    let mut scored: Vec<(f64, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let candidate_words = candidate.to_ascii_lowercase();
            let score = likeness(&written, &candidate_words).max(containment(&written, &candidate_words));
            (score > 0.6).then_some((score, candidate))
        })
        .collect();
    scored.sort_by(|(a, a_name), (b, b_name)| b.total_cmp(a).then(a_name.cmp(b_name)));
    scored.dedup_by(|a, b| a.1 == b.1);
    // Candidates that are clearly less similar than the best one are dropped.
    let best = scored.first().map_or(0.0, |(score, _)| *score);
    scored.into_iter().take_while(|(score, _)| *score > best - 0.1).take(3).map(|(_, candidate)| candidate).collect()
}

/// `; did you mean ...?`, or an empty text. It ends a message.
pub(crate) fn question<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match close_to(written, candidates).as_slice() {
        [] => String::new(),
        [one] => format!("; did you mean `{one}`?"),
        several => format!("; did you mean one of `{}`?", several.join("`, `")),
    }
}

/// The similarity from 0 to 1: the share of characters that need no edit. Two swapped neighbours count as one edit.
fn likeness(a: &str, b: &str) -> f64 {
    let longest = a.chars().count().max(b.chars().count());
    if longest == 0 {
        return 1.0;
    }
    1.0 - strsim::osa_distance(a, b) as f64 / longest as f64
}

/// The similarity if the name contains all words of the text: `list_pipelines` is most of `list_project_pipelines`.
fn containment(written: &str, name: &str) -> f64 {
    let words: Vec<&str> = name.split('_').collect();
    let mut missing = written.split('_').filter(|word| !words.contains(word));
    match missing.next() {
        Some(_) => 0.0,
        None => 0.95 - 0.05 * words.len().saturating_sub(written.split('_').count()) as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_recognised() {
        let names = ["archived", "visibility", "order_by", "sort"];
        assert_eq!(close_to("archive", names), ["archived"]);
        assert_eq!(close_to("visiblity", names), ["visibility"]);
        assert_eq!(close_to("orderby", names), ["order_by"]);
        assert_eq!(close_to("sotr", names), ["sort"]);
        let ids = ["list_pipeline_jobs", "list_project_pipelines", "get_pipeline"];
        assert_eq!(close_to("list_pipelines", ids), ["list_project_pipelines"]);
        assert_eq!(close_to("completely_else", names), Vec::<&str>::new());
    }

    #[test]
    fn suggestions_name_the_candidates() {
        assert_eq!(question("archive", ["archived"]), "; did you mean `archived`?");
        assert_eq!(question("stat", ["state", "stats"]), "; did you mean one of `state`, `stats`?");
        assert_eq!(question("x", ["archived"]), "");
    }
}
