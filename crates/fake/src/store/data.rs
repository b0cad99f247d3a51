//! The data: things, their parents, and changes by requests.

use crate::seed::Kind;
use crate::shapes::Shapes;
use crate::world::World;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// All data of a server.
pub(crate) struct Store {
    pub(crate) world: World,
    pub(crate) shapes: Shapes,
    pub(super) overlays: [Overlay; Kind::ALL.len()],
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
    pub(super) selections: Mutex<Vec<(String, Arc<Vec<u32>>)>>,
}

/// The changes by requests in one kind.
#[derive(Default)]
pub(super) struct Overlay {
    pub(super) made: Vec<Made>,
    pub(super) changed: HashMap<u64, Value>,
    pub(super) gone: HashSet<u64>,
}

/// A thing that a request created.
pub(super) struct Made {
    pub(super) parent: u64,
    pub(super) value: Value,
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

    pub(super) fn overlay(&self, kind: Kind) -> &Overlay {
        &self.overlays[kind as usize]
    }

    pub(super) fn made(&self, kind: Kind, slot: u64) -> Option<&Made> {
        let at = slot.checked_sub(kind.capacity(&self.world))?;
        self.overlay(kind).made.get(usize::try_from(at).ok()?)
    }

    /// Whether there is something at a slot.
    pub(crate) fn exists(&self, kind: Kind, slot: u64) -> bool {
        !self.overlay(kind).gone.contains(&slot)
            && (kind.exists(&self.world, slot) || self.made(kind, slot).is_some())
            && self.parent(kind, slot).is_none_or(|(above, parent)| self.exists(above, parent))
    }

    /// The parent of the thing at a slot.
    pub(crate) fn parent(&self, kind: Kind, slot: u64) -> Option<(Kind, u64)> {
        let above = kind.seed().parent()?;
        let parent = match self.made(kind, slot) {
            Some(made) => made.parent,
            None if kind == Kind::Project => self.world.project_group(slot),
            None => kind.place(&self.world, slot).0,
        };
        Some((above, parent))
    }

    /// The ancestor of a kind, or the thing itself.
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

    /// The object, if a request changed or created it.
    pub(super) fn changed(&self, kind: Kind, slot: u64) -> Option<&Value> {
        let overlay = self.overlay(kind);
        if overlay.changed.is_empty() && overlay.made.is_empty() {
            return None;
        }
        overlay.changed.get(&slot).or_else(|| self.made(kind, slot).map(|made| &made.value))
    }

    /// Writes the JSON of the thing at a slot; `brief` writes only the public fields.
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

    /// Adds a thing and returns its slot; `value` builds the thing from the slot.
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

    /// Removes the thing at a slot, including everything within it.
    pub(crate) fn remove(&mut self, kind: Kind, slot: u64) {
        self.overlays[kind as usize].gone.insert(slot);
        self.forget();
    }

    fn forget(&self) {
        self.selections.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
