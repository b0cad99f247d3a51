//! Single fields of things, without writing the complete thing if possible.

use super::data::Store;
use crate::filter::Subject;
use crate::seed::Kind;
use crate::world::Namespace;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::cell::OnceCell;

impl Store {
    /// Reads single fields of the thing at a slot.
    pub(crate) fn item(&self, kind: Kind, slot: u64) -> Item<'_> {
        Item { store: self, kind, slot, wanted: None, whole: OnceCell::new() }
    }

    /// Reads these fields of the thing at a slot, and no others.
    #[cfg(feature = "graphql")]
    pub(crate) fn part<'a>(&'a self, kind: Kind, slot: u64, wanted: &'a [String]) -> Item<'a> {
        Item { store: self, kind, slot, wanted: Some(wanted), whole: OnceCell::new() }
    }
}

/// A thing whose fields are read one by one.
pub(crate) struct Item<'a> {
    store: &'a Store,
    kind: Kind,
    pub(crate) slot: u64,
    /// The fields that are read; `None` for all.
    wanted: Option<&'a [String]>,
    whole: OnceCell<Value>,
}

impl Item<'_> {
    /// The value at a dotted path; `null` if there is none.
    pub(crate) fn fact(&self, path: &str) -> Value {
        if let Some(value) = self.store.changed(self.kind, self.slot) {
            return dig(value, path).cloned().unwrap_or_default();
        }
        if let Some(value) = self.kind.seed().fact(&self.store.world, self.slot, path) {
            return value;
        }
        let whole = self.whole.get_or_init(|| match self.wanted {
            Some(names) => {
                let mut out = Vec::with_capacity(2048);
                self.store.write(self.kind, self.slot, false, &mut out);
                Only(names).deserialize(&mut serde_json::Deserializer::from_slice(&out)).unwrap_or_default()
            }
            None => self.store.read(self.kind, self.slot),
        });
        dig(whole, path).cloned().unwrap_or_default()
    }
}

impl Subject for Item<'_> {
    fn fact(&self, path: &str) -> Value {
        self.fact(path)
    }

    fn access(&self, user: u64) -> u64 {
        let store = self.store;
        match store.ancestor(self.kind, self.slot, Kind::Project) {
            Some(project) => store.access(Namespace::Project(project), user),
            None => match store.ancestor(self.kind, self.slot, Kind::Group) {
                Some(group) => store.access(Namespace::Group(group), user),
                None => 0,
            },
        }
    }

    fn is_visible_to(&self, user: Option<u64>) -> bool {
        let store = self.store;
        let place = store
            .ancestor(self.kind, self.slot, Kind::Project)
            .map(|slot| (Kind::Project, slot))
            .or_else(|| store.ancestor(self.kind, self.slot, Kind::Group).map(|slot| (Kind::Group, slot)));
        let Some((kind, slot)) = place else { return true };
        match store.item(kind, slot).fact("visibility").as_str() {
            Some("public") => true,
            Some("internal") => user.is_some(),
            _ => user.is_some_and(|user| self.access(user) > 0),
        }
    }
}

/// Reads only these fields of an object.
struct Only<'n>(&'n [String]);

impl<'de> DeserializeSeed<'de> for Only<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Only<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<&str>()? {
            if self.0.iter().any(|wanted| wanted == name) {
                fields.insert(name.to_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(fields.into())
    }
}

/// The value at a dotted path.
fn dig<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}
