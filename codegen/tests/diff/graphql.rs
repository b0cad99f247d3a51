//! A pair of small schemas for every kind of difference in GraphQL.

use crate::{Case, check};
use glabflow_codegen::diff::kind::Kind;
use glabflow_codegen::diff::level::Level::{Breaking, Dangerous, Safe};

/// Puts definitions around a query type that makes operations of them.
fn sdl(rest: &str) -> String {
    format!("type Query {{ me: User, color(sort: Sort): Color }}\n{rest}")
}

/// The types that the query type needs, less those which a case brings itself.
const USER: &str = "type User { id: ID, name: String }";
const COLOR: &str = "enum Color { RED GREEN }";
const SORT: &str = "enum Sort { ASC DESC }";

pub(crate) fn cases() -> Vec<Case> {
    let case = |kind, coordinate, old: &[&str], new: &[&str], wire, rust: &[&str]| {
        Case::graphql(kind, coordinate, &sdl(&old.join("\n")), &sdl(&new.join("\n")), wire, rust)
    };
    let raw = |kind, coordinate, old: &str, new: &str, wire, rust: &[&str]| {
        Case::graphql(kind, coordinate, old, new, wire, rust)
    };
    let user = |fields: &str| format!("type User {{ id: ID, {fields} }}");
    let field = |kind, coordinate, old: &str, new: &str, wire, rust: &[&str]| {
        case(kind, coordinate, &[&user(old), COLOR, SORT], &[&user(new), COLOR, SORT], wire, rust)
    };
    let colors = |kind, coordinate, old: &str, new: &str, wire, rust: &[&str]| {
        case(kind, coordinate, &[USER, old, SORT], &[USER, new, SORT], wire, rust)
    };
    // A mutation with an input object, whose fields are the operation's arguments.
    let input = |kind, coordinate, old: &str, new: &str, wire, rust: &[&str]| {
        let sdl = |fields: &str| {
            format!(
                "type Query {{ a: Int }} type Mutation {{ paint(input: PaintInput!): PaintPayload }}
                 type PaintPayload {{ errors: [String!]! }} input PaintInput {{ color: String! {fields} }}"
            )
        };
        Case::graphql(kind, coordinate, &sdl(old), &sdl(new), wire, rust)
    };
    let directive = |kind, coordinate, old: &str, new: &str, wire| {
        let sdl = |directive: &str| format!("type Query {{ a: Int }} {directive}");
        Case::graphql(kind, coordinate, &sdl(old), &sdl(new), wire, &[])
    };
    vec![
        raw(
            Kind::GraphqlRootChanged,
            "schema.mutation",
            "schema { query: Query mutation: Mutation } type Query { a: Int } type Mutation { b: Int } type M { b: Int }",
            "schema { query: Query mutation: M } type Query { a: Int } type Mutation { b: Int } type M { b: Int }",
            Breaking,
            &[],
        ),
        case(
            Kind::GraphqlTypeAdded,
            "Car",
            &[USER, COLOR, SORT],
            &[USER, COLOR, SORT, "type Car { id: ID }"],
            Safe,
            &[],
        ),
        case(
            Kind::GraphqlTypeRemoved,
            "Car",
            &["type User { id: ID, car: Car } type Car { id: ID, wheels: Int }", COLOR, SORT],
            &["type User { id: ID }", COLOR, SORT],
            Breaking,
            &["removed `types::CarRef`"],
        ).also(&["graphql-field-removed:User.car"]),
        case(
            Kind::GraphqlTypeKindChanged,
            "Color",
            &[USER, COLOR, SORT],
            &[USER, "scalar Color", SORT],
            Breaking,
            &["removed `types::Color`"],
        ).also(&["graphql-rust-changed:Query.color"]),
        field(
            Kind::GraphqlFieldAdded,
            "User.age",
            "name: Int",
            "name: Int, age: Int",
            Safe,
            &["added `types::User::age`"],
        ),
        field(
            Kind::GraphqlFieldRemoved,
            "User.age",
            "name: Int, age: Int @deprecated(reason: \"16.3\")",
            "name: Int",
            Breaking,
            // What is deprecated is not selected, so nothing of it is generated.
            &[],
        ),
        field(
            Kind::GraphqlFieldTypeChanged,
            "User.name",
            "name: Int",
            "name: String",
            Breaking,
            &["changed `types::User::name`: `Option<i64>` to `Option<String>`"],
        ),
        field(Kind::GraphqlFieldNullable, "User.name", "name: [Int!]!", "name: [Int!]", Dangerous, &[]),
        field(Kind::GraphqlFieldNonNull, "User.name", "name: [Int]", "name: [Int!]!", Safe, &[]),
        raw(
            Kind::GraphqlArgumentAdded,
            "Query.a(now:)",
            "type Query { a(then: Int): Int }",
            "type Query { a(then: Int, now: Boolean): Int }",
            Safe,
            &["added `instance::AQuery::now`"],
        ),
        raw(
            Kind::GraphqlRequiredArgumentAdded,
            "Query.a(now:)",
            "type Query { a: Int }",
            "type Query { a(now: Boolean!): Int }",
            Breaking,
            &["changed `instance::AQuery::new`: `fn()` to `fn(bool)`"],
        ),
        raw(
            Kind::GraphqlArgumentRemoved,
            "Query.a(now:)",
            "type Query { a(now: Boolean): Int }",
            "type Query { a: Int }",
            Breaking,
            &["removed `instance::AQuery::now`"],
        ),
        raw(
            Kind::GraphqlArgumentTypeChanged,
            "Query.a(now:)",
            "type Query { a(now: Boolean): Int }",
            "type Query { a(now: Int): Int }",
            Breaking,
            &["changed `instance::AQuery::now`: `fn(bool)` to `fn(i64)`"],
        ),
        raw(
            Kind::GraphqlArgumentNarrowed,
            "Query.a(now:)",
            "type Query { a(now: Int): Int }",
            "type Query { a(now: Int!): Int }",
            Breaking,
            &["changed `instance::AQuery::new`: `fn()` to `fn(i64)`", "removed `instance::AQuery::now`"],
        ),
        raw(
            Kind::GraphqlArgumentWidened,
            "Query.a(now:)",
            "type Query { a(now: Int!): Int }",
            "type Query { a(now: Int): Int }",
            Safe,
            &["added `instance::AQuery::now`", "changed `instance::AQuery::new`: `fn(i64)` to `fn()`"],
        ),
        raw(
            Kind::GraphqlArgumentDefaultChanged,
            "Query.a(now:)",
            "type Query { a(now: Int = 1): Int }",
            "type Query { a(now: Int = 2): Int }",
            Dangerous,
            &[],
        ),
        input(
            Kind::GraphqlInputFieldAdded,
            "PaintInput.coats",
            "",
            "coats: Int",
            Safe,
            &["added `instance::Paint::coats`"],
        ),
        input(
            Kind::GraphqlRequiredInputFieldAdded,
            "PaintInput.coats",
            "",
            "coats: Int!",
            Breaking,
            &["changed `instance::Paint::new`: `fn(impl Into<String>)` to `fn(i64, impl Into<String>)`"],
        ),
        input(
            Kind::GraphqlInputFieldRemoved,
            "PaintInput.coats",
            "coats: Int",
            "",
            Breaking,
            &["removed `instance::Paint::coats`"],
        ),
        input(
            Kind::GraphqlInputFieldTypeChanged,
            "PaintInput.coats",
            "coats: Int",
            "coats: String",
            Breaking,
            &["changed `instance::Paint::coats`: `fn(impl Into<Nullable<i64>>)` to `fn(impl Into<Nullable<String>>)`"],
        ),
        input(
            Kind::GraphqlInputFieldNarrowed,
            "PaintInput.coats",
            "coats: Int! = 1",
            "coats: Int!",
            Breaking,
            &[
                "changed `instance::Paint::new`: `fn(impl Into<String>)` to `fn(i64, impl Into<String>)`",
                "removed `instance::Paint::coats`",
            ],
        ),
        input(Kind::GraphqlInputFieldWidened, "PaintInput.coats", "coats: [Int!]", "coats: [Int]", Safe, &[]),
        input(
            Kind::GraphqlInputFieldDefaultChanged,
            "PaintInput.coats",
            "coats: Int = 1",
            "coats: Int",
            Dangerous,
            &[],
        ),
        colors(
            Kind::GraphqlEnumValueAdded,
            "Color.BLUE",
            COLOR,
            "enum Color { RED GREEN BLUE }",
            Dangerous,
            &["new variant `types::Color::Blue`"],
        ),
        case(
            Kind::GraphqlEnumValueAdded,
            "Sort.NONE",
            &[USER, COLOR, SORT],
            &[USER, COLOR, "enum Sort { ASC DESC NONE }"],
            Safe,
            &["new variant `types::Sort::None`"],
        ),
        colors(
            Kind::GraphqlEnumValueRemoved,
            "Color.GREEN",
            COLOR,
            "enum Color { RED }",
            Safe,
            &["removed `types::Color::Green`"],
        ),
        case(
            Kind::GraphqlEnumValueRemoved,
            "Sort.DESC",
            &[USER, COLOR, SORT],
            &[USER, COLOR, "enum Sort { ASC }"],
            Breaking,
            &["removed `types::Sort::Desc`"],
        ),
        raw(
            Kind::GraphqlUnionMemberAdded,
            "Any.B",
            "type Query { a: Any } type A { id: ID } type B { id: ID } union Any = A",
            "type Query { a: Any } type A { id: ID } type B { id: ID } union Any = A | B",
            Dangerous,
            &["new variant `types::Any::B`"],
        ).also(&["graphql-rust-changed:B"]),
        raw(
            Kind::GraphqlUnionMemberRemoved,
            "Any.B",
            "type Query { a: Any } type A { id: ID } type B { id: ID } union Any = A | B",
            "type Query { a: Any } type A { id: ID } type B { id: ID } union Any = A",
            Breaking,
            &["removed `types::Any::B`"],
        ).also(&["graphql-rust-changed:B"]),
        raw(
            Kind::GraphqlInterfaceAdded,
            "B implements Node",
            "type Query { a: Node } interface Node { id: ID } type A implements Node { id: ID } type B { id: ID }",
            "type Query { a: Node } interface Node { id: ID } type A implements Node { id: ID } type B implements Node { id: ID }",
            Dangerous,
            &["new variant `types::Node::B`"],
        ).also(&["graphql-rust-changed:B"]),
        raw(
            Kind::GraphqlInterfaceRemoved,
            "B implements Node",
            "type Query { a: Node } interface Node { id: ID } type A implements Node { id: ID } type B implements Node { id: ID }",
            "type Query { a: Node } interface Node { id: ID } type A implements Node { id: ID } type B { id: ID }",
            Breaking,
            &["removed `types::Node::B`"],
        ).also(&["graphql-rust-changed:B"]),
        directive(Kind::GraphqlDirectiveAdded, "@live", "", "directive @live on FIELD", Safe),
        directive(Kind::GraphqlDirectiveRemoved, "@live", "directive @live on FIELD", "", Breaking),
        directive(
            Kind::GraphqlDirectiveLocationAdded,
            "@live on QUERY",
            "directive @live on FIELD",
            "directive @live on FIELD | QUERY",
            Safe,
        ),
        directive(
            Kind::GraphqlDirectiveLocationRemoved,
            "@live on QUERY",
            "directive @live on FIELD | QUERY",
            "directive @live on FIELD",
            Breaking,
        ),
        directive(
            Kind::GraphqlRequiredArgumentAdded,
            "@live(by:)",
            "directive @live on FIELD",
            "directive @live(by: Int!) on FIELD",
            Breaking,
        ),
        raw(
            Kind::GraphqlDeprecated,
            "Query.a",
            "type Query { a: Int }",
            "type Query { a: Int @deprecated(reason: \"Use b. Deprecated in GitLab 16.3.\") }",
            Safe,
            &["deprecated `instance::AQuery`"],
        ),
        raw(
            Kind::GraphqlUndeprecated,
            "Query.a",
            "type Query { a: Int @deprecated(reason: \"16.3\") }",
            "type Query { a: Int }",
            Safe,
            &["no longer deprecated `instance::AQuery`"],
        ),
        field(
            Kind::GraphqlDeprecationChanged,
            "User.name",
            "name: Int @deprecated(reason: \"16.3\")",
            "name: Int @deprecated(reason: \"16.4\")",
            Safe,
            &[],
        ),
        field(
            Kind::GraphqlBecameExperiment,
            "User.name",
            "name: Int",
            "name: Int @deprecated(reason: \"experiment 17.1\")",
            Dangerous,
            &["removed `types::User::name`"],
        ),
        field(
            Kind::GraphqlExperimentEnded,
            "User.name",
            "name: Int @deprecated(reason: \"experiment 17.1\")",
            "name: Int",
            Safe,
            &["added `types::User::name`"],
        ),
        field(
            Kind::GraphqlEnterpriseOnly,
            "User.name",
            "name: Int, extra: Int @ee(since: \"17.0\")",
            "name: Int @ee(since: \"17.0\"), extra: Int @ee(since: \"17.0\")",
            Dangerous,
            &["removed `types::User::name`"],
        ),
        field(
            Kind::GraphqlEveryEdition,
            "User.name",
            "name: Int @ee(since: \"17.0\"), extra: Int @ee(since: \"17.0\")",
            "name: Int, extra: Int @ee(since: \"17.0\")",
            Safe,
            &["added `types::User::name`"],
        ),
        // Arguments of one type, of which another one comes first: calls compile, and send each for the other.
        raw(
            Kind::GraphqlArgumentRemoved,
            "Query.a(left:)",
            "type Query { a(left: Int!, right: Int!): Int }",
            "type Query { a(right: Int!, up: Int!): Int }",
            Breaking,
            &["changed `instance::AQuery::new`: `fn(left: i64, right: i64)` to `fn(right: i64, up: i64)`"],
        ).also(&["graphql-required-argument-added:Query.a(up:)"]),
        // Two types of one name in Rust: the one that is new takes the plain name away.
        raw(
            Kind::GraphqlRustChanged,
            "Query.a(sort:)",
            "type Query { a(sort: CarSort): Int } enum CarSort { ASC }",
            "type Query { a(sort: CarSort, by: CARSort): Int } enum CarSort { ASC } enum CARSort { ASC }",
            Safe,
            &["changed `instance::AQuery::sort`: `fn(CarSort)` to `fn(CarSortKind)`"],
        ).also(&["graphql-argument-added:Query.a(by:)", "graphql-rust-changed:CarSort", "graphql-type-added:CARSort"]),
    ]
}

#[test]
fn every_kind_has_its_level_coordinate_and_effect() {
    check(&cases());
}
