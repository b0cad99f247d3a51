//! Compares verdicts and costs of `glabflow-document` with those of `apollo-compiler` and of the generator.

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema as Reference};
use glabflow_contract::graphql::Kind;
use glabflow_document::schema::{Input, Shape, TypeRef};
use glabflow_document::{Document, Field, Fragment, Query, Schema, Value, enum_value, parse_document};
use glabflow_index::GRAPHQL;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::Map;
use std::sync::LazyLock;

static REFERENCE: LazyLock<Valid<Reference>> = LazyLock::new(|| {
    let sdl = include_str!("../../../schema/graphql/schema.graphql");
    Reference::parse_and_validate(sdl, "schema.graphql")
        .unwrap_or_else(|invalid| panic!("{:.2000}", invalid.errors.to_string()))
});

/// The verdict of the reference implementation.
fn reference(text: &str) -> Result<(), String> {
    let verdict = ExecutableDocument::parse_and_validate(&REFERENCE, text, "document.graphql");
    verdict.map(|_| ()).map_err(|invalid| invalid.errors.to_string())
}

#[test]
fn generated_documents_are_valid_and_cost_what_the_index_states() {
    let index = GRAPHQL.get();
    assert!(!index.operations.is_empty());
    for operation in &index.operations {
        let document = Document::parse(operation.document.as_str())
            .unwrap_or_else(|invalid| panic!("{}: {invalid}\n{}", operation.id, operation.document));
        let required = operation.variables.iter().filter(|variable| variable.required && !operation.input);
        let mut values: Map<String, serde_json::Value> =
            required.map(|variable| (variable.name.clone(), serde_json::Value::from("x"))).collect();
        if operation.input {
            values.insert("input".to_owned(), serde_json::json!({}));
        }
        let estimate = document.estimate(&values);
        assert_eq!(
            (document.kind(), document.name(), estimate.complexity),
            (operation.kind, Some(operation.rust_type.as_str()), operation.complexity),
            "{}\n{}\n{}",
            operation.id,
            estimate.explain(),
            operation.document
        );
        // The generator counts an inline fragment as a level.
        assert!(estimate.depth <= operation.depth, "{}", operation.id);
    }
}

/// Choices that are used up one after the other.
struct Choices(std::vec::IntoIter<u32>);

impl Choices {
    fn below(&mut self, count: usize) -> usize {
        self.0.next().map_or(0, |choice| choice as usize) % count.max(1)
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 1
    }
}

/// The required inputs, and one in `of` of the others. With `of` = 1, none of them.
fn chosen(inputs: &'static [Input], choices: &mut Choices, of: usize) -> Vec<&'static Input> {
    inputs.iter().filter(|input| input.is_required() || choices.chance(of)).collect()
}

fn value(input: TypeRef<'static>, choices: &mut Choices, depth: usize) -> Value {
    if let Some(item) = input.item() {
        return Value::List((0..choices.below(3)).map(|_| value(item, choices, depth)).collect());
    }
    let ty = Schema::get().ty(input.name()).expect("it is in the schema");
    match &ty.shape {
        Shape::Enum(values) if !values.is_empty() => enum_value(values[choices.below(values.len())].name),
        Shape::Input(fields) => {
            let given = chosen(fields, choices, if depth == 0 { 4 } else { 1 });
            Value::Object(
                given.iter().map(|field| (field.name.to_owned(), value(field.ty, choices, depth + 1))).collect(),
            )
        }
        _ => match ty.name {
            "Int" => Value::from(7),
            "Float" => Value::from(0.5),
            "Boolean" => Value::from(true),
            _ => Value::from("text \"\\\n\u{e9}"),
        },
    }
}

fn arguments(known: &'static [Input], mut field: Field, choices: &mut Choices) -> Field {
    for input in chosen(known, choices, 4) {
        field = field.arg(input.name, value(input.ty, choices, 0));
    }
    field
}

/// Selections on documents, fields and fragments.
trait Selects: Sized {
    fn field(self, name: &str, build: impl FnOnce(Field) -> Field) -> Self;
    fn on(self, ty: &str, build: impl FnOnce(Fragment) -> Fragment) -> Self;
    fn spread(self, fragment: &str) -> Self;
}

macro_rules! selects {
    ($($type:ident)*) => {
        $(impl Selects for $type {
            fn field(self, name: &str, build: impl FnOnce(Field) -> Field) -> Self { $type::field(self, name, build) }
            fn on(self, ty: &str, build: impl FnOnce(Fragment) -> Fragment) -> Self { $type::on(self, ty, build) }
            fn spread(self, fragment: &str) -> Self { $type::spread(self, fragment) }
        })*
    };
}

selects!(Query Field Fragment);

/// Selects fields of a type, mostly existing ones under unused names.
fn select<S: Selects>(mut to: S, ty: &str, choices: &mut Choices, depth: usize) -> S {
    let schema = Schema::get();
    let ty = schema.ty(ty).expect("it is in the schema");
    to = to.field("__typename", |field| field);
    for _ in 0..=choices.below(4) {
        if let Some(name) = ty.possible.get(choices.below(ty.possible.len())).filter(|_| depth < 4 && choices.chance(4))
        {
            to = to.on(name, |fragment| select(fragment, name, choices, depth + 1));
        }
        if choices.chance(8) {
            to = to.spread("Shared");
        }
        let Some(known) = ty.fields().get(choices.below(ty.fields().len())) else { continue };
        let below = schema.ty(known.ty.name()).expect("it is in the schema");
        if below.is_composite() && depth >= 4 {
            continue;
        }
        let alias = choices.chance(3).then(|| format!("a{}", choices.below(5)));
        to = to.field(known.name, |mut field| {
            if let Some(alias) = alias {
                field = field.alias(alias);
            }
            field = arguments(&known.arguments, field, choices);
            if choices.chance(6) {
                field = field.directive("include", [("if", true)]);
            }
            if below.is_composite() { select(field, below.name, choices, depth + 1) } else { field }
        });
    }
    to
}

fn choices() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(any::<u32>(), 0..120)
}

fn build(choices: Vec<u32>) -> Query {
    let mut choices = Choices(choices.into_iter());
    let (query, kind) = match choices.below(3) {
        0 => (Query::mutation("M"), Kind::Mutation),
        _ => (Query::new("Q"), Kind::Query),
    };
    let root = Schema::get().root(kind).expect("it is in the schema").name;
    let query = select(query, root, &mut choices, 0);
    if choices.chance(3) {
        query.fragment("Shared", "Project", |shared| select(shared, "Project", &mut choices, 2))
    } else {
        query
    }
}

/// The tests below are meaningful only if enough of the documents are valid.
#[test]
fn at_least_a_fifth_of_the_built_documents_is_valid() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let documents = (0..500).filter_map(|_| {
        let choices = choices().new_tree(&mut runner).expect("no filter").current();
        build(choices).build().ok()
    });
    let lengths: Vec<usize> = documents.map(|document| document.text().len()).collect();
    let long = lengths.iter().filter(|length| **length > 200).count();
    assert!(lengths.len() > 100 && long > 30, "{} of 500 are valid, {long} of them long", lengths.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Each document that the builder accepts is valid.
    #[test]
    fn built_documents_are_valid_for_the_reference_implementation(choices in choices()) {
        if let Ok(document) = build(choices).build() {
            let verdict = reference(document.text());
            prop_assert_eq!(&verdict, &Ok(()), "{}", document);
            let again = Document::parse(document.text());
            prop_assert_eq!(again.as_ref(), Ok(&document));
            let _ = document.estimate(&Map::new()).explain();
        }
    }

    /// A document in which a word was removed, doubled or replaced gets the same verdict from both.
    #[test]
    fn edited_documents_get_the_same_verdict_from_both_implementations(at in any::<prop::sample::Index>(), word in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), how in 0..3_u8) {
        let operations_known = &GRAPHQL.get().operations;
        let document = &at.get(operations_known).document;
        let words: Vec<&str> = document.split_inclusive([' ', '\n', '(', ')', '{', '}', ':', '!']).collect();
        let (word, other) = (word.index(words.len()), other.index(words.len()));
        let mut changed = words.clone();
        match how {
            0 => { changed.remove(word); }
            1 => changed.insert(word, words[word]),
            _ => changed[word] = words[other],
        }
        let text = changed.concat();
        // Ours rejects documents with several operations, which may be valid.
        prop_assume!(parse_document(&text).map_or(true, |tree| tree.operations.len() == 1));
        let (ours, theirs) = (Document::parse(text.as_str()), reference(&text));
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "ours: {:?}\ntheirs: {:?}\n{}", ours, theirs, text);
    }

    /// No input makes the builder panic.
    #[test]
    fn builder_rejects_arbitrary_names_without_a_panic(names in proptest::collection::vec(".{0,8}", 8), number in any::<f64>()) {
        let name = |at: usize| names[at].clone();
        let built = Query::new(name(0))
            .variable_or(name(1), name(2), vec![Value::from(number), Value::Variable(name(3))])
            .field(name(4), |field| field.alias(name(5)).arg(name(6), number).directive(name(7), [(name(1), enum_value(name(2)))]))
            .field("project", |field| field.arg("fullPath", enum_value(name(3))).on(name(4), |on| on.fields([name(5)])).spread(name(6)))
            .fragment(name(6), name(4), |fragment| fragment.spread(name(6)))
            .build();
        prop_assert!(built.is_err());
    }
}
