//! One type for each shape, and one name for each type.

use crate::model::rest::schemas::{Draft, Drafts};
use crate::names;
use crate::names::{pascal_words, words};
use glabflow_contract::index::{Object, Operation, Output, TypeDef, TypeRef};
use std::collections::{BTreeMap, BTreeSet};

/// Objects with fewer fields share a type only when their schemas are named alike: `{key, value}` says little.
const TELLING_FIELDS: usize = 3;

/// Names of enums whose fields do not suggest one, by their values.
const ENUM_NAMES: &[(&[&str], &str)] = &[
    (&["disabled", "private", "enabled"], "FeatureAccess"),
    (&["asc", "desc"], "Sort"),
    (&["instance_type", "group_type", "project_type"], "RunnerType"),
];

/// Merges drafts of one shape, names what is left and puts the names into the operations and types.
pub(super) fn settle(mut drafts: Drafts, operations: &mut [Operation]) -> BTreeMap<String, TypeDef> {
    merge_enums(&mut drafts, operations);
    let mut aliases = BTreeMap::new();
    while merge_objects(&mut drafts, operations, &mut aliases) {}
    let tags = tags(&drafts, operations);
    let names = name(&drafts, &aliases, operations);
    rename(&mut drafts, operations, &names);
    drafts
        .into_iter()
        .filter_map(|(key, draft)| {
            let tags: Vec<String> = tags.get(&key)?.iter().cloned().collect();
            let mut definition = draft.definition;
            match &mut definition {
                TypeDef::Object(object) => {
                    object.tags = tags;
                    object.aliases = aliases.get(&key).cloned().unwrap_or_default();
                }
                TypeDef::Enum(values) => values.tags = tags,
                TypeDef::IntEnum(values) => values.tags = tags,
            }
            Some((names.get(&key)?.clone(), definition))
        })
        .collect()
}

/// An enum that is written where it is used is the named one of the same values, when the field's name says so too:
/// `visibility` is a `VisibilityValue`.
fn merge_enums(drafts: &mut Drafts, operations: &mut [Operation]) {
    let values = |draft: &Draft| -> Option<Vec<String>> {
        let TypeDef::Enum(values) = &draft.definition else { return None };
        let mut values: Vec<String> = values.values.iter().map(|value| value.name.clone()).collect();
        values.sort_unstable();
        Some(values)
    };
    let mut same = BTreeMap::new();
    for (key, draft) in drafts.iter().filter(|(_, draft)| draft.schema.is_none()) {
        let Some(wanted) = values(draft) else { continue };
        let fields: BTreeSet<String> = draft.uses.iter().flat_map(|(_, field)| words(field)).collect();
        let named = drafts.iter().find(|(_, other)| {
            let is_alike = |schema: &String| words(schema).iter().any(|word| word != "value" && fields.contains(word));
            other.schema.as_ref().is_some_and(is_alike) && values(other).as_ref() == Some(&wanted)
        });
        if let Some((named, _)) = named {
            same.insert(key.clone(), named.clone());
        }
    }
    replace(drafts, operations, &same);
}

/// Merges objects that have the same fields; `true` when there were any, since others may be alike now.
fn merge_objects(
    drafts: &mut Drafts,
    operations: &mut [Operation],
    aliases: &mut BTreeMap<String, Vec<String>>,
) -> bool {
    let mut shapes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, draft) in &*drafts {
        if let TypeDef::Object(object) = &draft.definition {
            shapes.entry(shape(object, draft)).or_default().push(key);
        }
    }
    let mut same = BTreeMap::new();
    for keys in shapes.into_values().filter(|keys| keys.len() > 1) {
        // The shortest name is the most general one.
        let schema = |key: &str| drafts[key].schema.clone().unwrap_or_else(|| key.to_owned());
        let Some(best) = keys.iter().min_by_key(|key| (drafts[**key].schema.is_none(), schema(key).len(), schema(key)))
        else {
            continue;
        };
        for key in keys.iter().filter(|key| *key != best) {
            same.insert((*key).to_owned(), (*best).to_owned());
            let gone = aliases.remove(*key).unwrap_or_default();
            let all = aliases.entry((*best).to_owned()).or_default();
            all.extend(drafts[*key].schema.clone());
            all.extend(gone);
            all.sort_unstable();
        }
    }
    replace(drafts, operations, &same);
    !same.is_empty()
}

/// What two objects must have in common to be one type.
fn shape(object: &Object, draft: &Draft) -> String {
    let mut fields: Vec<String> = object
        .fields
        .iter()
        .map(|field| {
            let required = object.input && field.required;
            format!("{}:{:?}:{required}:{}", field.name, field.ty, object.input && field.nullable)
        })
        .collect();
    fields.sort_unstable();
    let mut shape = format!("{}|{}", object.input, fields.join(";"));
    if fields.len() < TELLING_FIELDS {
        let last = draft.schema.as_deref().map(words).and_then(|mut words| words.pop());
        shape.push_str(&last.unwrap_or_default());
    }
    shape
}

/// Puts other keys in the place of some, and drops the drafts that are not used any more.
fn replace(drafts: &mut Drafts, operations: &mut [Operation], same: &BTreeMap<String, String>) {
    for (gone, kept) in same {
        if let Some(draft) = drafts.remove(gone)
            && let Some(kept) = drafts.get_mut(kept)
        {
            kept.uses.extend(draft.uses);
        }
    }
    rename(drafts, operations, same);
}

/// Renames every reference that the map has a new name for.
fn rename(drafts: &mut Drafts, operations: &mut [Operation], names: &BTreeMap<String, String>) {
    let change = |name: &mut String| {
        if let Some(new) = names.get(name) {
            name.clone_from(new);
        }
    };
    for draft in drafts.values_mut() {
        if let TypeDef::Object(object) = &mut draft.definition {
            object.fields.iter_mut().for_each(|field| visit(&mut field.ty, &change));
        }
    }
    for operation in operations {
        operation.params.iter_mut().for_each(|param| visit(&mut param.ty, &change));
        match &mut operation.output {
            Output::Json(ty) | Output::List(ty) => visit(ty, &change),
            Output::Empty | Output::File(_) => {}
        }
    }
}

fn visit(ty: &mut TypeRef, change: &dyn Fn(&mut String)) {
    match ty {
        TypeRef::Named(name) => change(name),
        TypeRef::List(inner) | TypeRef::Map(inner) => visit(inner, change),
        _ => {}
    }
}

/// The name that a type refers to, through lists and maps.
pub(crate) fn named(ty: &TypeRef) -> Option<&str> {
    match ty {
        TypeRef::Named(name) => Some(name),
        TypeRef::List(inner) | TypeRef::Map(inner) => named(inner),
        _ => None,
    }
}

/// The types that an operation mentions itself.
fn mentioned(operation: &Operation) -> impl Iterator<Item = &str> {
    let output = match &operation.output {
        Output::Json(ty) | Output::List(ty) => named(ty),
        Output::Empty | Output::File(_) => None,
    };
    operation.params.iter().filter_map(|param| named(&param.ty)).chain(output)
}

/// The tags whose operations use each draft, directly or through others.
fn tags(drafts: &Drafts, operations: &[Operation]) -> BTreeMap<String, BTreeSet<String>> {
    let mut tags: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in operations {
        let mut open: Vec<&str> = mentioned(operation).collect();
        while let Some(key) = open.pop() {
            if !tags.entry(key.to_owned()).or_default().insert(operation.tag.clone()) {
                continue;
            }
            if let Some(Draft { definition: TypeDef::Object(object), .. }) = drafts.get(key) {
                open.extend(object.fields.iter().filter_map(|field| named(&field.ty)));
            }
        }
    }
    tags
}

/// Gives every draft its name: objects first, since enums are often named after them.
fn name(
    drafts: &Drafts,
    aliases: &BTreeMap<String, Vec<String>>,
    operations: &[Operation],
) -> BTreeMap<String, String> {
    let mut scope = names::Scope::with_taken(names::TAKEN_TYPES);
    let mut settled = BTreeMap::new();
    // A schema's own name, less what only tells where it comes from, goes before all derived ones.
    let mut ordered: Vec<(&String, &Draft)> = drafts.iter().filter(|(_, draft)| draft.schema.is_some()).collect();
    ordered.sort_by_key(|(key, draft)| {
        let schema = draft.schema.as_deref().unwrap_or_default();
        (plain(schema) != words(schema), key.contains('#'), (*key).clone())
    });
    for (key, draft) in ordered {
        let schema = draft.schema.as_deref().unwrap_or_default();
        let all = words(schema);
        let short = pascal_words(&plain(schema));
        let ending = match &draft.definition {
            TypeDef::Object(object) if object.input => "Input",
            TypeDef::Object(_) => "Entity",
            TypeDef::Enum(_) | TypeDef::IntEnum(_) => "Kind",
        };
        let common = aliases.get(key).map(|others| common_ending(&all, others)).filter(|common| common.len() > 1);
        let common = common.map(|words| pascal_words(&words));
        let fallback = format!("{short}{ending}");
        settled.insert(key.clone(), scope.settle(common.into_iter().chain([short, fallback])));
    }
    for (key, draft) in drafts.iter().filter(|(_, draft)| draft.schema.is_none()) {
        if let TypeDef::Object(_) = draft.definition
            && let Some((owner, field)) = draft.uses.first()
        {
            settled.insert(key.clone(), scope.settle([names::pascal(&format!("{owner}_{field}"))]));
        }
    }
    name_enums(drafts, operations, &mut scope, &mut settled);
    settled
}

/// Names the enums that have no schema of their own; those that are used most have the first choice.
fn name_enums(
    drafts: &Drafts,
    operations: &[Operation],
    scope: &mut names::Scope,
    settled: &mut BTreeMap<String, String>,
) {
    let tag_of: BTreeMap<&str, &str> =
        operations.iter().map(|operation| (operation.id.as_str(), operation.tag.as_str())).collect();
    let object_names = settled.clone();
    let mut open: Vec<(&String, &Draft)> = drafts.iter().filter(|(key, _)| !settled.contains_key(*key)).collect();
    open.sort_by_key(|(key, draft)| (std::cmp::Reverse(draft.uses.len()), (*key).clone()));
    let bases: Vec<Vec<String>> = open.iter().map(|(_, draft)| base(draft)).collect();
    for ((key, draft), base) in open.iter().zip(&bases) {
        let mut candidates = Vec::new();
        candidates.extend(given(draft).map(str::to_owned));
        let alone = bases.iter().filter(|other| *other == base).count() == 1;
        if alone && base.len() > 1 {
            candidates.push(pascal_words(base));
        }
        // Whose operations use it most, or which object holds it.
        let mut owners: BTreeMap<&str, usize> = BTreeMap::new();
        for (owner, _) in &draft.uses {
            let owner = tag_of
                .get(owner.as_str())
                .copied()
                .unwrap_or_else(|| object_names.get(owner).map_or(owner, String::as_str));
            *owners.entry(owner).or_default() += 1;
        }
        if let Some((owner, _)) = owners.iter().max_by_key(|(owner, count)| (**count, std::cmp::Reverse(**owner))) {
            let mut words = words(owner);
            if let Some(last) = words.last_mut() {
                *last = names::singular(last);
            }
            candidates.push(joined(words, base));
        }
        if let Some((owner, _)) = draft.uses.first() {
            let words = words(owner);
            candidates.push(joined(words.clone(), base));
            candidates.push(format!("{}Kind", joined(words, base)));
        }
        settled.insert((*key).clone(), scope.settle(candidates));
    }
}

/// Two groups of words as one name, without saying twice what one ends and the other begins with.
fn joined(mut words: Vec<String>, base: &[String]) -> String {
    let overlap = base.iter().zip(words.last()).take_while(|(first, last)| first == last).count();
    words.extend(base.iter().skip(overlap).cloned());
    pascal_words(&words)
}

/// The name that values have wherever they are used.
fn given(draft: &Draft) -> Option<&'static str> {
    let TypeDef::Enum(values) = &draft.definition else { return None };
    let values: BTreeSet<&str> = values.values.iter().map(|value| value.name.as_str()).collect();
    ENUM_NAMES.iter().find(|(known, _)| known.iter().copied().collect::<BTreeSet<_>>() == values).map(|(_, name)| *name)
}

/// What the fields that use an enum are called, as far as they agree, in the singular.
fn base(draft: &Draft) -> Vec<String> {
    let mut fields = draft.uses.iter().map(|(_, field)| words(field));
    let mut base = fields.next().unwrap_or_default();
    for field in fields {
        base = ending(&base, &field);
    }
    if let Some(last) = base.last_mut() {
        *last = names::singular(last);
    }
    base
}

/// The words that two names end with.
fn ending(a: &[String], b: &[String]) -> Vec<String> {
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    a[a.len() - same..].to_vec()
}

/// The words that a schema's name and those of its twins end with.
fn common_ending(schema: &[String], others: &[String]) -> Vec<String> {
    others.iter().fold(schema.to_vec(), |common, other| ending(&common, &words(other)))
}

/// A schema's name without what only tells which part of GitLab or of a client library it comes from.
fn plain(schema: &str) -> Vec<String> {
    let words = words(schema);
    let mut plain = words.as_slice();
    for prefix in [&["ee", "api", "entities"][..], &["api", "entities"]] {
        plain = plain
            .strip_prefix(prefix.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>().as_slice())
            .unwrap_or(plain);
    }
    match plain {
        [rest @ .., last] if !rest.is_empty() && (last == "value" || last == "options") => rest.to_vec(),
        _ => plain.to_vec(),
    }
}
