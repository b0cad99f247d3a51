//! What a document costs by GitLab's rules, before it is sent.

use crate::ast::{Executable, Field, Selection, Value};
use crate::schema::{Schema, Type};
use glabflow_contract::graphql::cost::{LIMITS, Limits, Price};
use serde_json::Map;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};
use std::sync::{Mutex, PoisonError};

/// The field by which GitLab says what a document costs.
pub(crate) const SCORE_FIELD: &str = "queryComplexity";

/// The response key under which [`Document::asking_score`](crate::Document::asking_score) asks for it.
pub const SCORE_KEY: &str = "glabflowComplexity";

/// What the question for the score costs itself.
const QUESTION: u32 = 3;

/// Parts that an explanation lists.
const EXPLAINED: usize = 8;

/// Parts that an estimate lists at most.
const LISTED: usize = 500;

/// The selection that asks for the score.
pub(crate) fn question() -> Selection {
    let field = |alias: Option<&str>, name: &str, selections| {
        Selection::Field(Field {
            alias: alias.map(str::to_owned),
            name: name.to_owned(),
            arguments: Vec::new(),
            directives: Vec::new(),
            selections,
            at: None,
        })
    };
    let below = vec![field(None, "limit", Vec::new()), field(None, "score", Vec::new())];
    field(Some(SCORE_KEY), SCORE_FIELD, below)
}

/// What a document costs.
///
/// An estimate: which fields have resolvers is not in the schema, and some resolvers add prices of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Estimate {
    /// The score by GitLab's rules.
    pub complexity: u32,
    /// How deep the document nests.
    pub depth: u32,
    /// How long it is.
    pub characters: usize,
    /// The fields with something selected below them, in the order of the document; at most 500.
    pub parts: Vec<Part>,
}

/// What a field costs with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// The response keys from the root, `project.issues.nodes`.
    pub path: String,
    /// The price of the field and of everything below it, as it stands there.
    pub score: u32,
    /// What of it is the field's own: its price, and what it adds as a connection by its page size.
    pub own: u32,
    /// The page size, where it is a connection.
    pub page: Option<u32>,
}

impl Estimate {
    /// The parts that cost most, one a line.
    pub fn explain(&self) -> String {
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.score, part.own)));
        let mut out = format!("{} points, {} levels, {} characters", self.complexity, self.depth, self.characters);
        for part in parts.into_iter().take(EXPLAINED) {
            // A string takes everything that is written to it.
            let _ = write!(out, "\n{:>6}  {}", part.score, part.path);
            if let Some(page) = part.page {
                let _ = write!(out, " ({page} items a page: {} of it)", part.own);
            }
        }
        out
    }

    /// Refuses a document above a limit.
    ///
    /// # Errors
    /// When it costs more, nests deeper or is longer.
    pub fn within(&self, limits: &Limits) -> Result<(), TooCostly> {
        let fits =
            self.complexity <= limits.complexity && self.depth <= limits.depth && self.characters <= limits.characters;
        if fits { Ok(()) } else { Err(TooCostly { estimate: self.clone(), limits: *limits }) }
    }
}

/// A document above a limit; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TooCostly {
    /// What it costs.
    pub estimate: Estimate,
    /// What is allowed.
    pub limits: Limits,
}

impl fmt::Display for TooCostly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Limits { complexity, depth, characters, .. } = self.limits;
        write!(
            f,
            "the document costs more than {complexity} points, {depth} levels or {characters} characters: {}",
            self.estimate.explain()
        )
    }
}

impl std::error::Error for TooCostly {}

/// Estimates a valid document.
pub(crate) fn estimate(tree: &Executable, text: &str, depth: u32, values: &Map<String, serde_json::Value>) -> Estimate {
    let mut meter = Meter { schema: Schema::get(), tree, values, known: HashMap::new() };
    let operation = tree.operations.first();
    let cost = operation.and_then(|operation| {
        let root = meter.schema.root(operation.kind)?;
        Some(meter.selections(root, &[(root, &operation.selections)], true))
    });
    let Cost { score, parts } = cost.unwrap_or_default();
    Estimate { complexity: score, depth, characters: text.chars().count(), parts }
}

/// Selections, and what they are selected of.
type Set<'a> = (&'static Type, &'a [Selection]);

/// A type and the selections of it, told apart by where they are in memory.
type Place = (&'static str, Vec<(&'static str, *const Selection)>);

/// What selections cost; the paths of the parts start there.
#[derive(Clone, Default)]
struct Cost {
    score: u32,
    parts: Vec<Part>,
}

impl Cost {
    fn add(&mut self, other: Cost) {
        self.score = self.score.saturating_add(other.score);
        self.parts.extend(other.parts.into_iter().take(LISTED.saturating_sub(self.parts.len())));
    }
}

struct Meter<'a> {
    schema: &'static Schema,
    tree: &'a Executable,
    values: &'a Map<String, serde_json::Value>,
    /// What was priced before: fragments that spread each other would else take time exponential in their number.
    known: HashMap<Place, Cost>,
}

impl<'a> Meter<'a> {
    /// The price of what is selected in one place. Of an interface or union, GitLab counts the object that costs most.
    fn selections(&mut self, parent: &'static Type, sets: &[Set<'a>], is_root: bool) -> Cost {
        let key = (parent.name, sets.iter().map(|(ty, selections)| (ty.name, selections.as_ptr())).collect());
        if let Some(cost) = self.known.get(&key) {
            return cost.clone();
        }
        let cost = self.dearest(parent, sets, is_root);
        self.known.insert(key, cost.clone());
        cost
    }

    fn dearest(&mut self, parent: &'static Type, sets: &[Set<'a>], is_root: bool) -> Cost {
        let mut conditions = Vec::new();
        self.conditions(sets, &mut conditions);
        conditions.retain(|on: &&Type| on.name != parent.name);
        if conditions.is_empty() || parent.possible.len() < 2 {
            return self.of_object(parent, parent.possible.first().copied(), sets, is_root);
        }
        // Objects to which the same fragments apply cost the same.
        let mut alike: BTreeMap<Vec<bool>, &'static str> = BTreeMap::new();
        for name in &parent.possible {
            let applies = conditions.iter().map(|on| on.possible.binary_search(name).is_ok()).collect();
            alike.entry(applies).or_insert(name);
        }
        let costs = alike.into_values().map(|name| self.of_object(parent, Some(name), sets, is_root));
        costs.max_by_key(|cost| cost.score).unwrap_or_default()
    }

    /// The types of the fragments in one place.
    fn conditions(&self, sets: &[Set<'a>], out: &mut Vec<&'static Type>) {
        self.expand(
            sets,
            |_| true,
            |parent, _| {
                if !out.iter().any(|known| known.name == parent.name) {
                    out.push(parent);
                }
            },
        );
    }

    /// Goes through the fields in one place, through fragments on types that are wanted.
    fn expand(&self, sets: &[Set<'a>], wanted: impl Fn(&Type) -> bool, mut then: impl FnMut(&'static Type, &'a Field)) {
        let mut spread: Vec<&str> = Vec::new();
        let mut open: Vec<Set<'a>> = sets.iter().rev().copied().collect();
        while let Some((parent, selections)) = open.pop() {
            let mut inner = Vec::new();
            for selection in selections {
                let (on, selections) = match selection {
                    Selection::Field(field) => {
                        then(parent, field);
                        continue;
                    }
                    Selection::Inline(inline) => (inline.on.as_deref(), &inline.selections),
                    Selection::Spread(name) => match self.tree.fragment(&name.fragment) {
                        Some(fragment) if !spread.contains(&fragment.name.as_str()) => {
                            spread.push(&fragment.name);
                            (Some(fragment.on.as_str()), &fragment.selections)
                        }
                        _ => continue,
                    },
                };
                let on = on.and_then(|on| self.schema.ty(on)).unwrap_or(parent);
                if wanted(on) {
                    inner.push((on, &selections[..]));
                }
            }
            open.extend(inner.into_iter().rev());
        }
    }

    /// The price of what is selected in one place when there is this object.
    fn of_object(&mut self, parent: &'static Type, object: Option<&str>, sets: &[Set<'a>], is_root: bool) -> Cost {
        let applies = |on: &Type| {
            on.name == parent.name || object.is_none_or(|object| on.possible.binary_search(&object).is_ok())
        };
        // Fields under one response key are one field.
        let mut keys: Vec<&'a str> = Vec::new();
        let mut fields: HashMap<&'a str, Vec<(&'static Type, &'a Field)>> = HashMap::new();
        self.expand(sets, applies, |parent, field| {
            let same = fields.entry(field.key()).or_default();
            if same.is_empty() {
                keys.push(field.key());
            }
            same.push((parent, field));
        });
        let mut cost = Cost::default();
        for key in keys {
            if let Some(fields) = fields.remove(key) {
                cost.add(self.field(key, &fields, is_root));
            }
        }
        cost
    }

    fn field(&mut self, key: &str, same: &[(&'static Type, &'a Field)], is_root: bool) -> Cost {
        let known = same.first().and_then(|(parent, field)| Some((field, self.schema.field(parent, &field.name)?)));
        let Some((field, known)) = known else { return Cost::default() };
        let below = match self.schema.ty(known.ty.name()).filter(|ty| ty.is_composite()) {
            Some(ty) => {
                let sets: Vec<Set<'a>> = same.iter().map(|(_, field)| (ty, &field.selections[..])).collect();
                self.selections(ty, &sets, false)
            }
            None => Cost::default(),
        };
        let given: Vec<&str> = field
            .arguments
            .iter()
            .filter(|argument| self.is_given(&argument.value))
            .map(|argument| argument.name.as_str())
            .collect();
        let page = known.ty.name().ends_with("Connection").then(|| self.page(field));
        let price = Price::of(&field.name, is_root, !known.arguments.is_empty(), &given, page);
        let mut cost = Cost { score: price.score(below.score), parts: Vec::new() };
        if !field.selections.is_empty() {
            let own = cost.score.saturating_sub(below.score);
            cost.parts.push(Part { path: key.to_owned(), score: cost.score, own, page });
            let inner = below.parts.into_iter().take(LISTED - 1);
            cost.parts.extend(inner.map(|part| Part { path: format!("{key}.{}", part.path), ..part }));
        }
        cost
    }

    /// Whether an argument gets a value other than `null`.
    fn is_given(&self, value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Variable(name) => match self.values.get(name) {
                Some(value) => !value.is_null(),
                None => self.default(name).is_some_and(|default| *default != Value::Null),
            },
            _ => true,
        }
    }

    fn default(&self, variable: &str) -> Option<&'a Value> {
        let mut variables = self.tree.operations.iter().flat_map(|operation| &operation.variables);
        variables.find(|known| known.name == variable)?.default.as_ref()
    }

    /// The items of a page: the least of what is asked for.
    fn page(&self, field: &Field) -> u32 {
        let asked = field.arguments.iter().filter(|argument| matches!(argument.name.as_str(), "first" | "last"));
        let sizes = asked.filter_map(|argument| match &argument.value {
            Value::Int(size) => Some(*size),
            Value::Variable(name) => match (self.values.get(name), self.default(name)) {
                (Some(value), _) => value.as_i64(),
                (None, Some(Value::Int(size))) => Some(*size),
                _ => None,
            },
            _ => None,
        });
        sizes
            .min()
            .map_or(LIMITS.page_size, |size| u32::try_from(size.max(0)).unwrap_or(u32::MAX))
            .min(LIMITS.page_size)
    }
}

/// What GitLab's own scores have taught about the estimates of documents.
///
/// The factor between the two is a document's own: it comes from resolvers that no schema tells about. Send
/// [`Document::asking_score`](crate::Document::asking_score) now and then, and [`learn`](Calibration::learn) from the answer.
#[derive(Debug, Default)]
pub struct Calibration {
    /// The score in thousandths of the estimate, by the document's text.
    factors: Mutex<HashMap<String, u64>>,
}

impl Calibration {
    /// No knowledge.
    pub fn new() -> Self {
        Calibration::default()
    }

    /// Learns from the answer to a document that asked for its score: the last one counts. `estimate` is that of the document
    /// without the question; `data` is the `data` of the answer. `false` when the answer does not tell the score.
    pub fn learn(&self, document: &crate::Document, estimate: &Estimate, data: &serde_json::Value) -> bool {
        let score = data.get(SCORE_KEY).and_then(|told| told.get("score")).and_then(serde_json::Value::as_u64);
        let Some(score) = score else { return false };
        let factor = score.saturating_sub(QUESTION.into()).saturating_mul(1000) / u64::from(estimate.complexity.max(1));
        let mut factors = self.factors.lock().unwrap_or_else(PoisonError::into_inner);
        factors.insert(document.text().to_owned(), factor);
        true
    }

    /// The estimate of a document, corrected by what is known about it.
    #[must_use]
    pub fn corrected(&self, document: &crate::Document, mut estimate: Estimate) -> Estimate {
        let factors = self.factors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(factor) = factors.get(document.text()) {
            let corrected = u64::from(estimate.complexity).saturating_mul(*factor).div_ceil(1000);
            estimate.complexity = u32::try_from(corrected).unwrap_or(u32::MAX);
        }
        estimate
    }
}
