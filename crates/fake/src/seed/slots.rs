//! The slots of the seed data of a kind.

use super::kind::Kind;
use crate::world::World;

impl Kind {
    /// The number of slots of the seed data of this kind. Some of them are empty.
    pub(crate) fn capacity(self, world: &World) -> u64 {
        let seed = self.seed();
        match seed.parent() {
            // All groups together have all projects.
            Some(parent) if self != Kind::Project => parent.capacity(world) * seed.most(world),
            _ => seed.most(world),
        }
    }

    /// The parent of a slot of the seed data, and its position within the parent.
    pub(crate) fn place(self, world: &World, slot: u64) -> (u64, u64) {
        let seed = self.seed();
        match seed.parent() {
            None => (0, slot),
            Some(Kind::Group) if self == Kind::Project => {
                let group = world.project_group(slot);
                let (first, step, _) = world.group_projects(group);
                (group, slot.saturating_sub(first) / step)
            }
            // Things in projects are numbered across projects, so that their ids interleave.
            Some(Kind::Project) => (slot % world.projects.max(1), slot / world.projects.max(1)),
            Some(_) => (slot / seed.most(world), slot % seed.most(world)),
        }
    }

    /// The slots of the seed data that belong to one thing of the parent kind.
    pub(crate) fn run(self, world: &World, parent: u64) -> Run {
        let seed = self.seed();
        match seed.parent() {
            None => Run { first: 0, step: 1, count: seed.count(world, 0) },
            Some(above) if parent >= above.capacity(world) => Run::EMPTY,
            Some(Kind::Group) if self == Kind::Project => {
                let (first, step, count) = world.group_projects(parent);
                Run { first, step, count }
            }
            Some(Kind::Project) => Run { first: parent, step: world.projects, count: seed.count(world, parent) },
            Some(_) => Run { first: parent * seed.most(world), step: 1, count: seed.count(world, parent) },
        }
    }

    /// Whether a slot of the seed data has a thing.
    pub(crate) fn exists(self, world: &World, slot: u64) -> bool {
        if slot >= self.capacity(world) {
            return false;
        }
        let (parent, position) = self.place(world, slot);
        position < self.seed().count(world, parent)
            && self.seed().parent().is_none_or(|above| above.exists(world, parent))
    }
}

/// Slots at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: u64,
    pub(crate) step: u64,
    pub(crate) count: u64,
}

impl Run {
    pub(crate) const EMPTY: Run = Run { first: 0, step: 1, count: 0 };

    /// The slot at a position.
    pub(crate) fn at(self, position: u64) -> u64 {
        self.first + position * self.step
    }

    /// All slots.
    pub(crate) fn slots(self) -> impl Iterator<Item = u64> {
        (0..self.count).map(move |position| self.at(position))
    }
}
