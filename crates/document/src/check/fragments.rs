//! Fragment definitions and where they are used.

use super::checker::Checker;
use crate::ast::{Executable, Operation, Position, Selection};
use crate::parse::DEEPEST;
use crate::suggest;
use std::collections::{HashMap, HashSet};

impl<'a> Checker<'a> {
    /// Finds fragments that do not exist, that nothing uses, or that contain themselves. Returns whether one contains itself.
    pub(super) fn has_cycles(&mut self, operation: &'a Operation, document: &'a Executable) -> bool {
        let mut open = self.spreads(&operation.selections);
        let mut edges: HashMap<&str, Vec<&str>> = HashMap::new();
        for fragment in &document.fragments {
            let spreads = self.spreads(&fragment.selections);
            edges.insert(&fragment.name, spreads);
        }
        let mut used: HashSet<&str> = HashSet::new();
        while let Some(name) = open.pop() {
            if used.insert(name) {
                open.extend(edges.get(name).into_iter().flatten());
            }
        }
        for fragment in document.fragments.iter().filter(|fragment| !used.contains(fragment.name.as_str())) {
            self.reject(fragment.at, format!("the fragment `{}` is not used", fragment.name));
        }
        let cyclic = cyclic(&edges);
        for name in &cyclic {
            let at = self.fragments.get(name).and_then(|fragment| fragment.at);
            self.reject(at, format!("the fragment `{name}` contains itself"));
        }
        !cyclic.is_empty()
    }

    /// The fragments that selections spread, without those that these spread in turn. Unknown ones are problems.
    fn spreads(&mut self, selections: &'a [Selection]) -> Vec<&'a str> {
        let mut spreads = Vec::new();
        collect_spreads(selections, &mut spreads, 0);
        for (name, at) in &spreads {
            if !self.fragments.contains_key(name) {
                let hint = suggest::hint(name, self.fragments.keys().copied());
                self.reject(*at, format!("there is no fragment `{name}`{hint}"));
            }
        }
        spreads.into_iter().map(|(name, _)| name).collect()
    }
}

fn collect_spreads<'a>(selections: &'a [Selection], out: &mut Vec<(&'a str, Option<Position>)>, level: usize) {
    if level > DEEPEST {
        return;
    }
    for selection in selections {
        match selection {
            Selection::Field(field) => collect_spreads(&field.selections, out, level + 1),
            Selection::Inline(inline) => collect_spreads(&inline.selections, out, level + 1),
            Selection::Spread(spread) => out.push((&spread.fragment, spread.at)),
        }
    }
}

/// The fragments that contain themselves, or spread one that does: what is left after removing fragments without spreads of others
/// that are left.
fn cyclic<'a>(edges: &HashMap<&'a str, Vec<&'a str>>) -> Vec<&'a str> {
    let mut users: HashMap<&str, Vec<&'a str>> = HashMap::new();
    let mut left: HashMap<&'a str, usize> = HashMap::new();
    for (name, below) in edges {
        let known = below.iter().filter(|below| edges.contains_key(*below));
        left.insert(name, known.clone().count());
        known.for_each(|below| users.entry(below).or_default().push(name));
    }
    let mut leaves: Vec<&str> = left.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    while let Some(leaf) = leaves.pop() {
        left.remove(leaf);
        for user in users.get(leaf).into_iter().flatten() {
            if let Some(count) = left.get_mut(user) {
                *count -= 1;
                if *count == 0 {
                    leaves.push(user);
                }
            }
        }
    }
    let mut cyclic: Vec<&str> = left.into_keys().collect();
    cyclic.sort_unstable();
    cyclic
}
