//! Operations and types as the generator writes them.

use glabflow::contract::decode;
use glabflow::contract::graphql::{
    Connection, ConnectionOperation, Descriptor, Edition, GraphqlOperation, Kind, Variable, Variables,
};
use glabflow::contract::{Object, object};
use serde::de::MapAccess;

/// Defines an operation as the generator does.
macro_rules! operation {
    ($name:ident: $kind:ident $document:literal, [$($variable:expr),*], $path:expr, $page:literal => $output:ty) => {
        #[derive(Debug, Clone)]
        pub(super) struct $name(pub(super) Variables);

        impl GraphqlOperation for $name {
            type Output = $output;
            const DESCRIPTOR: &'static Descriptor = &Descriptor {
                id: stringify!($name),
                area: "things",
                kind: Kind::$kind,
                name: stringify!($name),
                document: $document,
                variables: &[$($variable),*],
                input: false,
                path: &$path,
                page_size: $page,
                edition: Edition::Community,
                experiment: None,
                deprecated: None,
                complexity: 1,
                depth: 1,
            };
            fn into_variables(self) -> Variables {
                self.0
            }
        }

        impl $name {
            pub(super) fn new() -> Self {
                $name(Variables::new(Self::DESCRIPTOR))
            }
        }
    };
}

operation!(Name: Query "query Name($id: ID) { thing(id: $id) { name } }",
    [Variable { name: "id", ty: "ID", required: false }], ["thing", "name"], 0 => String);
operation!(Rename: Mutation "mutation Rename { rename { errors done } }", [], ["rename"], 0 => Done);
operation!(Told: Subscription "subscription Told { told }", [], ["told"], 0 => String);
operation!(Needy: Query "query Needy($id: ID!) { a(id: $id) }",
    [Variable { name: "id", ty: "ID!", required: true }], ["a"], 0 => String);
operation!(Things: Query
    "query Things($a: String, $f: Int) { group { things(after: $a, first: $f) { nodes { id } pageInfo { endCursor hasNextPage } } } }",
    [Variable { name: "a", ty: "String", required: false }, Variable { name: "f", ty: "Int", required: false }],
    ["group", "things"], 100 => Connection<Thing>);

impl ConnectionOperation for Things {
    type Node = Thing;
    fn after_cursor(self, cursor: String) -> Self {
        Things(self.0.with(0, cursor))
    }
    fn page_size(self, items: u32) -> Self {
        Things(self.0.with(1, items))
    }
}

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Done {
    pub(super) done: bool,
}

impl Object for Done {
    const FIELDS: &'static [&'static str] = &["done"];
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.done = decode::value::<Option<bool>, M>(map)?.unwrap_or_default(),
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}

object!(Done);

#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Thing {
    pub(super) id: i64,
}

impl Object for Thing {
    const FIELDS: &'static [&'static str] = &["id"];
    fn set<'de, M: MapAccess<'de>>(&mut self, field: usize, map: &mut M) -> Result<(), M::Error> {
        match field {
            0 => self.id = decode::value(map)?,
            _ => decode::skip(map)?,
        }
        Ok(())
    }
}

object!(Thing);
