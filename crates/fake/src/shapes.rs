//! The schema of responses: completes the fields of seed data, and generates everything else.

use crate::random::mix;
use crate::seed::Kind;
use crate::time::Time;
use crate::world::World;
use glabflow_contract::index::{Output, TypeDef, TypeRef};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Objects nested deeper than this are omitted.
const DEEPEST: u32 = 3;

/// The types of the schema.
pub(crate) type Types = &'static BTreeMap<String, TypeDef>;

/// The parts of responses that come from the schema.
pub(crate) struct Shapes {
    types: Types,
    seed: u64,
    /// For each kind the fields that its seed data lacks, as JSON members with a leading comma.
    rest: Vec<Vec<u8>>,
    /// For each kind the names of its public fields.
    brief: Vec<Vec<String>>,
    /// For each kind one complete thing.
    sample: Vec<Map<String, Value>>,
}

impl Shapes {
    /// Finds the fields that the seed data of each kind lacks; `output` is the schema of a kind.
    pub(crate) fn new(types: Types, world: &World, output: impl Fn(Kind) -> Option<&'static Output>) -> Self {
        let mut shapes = Shapes { types, seed: world.seed, rest: Vec::new(), brief: Vec::new(), sample: Vec::new() };
        // One thing of each kind is enough to see its fields.
        let sample = World { users: 3, groups: 8, projects: 3, ..world.clone() };
        for kind in Kind::ALL {
            let fields = |brief: bool| -> Map<String, Value> {
                let mut out = Vec::new();
                kind.seed().write(&sample, 0, brief, &mut out);
                serde_json::from_slice(&out).unwrap_or_default()
            };
            let mut full = fields(false);
            let mut rest = Vec::new();
            let made_up = match output(kind) {
                Some(Output::List(ty) | Output::Json(ty)) => shapes.value(ty, kind as u64),
                _ => Value::Null,
            };
            if let Value::Object(made_up) = made_up {
                for (name, value) in made_up {
                    if full.contains_key(&name) {
                        continue;
                    }
                    rest.push(b',');
                    // Writing to memory does not fail.
                    drop(serde_json::to_writer(&mut rest, &name));
                    rest.push(b':');
                    drop(serde_json::to_writer(&mut rest, &value));
                    full.insert(name, value);
                }
            }
            shapes.rest.push(rest);
            shapes.sample.push(full);
            shapes.brief.push(fields(true).into_iter().map(|(name, _)| name).collect());
        }
        shapes
    }

    /// Adds the fields that the seed data lacks to an object that was just written.
    pub(crate) fn complete(&self, kind: Kind, out: &mut Vec<u8>) {
        let rest = &self.rest[kind as usize];
        if !rest.is_empty() && out.pop_if(|last| *last == b'}').is_some() {
            out.extend_from_slice(rest);
            out.push(b'}');
        }
    }

    /// Writes the public fields of an object.
    pub(crate) fn write_brief(&self, kind: Kind, value: &Value, out: &mut Vec<u8>) {
        let names = &self.brief[kind as usize];
        let brief: Map<String, Value> =
            names.iter().filter_map(|name| Some((name.clone(), value.get(name)?.clone()))).collect();
        // Writing to memory does not fail.
        drop(serde_json::to_writer(out, &brief));
    }

    /// Whether things of a kind have a field with a plain value.
    pub(crate) fn has_plain_field(&self, kind: Kind, name: &str) -> bool {
        self.sample[kind as usize].get(name).is_some_and(|value| !value.is_object() && !value.is_array())
    }

    /// Whether a field is true or false.
    pub(crate) fn is_flag(&self, kind: Kind, name: &str) -> bool {
        self.sample[kind as usize].get(name).is_some_and(Value::is_boolean)
    }

    /// A complete thing of a kind, as a template for others.
    pub(crate) fn sample(&self, kind: Kind) -> Map<String, Value> {
        self.sample[kind as usize].clone()
    }

    /// Whether the things of a kind have a field, which may be a dotted path.
    #[cfg(feature = "graphql")]
    pub(crate) fn has(&self, kind: Kind, path: &str) -> bool {
        let mut names = path.split('.');
        let first = names.next().and_then(|name| self.sample[kind as usize].get(name));
        names.fold(first, |value, name| value?.get(name)).is_some()
    }

    /// A value of a type. The same name gives the same value.
    pub(crate) fn value(&self, ty: &TypeRef, name: u64) -> Value {
        self.make(ty, "", mix(self.seed, &[0x5a, name]), 0)
    }

    fn make(&self, ty: &TypeRef, name: &str, dice: u64, depth: u32) -> Value {
        match ty {
            TypeRef::Bool => dice.is_multiple_of(2).into(),
            TypeRef::Int | TypeRef::IdOrName => (1 + dice % 1000).into(),
            TypeRef::Float => ((dice % 1000) as f64 / 10.0).into(),
            TypeRef::String | TypeRef::File => made_up_text(name, dice).into(),
            TypeRef::Secret => format!("not-a-secret-{:08x}", dice >> 32).into(),
            TypeRef::DateTime => Time(1_700_000_000_000 + dice % 50_000_000_000).text().into(),
            TypeRef::Date => Time(1_700_000_000_000 + dice % 50_000_000_000).day().text().into(),
            TypeRef::Any => Value::Null,
            TypeRef::List(_) if depth >= DEEPEST => Value::Array(Vec::new()),
            TypeRef::List(item) => match self.make(item, name, dice, depth + 1) {
                Value::Null => Value::Array(Vec::new()),
                value => Value::Array(vec![value]),
            },
            TypeRef::Map(_) if depth >= DEEPEST => Value::Object(Map::new()),
            TypeRef::Map(item) => Map::from_iter([("key".to_owned(), self.make(item, name, dice, depth + 1))]).into(),
            TypeRef::Named(named) => match self.types.get(named) {
                Some(TypeDef::Enum(of)) => match of.values.get(pick(dice, of.values.len())) {
                    Some(value) => value.name.as_str().into(),
                    None => Value::Null,
                },
                Some(TypeDef::IntEnum(of)) => of.values.get(pick(dice, of.values.len())).copied().into(),
                Some(TypeDef::Object(object)) if depth < DEEPEST => object
                    .fields
                    .iter()
                    .enumerate()
                    .map(|(at, field)| {
                        let value = self.make(&field.ty, &field.name, mix(dice, &[at as u64]), depth + 1);
                        (field.name.clone(), value)
                    })
                    .collect::<Map<_, _>>()
                    .into(),
                _ => Value::Null,
            },
        }
    }
}

fn pick(dice: u64, count: usize) -> usize {
    usize::try_from(dice % (count.max(1) as u64)).unwrap_or(0)
}

/// Text that fits the name of its field.
fn made_up_text(name: &str, dice: u64) -> String {
    let number = dice % 1000;
    match name {
        _ if name.ends_with("url") => format!("https://gitlab.example/{number}"),
        _ if name.ends_with("email") => format!("person{number}@acme.example"),
        _ if name.ends_with("sha") || name == "checksum" => crate::random::sha(dice, &[]),
        _ if name.ends_with("_id") || name == "id" => (number + 1).to_string(),
        _ if name.ends_with("_access_level") => "enabled".to_owned(),
        "ref" | "branch" | "default_branch" => "main".to_owned(),
        "path" | "full_path" => format!("acme/example-{number}"),
        "version" => format!("1.0.{number}"),
        "" => format!("text-{number}"),
        _ => format!("{}-{number}", name.replace('_', "-")),
    }
}
