//! Packs keys into documents, within GitLab's limits.

use super::key::Key;
use super::shape::{ITEM_KEY, Shape};
use crate::error::graphql::GraphqlError;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::sync::Arc;

/// The limits of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    pub(super) keys: usize,
    pub(super) complexity: u32,
    pub(super) characters: usize,
}

/// One alias of a document: a key, or the keys of a list.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub(super) shape: Arc<Shape>,
    pub(super) keys: Vec<Key>,
}

/// The units of one document.
pub(super) type Document = Vec<Unit>;

/// The name of the documents' operation.
pub(super) const NAME: &str = "GlabflowLoad";

/// Characters of a document around its units.
const FRAME: usize = "query () {\n}".len() + NAME.len();

impl Unit {
    fn price(&self) -> u32 {
        self.shape.price(self.keys.len())
    }

    /// The definitions of the variables, the field, and the variables' values.
    fn render(&self, index: usize, values: &mut Map<String, Value>) -> (String, String) {
        let (mut definitions, mut field) = (String::new(), format!("k{index}: "));
        let Some(first) = self.keys.first() else { return (definitions, field) };
        let mut parts = first.sent.iter();
        let mut number = 0;
        let mut variable = |ty: &str, value: Value| {
            let name = format!("k{index}_{number}");
            number += 1;
            // Writing to a string cannot fail, here and below.
            let _ = write!(definitions, "${name}: {ty}, ");
            let used = format!("${name}");
            values.insert(name, value);
            used
        };
        for (at, step) in self.shape.steps.iter().enumerate() {
            if at > 0 {
                field.push_str(" { ");
            }
            field.push_str(&step.field);
            let mut given: Vec<String> = step
                .arguments
                .iter()
                .zip(&mut parts)
                .map(|((name, ty), value)| format!("{name}: {}", variable(ty, value.clone())))
                .collect();
            if let Some(list) = self.shape.list.as_ref().filter(|_| at + 1 == self.shape.steps.len()) {
                let keys: Vec<Value> = self.keys.iter().filter_map(|key| key.sent.last().cloned()).collect();
                given.push(format!("{}: {}", list.argument, variable(&list.ty, keys.into())));
                given.push(format!("first: {}", self.keys.len()));
            }
            if !given.is_empty() {
                let _ = write!(field, "({})", given.join(", "));
            }
        }
        let _ = match &self.shape.list {
            Some(list) => write!(field, " {{ nodes {{ {ITEM_KEY}: {} {} }} }}", list.field, self.shape.selected.text),
            None => write!(field, " {{ {} }}", self.shape.selected.text),
        };
        field.push_str(&" }".repeat(self.shape.steps.len() - 1));
        (definitions, field)
    }

    fn characters(&self) -> usize {
        // The longest alias that fits into a document.
        let (definitions, field) = self.render(9_999, &mut Map::new());
        definitions.chars().count() + field.chars().count() + 1
    }

    /// The two halves of a unit of several keys.
    fn halves(mut self) -> [Unit; 2] {
        let keys = self.keys.split_off(self.keys.len().div_ceil(2));
        [Unit { shape: Arc::clone(&self.shape), keys }, self]
    }

    fn fits(&self, budget: Budget) -> bool {
        self.price() <= budget.complexity && self.characters() + FRAME <= budget.characters
    }
}

/// Packs keys into few documents, in their order: each goes into the first document with room for it.
pub(super) fn pack(jobs: Vec<(Arc<Shape>, Key)>, budget: Budget) -> Vec<Document> {
    struct Open {
        units: Document,
        left: Budget,
    }
    let mut open: Vec<Open> = Vec::new();
    for unit in units(jobs, budget) {
        let (keys, complexity, characters) = (unit.keys.len(), unit.price(), unit.characters());
        let has_room = |open: &&mut Open| {
            open.left.keys >= keys && open.left.complexity >= complexity && open.left.characters >= characters
        };
        let at = match open.iter_mut().find(has_room) {
            Some(found) => found,
            None => {
                let left = Budget { characters: budget.characters.saturating_sub(FRAME), ..budget };
                open.push(Open { units: Vec::new(), left });
                let last = open.len() - 1;
                &mut open[last]
            }
        };
        // A unit that is too large for every document is sent alone; the server decides.
        at.left.keys = at.left.keys.saturating_sub(keys);
        at.left.complexity = at.left.complexity.saturating_sub(complexity);
        at.left.characters = at.left.characters.saturating_sub(characters);
        at.units.push(unit);
    }
    open.into_iter().map(|open| open.units).collect()
}

fn units(jobs: Vec<(Arc<Shape>, Key)>, budget: Budget) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    // The units of lists that still have room.
    let mut filling: HashMap<(Arc<Shape>, Vec<String>), usize> = HashMap::new();
    for (shape, key) in jobs {
        let Some(list) = &shape.list else {
            units.push(Unit { shape, keys: vec![key] });
            continue;
        };
        let max = list.max.min(budget.keys);
        let group = (Arc::clone(&shape), key.group().to_vec());
        match filling.get(&group) {
            Some(at) if units[*at].keys.len() < max => units[*at].keys.push(key),
            _ => {
                filling.insert(group, units.len());
                units.push(Unit { shape, keys: vec![key] });
            }
        }
    }
    let mut fitting = Vec::with_capacity(units.len());
    units.reverse();
    while let Some(unit) = units.pop() {
        if unit.keys.len() > 1 && !unit.fits(budget) {
            units.extend(unit.halves());
        } else {
            fitting.push(unit);
        }
    }
    fitting
}

/// The units whose values the server rejects, and the others. The whole document if the server does not say which.
pub(super) fn split_rejected(document: Document, errors: &[GraphqlError]) -> Result<[Document; 2], Document> {
    let rejected: HashSet<usize> = errors.iter().filter_map(|error| rejected_index(&error.message)).collect();
    if rejected.is_empty() || rejected.iter().any(|index| *index >= document.len()) {
        return Err(document);
    }
    let (invalid, valid): (Vec<_>, Vec<_>) =
        document.into_iter().enumerate().partition(|(index, _)| rejected.contains(index));
    Ok([invalid, valid].map(|units| units.into_iter().map(|(_, unit)| unit).collect()))
}

/// The index of the unit in a message: 3 in `Variable $k3_0 of type ProjectID! was provided invalid value`.
fn rejected_index(message: &str) -> Option<usize> {
    let (_, rest) = message.split_once("$k")?;
    let (index, rest) = rest.split_once('_')?;
    rest.contains("invalid value").then(|| index.parse().ok())?
}

/// The two halves of a document, when it has several keys.
pub(super) fn halves(mut document: Document) -> Result<[Document; 2], Document> {
    match document.len() {
        0 => Err(document),
        1 if document[0].keys.len() < 2 => Err(document),
        1 => {
            let [second, first] = document.remove(0).halves();
            Ok([vec![first], vec![second]])
        }
        several => {
            let second = document.split_off(several.div_ceil(2));
            Ok([document, second])
        }
    }
}

/// What a document costs.
pub(super) fn price(document: &[Unit]) -> u32 {
    document.iter().map(Unit::price).fold(0, u32::saturating_add)
}

/// The text of a document, and the values of its variables.
pub(super) fn render(document: &[Unit]) -> (String, Map<String, Value>) {
    let mut values = Map::new();
    let (mut definitions, mut fields) = (String::new(), String::new());
    for (index, unit) in document.iter().enumerate() {
        let (defines, field) = unit.render(index, &mut values);
        definitions.push_str(&defines);
        fields.push_str(&field);
        fields.push('\n');
    }
    let definitions = definitions.trim_end_matches(", ");
    let definitions = if definitions.is_empty() { String::new() } else { format!("({definitions})") };
    (format!("query {NAME}{definitions} {{\n{fields}}}"), values)
}
