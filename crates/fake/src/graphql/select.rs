//! The fields that a document selects on an object type, collected once for all objects of it.

use super::relation::{self, Relation};
use super::request::Request;
use super::schema::schema;
use super::thing::Form;
use super::{input, made};
use crate::store::Store;
use apollo_compiler::ast::Type;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use apollo_compiler::schema::{ExtendedType, ObjectType};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;

/// The source of a field's value.
pub(super) enum Source {
    Typename(&'static str),
    Introspection,
    Related(Relation),
    /// A field of the thing in REST.
    Fact(String),
    /// The global id, by class.
    Id(&'static str),
    /// The URL without the host.
    WebPath,
    /// The fields of pages and such, by name.
    Own,
    Made,
}

impl Source {
    /// The field of the thing in REST that it needs.
    fn fact(&self) -> Option<&str> {
        match self {
            Source::Fact(path) => Some(path),
            Source::WebPath => Some("web_url"),
            Source::Related(Relation::One(_, path) | Relation::People(path)) => Some(path),
            Source::Related(Relation::Labels) => Some("labels"),
            Source::Related(Relation::Access) => Some("access_level"),
            _ => None,
        }
    }
}

/// A field that is selected on an object type, with all facts that are the same for all objects.
pub(super) struct Step<'d> {
    /// `"key":`
    pub(super) label: Vec<u8>,
    pub(super) key: &'d str,
    pub(super) name: &'d str,
    pub(super) field: &'d Field,
    pub(super) ty: &'d Type,
    pub(super) object: &'static str,
    pub(super) sets: Vec<&'d SelectionSet>,
    /// The arguments, or the problem with them.
    pub(super) arguments: Result<Map<String, Value>, String>,
    pub(super) source: Source,
    pub(super) dice: u64,
    pub(super) below: Below<'d>,
}

/// The fields selected below a field, for each type and form so far.
pub(super) type Below<'d> = RefCell<Vec<(&'static str, Form, Steps<'d>)>>;
pub(super) type Steps<'d> = Rc<Selected<'d>>;

/// The fields that are selected on an object type.
pub(super) struct Selected<'d> {
    pub(super) steps: Vec<Step<'d>>,
    /// The fields of the thing in REST that they need.
    pub(super) wanted: Vec<String>,
}

/// The fields that are selected on an object type.
pub(super) fn steps<'d>(
    request: &'d Request<'d>,
    store: &Store,
    sets: &[&'d SelectionSet],
    object: &str,
    form: Form,
) -> Steps<'d> {
    let mut steps = Vec::new();
    if let Some(ExtendedType::Object(object)) = schema().named(object) {
        for set in sets {
            collect(request, store, set, object, form, &mut steps);
        }
    }
    let wanted = steps.iter().filter_map(|step| step.source.fact());
    let wanted = wanted.map(|path| path.split('.').next().unwrap_or(path).to_owned()).collect();
    Rc::new(Selected { steps, wanted })
}

fn collect<'d>(
    request: &'d Request<'d>,
    store: &Store,
    set: &'d SelectionSet,
    object: &'static ObjectType,
    form: Form,
    steps: &mut Vec<Step<'d>>,
) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                if !input::included(&field.directives, request.variables) {
                    continue;
                }
                let key = field.response_key().as_str();
                if let Some(known) = steps.iter_mut().find(|step| step.key == key) {
                    known.sets.push(&field.selection_set);
                } else {
                    steps.push(Step::new(request, store, field, object, form));
                }
            }
            Selection::FragmentSpread(spread) => {
                let fragment = request.document.fragments.get(&spread.fragment_name);
                if let Some(fragment) = fragment
                    && input::included(&spread.directives, request.variables)
                    && schema().applies(fragment.selection_set.ty.as_str(), object.name.as_str())
                {
                    collect(request, store, &fragment.selection_set, object, form, steps);
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.type_condition.as_ref();
                if input::included(&fragment.directives, request.variables)
                    && condition.is_none_or(|name| schema().applies(name.as_str(), object.name.as_str()))
                {
                    collect(request, store, &fragment.selection_set, object, form, steps);
                }
            }
        }
    }
}

impl<'d> Step<'d> {
    fn new(request: &'d Request<'d>, store: &Store, field: &'d Field, object: &'static ObjectType, form: Form) -> Self {
        let (key, name) = (field.response_key().as_str(), field.name.as_str());
        let definition = object.fields.get(name);
        let ty = definition.map_or(&field.definition.ty, |definition| &definition.ty);
        let source = match (name, form) {
            ("__typename", _) => Source::Typename(object.name.as_str()),
            ("__schema" | "__type", _) => Source::Introspection,
            (_, Form::Root) if object.name == "Query" => relation::of_root(name).map_or(Source::Made, Source::Related),
            (_, Form::Root | Form::Made) => Source::Made,
            (_, Form::Own) => Source::Own,
            ("id", Form::Item(kind)) => Source::Id(relation::class(kind, &object.name)),
            ("webPath", Form::Item(_)) => Source::WebPath,
            (_, Form::Item(kind)) => match relation::of(kind, name) {
                Some(relation) => Source::Related(relation),
                None => {
                    let fact = relation::fact(kind, &object.name, name);
                    if store.shapes.has(kind, &fact) { Source::Fact(fact) } else { Source::Made }
                }
            },
        };
        let defined = definition.map_or(&field.definition.arguments, |definition| &definition.arguments);
        Step {
            label: format!("\"{key}\":").into_bytes(),
            key,
            name,
            field,
            ty,
            object: object.name.as_str(),
            sets: vec![&field.selection_set],
            arguments: input::arguments(&field.arguments, defined, request.variables),
            source,
            dice: made::name(name),
            below: RefCell::default(),
        }
    }
}

/// The fields of a mutation with their arguments, in order.
pub(super) fn mutations<'d>(request: &'d Request<'d>, store: &Store, set: &'d SelectionSet) -> Steps<'d> {
    steps(request, store, &[set], set.ty.as_str(), Form::Root)
}
