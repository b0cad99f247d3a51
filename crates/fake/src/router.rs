//! Finds the operation of a path: a trie over the segments of all paths of the operation index.

use crate::params::decode;
use glabflow_contract::Method;
use glabflow_contract::index::Operation;
use std::collections::HashMap;

/// The routes of a server.
#[derive(Default)]
pub(crate) struct Router {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    literal: HashMap<&'static str, usize>,
    /// Segments with text around a parameter, such as `{name}.zip`.
    mixed: Vec<(&'static str, usize)>,
    param: Option<usize>,
    /// One segment or more.
    wildcard: Option<usize>,
    /// Positions in the index.
    operations: Vec<(Method, usize)>,
}

/// The result of a path lookup.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// This operation, with the values of its path parameters in their order.
    Operation(usize, Vec<String>),
    /// The path is known under these other methods.
    OtherMethods(Vec<Method>),
    /// No operation has such a path.
    Unknown,
}

impl Router {
    /// A router for these operations.
    pub(crate) fn new(operations: &'static [Operation]) -> Self {
        let mut router = Router { nodes: vec![Node::default()] };
        for (at, operation) in operations.iter().enumerate() {
            let mut node = 0;
            for segment in operation.path.trim_matches('/').split('/') {
                node = router.step(node, segment, operation);
            }
            let known = &mut router.nodes[node].operations;
            // If two operations share a path, the first one in the index wins.
            if !known.iter().any(|(method, _)| *method == operation.method) {
                known.push((operation.method, at));
            }
        }
        router
    }

    fn step(&mut self, node: usize, segment: &'static str, operation: &Operation) -> usize {
        let fresh = self.nodes.len();
        let of = &mut self.nodes[node];
        let next = match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !name.contains('{') => {
                let wildcard = operation.params.iter().any(|param| param.wildcard && param.name == name);
                *if wildcard { &mut of.wildcard } else { &mut of.param }.get_or_insert(fresh)
            }
            _ if segment.contains('{') => match of.mixed.iter().find(|(known, _)| *known == segment) {
                Some((_, next)) => *next,
                None => {
                    of.mixed.push((segment, fresh));
                    fresh
                }
            },
            _ => *of.literal.entry(segment).or_insert(fresh),
        };
        if next == fresh {
            self.nodes.push(Node::default());
        }
        next
    }

    /// Finds the operation of a method and an encoded path below `/api/v4`.
    pub(crate) fn find(&self, method: Method, path: &str) -> Match {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let mut others = Vec::new();
        let mut values = Vec::new();
        match self.walk(0, &segments, method, &mut values, &mut others) {
            Some(at) => Match::Operation(at, values),
            None if others.is_empty() => Match::Unknown,
            None => Match::OtherMethods(others),
        }
    }

    fn walk(
        &self,
        node: usize,
        segments: &[&str],
        method: Method,
        values: &mut Vec<String>,
        others: &mut Vec<Method>,
    ) -> Option<usize> {
        let node = &self.nodes[node];
        let Some((first, rest)) = segments.split_first() else {
            let wanted = |method: Method| node.operations.iter().find(|(known, _)| *known == method);
            // HEAD works wherever GET does.
            let found = wanted(method).or_else(|| (method == Method::Head).then(|| wanted(Method::Get)).flatten());
            if found.is_none() {
                others.extend(node.operations.iter().map(|(method, _)| *method));
            }
            return found.map(|(_, at)| *at);
        };
        if let Some(next) = node.literal.get(first).or_else(|| node.literal.get(decode(first, false).as_str()))
            && let Some(at) = self.walk(*next, rest, method, values, others)
        {
            return Some(at);
        }
        let before = values.len();
        for (pattern, next) in &node.mixed {
            if split(pattern, &decode(first, false), values)
                && let Some(at) = self.walk(*next, rest, method, values, others)
            {
                return Some(at);
            }
            values.truncate(before);
        }
        if let Some(next) = node.param.filter(|_| !first.is_empty()) {
            values.push(decode(first, false));
            if let Some(at) = self.walk(next, rest, method, values, others) {
                return Some(at);
            }
            values.truncate(before);
        }
        if let Some(next) = node.wildcard {
            for length in 1..=segments.len() {
                values.push(decode(&segments[..length].join("/"), false));
                if let Some(at) = self.walk(next, &segments[length..], method, values, others) {
                    return Some(at);
                }
                values.truncate(before);
            }
        }
        None
    }
}

/// Reads the values in a segment such as `binary-{architecture}`.
fn split(pattern: &str, segment: &str, values: &mut Vec<String>) -> bool {
    let Some((before, rest)) = pattern.split_once('{') else { return pattern == segment };
    let Some((_, after)) = rest.split_once('}') else { return false };
    let Some(segment) = segment.strip_prefix(before) else { return false };
    let literal = after.split('{').next().unwrap_or_default();
    let end = if after.is_empty() {
        Some(segment.len())
    } else if literal == after {
        segment.len().checked_sub(after.len()).filter(|end| segment.is_char_boundary(*end) && segment.ends_with(after))
    } else {
        segment.find(literal)
    };
    match end.filter(|end| *end > 0) {
        Some(end) => {
            values.push(segment[..end].to_owned());
            split(after, &segment[end..], values)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_have_text_around_them() {
        let taken = |pattern: &str, segment: &str| {
            let mut values = Vec::new();
            split(pattern, segment, &mut values).then_some(values)
        };
        assert_eq!(taken("{name}.zip", "v1.0.zip"), Some(vec!["v1.0".to_owned()]));
        assert_eq!(taken("{name}.zip", "v1.0.tar"), None);
        assert_eq!(taken("{name}.zip", ".zip"), None);
        assert_eq!(taken("binary-{arch}", "binary-arm"), Some(vec!["arm".to_owned()]));
        let two = taken("Packages(Id='{a}',Version='{b}')", "Packages(Id='x',Version='1')");
        assert_eq!(two, Some(vec!["x".to_owned(), "1".to_owned()]));
    }
}
