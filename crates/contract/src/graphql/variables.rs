//! The variables of an operation, and the input objects among them.

use super::descriptor::Descriptor;
use crate::argument::{Arg, IntoArg};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// The variables of an operation that were set, by their position in the descriptor.
#[derive(Clone)]
pub struct Variables {
    descriptor: &'static Descriptor,
    values: Vec<(u16, Arg)>,
}

impl Variables {
    /// The variables of an operation, none of them set.
    pub fn new(descriptor: &'static Descriptor) -> Self {
        Variables { descriptor, values: Vec::new() }
    }

    /// The operation.
    pub fn descriptor(&self) -> &'static Descriptor {
        self.descriptor
    }

    /// The same variables with the one at a position set; the last value wins.
    ///
    /// # Panics
    /// If the operation has no variable at that position. Generated code never causes this.
    #[must_use]
    pub fn with(mut self, position: u16, value: impl IntoArg) -> Self {
        self.set(position, value.into_arg());
        self
    }

    fn set(&mut self, position: u16, value: Arg) {
        assert!(
            usize::from(position) < self.descriptor.variables.len(),
            "{} has no variable {position}",
            self.descriptor.id
        );
        match self.values.iter_mut().find(|(at, _)| *at == position) {
            Some((_, old)) => *old = value,
            None => self.values.push((position, value)),
        }
    }

    /// Sets a variable by its name; `false` if the operation has no variable of this name.
    pub fn set_named(&mut self, name: &str, value: impl IntoArg) -> bool {
        match self.descriptor.position(name) {
            Some(position) => {
                self.set(position, value.into_arg());
                true
            }
            None => false,
        }
    }

    /// The value that was set for a variable.
    pub fn get(&self, name: &str) -> Option<&Arg> {
        let position = self.descriptor.position(name)?;
        self.values.iter().find(|(at, _)| *at == position).map(|(_, value)| value)
    }

    /// The names of required variables that are not set. Generated constructors set all of them.
    pub fn missing(&self) -> impl Iterator<Item = &'static str> {
        let is_set = |at: usize| self.values.iter().any(|(position, _)| usize::from(*position) == at);
        self.descriptor
            .variables
            .iter()
            .enumerate()
            .filter(move |(at, variable)| variable.required && !is_set(*at))
            .map(|(_, variable)| variable.name)
    }

    fn named(&self) -> impl Iterator<Item = (&'static str, &Arg)> {
        self.values.iter().map(|(at, value)| (self.descriptor.variables[usize::from(*at)].name, value))
    }
}

/// The fields of the variable `input`.
struct Fields<'a>(&'a Variables);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.named())
    }
}

impl Serialize for Variables {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.descriptor.input {
            return Fields(self).serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("input", &Fields(self))?;
        map.end()
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct(self.descriptor.name);
        for (name, value) in self.named() {
            out.field(name, value);
        }
        out.finish()
    }
}

/// An input object with the fields that were set. Fields that were not set are omitted; [`Null`](crate::Null) clears a
/// field.
#[derive(Clone, Default)]
pub struct Input(Vec<(&'static str, Arg)>);

impl Input {
    /// The same object with a field set; the last value wins.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl IntoArg) -> Self {
        let value = value.into_arg();
        match self.0.iter_mut().find(|(field, _)| *field == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        self
    }

    /// The value that was set for a field.
    pub fn get(&self, name: &str) -> Option<&Arg> {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

impl IntoArg for Input {
    fn into_arg(self) -> Arg {
        Arg::Map(self.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, value)| (name, value))).finish()
    }
}
