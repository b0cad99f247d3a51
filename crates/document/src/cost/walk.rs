//! The walk that computes prices, from the leaves upward.

use crate::ast::{Field, Fragment, Selection, VariableDefinition};
use crate::value::Value;
use glabflow_contract::graphql::cost::{LIMITS, Price};
use serde_json::Map;
use std::collections::{BTreeMap, HashMap};

/// Maximum number of parts in an estimate.
const LISTED: usize = 500;

/// What a field costs with everything below it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "schema"), expect(unreachable_pub, reason = "only estimates show the parts"))]
#[non_exhaustive]
pub struct Part {
    /// The response keys from the root, `project.issues.nodes`.
    pub path: String,
    /// The price of the field and of everything below it.
    pub score: u32,
    /// The field's own share: its price, and what its page size adds if it is a connection.
    pub own: u32,
    /// The page size of a connection.
    pub page: Option<u32>,
}

/// What prices depend on besides the document.
pub(super) trait Types {
    /// A type that fields are selected from.
    type Type: Copy;

    /// The type's name.
    fn name(ty: Self::Type) -> &'static str;

    /// The objects that a value of the type can be, sorted.
    fn possible(ty: Self::Type) -> &'static [&'static str];

    /// The type with this name.
    fn named(&self, name: &str) -> Option<Self::Type>;

    /// A field of a type; `None` if it is unknown and counts nothing.
    fn field(&self, parent: Self::Type, field: &Field) -> Option<Known<Self::Type>>;
}

/// What is known of a field.
pub(super) struct Known<T> {
    pub(super) takes_arguments: bool,
    pub(super) is_connection: bool,
    /// The type of its value if fields are selected from it.
    pub(super) value: Option<T>,
}

/// Selections and the type they select from.
type Set<'a, T> = (T, &'a [Selection]);

/// A type and its selections, compared by their addresses.
type Place = (&'static str, Vec<(&'static str, *const Selection)>);

/// What selections cost. The paths of the parts start there.
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

/// Computes prices for a document with the values of its variables.
pub(super) struct Meter<'a, T: Types> {
    types: T,
    fragments: &'a [Fragment],
    variables: &'a [VariableDefinition],
    values: Option<&'a Map<String, serde_json::Value>>,
    /// Known prices. Without them, fragments that spread each other would take time exponential in their number.
    known: HashMap<Place, Cost>,
}

impl<'a, T: Types> Meter<'a, T> {
    pub(super) fn new(
        types: T,
        fragments: &'a [Fragment],
        variables: &'a [VariableDefinition],
        values: Option<&'a Map<String, serde_json::Value>>,
    ) -> Self {
        Meter { types, fragments, variables, values, known: HashMap::new() }
    }

    /// The price of root fields, and its parts.
    #[cfg(feature = "schema")]
    pub(super) fn root(&mut self, root: T::Type, selections: &'a [Selection]) -> (u32, Vec<Part>) {
        let Cost { score, parts } = self.selections(root, &[(root, selections)], true);
        (score, parts)
    }

    /// The price of fields below the root.
    pub(super) fn score(&mut self, parent: T::Type, selections: &'a [Selection]) -> u32 {
        self.selections(parent, &[(parent, selections)], false).score
    }

    /// The price of all selections from one value. For an interface or union, GitLab counts the most expensive object.
    fn selections(&mut self, parent: T::Type, sets: &[Set<'a, T::Type>], is_root: bool) -> Cost {
        let places = sets.iter().map(|(ty, selections)| (T::name(*ty), selections.as_ptr())).collect();
        let place = (T::name(parent), places);
        if let Some(cost) = self.known.get(&place) {
            return cost.clone();
        }
        let cost = self.most_expensive(parent, sets, is_root);
        self.known.insert(place, cost.clone());
        cost
    }

    fn most_expensive(&mut self, parent: T::Type, sets: &[Set<'a, T::Type>], is_root: bool) -> Cost {
        let possible = T::possible(parent);
        let mut conditions = self.conditions(sets);
        conditions.retain(|on| T::name(*on) != T::name(parent));
        if conditions.is_empty() || possible.len() < 2 {
            return self.of_object(parent, possible.first().copied(), sets, is_root);
        }
        // Objects to which the same fragments apply cost the same.
        let mut alike: BTreeMap<Vec<bool>, &'static str> = BTreeMap::new();
        for name in possible {
            let applies = conditions.iter().map(|on| T::possible(*on).binary_search(name).is_ok()).collect();
            alike.entry(applies).or_insert(name);
        }
        let costs = alike.into_values().map(|name| self.of_object(parent, Some(name), sets, is_root));
        costs.max_by_key(|cost| cost.score).unwrap_or_default()
    }

    /// The types of the fragments around the fields.
    fn conditions(&self, sets: &[Set<'a, T::Type>]) -> Vec<T::Type> {
        let mut conditions: Vec<T::Type> = Vec::new();
        let mut note = |on: T::Type, _: &Field| {
            if !conditions.iter().any(|known| T::name(*known) == T::name(on)) {
                conditions.push(on);
            }
        };
        self.fields(sets, |_| true, &mut note);
        conditions
    }

    /// Goes through the fields, also those in fragments on types that are wanted. Each comes with the type it is selected from.
    fn fields(
        &self,
        sets: &[Set<'a, T::Type>],
        wanted: impl Fn(T::Type) -> bool,
        mut then: impl FnMut(T::Type, &'a Field),
    ) {
        let mut spread: Vec<&str> = Vec::new();
        let mut open: Vec<Set<'a, T::Type>> = sets.iter().rev().copied().collect();
        while let Some((parent, selections)) = open.pop() {
            let mut inner = Vec::new();
            for selection in selections {
                let (on, selections) = match selection {
                    Selection::Field(field) => {
                        then(parent, field);
                        continue;
                    }
                    Selection::Inline(inline) => (inline.on.as_deref(), &inline.selections),
                    Selection::Spread(name) => match self.fragment(&name.fragment) {
                        Some(fragment) if !spread.contains(&fragment.name.as_str()) => {
                            spread.push(&fragment.name);
                            (Some(fragment.on.as_str()), &fragment.selections)
                        }
                        _ => continue,
                    },
                };
                let on = on.and_then(|on| self.types.named(on)).unwrap_or(parent);
                if wanted(on) {
                    inner.push((on, &selections[..]));
                }
            }
            open.extend(inner.into_iter().rev());
        }
    }

    fn fragment(&self, name: &str) -> Option<&'a Fragment> {
        self.fragments.iter().find(|fragment| fragment.name == name)
    }

    /// The price of all selections from one value if it is this object.
    fn of_object(&mut self, parent: T::Type, object: Option<&str>, sets: &[Set<'a, T::Type>], is_root: bool) -> Cost {
        let applies = |on: T::Type| {
            T::name(on) == T::name(parent) || object.is_none_or(|object| T::possible(on).binary_search(&object).is_ok())
        };
        // Fields under one response key are one field.
        let mut keys: Vec<&'a str> = Vec::new();
        let mut fields: HashMap<&'a str, Vec<(T::Type, &'a Field)>> = HashMap::new();
        self.fields(sets, applies, |parent, field| {
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

    fn field(&mut self, key: &str, same: &[(T::Type, &'a Field)], is_root: bool) -> Cost {
        let first = same.first().and_then(|(parent, field)| Some((field, self.types.field(*parent, field)?)));
        let Some((field, known)) = first else { return Cost::default() };
        let below = match known.value {
            Some(ty) => {
                let sets: Vec<Set<'a, T::Type>> = same.iter().map(|(_, field)| (ty, &field.selections[..])).collect();
                self.selections(ty, &sets, false)
            }
            None => Cost::default(),
        };
        let given = field.arguments.iter().filter(|argument| self.is_given(&argument.value));
        let given: Vec<&str> = given.map(|argument| argument.name.as_str()).collect();
        let page = known.is_connection.then(|| self.page(field));
        let price = Price::of(&field.name, is_root, known.takes_arguments, &given, page);
        let mut cost = Cost { score: price.score(below.score), parts: Vec::new() };
        if !field.selections.is_empty() {
            let own = cost.score.saturating_sub(below.score);
            cost.parts.push(Part { path: key.to_owned(), score: cost.score, own, page });
            let inner = below.parts.into_iter().take(LISTED - 1);
            cost.parts.extend(inner.map(|part| Part { path: format!("{key}.{}", part.path), ..part }));
        }
        cost
    }

    /// The value of a variable in the request.
    fn value(&self, variable: &str) -> Option<&'a serde_json::Value> {
        self.values?.get(variable)
    }

    fn default(&self, variable: &str) -> Option<&'a Value> {
        self.variables.iter().find(|known| known.name == variable)?.default.as_ref()
    }

    /// Whether an argument has a value other than `null`.
    fn is_given(&self, value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Variable(name) => match self.value(name) {
                Some(value) => !value.is_null(),
                None => self.default(name).is_some_and(|default| *default != Value::Null),
            },
            _ => true,
        }
    }

    /// The items of a page: the smallest number that the document asks for.
    fn page(&self, field: &Field) -> u32 {
        let sizes = field.arguments.iter().filter(|argument| matches!(argument.name.as_str(), "first" | "last"));
        let sizes = sizes.filter_map(|argument| match &argument.value {
            Value::Int(size) => Some(*size),
            Value::Variable(name) => match (self.value(name), self.default(name)) {
                (Some(value), _) => value.as_i64(),
                (None, Some(Value::Int(size))) => Some(*size),
                _ => None,
            },
            _ => None,
        });
        let size = sizes.min().map_or(LIMITS.page_size, |size| u32::try_from(size.max(0)).unwrap_or(u32::MAX));
        size.min(LIMITS.page_size)
    }
}
