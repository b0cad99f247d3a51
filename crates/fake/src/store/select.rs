//! Chooses the things of lists, by scope, filters and order.

use super::data::Store;
use super::selection::{Scope, Selection};
use crate::filter::{End, Filter, Order, compare};
use crate::seed::{Kind, Run};
use serde_json::Value;
use std::cmp::Ordering;
use std::sync::{Arc, PoisonError};

/// The maximum number of selections that are cached between the pages of a list.
const REMEMBERED: usize = 8;

impl Store {
    /// The slots of a scope in order of their ids, before any filter.
    pub(super) fn slots(&self, kind: Kind, scope: &Scope) -> Vec<u64> {
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

    /// The rest of a list in natural order after filters that cut off its ends.
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

    /// The slots of a scope, if they can be computed without a search.
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
            // Every slot of a project has a thing, and no project disappears with its group.
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

    /// Compares the thing at a slot with a position in an order: a value of the field to sort by, and a slot.
    pub(crate) fn against(&self, kind: Kind, slot: u64, order: &Order, place: &(Value, u64)) -> Ordering {
        let ordering = if order.is_natural() {
            slot.cmp(&place.1)
        } else {
            compare(&order.key(&self.item(kind, slot)), &place.0).then(slot.cmp(&place.1))
        };
        if order.backwards { ordering.reverse() } else { ordering }
    }
}
