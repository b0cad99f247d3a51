//! What the server holds: the seed data, and what requests have made of it since.
//!
//! This is the data layer. It knows nothing of HTTP; everything that serves GitLab's data reads and writes it here.
//! Each thing has a *slot* among its kind: first the slots of the seed data, then one for each thing that was created.

use crate::filter::{End, Filter, Order, compare};
use crate::seed::{Kind, Run};
use crate::shapes::Shapes;
use crate::world::{Place, World};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How many selections are remembered between the pages of a list.
const REMEMBERED: usize = 8;

/// All data of a server.
pub(crate) struct Store {
    pub(crate) world: World,
    pub(crate) shapes: Shapes,
    overlays: [Overlay; Kind::ALL.len()],
    /// Lists that are synthesized from the schema, by path, once a request has changed them.
    pub(crate) lists: BTreeMap<String, Vec<Value>>,
    /// Single synthesized things by path: changed, or removed.
    pub(crate) singles: HashMap<String, Option<Value>>,
    /// The contents of files that requests wrote, by project, branch and path; `None` is a file that was removed.
    pub(crate) files: BTreeMap<(u64, String, String), Option<Vec<u8>>>,
    /// Files that were uploaded, by path of their download.
    pub(crate) uploads: HashMap<String, Vec<u8>>,
    /// Projects by the full paths that they once had.
    pub(crate) moved: HashMap<String, u64>,
    selections: Mutex<Vec<(String, Arc<Vec<u32>>)>>,
}

/// What requests have changed in one kind.
#[derive(Default)]
struct Overlay {
    made: Vec<Made>,
    changed: HashMap<u64, Value>,
    gone: HashSet<u64>,
}

/// A thing that a request created.
struct Made {
    parent: u64,
    value: Value,
}

/// Which things of a kind a list is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All.
    All,
    /// Those within these things of another kind, however deep.
    Within(Kind, Vec<u64>),
}

/// The things that a list consists of, in order.
pub(crate) enum Selection {
    /// The seed data at equal distances, then what was created.
    Plain { run: Run, made: Vec<u64>, backwards: bool },
    /// Whatever a filter left.
    Chosen(Arc<Vec<u32>>),
    /// A stretch of another one.
    Part { of: Box<Selection>, from: u64, len: u64 },
}

impl Selection {
    /// What comes after a slot in the natural order.
    pub(crate) fn beyond(self, order: &Order, bound: u64) -> Selection {
        let skipped = self.partition_point(|slot| if order.backwards { slot >= bound } else { slot <= bound });
        let len = self.len();
        self.part(skipped, len)
    }

    /// The positions from `from` up to, not including, `to`.
    fn part(self, from: u64, to: u64) -> Selection {
        Selection::Part { of: Box::new(self), from, len: to.saturating_sub(from) }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Selection::Plain { run, made, .. } => run.count + made.len() as u64,
            Selection::Chosen(slots) => slots.len() as u64,
            Selection::Part { len, .. } => *len,
        }
    }

    /// The slot at a position below [`len`](Self::len).
    pub(crate) fn at(&self, position: u64) -> u64 {
        match self {
            Selection::Plain { run, made, backwards } => {
                let position = if *backwards { self.len() - 1 - position } else { position };
                if position < run.count { run.at(position) } else { made[(position - run.count) as usize] }
            }
            Selection::Chosen(slots) => slots[position as usize].into(),
            Selection::Part { of, from, .. } => of.at(from + position),
        }
    }

    /// The first slot, if there is one.
    #[cfg(feature = "graphql")]
    pub(crate) fn first(&self) -> Option<u64> {
        (self.len() > 0).then(|| self.at(0))
    }

    /// The first position for which a test fails that holds for all positions before it.
    pub(crate) fn partition_point(&self, mut holds: impl FnMut(u64) -> bool) -> u64 {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if holds(self.at(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

impl Store {
    pub(crate) fn new(world: World, shapes: Shapes) -> Self {
        Store {
            world,
            shapes,
            overlays: std::array::from_fn(|_| Overlay::default()),
            lists: BTreeMap::new(),
            singles: HashMap::new(),
            files: BTreeMap::new(),
            uploads: HashMap::new(),
            moved: HashMap::new(),
            selections: Mutex::default(),
        }
    }

    fn overlay(&self, kind: Kind) -> &Overlay {
        &self.overlays[kind as usize]
    }

    fn made(&self, kind: Kind, slot: u64) -> Option<&Made> {
        let at = slot.checked_sub(kind.capacity(&self.world))?;
        self.overlay(kind).made.get(usize::try_from(at).ok()?)
    }

    /// Whether there is something at a slot.
    pub(crate) fn exists(&self, kind: Kind, slot: u64) -> bool {
        !self.overlay(kind).gone.contains(&slot)
            && (kind.exists(&self.world, slot) || self.made(kind, slot).is_some())
            && self.parent(kind, slot).is_none_or(|(above, parent)| self.exists(above, parent))
    }

    /// What the thing at a slot lives in.
    pub(crate) fn parent(&self, kind: Kind, slot: u64) -> Option<(Kind, u64)> {
        let above = kind.seed().parent()?;
        let parent = match self.made(kind, slot) {
            Some(made) => made.parent,
            None if kind == Kind::Project => self.world.project_group(slot),
            None => kind.place(&self.world, slot).0,
        };
        Some((above, parent))
    }

    /// The thing of a kind that another one lives in, at any height, or the thing itself.
    pub(crate) fn ancestor(&self, mut kind: Kind, mut slot: u64, wanted: Kind) -> Option<u64> {
        while kind != wanted {
            (kind, slot) = self.parent(kind, slot)?;
        }
        Some(slot)
    }

    /// The number of a thing within its project.
    pub(crate) fn next_iid(&self, kind: Kind, parent: u64) -> u64 {
        let seeds = kind.run(&self.world, parent).count;
        let made = self.overlay(kind).made.iter().filter(|made| made.parent == parent).count();
        seeds + made as u64 + 1
    }

    /// The object that a request changed or created, if one did.
    fn changed(&self, kind: Kind, slot: u64) -> Option<&Value> {
        let overlay = self.overlay(kind);
        if overlay.changed.is_empty() && overlay.made.is_empty() {
            return None;
        }
        overlay.changed.get(&slot).or_else(|| self.made(kind, slot).map(|made| &made.value))
    }

    /// Writes the JSON of the thing at a slot; `brief` asks for the few fields that everybody may see.
    pub(crate) fn write(&self, kind: Kind, slot: u64, brief: bool, out: &mut Vec<u8>) {
        match self.changed(kind, slot) {
            Some(value) if brief => self.shapes.write_brief(kind, value, out),
            // Writing to memory does not fail.
            Some(value) => drop(serde_json::to_writer(out, value)),
            None => {
                kind.seed().write(&self.world, slot, brief, out);
                if !brief {
                    self.shapes.complete(kind, out);
                }
            }
        }
    }

    /// The JSON of the thing at a slot as a tree.
    pub(crate) fn read(&self, kind: Kind, slot: u64) -> Value {
        match self.changed(kind, slot) {
            Some(value) => value.clone(),
            None => {
                let mut out = Vec::new();
                self.write(kind, slot, false, &mut out);
                serde_json::from_slice(&out).unwrap_or_default()
            }
        }
    }

    /// Looks at single fields of the thing at a slot.
    pub(crate) fn item(&self, kind: Kind, slot: u64) -> Item<'_> {
        Item { store: self, kind, slot, wanted: None, whole: OnceCell::new() }
    }

    /// Looks at these fields of the thing at a slot, and at no others.
    #[cfg(feature = "graphql")]
    pub(crate) fn part<'a>(&'a self, kind: Kind, slot: u64, wanted: &'a [String]) -> Item<'a> {
        Item { store: self, kind, slot, wanted: Some(wanted), whole: OnceCell::new() }
    }

    /// Adds a thing and returns its slot; `value` gets to know the slot first.
    pub(crate) fn create(&mut self, kind: Kind, parent: u64, value: impl FnOnce(&Store, u64) -> Value) -> u64 {
        let slot = kind.capacity(&self.world) + self.overlay(kind).made.len() as u64;
        let value = value(self, slot);
        self.overlays[kind as usize].made.push(Made { parent, value });
        self.forget();
        slot
    }

    /// Replaces the thing at a slot.
    pub(crate) fn change(&mut self, kind: Kind, slot: u64, value: Value) {
        self.overlays[kind as usize].changed.insert(slot, value);
        self.forget();
    }

    /// Removes the thing at a slot, and with it everything that lives in it.
    pub(crate) fn remove(&mut self, kind: Kind, slot: u64) {
        self.overlays[kind as usize].gone.insert(slot);
        self.forget();
    }

    fn forget(&self) {
        self.selections.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The slots of a scope in order of their ids, before any filter.
    fn slots(&self, kind: Kind, scope: &Scope) -> Vec<u64> {
        let capacity = kind.capacity(&self.world);
        let made = (0..self.overlay(kind).made.len() as u64).map(|at| capacity + at);
        let mut slots: Vec<u64> = match scope {
            Scope::All => (0..capacity).filter(|slot| kind.exists(&self.world, *slot)).chain(made).collect(),
            Scope::Within(above, places) => {
                let parents = if kind.seed().parent() == Some(*above) {
                    places.clone()
                } else {
                    match kind.seed().parent() {
                        Some(between) => self.slots(between, scope),
                        None => Vec::new(),
                    }
                };
                let made = made.filter(|slot| self.parent(kind, *slot).is_some_and(|(_, at)| parents.contains(&at)));
                let made: Vec<u64> = made.collect();
                let seeds = parents.iter().flat_map(|parent| kind.run(&self.world, *parent).slots());
                let mut slots: Vec<u64> = seeds.chain(made).collect();
                slots.sort_unstable();
                slots
            }
        };
        slots.retain(|slot| self.exists(kind, *slot));
        slots
    }

    /// Chooses the things of a list.
    pub(crate) fn select(&self, kind: Kind, scope: &Scope, filters: &[Filter], order: &Order) -> Selection {
        if order.is_natural()
            && let Some(ends) = filters.iter().map(Filter::end).collect::<Option<Vec<End>>>()
            && let Some((run, made)) = self.plain(kind, scope)
        {
            let all = Selection::Plain { run, made, backwards: order.backwards };
            return if ends.is_empty() { all } else { self.stretch(kind, all, filters, &ends, order) };
        }
        let name = format!("{kind:?} {scope:?} {filters:?} {order:?}");
        let mut selections = self.selections.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, slots)) = selections.iter().find(|(known, _)| *known == name) {
            return Selection::Chosen(slots.clone());
        }
        let slots = Arc::new(self.choose(kind, scope, filters, order));
        if selections.len() == REMEMBERED {
            selections.remove(0);
        }
        selections.push((name, slots.clone()));
        Selection::Chosen(slots)
    }

    /// What filters leave that cut a list in its natural order at its ends.
    fn stretch(&self, kind: Kind, all: Selection, filters: &[Filter], ends: &[End], order: &Order) -> Selection {
        let first = if order.backwards { End::Upper } else { End::Lower };
        let passes = |slot: u64, at_first: bool| {
            let item = self.item(kind, slot);
            filters.iter().zip(ends).all(|(filter, end)| (*end == first) != at_first || filter.passes(&item))
        };
        let from = all.partition_point(|slot| !passes(slot, true));
        let to = all.partition_point(|slot| passes(slot, false));
        all.part(from, to)
    }

    /// The slots of a scope, where arithmetic is enough to tell them.
    fn plain(&self, kind: Kind, scope: &Scope) -> Option<(Run, Vec<u64>)> {
        if !self.overlay(kind).gone.is_empty() {
            return None;
        }
        let made = |parent: Option<u64>| {
            let capacity = kind.capacity(&self.world);
            let made = self.overlay(kind).made.iter().enumerate();
            made.filter(|(_, made)| parent.is_none_or(|parent| made.parent == parent))
                .map(|(at, _)| capacity + at as u64)
                .collect()
        };
        match scope {
            Scope::All if kind.seed().parent().is_none() => Some((kind.run(&self.world, 0), made(None))),
            // Every slot of a project is taken, and no project disappears with its group before it is looked at.
            Scope::All if kind == Kind::Project && self.overlay(Kind::Group).gone.is_empty() => {
                Some((Run { first: 0, step: 1, count: self.world.projects }, made(None)))
            }
            Scope::Within(above, places) if kind.seed().parent() == Some(*above) => match places.as_slice() {
                [parent] => Some((kind.run(&self.world, *parent), made(Some(*parent)))),
                _ => None,
            },
            _ => None,
        }
    }

    fn choose(&self, kind: Kind, scope: &Scope, filters: &[Filter], order: &Order) -> Vec<u32> {
        let mut slots: Vec<u64> = match scope {
            Scope::All if kind.seed().parent().is_none() || kind == Kind::Project => {
                let all = 0..kind.capacity(&self.world) + self.overlay(kind).made.len() as u64;
                all.filter(|slot| self.exists(kind, *slot) && self.passes(kind, *slot, filters)).collect()
            }
            _ => {
                let mut slots = self.slots(kind, scope);
                slots.retain(|slot| self.passes(kind, *slot, filters));
                slots
            }
        };
        if order.is_natural() {
            if order.backwards {
                slots.reverse();
            }
        } else {
            let mut keyed: Vec<(Value, u64)> =
                slots.into_iter().map(|slot| (order.key(&self.item(kind, slot)), slot)).collect();
            keyed.sort_unstable_by(|(a, at), (b, bt)| {
                let ordering = compare(a, b).then(at.cmp(bt));
                if order.backwards { ordering.reverse() } else { ordering }
            });
            slots = keyed.into_iter().map(|(_, slot)| slot).collect();
        }
        slots.into_iter().filter_map(|slot| u32::try_from(slot).ok()).collect()
    }

    fn passes(&self, kind: Kind, slot: u64, filters: &[Filter]) -> bool {
        let item = self.item(kind, slot);
        filters.iter().all(|filter| filter.passes(&item))
    }

    /// Compares the thing at a slot with a place in an order: a value of the ordering field, and a slot.
    pub(crate) fn against(&self, kind: Kind, slot: u64, order: &Order, place: &(Value, u64)) -> Ordering {
        let ordering = if order.is_natural() {
            slot.cmp(&place.1)
        } else {
            compare(&order.key(&self.item(kind, slot)), &place.0).then(slot.cmp(&place.1))
        };
        if order.backwards { ordering.reverse() } else { ordering }
    }

    /// The slot within a scope whose field has this text.
    pub(crate) fn find(&self, kind: Kind, scope: &Scope, field: &str, text: &str) -> Option<u64> {
        let is = Filter::Is(field.to_owned(), text.to_owned());
        self.slots(kind, scope).into_iter().find(|slot| is.passes(&self.item(kind, *slot)))
    }

    /// All slots within a scope whose field has this text.
    pub(crate) fn find_all(&self, kind: Kind, scope: &Scope, field: &str, text: &str) -> Vec<u64> {
        let is = Filter::Is(field.to_owned(), text.to_owned());
        let mut slots = self.slots(kind, scope);
        slots.retain(|slot| is.passes(&self.item(kind, *slot)));
        slots
    }

    /// The thing with a number within its project.
    pub(crate) fn find_iid(&self, kind: Kind, parent: u64, iid: u64) -> Option<u64> {
        let run = kind.run(&self.world, parent);
        let at = iid.checked_sub(1)?;
        if at < run.count {
            return Some(run.at(at));
        }
        let capacity = kind.capacity(&self.world);
        let of_parent = self.overlay(kind).made.iter().enumerate().filter(|(_, made)| made.parent == parent);
        let at = usize::try_from(at - run.count).ok()?;
        of_parent.map(|(made, _)| capacity + made as u64).nth(at)
    }

    /// The commit that an abbreviation, a branch or a tag of a project stands for.
    pub(crate) fn commit_of(&self, project: u64, name: &str) -> Option<u64> {
        let scope = Scope::Within(Kind::Project, vec![project]);
        let commits = self.slots(Kind::Commit, &scope);
        let id = |slot: u64| self.item(Kind::Commit, slot).fact("id");
        if name.len() >= 7 {
            let known = commits.iter().find(|slot| id(**slot).as_str().is_some_and(|sha| sha.starts_with(name)));
            if let Some(slot) = known {
                return Some(*slot);
            }
        }
        if name == "HEAD" {
            return commits.last().copied();
        }
        let at = [Kind::Branch, Kind::Tag].into_iter().find_map(|kind| {
            let slot = self.find(kind, &scope, "name", name)?;
            Some(self.item(kind, slot).fact("commit.id"))
        })?;
        commits.into_iter().find(|slot| id(*slot) == at)
    }

    /// A group and all groups below it.
    pub(crate) fn group_and_below(&self, group: u64) -> Vec<u64> {
        let path = |slot: u64| self.item(Kind::Group, slot).fact("full_path").as_str().unwrap_or_default().to_owned();
        let prefix = format!("{}/", path(group));
        let mut groups = self.slots(Kind::Group, &Scope::All);
        groups.retain(|slot| *slot == group || path(*slot).starts_with(&prefix));
        groups
    }

    /// The access level of a user in a place; zero for outsiders.
    pub(crate) fn access(&self, place: Place, user: u64) -> u64 {
        let (kind, above, slot) = match place {
            Place::Group(slot) => (Kind::GroupMember, Kind::Group, slot),
            Place::Project(slot) => (Kind::ProjectMember, Kind::Project, slot),
        };
        let overlay = self.overlay(kind);
        if overlay.made.is_empty() && overlay.changed.is_empty() && overlay.gone.is_empty() {
            return if slot < above.capacity(&self.world) { self.world.access(place, user) } else { 0 };
        }
        self.find(kind, &Scope::Within(above, vec![slot]), "id", &(user + 1).to_string())
            .and_then(|slot| self.item(kind, slot).fact("access_level").as_u64())
            .unwrap_or(0)
    }

    /// The slots of things that requests created or changed.
    pub(crate) fn touched(&self, kind: Kind) -> impl Iterator<Item = u64> {
        let overlay = self.overlay(kind);
        let capacity = kind.capacity(&self.world);
        let made = (0..overlay.made.len() as u64).map(move |at| capacity + at);
        let mut changed: Vec<u64> = overlay.changed.keys().copied().filter(|slot| *slot < capacity).collect();
        changed.sort_unstable();
        made.chain(changed).filter(move |slot| self.exists(kind, *slot))
    }
}

/// A thing whose fields are looked at one by one.
pub(crate) struct Item<'a> {
    pub(crate) store: &'a Store,
    pub(crate) kind: Kind,
    pub(crate) slot: u64,
    /// The fields that are looked at; none if that may be all.
    wanted: Option<&'a [String]>,
    whole: OnceCell<Value>,
}

impl Item<'_> {
    /// The value at a dotted path; `null` when there is none.
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

/// Reads an object without the fields that nobody looks at.
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
pub(crate) fn dig<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}
