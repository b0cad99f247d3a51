//! Circles in a graph of imports.

use crate::imports::Import;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// For each file the files that it imports, with the first path to each.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a Import>>;

/// The circles among these imports: for each knot of files a shortest circle, and the imports within the knot.
#[must_use]
pub fn circles(imports: &[Import]) -> Vec<String> {
    let mut graph: Graph<'_> = BTreeMap::new();
    for import in imports {
        graph.entry(&import.from).or_default().entry(&import.to).or_insert(import);
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph.keys().map(|file| (*file, reachable(&graph, file))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (file, reached) in &reach {
        if !reached.contains(file) || !seen.insert(*file) {
            continue;
        }
        let knot: BTreeSet<&str> =
            reached.iter().copied().filter(|other| reach.get(other).is_some_and(|back| back.contains(file))).collect();
        seen.extend(knot.iter().copied());
        found.push(describe(&graph, &knot));
    }
    found
}

/// The files that a file imports, directly or indirectly.
fn reachable<'a>(graph: &Graph<'a>, file: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = vec![file];
    while let Some(file) = open.pop() {
        let next = graph.get(file).into_iter().flat_map(BTreeMap::keys);
        open.extend(next.copied().filter(|next| reached.insert(*next)));
    }
    reached
}

fn describe(graph: &Graph<'_>, knot: &BTreeSet<&str>) -> String {
    let circle = knot.iter().filter_map(|file| shortest(graph, file)).min_by_key(Vec::len).unwrap_or_default();
    let mut text = circle.join(" -> ");
    let line = |text: &mut String, import: &Import| {
        text.push_str(&format!("\n    {}:{} imports {} ({})", import.from, import.line, import.path, import.to));
    };
    for pair in circle.windows(2) {
        if let Some(import) = graph.get(pair[0]).and_then(|imports| imports.get(pair[1])) {
            line(&mut text, import);
        }
    }
    if knot.len() + 1 > circle.len() {
        text.push_str(&format!("\n  one of the circles in a knot of {} files; all imports in it:", knot.len()));
        for import in knot.iter().flat_map(|file| graph[file].values()).filter(|import| knot.contains(&*import.to)) {
            line(&mut text, import);
        }
    }
    text
}

/// The shortest way from a file back to itself.
fn shortest<'a>(graph: &Graph<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(file) = open.pop_front() {
        for next in graph.get(file)?.keys().copied().filter(|next| graph.contains_key(next)) {
            if next == start {
                let mut way = vec![start, file];
                way.extend(std::iter::successors(came_from.get(file), |file| came_from.get(*file)));
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, file);
                open.push_back(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(arrows: &[(&str, &str)]) -> Vec<Import> {
        let import = |(from, to): &(&str, &str)| Import {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            line: 1,
            path: format!("crate::{to}"),
        };
        arrows.iter().map(import).collect()
    }

    #[test]
    fn a_chain_has_no_circle() {
        assert!(circles(&imports(&[("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])).is_empty());
    }

    #[test]
    fn a_knot_is_reported_once_with_its_shortest_circle() {
        let found = circles(&imports(&[("a", "b"), ("b", "c"), ("c", "a"), ("c", "b"), ("x", "a"), ("c", "y")]));
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("b -> c -> b\n    b:1 imports crate::c (c)\n"), "{}", found[0]);
        assert!(found[0].contains("a knot of 3 files"), "{}", found[0]);
        assert!(!found[0].contains("crate::y"), "{}", found[0]);
    }

    #[test]
    fn separate_circles_are_reported_separately() {
        let found = circles(&imports(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c"), ("b", "c")]));
        let circles: Vec<_> = found.iter().filter_map(|text| text.lines().next()).collect();
        assert_eq!(circles, ["a -> b -> a", "c -> d -> c"]);
    }
}
