//! The selections of each type: its *detail* if the operation is about it, a *reference* elsewhere.
//!
//! Details contain scalars, references and plain values, never other details. So selections are shallow, have no cycles,
//! and all operations share them.

use super::rules::Rules;
use crate::ingest::graphql::schema::{Field, Kind, Schema};
use anyhow::{Result, bail};
use glabflow_contract::graphql::cost::Price;
use std::collections::BTreeMap;

/// The size of a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// The fields that identify the object.
    Reference,
    /// All scalars within the budget, and references.
    Detail,
    /// The payload of a mutation.
    Payload,
}

/// A type with the size of its selection.
pub(super) type Key = (String, Level);

/// The selection of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Fields of an object.
    Object(Vec<Selected>),
    /// A selection for each possible object, by the name of its type.
    OneOf(BTreeMap<String, Key>),
}

/// A selected field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    /// Its name.
    pub(super) name: String,
    /// The selection of its value.
    pub(super) below: Below,
}

/// The selection of a field's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Below {
    /// None: it is a scalar.
    Nothing,
    /// An object, or a list of objects.
    Object(Key),
    /// The first page of a connection of objects or scalars.
    Connection(Option<Key>),
}

/// The field with the type of an object.
pub(super) const TYPENAME: &str = "__typename";

/// The complexity of the two fields of a connection's `pageInfo`.
const PAGE_INFO: u32 = 3;

/// Details of interfaces and unions with more objects than this contain references to them.
const FEW_VARIANTS: usize = 3;

/// The objects that are selected in detail, not by reference.
#[derive(Clone, Copy)]
enum Details {
    /// None of them.
    None,
    /// All except experiments.
    Settled,
    /// All of them.
    All,
}

/// All selections, created on first use.
pub(super) struct Shapes<'a> {
    pub(super) schema: &'a Schema,
    pub(super) rules: &'a Rules,
    made: BTreeMap<Key, Shape>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(schema: &'a Schema, rules: &'a Rules) -> Result<Self> {
        let shapes = Shapes { schema, rules, made: BTreeMap::new() };
        shapes.check_rules()?;
        Ok(shapes)
    }

    /// The rules without elements that the schema does not have, or that cannot be selected.
    pub(super) fn fitting(schema: &Schema, rules: &Rules) -> Rules {
        let shapes = Shapes { schema, rules, made: BTreeMap::new() };
        let mut fitting = rules.clone();
        fitting.types.retain(|name, fields| {
            let known = schema.fields(name);
            fields.retain(|field| {
                known.and_then(|known| known.get(field)).is_some_and(|value| shapes.is_usable(name, value))
            });
            !fields.is_empty()
        });
        fitting
    }

    /// Rejects rules with elements that the schema does not have, or that cannot be selected.
    fn check_rules(&self) -> Result<()> {
        for (name, fields) in &self.rules.types {
            let Some(known) = self.schema.fields(name) else {
                bail!("selection.toml: types.{name}: there is no such object in the schema")
            };
            for field in fields {
                match known.get(field) {
                    None => bail!("selection.toml: types.{name}: the schema has no field `{field}`"),
                    Some(value) if !self.is_usable(name, value) => {
                        bail!(
                            "selection.toml: types.{name}: `{field}` is deprecated, an experiment, Enterprise only or needs an argument"
                        )
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The shapes that were used.
    pub(super) fn into_made(self) -> BTreeMap<Key, Shape> {
        self.made
    }

    /// A shape that was used.
    pub(super) fn get(&self, key: &Key) -> &Shape {
        &self.made[key]
    }

    /// The detail of an object, interface or union.
    pub(super) fn detail(&mut self, name: &str) -> Key {
        let key = (name.to_owned(), Level::Detail);
        if !self.made.contains_key(&key) {
            let shape = match self.variants(name) {
                Some(variants) if variants.len() <= FEW_VARIANTS => {
                    Shape::OneOf(variants.into_iter().map(|variant| (variant.clone(), self.detail(&variant))).collect())
                }
                Some(variants) => self.one_of_references(variants),
                None => Shape::Object(self.detail_fields(name)),
            };
            self.made.insert(key.clone(), shape);
        }
        key
    }

    /// A reference to an object, interface or union; none if it has no identifying fields.
    pub(super) fn reference(&mut self, name: &str) -> Option<Key> {
        let key = (name.to_owned(), Level::Reference);
        if !self.made.contains_key(&key) {
            let shape = match self.variants(name) {
                Some(variants) => self.one_of_references(variants),
                None => Shape::Object(self.reference_fields(name)?),
            };
            self.made.insert(key.clone(), shape);
        }
        Some(key)
    }

    /// The payload of a mutation. It contains experiments only if the mutation is an experiment.
    pub(super) fn payload(&mut self, name: &str, is_experiment: bool) -> Key {
        let key = (name.to_owned(), Level::Payload);
        if !self.made.contains_key(&key) {
            let fields = self.payload_fields(name, is_experiment);
            self.made.insert(key.clone(), Shape::Object(fields));
        }
        key
    }

    /// The objects of an interface or union that can be distinguished; none for a plain object, or an interface whose objects
    /// all belong to another edition.
    fn variants(&self, name: &str) -> Option<Vec<String>> {
        if !self.schema.is_abstract(name) {
            return None;
        }
        let variants: Vec<String> = self
            .schema
            .possible(name)
            .into_iter()
            .filter(|object| self.edition_fits(name, object) && self.reference_names(object).is_some())
            .map(str::to_owned)
            .collect();
        let is_union = matches!(self.schema.types[name].kind, Kind::Union(_));
        (is_union || !variants.is_empty()).then_some(variants)
    }

    fn one_of_references(&mut self, variants: Vec<String>) -> Shape {
        let referred = variants.into_iter().filter_map(|variant| self.reference(&variant).map(|key| (variant, key)));
        Shape::OneOf(referred.collect())
    }

    /// Whether a type may be selected inside another: a type of every edition must not select a type of one edition.
    fn edition_fits(&self, outer: &str, inner: &str) -> bool {
        let is_ee = |name: &str| self.schema.types.get(name).is_some_and(|ty| ty.marks.ee.is_some());
        is_ee(outer) || !is_ee(inner)
    }

    /// Whether a field may be selected at all.
    fn is_usable(&self, owner: &str, field: &Field) -> bool {
        let is_ee = self.schema.types.get(owner).is_some_and(|ty| ty.marks.ee.is_some());
        field.marks.retired().is_none()
            && (field.marks.experiment().is_none() || self.is_experiment(owner))
            && (field.marks.ee.is_none() || is_ee)
            && !field.args.values().any(|arg| arg.is_required())
            && self.edition_fits(owner, field.ty.name())
    }

    /// Whether a type is an experiment: all its scalars are.
    pub(super) fn is_experiment(&self, name: &str) -> bool {
        let Some(fields) = self.schema.fields(name) else { return false };
        let mut leaves = fields.values().filter(|field| self.schema.is_leaf(field.ty.name())).peekable();
        leaves.peek().is_some() && leaves.all(|field| field.marks.deprecated.is_some())
    }

    /// The scalars of a type that may be selected without arguments.
    fn leaves(&self, name: &str) -> Vec<String> {
        let Some(fields) = self.schema.fields(name) else { return Vec::new() };
        fields
            .iter()
            .filter(|(_, field)| self.schema.is_leaf(field.ty.name()) && field.args.is_empty())
            .filter(|(field, value)| self.is_usable(name, value) && !self.rules.leaves_out(field))
            .map(|(field, _)| field.clone())
            .collect()
    }

    /// The selection of a reference to an object.
    fn reference_names(&self, name: &str) -> Option<Vec<String>> {
        let fields = self.schema.fields(name)?;
        if self.is_experiment(name) {
            return None;
        }
        let has = |wanted: &&String| {
            fields.get(wanted.as_str()).is_some_and(|field| {
                self.schema.is_leaf(field.ty.name()) && field.args.is_empty() && self.is_usable(name, field)
            })
        };
        let reference = &self.rules.reference;
        let mut names: Vec<String> = reference.identity.iter().filter(has).cloned().collect();
        if names.is_empty() {
            // A plain value has no identity, so all its fields are selected.
            names = self.leaves(name);
            names.truncate(self.rules.budget.reference);
        } else {
            names.extend(reference.further.iter().filter(has).cloned());
        }
        (!names.is_empty()).then_some(names)
    }

    fn reference_fields(&mut self, name: &str) -> Option<Vec<Selected>> {
        let names = self.reference_names(name)?;
        match self.rules.types.get(name) {
            // The rules list all fields of a plain value.
            Some(written) if !self.has_identity(name) => {
                Some(written.iter().filter_map(|field| self.select(name, field)).collect())
            }
            _ => Some(names.into_iter().map(leaf).collect()),
        }
    }

    fn has_identity(&self, name: &str) -> bool {
        let has = |field: &String| self.schema.fields(name).is_some_and(|fields| fields.contains_key(field));
        self.rules.reference.identity.iter().any(has)
    }

    fn detail_fields(&mut self, name: &str) -> Vec<Selected> {
        if let Some(written) = self.rules.types.get(name) {
            return written.iter().filter_map(|field| self.select(name, field)).collect();
        }
        let mut leaves = self.leaves(name);
        let reference = &self.rules.reference;
        let order: Vec<&String> = reference.identity.iter().chain(&reference.further).collect();
        leaves.sort_by_key(|leaf| (order.iter().position(|first| *first == leaf).unwrap_or(usize::MAX), leaf.clone()));
        leaves.truncate(self.rules.budget.leaves);
        let mut selected: Vec<Selected> = leaves.into_iter().map(leaf).collect();
        let budget = self.rules.budget.detail;
        self.add_objects(name, &mut selected, budget, Details::None);
        if selected.is_empty() {
            // Only its type can be selected without a connection or an argument.
            selected.push(leaf(TYPENAME.to_owned()));
        }
        selected
    }

    fn payload_fields(&mut self, name: &str, is_experiment: bool) -> Vec<Selected> {
        let mut selected: Vec<Selected> = self.leaves(name).into_iter().map(leaf).collect();
        let budget = self.rules.budget.payload;
        let details = if is_experiment { Details::All } else { Details::Settled };
        self.add_objects(name, &mut selected, budget, details);
        if selected.is_empty() {
            selected.push(leaf(TYPENAME.to_owned()));
        }
        selected
    }

    /// Adds the objects of a type while the complexity stays within a budget.
    fn add_objects(&mut self, name: &str, selected: &mut Vec<Selected>, budget: u32, details: Details) {
        let mut cost: u32 = selected.iter().map(|field| self.field_cost(name, field)).sum();
        let objects: Vec<(String, bool)> = match self.schema.fields(name) {
            None => Vec::new(),
            Some(fields) => fields
                .iter()
                .filter(|(_, field)| !self.schema.is_leaf(field.ty.name()) && field.args.is_empty())
                .filter(|(_, field)| !is_connection(self.schema, field.ty.name()))
                .filter(|(field, value)| self.is_usable(name, value) && !self.rules.leaves_out(field))
                .map(|(field, value)| (field.clone(), value.ty.is_list()))
                .collect(),
        };
        for (field, is_list) in objects {
            let ty = self.schema.fields(name).map(|fields| fields[&field].ty.name().to_owned()).unwrap_or_default();
            let wanted = match details {
                Details::None => false,
                Details::Settled => !is_list && !self.is_experiment(&ty),
                Details::All => !is_list,
            };
            let detail = wanted.then(|| self.detail(&ty));
            for key in [detail, self.reference(&ty)].into_iter().flatten() {
                let object = Selected { name: field.clone(), below: Below::Object(key) };
                let price = self.field_cost(name, &object);
                if cost + price <= budget {
                    cost += price;
                    selected.push(object);
                    break;
                }
            }
        }
    }

    /// A field that the rules list for a type; none if nothing of its value can be selected.
    fn select(&mut self, owner: &str, field: &str) -> Option<Selected> {
        let ty = self.schema.fields(owner)?.get(field)?.ty.name();
        let below = if self.schema.is_leaf(ty) {
            Below::Nothing
        } else if let Some(node) = node_type(self.schema, ty) {
            let node = node.to_owned();
            if self.schema.is_leaf(&node) {
                Below::Connection(None)
            } else {
                Below::Connection(Some(self.reference(&node)?))
            }
        } else {
            let ty = ty.to_owned();
            Below::Object(self.reference(&ty)?)
        };
        Some(Selected { name: field.to_owned(), below })
    }

    /// The complexity of a shape.
    pub(super) fn cost(&self, key: &Key) -> u32 {
        match self.get(key) {
            Shape::Object(fields) => fields.iter().map(|field| self.field_cost(&key.0, field)).sum(),
            Shape::OneOf(variants) => 1 + variants.values().map(|variant| self.cost(variant)).max().unwrap_or(0),
        }
    }

    fn field_cost(&self, owner: &str, field: &Selected) -> u32 {
        let takes_arguments = self
            .schema
            .fields(owner)
            .and_then(|fields| fields.get(&field.name))
            .is_some_and(|field| !field.args.is_empty());
        let (page, given, child): (_, &[&str], _) = match &field.below {
            Below::Nothing => (None, &[], 0),
            Below::Object(key) => (None, &[], self.cost(key)),
            Below::Connection(node) => {
                let nodes = 1 + node.as_ref().map_or(0, |node| self.cost(node));
                (Some(self.rules.budget.nested_page), &["first"], nodes + PAGE_INFO)
            }
        };
        Price::of(&field.name, false, takes_arguments, given, page).score(child)
    }

    /// The complexity of a page of a connection, without that of the connection itself.
    pub(super) fn page_cost(&self, node: Option<&Key>) -> u32 {
        1 + node.map_or(0, |node| self.cost(node)) + PAGE_INFO
    }
}

fn leaf(name: String) -> Selected {
    Selected { name, below: Below::Nothing }
}

/// Whether a type is a connection.
pub(super) fn is_connection(schema: &Schema, name: &str) -> bool {
    node_type(schema, name).is_some()
}

/// The type of a connection's nodes.
pub(super) fn node_type<'a>(schema: &'a Schema, name: &str) -> Option<&'a str> {
    let fields = schema.fields(name)?;
    fields.get("pageInfo")?;
    fields.get("nodes").map(|nodes| nodes.ty.name())
}
